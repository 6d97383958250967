//! `threshold`: a value beyond a limit for some time.

use nidoto_core::guard::{Guard, Judgement, Kind, Need};
use nidoto_core::yaml::Query;
use nidoto_core::{Blind, Finding, Place, Span, View, Words, number};
use nidoto_promql::Labels;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::fold;
use crate::limit::Limit;

/// `threshold`: a value beyond a limit for some time.
pub const KIND: Kind = Kind {
    name: "threshold",
    summary: ("a value beyond a limit for some time", "値が限度をある時間超えつづける"),
    doc: "\
Red when some series of a PromQL query is beyond a limit for at least the hold time (`for`). The
limit is a number or a query of its own; a limit of several series is matched by equal labels, and
a series that finds none is blind.

A gap in the data neither ends the hold nor a red: an exporter that restarts does not hide an
outage. It does not count as time held either, so a gap alone never turns a guard red. A gap longer
than `gap` forgets what was before it. With no current sample the guard is blind, not green.

```yaml
connections-near-limit:
  threshold:
    query: mysql_global_status_threads_connected
    at_least: 0.8 * mysql_global_variables_max_connections
    for: 10m
  severity: page
```",
    every: Span::seconds(60),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        Threshold::new(keys).map(|guard| Box::new(guard) as Box<dyn Guard>)
    },
};

/// The keys of `threshold`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Threshold")]
struct Keys {
    /// The value, as PromQL.
    query: Query,
    /// Red above this number or query.
    above: Option<Limit>,
    /// Red below this number or query.
    below: Option<Limit>,
    /// Red at or above this number or query.
    at_least: Option<Limit>,
    /// Red at or below this number or query.
    at_most: Option<Limit>,
    /// How long it must be so before it is red. Default 0s: at once.
    #[serde(rename = "for", default)]
    hold: Span,
    /// The longest gap in the data that the hold survives. Default 1h.
    gap: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Above,
    Below,
    AtLeast,
    AtMost,
}

impl Side {
    /// Whether a value is beyond a limit; never for NaN.
    fn beyond(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Above => value > limit,
            Self::Below => value < limit,
            Self::AtLeast => value >= limit,
            Self::AtMost => value <= limit,
        }
    }

    /// Of two values, whether the first is nearer to red.
    fn worse(self, a: f64, b: f64) -> bool {
        match self {
            Self::Above | Self::AtLeast => a > b,
            Self::Below | Self::AtMost => a < b,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Above => ("above", "より上"),
            Self::Below => ("below", "より下"),
            Self::AtLeast => ("at or above", "以上"),
            Self::AtMost => ("at or below", "以下"),
        }
    }
}

#[derive(Debug)]
struct Threshold {
    query: String,
    side: Side,
    limit: Limit,
    hold_ms: i64,
    gap_ms: i64,
}

impl Threshold {
    fn new(keys: Keys) -> Result<Self, Words> {
        let sides = [
            (Side::Above, keys.above),
            (Side::Below, keys.below),
            (Side::AtLeast, keys.at_least),
            (Side::AtMost, keys.at_most),
        ];
        let mut given = sides.into_iter().filter_map(|(side, limit)| Some((side, limit?)));
        let (Some((side, limit)), None) = (given.next(), given.next()) else {
            return Err(Words::new(
                "exactly one of `above`, `below`, `at_least`, `at_most` is needed",
                "`above`、`below`、`at_least`、`at_most` のどれか一つが必要です",
            ));
        };
        let gap_ms = keys.gap.unwrap_or(Span::seconds(3_600)).ms();
        Ok(Self { query: keys.query.0, side, limit, hold_ms: keys.hold.ms(), gap_ms })
    }

    /// The newest sample may be a gap old, the hold ends with it, and what began the hold may lie a
    /// gap before that.
    fn window_ms(&self) -> i64 {
        self.hold_ms + 2 * self.gap_ms
    }
}

