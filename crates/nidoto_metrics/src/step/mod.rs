//! `step`: what an event did to a value.

mod jump;
mod message;
mod watch;

use nidoto_core::folder::Change;
use nidoto_core::guard::{Guard, Judgement, Kind, Need, Watch};
use nidoto_core::yaml::{Pattern, Query};
use nidoto_core::{Blind, Span, View, Words};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::size::{Size, Written};
use jump::{Jump, Windows};
use watch::StepWatch;

/// `step`: what an event did to a value.
pub const KIND: Kind = Kind {
    name: "step",
    summary: ("a value that jumps after a deploy, a push or a restart", "デプロイ・プッシュ・再起動のあとに跳ねた値"),
    doc: "\
Red when, after a change in the journal (`changes.jsonl`), the median of the last `for` is higher
(`falls: true`: lower) than the median before the change by more than `by` *and* by more than
`by_mad` median absolute deviations. What the same clock hours did in earlier weeks is taken off
first, so that the evening rush is no fault of a deploy at 17:30; weeks with a change of the same
kind at that hour do not count. Without an earlier week both limits are doubled, and the finding
says so. It stays red while the value stays up, at most `within` after the change, and names the
change and who made it.

Before `for` has passed the guard is pending. Without samples on either side of a change it is
blind: where each deploy brings new series, add them up (`sum by (app) (...)`). With no change in
the last `within` it is green; if the query has had no value for as long as `before` and `within`, or no
change of that kind was ever written down, blind. `nidoto change` writes one, best from the deploy
script.

```yaml
deploy-slows-the-api:
  step:
    query: histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))
    after: deploy
    by: 50%
    for: 15m
```",
    every: Span::seconds(300),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        Step::new(keys).map(|guard| Box::new(guard) as Box<dyn Guard>)
    },
};

/// The keys of `step`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Step")]
struct Keys {
    /// The value, as PromQL.
    query: Query,
    /// Which kinds of change: deploy, push, restart, operation or any word of the journal.
    after: OneOrMany,
    /// Only changes whose text matches.
    change: Option<Pattern>,
    /// By how much it must rise: a share of what was to be expected (`30%`), or a number. Default 30%.
    by: Option<Written>,
    /// By how many median absolute deviations. Default 5.
    by_mad: Option<f64>,
    /// True: red if it fell. Default false.
    #[serde(default)]
    falls: bool,
    /// How long it must stay so. Default 15m.
    #[serde(rename = "for")]
    hold: Option<Span>,
    /// How long before the change is looked at. Default 1h.
    before: Option<Span>,
    /// How long after a change it is judged. Default 2h.
    within: Option<Span>,
    /// How many earlier weeks are compared. Default 3.
    #[schemars(range(max = 8))]
    weeks: Option<u8>,
}

/// One word or several.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug)]
struct Step {
    query: String,
    kinds: Vec<String>,
    change: Option<Regex>,
    by: Size,
    by_mad: f64,
    falls: bool,
    windows: Windows,
    within_ms: i64,
}

impl Step {
    fn new(keys: Keys) -> Result<Self, Words> {
        let kinds = match keys.after {
            OneOrMany::One(kind) => vec![kind],
            OneOrMany::Many(kinds) => kinds,
        };
        if kinds.is_empty() {
            return Err(Words::new("`after` names no kind of change", "`after` に変更の種類がありません"));
        }
        let hold_ms = keys.hold.unwrap_or(Span::seconds(900)).ms();
        let windows = Windows {
            before_ms: keys.before.unwrap_or(Span::seconds(3_600)).ms(),
            hold_ms,
            weeks: keys.weeks.unwrap_or(3),
        };
        let within_ms = keys.within.unwrap_or(Span::seconds(7_200)).ms().max(hold_ms);
        if hold_ms == 0 || windows.before_ms == 0 {
            return Err(Words::new(
                "`for` and `before` must be longer than 0s",
                "`for` と `before` は 0s より長くなければなりません",
            ));
        }
        let by_mad = keys.by_mad.unwrap_or(5.0);
        if !by_mad.is_finite() || by_mad < 0.0 {
            return Err(Words::new("`by_mad` must not be negative", "`by_mad` は負にできません"));
        }
        let change = keys.change.map(|Pattern(pattern)| Regex::new(&pattern)).transpose();
        Ok(Self {
            query: keys.query.0,
            kinds,
            change: change.map_err(|error| Words::same(error.to_string()))?,
            by: keys.by.map_or(Ok(Size::Share(0.3)), |by| by.read())?,
            by_mad,
            falls: keys.falls,
            windows,
            within_ms,
        })
    }

    /// The changes that are meant, in order of time.
    fn changes<'e>(&self, view: &View<'e>) -> Vec<&'e (i64, Change)> {
        let is_meant = |(_, change): &&(i64, Change)| {
            let kind = change.kind.as_deref().unwrap_or("operation");
            self.kinds.iter().any(|meant| meant == kind)
                && self.change.as_ref().is_none_or(|pattern| pattern.is_match(&change.what))
        };
        view.changes(i64::MAX).iter().filter(is_meant).collect()
    }

    /// Clocks may have been put forward in between.
    fn window_ms(&self) -> i64 {
        let weeks_ms = i64::from(self.windows.weeks) * jump::WEEK_MS;
        self.within_ms + self.windows.before_ms + weeks_ms + if weeks_ms > 0 { 3_600_000 } else { 0 }
    }

    /// By how much more a value must differ: doubled where no earlier week tells what is usual.
    fn allowed(&self, jump: &Jump) -> f64 {
        let by = match self.by {
            Size::Number(number) => number,
            Size::Share(share) => share * jump.expected().abs(),
        };
        let widened = if jump.weeks.is_empty() { 2.0 } else { 1.0 };
        widened * by.max(self.by_mad * jump.deviation)
    }

    /// What a value must not pass after a change.
    fn limit(&self, jump: &Jump) -> f64 {
        jump.expected() + self.sign() * self.allowed(jump)
    }

    /// How far a value is beyond its limit; negative where it is not.
    fn excess(&self, jump: &Jump) -> f64 {
        self.sign() * (jump.after - self.limit(jump))
    }

    fn sign(&self) -> f64 {
        if self.falls { -1.0 } else { 1.0 }
    }
}

impl Guard for Step {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Series { query: self.query.clone(), window_ms: self.window_ms() }, Need::Changes]
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        StepWatch::new(self).judge(view)
    }

    fn watch(&self) -> Option<Box<dyn Watch + '_>> {
        Some(Box::new(StepWatch::new(self)))
    }
}
