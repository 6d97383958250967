//! `restarts`: restarts and reboots, counted in whole numbers.

mod events;
mod source;
mod watch;

use nidoto_core::guard::{Guard, Judgement, Kind, Need, Watch};
use nidoto_core::yaml::Query;
use nidoto_core::{Blind, Finding, Place, Span, View, Words, when};
use nidoto_promql::Labels;
use schemars::JsonSchema;
use serde::Deserialize;

use events::Event;
use source::Source;
use watch::RestartsWatch;

/// `restarts`: restarts and reboots, counted in whole numbers.
pub const KIND: Kind = Kind {
    name: "restarts",
    summary: ("restarts and reboots, counted in whole numbers", "再起動の回数を整数で数える"),
    doc: "\
Red when something restarted at least `at_least` times within `within`: a crash loop, a reboot loop,
a process manager that restarts a leaking process all day. Restarts are counted from what `as` says:

- `counter`: a counter of restarts, such as `kube_pod_container_status_restarts_total`. Its rises
  are added up as whole numbers, never estimated as `increase()` does. After a reset the new value
  counts. A rise during a gap in the data counts too.
- `start_time`: seconds since the epoch, such as `process_start_time_seconds` or
  `node_boot_time_seconds`. A start that moves by up to 4 seconds is jitter; one that moves to a time
  at which the process was seen alive is a corrected clock. Neither is a restart. Of an uptime, ask
  `timestamp(x) - x`. Two restarts between two looks are one: a counter knows better.
- `label:NAME`: a label whose value changes with each restart, such as `label:boot_id`. Distinct
  values are counted.

What a metric counts is guessed from its name where that is certain. Give the metric itself: a query
with `increase()`, `changes()` or, of a counter, `sum()` is refused. Each series is counted by
itself, and a new series (a new pod) is no restart; with `each: false` all series are one thing,
and a start time that turns up in a new series is a restart.

Without a current sample, or with a single one, the guard is blind unless it is red; while nothing was
seen for as long as `within`, it is pending. Samples further apart than `gap` are not compared.

```yaml
machine-boots-again-and-again:
  restarts:
    query: node_boot_time_seconds
    at_least: 3
    within: 30m
  severity: page
```",
    every: Span::seconds(60),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        Restarts::new(keys).map(|guard| Box::new(guard) as Box<dyn Guard>)
    },
};

/// The keys of `restarts`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Restarts")]
struct Keys {
    /// What tells of restarts, as PromQL.
    query: Query,
    /// How it tells: `counter`, `start_time` or `label:NAME`. Default: guessed from the metric's name.
    #[serde(rename = "as")]
    source: Option<String>,
    /// How many restarts are red. Default 3.
    #[schemars(range(min = 1))]
    at_least: Option<u64>,
    /// The time in which they are counted. Default 30m.
    within: Option<Span>,
    /// The longest gap in the data over which samples are compared. Default 1h.
    gap: Option<Span>,
    /// True (default): each series is counted by itself. False: all series are one thing.
    each: Option<bool>,
}

#[derive(Debug)]
struct Restarts {
    query: String,
    source: Source,
    at_least: u64,
    within_ms: i64,
    gap_ms: i64,
    each: bool,
}

impl Restarts {
    fn new(keys: Keys) -> Result<Self, Words> {
        let source = Source::of(keys.source.as_deref(), &keys.query.0)?;
        let within_ms = keys.within.unwrap_or(Span::seconds(1_800)).ms();
        if within_ms == 0 {
            return Err(Words::new("`within` must be longer than 0s", "`within` は 0s より長くなければなりません"));
        }
        Ok(Self {
            query: keys.query.0,
            source,
            at_least: keys.at_least.unwrap_or(3).max(1),
            within_ms,
            gap_ms: keys.gap.unwrap_or(Span::seconds(3_600)).ms(),
            each: keys.each.unwrap_or(true),
        })
    }

    /// A restart at the window's beginning is told by the sample before it.
    fn window_ms(&self) -> i64 {
        self.within_ms + self.gap_ms
    }

    /// What a series tells of, by what a finding calls it.
    fn thing(&self, labels: &Labels) -> String {
        match &self.source {
            _ if !self.each => self.query.clone(),
            Source::Label(label) => {
                let mut rest: Labels = labels.clone();
                rest.remove(label);
                rest.to_string()
            }
            Source::Counter | Source::StartTime => labels.to_string(),
        }
    }

    fn finding(&self, view: &View<'_>, labels: String, count: u64, events: &[Event]) -> Finding {
        let within = Span::seconds(self.within_ms / 1_000);
        let (times, first_ms) = (self.times(view, events), events.first().map_or(view.at_ms(), |event| event.at_ms));
        let mut en = format!("{count} {} within {within}: {times}", if count == 1 { "restart" } else { "restarts" });
        let mut ja = format!("{within} のうちに {count} 回再起動しました: {times}");
        if let Some(uptime) = events::typical_uptime_ms(events) {
            let uptime = Span::seconds(uptime / 1_000);
            en += &format!("; typically up for {uptime} in between");
            ja += &format!("。あいだの稼働時間はおよそ {uptime} です");
        }
        Finding::new(Words::new(en, ja), Place::Series { labels }).since(first_ms)
    }

    /// When it was, in the team's zone: the first and the last few.
    fn times(&self, view: &View<'_>, events: &[Event]) -> String {
        let format = if self.within_ms < 86_400_000 { "%H:%M" } else { "%m-%d %H:%M" };
        let shown = |event: &Event| {
            let at = when::zoned(event.at_ms, view.zone()).strftime(format).to_string();
            if event.count > 1 { format!("{at} (×{})", event.count) } else { at }
        };
        match events {
            [first, .., fourth, third, second, last] if events.len() > 6 => {
                let last = [fourth, third, second, last].map(shown).join(", ");
                format!("{}, …, {last}", shown(first))
            }
            few => few.iter().map(shown).collect::<Vec<_>>().join(", "),
        }
    }
}

impl Guard for Restarts {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Series { query: self.query.clone(), window_ms: self.window_ms() }]
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        RestartsWatch::new(self).judge(view)
    }

    fn watch(&self) -> Option<Box<dyn Watch + '_>> {
        Some(Box::new(RestartsWatch::new(self)))
    }
}