impl Guard for Threshold {
    fn needs(&self) -> Vec<Need> {
        let window_ms = self.window_ms();
        let mut needs = vec![Need::Series { query: self.query.clone(), window_ms }];
        if let Some(query) = self.limit.query() {
            needs.push(Need::Series { query: query.to_owned(), window_ms });
        }
        needs
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        let values = view.series(&self.query, self.window_ms())?;
        let limits = self.limit.query().map(|query| view.series(query, self.window_ms())).transpose()?;
        let latest_ms = view.at_ms().div_euclid(view.every_ms()) * view.every_ms();
        let mut judgement = Judgement::default();
        let mut is_current = false;
        for (labels, samples) in values.iter() {
            let limit_samples = match (&limits, &self.limit) {
                (Some(limits), _) => match limit_of(labels, limits) {
                    Some(samples) => LimitOf::Series(samples),
                    None => {
                        // A series that nothing limits was not judged: that is not green.
                        judgement.blind = Some(Blind::broken(Words::new(
                            format!("no limit has the labels of {labels}"),
                            format!("{labels} と同じラベルの限度がありません"),
                        )));
                        continue;
                    }
                },
                (None, Limit::Number(number)) => LimitOf::Number(*number),
                (None, Limit::Query(_)) => continue,
            };
            let held = self.hold(samples, &limit_samples);
            is_current |= held.last_ms == latest_ms;
            self.note(&mut judgement, labels, &held, latest_ms);
        }
        if judgement.blind.is_none() && !is_current {
            judgement.blind = Some(fold::not_current(&self.query));
        }
        Ok(judgement)
    }
}

/// What limits one series.
enum LimitOf<'w> {
    Number(f64),
    Series(&'w [(i64, f64)]),
}

impl LimitOf<'_> {
    /// The limit at a time; a limit that is missing there is the last one known.
    fn at(&self, at_ms: i64) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Series(samples) => {
                let known = samples.partition_point(|(t, _)| *t <= at_ms);
                samples[..known].last().map(|(_, value)| *value)
            }
        }
    }
}

/// A single limit serves all; of several, the one with equal labels, the name left out.
fn limit_of<'w>(labels: &Labels, limits: &'w nidoto_core::evidence::Window) -> Option<&'w [(i64, f64)]> {
    let all: Vec<_> = limits.iter().collect();
    if let [(_, only)] = all.as_slice() {
        return Some(only);
    }
    let bare = |labels: &Labels| {
        let mut labels = labels.clone();
        labels.remove(nidoto_promql::METRIC_NAME);
        labels
    };
    all.into_iter().find(|(other, _)| bare(other) == bare(labels)).map(|(_, samples)| samples)
}

/// Where one series stands.
#[derive(Debug, Default, PartialEq)]
struct Held {
    /// Since when it has been beyond its limit, and when it was seen so last.
    beyond_ms: Option<(i64, i64)>,
    last_ms: i64,
    value: f64,
    limit: Option<f64>,
}

impl Threshold {
    /// Folds the samples of a window. NaN is no value: like a gap, it changes nothing.
    fn hold(&self, samples: &[(i64, f64)], limit: &LimitOf<'_>) -> Held {
        let mut held = Held { value: f64::NAN, ..Held::default() };
        for (at_ms, value) in samples.iter().filter(|(_, value)| !value.is_nan()) {
            let Some(limit) = limit.at(*at_ms).filter(|limit| !limit.is_nan()) else { continue };
            if at_ms - held.last_ms > self.gap_ms {
                held.beyond_ms = None;
            }
            held.beyond_ms = self.side.beyond(*value, limit).then(|| (held.beyond_ms.map_or(*at_ms, |b| b.0), *at_ms));
            (held.last_ms, held.value, held.limit) = (*at_ms, *value, Some(limit));
        }
        held
    }

