//! `silence`: samples that stopped coming.

use nidoto_core::guard::{Guard, Judgement, Kind, Need};
use nidoto_core::yaml::Query;
use nidoto_core::{Blind, Finding, Place, Span, View, Words};
use schemars::JsonSchema;
use serde::Deserialize;

/// `silence`: samples that stopped coming.
pub const KIND: Kind = Kind {
    name: "silence",
    summary: ("samples that stopped coming", "届かなくなったサンプル"),
    doc: "\
Red when a series that had samples within `seen` has had none for `for`. A machine that ran out of
memory, a job that no longer starts, an exporter behind a closed port: they all say nothing, and a
limit on a value says nothing either.

Of several series the newest sample counts, so that a replaced instance is no alarm; `each: true`
holds every series to it. A series that was never seen is blind: a renamed metric is not calm.

VictoriaMetrics answers for its newest 30 seconds with older samples, so `for` should be well above
that (and above the scrape interval everywhere).

```yaml
backup-job-fell-silent:
  silence:
    query: backup_last_success_timestamp_seconds
    for: 26h
    seen: 7d
```",
    every: Span::seconds(60),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        let seen = keys.seen.unwrap_or(Span::seconds(86_400));
        if seen <= keys.silent {
            return Err(Words::new("`seen` must be longer than `for`", "`seen` は `for` より長くなければなりません"));
        }
        // The time of each sample, not its value.
        let query = format!("timestamp({})", keys.query.0);
        Ok(Box::new(Silence { query, silent_ms: keys.silent.ms(), seen_ms: seen.ms(), each: keys.each }))
    },
};

/// The keys of `silence`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Silence")]
struct Keys {
    /// The series, as PromQL.
    query: Query,
    /// Red after this long without a sample.
    #[serde(rename = "for")]
    silent: Span,
    /// How far back to look for series that should be there. Default 1d.
    seen: Option<Span>,
    /// True: every series must speak. False (default): one of them is enough.
    #[serde(default)]
    each: bool,
}

#[derive(Debug)]
struct Silence {
    query: String,
    silent_ms: i64,
    seen_ms: i64,
    each: bool,
}

impl Guard for Silence {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Series { query: self.query.clone(), window_ms: self.seen_ms }]
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        let window = view.series(&self.query, self.seen_ms)?;
        let mut last: Vec<(String, i64)> = window
            .iter()
            .filter_map(|(labels, samples)| {
                let (_, at_s) = samples.last()?;
                Some((labels.to_string(), (at_s * 1_000.0) as i64))
            })
            .collect();
        if !self.each {
            last.sort_by_key(|(_, at_ms)| std::cmp::Reverse(*at_ms));
            last.truncate(1);
        }
        let mut judgement = Judgement { limit: Some(self.silent_ms as f64 / 1_000.0), ..Judgement::default() };
        for (labels, last_ms) in last {
            let silent_ms = (view.at_ms() - last_ms).max(0);
            let silent_s = silent_ms as f64 / 1_000.0;
            if judgement.value.is_none_or(|worst| silent_s > worst) {
                judgement.value = Some(silent_s);
            }
            if silent_ms >= self.silent_ms {
                let span = Span::seconds(silent_ms / 1_000);
                let what = Words::new(format!("no sample for {span}"), format!("{span} のあいだサンプルがありません"));
                judgement.findings.push(Finding::new(what, Place::Series { labels }).since(last_ms));
            }
        }
        Ok(judgement)
    }
}
