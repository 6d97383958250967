//! `forecast`: when a limit will be reached, as an interval.

mod backtest;
mod message;
mod outlook;
mod path;
mod watch;

use nidoto_core::guard::{Guard, Judgement, Kind, Need, Watch};
use nidoto_core::yaml::Query;
use nidoto_core::{Blind, Span, View, Words};
use schemars::JsonSchema;
use serde::Deserialize;

pub use outlook::{crossing, predict};
use watch::ForecastWatch;

use crate::fold::Fold;
use crate::limit::Limit;

/// `forecast`: when a limit will be reached, as an interval.
pub const KIND: Kind = Kind {
    name: "forecast",
    summary: ("when a limit will be reached", "限度に達するのはいつか"),
    doc: "\
Continues a value by its trend and by the profile of its day or week, and says when it reaches a
limit: as an interval that holds the truth in four of five cases, in the team's time.

Nothing is assumed about the series. Once a day, forecasts are made of what was known at up to 28
earlier times, with and without trend and season, and held against what came: the best recipe
forecasts, and the errors that it made are the interval. A series that never kept to its trend gets a
wide one. With less than three days of history the guard is blind; eight weeks are the most it looks
at. Of each hour the highest value counts, or the lowest with `below`.

Red when the limit is reached within `within` with a probability of `sure`, three hours in a row, and
at once when it is reached. With `nights: true` it is also due before bedtime: red from four hours
before the team's sleep (`sleep` in `nidoto.yaml`) if the interval begins before it wakes and its
middle lies before the next evening, however short `within` is.

```yaml
disk-fills:
  forecast:
    query: node_filesystem_avail_bytes{mountpoint=\"/\"}
    limit: 0.05 * node_filesystem_size_bytes{mountpoint=\"/\"}
    below: true
    within: 4d
    nights: true
  warn: 7d
  severity: ticket
```",
    every: Span::seconds(300),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        Forecast::new(keys).map(|guard| Box::new(guard) as Box<dyn Guard>)
    },
};

/// The keys of `forecast`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Forecast")]
struct Keys {
    /// The value, as PromQL.
    query: Query,
    /// What it must not reach: a number or a query.
    limit: Limit,
    /// True: the value falls to the limit, as free space does. Default false: it rises to it.
    #[serde(default)]
    below: bool,
    /// Red when the limit is reached within this. Default 7d.
    within: Option<Span>,
    /// How probable that must be, between 0 and 1. Default 0.5: as likely as not.
    sure: Option<f64>,
    /// True: what may come in the team's night is told before bedtime.
    #[serde(default)]
    nights: bool,
}

#[derive(Debug)]
struct Forecast {
    query: String,
    limit: Limit,
    below: bool,
    within_h: usize,
    sure: f64,
    nights: bool,
}

impl Forecast {
    fn new(keys: Keys) -> Result<Self, Words> {
        if let Limit::Number(limit) = keys.limit
            && !limit.is_finite()
        {
            return Err(Words::new("`limit` must be a finite number", "`limit` は有限の数でなければなりません"));
        }
        let within = keys.within.unwrap_or(Span::seconds(7 * 86_400));
        if !(3_600..=86_400 * 365).contains(&within.s) {
            return Err(Words::new(
                "`within` must be from 1h to 365d",
                "`within` は 1h から 365d まででなければなりません",
            ));
        }
        let sure = keys.sure.unwrap_or(0.5);
        if !(0.05..=0.95).contains(&sure) {
            return Err(Words::new(
                "`sure` must be from 0.05 to 0.95",
                "`sure` は 0.05 から 0.95 まででなければなりません",
            ));
        }
        Ok(Self {
            query: keys.query.0,
            limit: keys.limit,
            below: keys.below,
            within_h: (within.s / 3_600) as usize,
            sure,
            nights: keys.nights,
        })
    }

    /// Turns a value, so that the limit is always above. The same turns it back.
    fn turned(&self, value: f64) -> f64 {
        if self.below { -value } else { value }
    }
}

impl Guard for Forecast {
    fn needs(&self) -> Vec<Need> {
        Fold::needs([Some(&*self.query), self.limit.query()], watch::FOLD_H)
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        ForecastWatch::new(self).judge(view)
    }

    fn watch(&self) -> Option<Box<dyn Watch + '_>> {
        Some(Box::new(ForecastWatch::new(self)))
    }
}