    fn note(&self, judgement: &mut Judgement, labels: &Labels, held: &Held, latest_ms: i64) {
        if held.last_ms == latest_ms && judgement.value.is_none_or(|worst| self.side.worse(held.value, worst)) {
            judgement.value = Some(held.value);
            judgement.limit = held.limit;
        }
        let (Some((since_ms, seen_ms)), Some(limit)) = (held.beyond_ms, held.limit) else { return };
        if latest_ms - seen_ms > self.gap_ms {
            return;
        }
        if seen_ms - since_ms < self.hold_ms {
            judgement.pending = true;
            return;
        }
        let (value, limit) = (number(held.value), number(limit));
        let (en, ja) = self.side.words();
        let for_s = Span::seconds((seen_ms - since_ms) / 1_000);
        let (mut what_en, mut what_ja) = (format!("{value} is {en} {limit}"), format!("{value} は {limit} {ja}です"));
        if for_s.s > 0 {
            what_en += &format!(", for at least {for_s}");
            what_ja += &format!("（{for_s} 以上）");
        }
        if seen_ms < latest_ms {
            let ago = Span::seconds((latest_ms - seen_ms) / 1_000);
            what_en += &format!("; no sample since {ago}");
            what_ja += &format!("。{ago} 前からサンプルがありません");
        }
        let place = Place::Series { labels: labels.to_string() };
        judgement.findings.push(Finding::new(Words::new(what_en, what_ja), place).since(since_ms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn guard(hold_s: i64, gap_s: i64) -> Threshold {
        Threshold {
            query: "x".into(),
            side: Side::Above,
            limit: Limit::Number(10.0),
            hold_ms: hold_s * 1_000,
            gap_ms: gap_s * 1_000,
        }
    }

    /// Samples a minute apart: a digit beyond 5 is above the limit, `_` is a gap.
    fn samples(text: &str) -> Vec<(i64, f64)> {
        let value = |c: char| c.to_digit(10).map(|d| f64::from(d) + 5.0);
        text.chars().enumerate().filter_map(|(i, c)| Some((60_000 * (i as i64 + 100), value(c)?))).collect()
    }

    fn is_red(guard: &Threshold, text: &str) -> bool {
        let samples = samples(text);
        let held = guard.hold(&samples, &LimitOf::Number(10.0));
        let mut judgement = Judgement::default();
        guard.note(&mut judgement, &Labels::default(), &held, 60_000 * (99 + text.len() as i64));
        !judgement.findings.is_empty()
    }

    #[test]
    fn a_gap_neither_ends_nor_resets_the_hold() {
        let three_minutes = guard(180, 600);
        assert!(is_red(&three_minutes, "9999"));
        assert!(!is_red(&three_minutes, "9991999"));
        assert!(is_red(&three_minutes, "9_99"), "the hold runs on over a gap");
        assert!(!is_red(&three_minutes, "99__"), "a gap alone turns nothing red");
        assert!(is_red(&three_minutes, "9999____"), "a gap heals nothing");
        assert!(!is_red(&three_minutes, "9999___________"), "a gap longer than allowed is forgotten");
        assert!(!is_red(&three_minutes, "9999_1"), "a good sample behind the gap ends it");
    }

    #[test]
    fn a_series_that_nothing_limits_is_blind_not_green() {
        use nidoto_core::{Colour, Evidence, GuardSpec, Pos, run};
        use nidoto_promql::Series;
        let one = |name: &str, host: &str, value: f64| {
            Series::new(Labels::new([("__name__", name), ("host", host)]), [(0, value)])
        };
        let keys = serde_json::json!({ "query": "used", "above": "most" });
        let spec = GuardSpec {
            name: "g".into(),
            incident: None,
            kind: &KIND,
            guard: (KIND.build)(keys).unwrap(),
            source: Some("m".into()),
            settings: Default::default(),
            hours: Default::default(),
            file: "guards.yaml".into(),
            at: Pos::default(),
        };
        let verdict = |hosts: &[(&str, f64)]| {
            let mut series = vec![one("most", "a", 9.0), one("most", "b", 9.0)];
            series.extend(hosts.iter().map(|(host, value)| one("used", host, *value)));
            let mut evidence = Evidence::default();
            evidence.add_series("m", (0, 0), series);
            run(&spec, &evidence, 0).verdict.colour()
        };
        assert_eq!(verdict(&[("a", 1.0), ("b", 1.0)]), Colour::Green);
        assert_eq!(verdict(&[("a", 1.0), ("c", 1.0)]), Colour::Blind);
        assert_eq!(verdict(&[("a", 10.0), ("c", 1.0)]), Colour::Red);
    }

    proptest! {
        /// What lies before the window of hold and gap changes nothing: live and replay agree.
        #[test]
        fn the_window_is_enough(text in "[019_]{30,60}") {
            let guard = guard(300, 420);
            let all = samples(&text);
            let now_ms = 60_000 * (99 + text.len() as i64);
            let windowed: Vec<_> = all.iter().copied().filter(|(t, _)| *t >= now_ms - guard.window_ms()).collect();
            let red = |samples: &[(i64, f64)]| {
                let mut judgement = Judgement::default();
                guard.note(&mut judgement, &Labels::default(), &guard.hold(samples, &LimitOf::Number(10.0)), now_ms);
                !judgement.findings.is_empty()
            };
            prop_assert_eq!(red(&all), red(&windowed));
        }
    }
}
