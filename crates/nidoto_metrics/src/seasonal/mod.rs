//! `seasonal`: an ordinary day that foretells the peak of the week.

mod compare;
mod message;
mod peak;
mod watch;

use jiff::civil::Weekday;
use nidoto_core::guard::{Guard, Judgement, Kind, Need, Watch};
use nidoto_core::yaml::Query;
use nidoto_core::{Blind, Span, View, Words};
use schemars::JsonSchema;
use serde::Deserialize;

use watch::SeasonalWatch;

use crate::fold::Fold;
use crate::limit::Limit;

/// `seasonal`: an ordinary day that foretells the peak of the week.
pub const KIND: Kind = Kind {
    name: "seasonal",
    summary: ("an ordinary day that foretells the week's peak", "平日から読む週のピーク"),
    doc: "\
Knows from at least three weeks (eight at most) how high the peak of the week stands above an
ordinary day, and says what today's level foretells: \"at this level, Saturday reaches the limit\".

Days are those of the team's time zone. Of each hour the highest value counts; the level of a day is
the 95th percentile of its hours, its peak the 99th. Each week's ratio is its highest peak over the
median level of the ordinary days before it. The coming ratio lies in an interval by Student's t over
the logarithms of those, wide where weeks are few or differ. Today's level is the lower of the last
two ordinary days, so that one holiday foretells nothing; a day counts once 18 of its hours are over.

Red when level times ratio reaches `limit` with a probability of `sure`. The days of the peak are
given by `peak`, or learned: the two weekdays with the highest peaks.

`week_over_week` compares plainly: red when three hours in a row were that much above or below the
median of the same hours in the weeks before. With less than three weeks of history the guard is
blind.

```yaml
weekend-will-not-fit:
  seasonal:
    query: aws_rds_cpuutilization_average{dbinstance_identifier=\"prod\"}
    limit: 95
    peak: [sat, sun]
  warn: 7d
  severity: ticket
```",
    every: Span::seconds(300),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        Seasonal::new(keys).map(|guard| Box::new(guard) as Box<dyn Guard>)
    },
};

/// The keys of `seasonal`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Seasonal")]
struct Keys {
    /// The value, as PromQL.
    query: Query,
    /// What the peak must not reach: a number or a query.
    limit: Option<Limit>,
    /// The days of the peak. Default: the two weekdays with the highest peaks so far.
    peak: Option<Vec<PeakDay>>,
    /// How probable it must be that the peak reaches the limit, between 0 and 1. Default 0.5.
    sure: Option<f64>,
    /// Red beyond this change against the same hour of the weeks before, such as `30%`.
    week_over_week: Option<Percent>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum PeakDay {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl PeakDay {
    fn weekday(self) -> Weekday {
        match self {
            Self::Mon => Weekday::Monday,
            Self::Tue => Weekday::Tuesday,
            Self::Wed => Weekday::Wednesday,
            Self::Thu => Weekday::Thursday,
            Self::Fri => Weekday::Friday,
            Self::Sat => Weekday::Saturday,
            Self::Sun => Weekday::Sunday,
        }
    }
}

/// A change in percent, such as `30%`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Percent(#[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?%$"))] String);

impl Percent {
    fn share(&self) -> Option<f64> {
        let percent: f64 = self.0.strip_suffix('%')?.trim().parse().ok()?;
        (percent > 0.0 && percent.is_finite()).then_some(percent / 100.0)
    }
}

#[derive(Debug)]
struct Seasonal {
    query: String,
    limit: Option<Limit>,
    /// None: they are learned.
    peak: Option<Vec<Weekday>>,
    sure: f64,
    change: Option<f64>,
}

impl Seasonal {
    fn new(keys: Keys) -> Result<Self, Words> {
        if keys.limit.is_none() && keys.week_over_week.is_none() {
            return Err(Words::new("`limit` or `week_over_week` is needed", "`limit` か `week_over_week` が必要です"));
        }
        keys.limit.as_ref().map_or(Ok(()), Limit::above_zero)?;
        let sure = keys.sure.unwrap_or(0.5);
        if !(0.05..=0.95).contains(&sure) {
            return Err(Words::new(
                "`sure` must be from 0.05 to 0.95",
                "`sure` は 0.05 から 0.95 まででなければなりません",
            ));
        }
        let change = match &keys.week_over_week {
            None => None,
            Some(percent) => Some(percent.share().ok_or_else(|| {
                Words::new(
                    "`week_over_week` must be a change in percent, like 30%",
                    "`week_over_week` は 30% のように変化の割合で書いてください",
                )
            })?),
        };
        let peak: Option<Vec<Weekday>> = keys.peak.map(|days| days.into_iter().map(PeakDay::weekday).collect());
        if peak.as_ref().is_some_and(|days| days.is_empty() || days.len() > 4) {
            return Err(Words::new(
                "`peak` must name one to four days: the others are the ordinary ones",
                "`peak` は 1 日から 4 日まで: 残りが普段の日になります",
            ));
        }
        Ok(Self { query: keys.query.0, limit: keys.limit, peak, sure, change })
    }
}

impl Guard for Seasonal {
    fn needs(&self) -> Vec<Need> {
        Fold::needs([Some(&*self.query), self.limit.as_ref().and_then(Limit::query)], watch::FOLD_H)
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        SeasonalWatch::new(self).judge(view)
    }

    fn watch(&self) -> Option<Box<dyn Watch + '_>> {
        Some(Box::new(SeasonalWatch::new(self)))
    }
}
