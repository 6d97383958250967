//! A forecast in words and lines.

use jiff::tz::TimeZone;
use nidoto_core::guard::Sketch;
use nidoto_core::{Blind, Finding, Place, Words, number, when};
use nidoto_promql::Labels;

use super::Forecast;
use super::outlook::Reach;
use crate::fold::HOUR_MS;
use crate::night::{Ahead, interval, moment};

/// What a finding is told of.
pub struct Told<'t> {
    pub guard: &'t Forecast,
    pub labels: &'t Labels,
    pub now_h: i64,
    pub zone: &'t TimeZone,
}

impl Told<'_> {
    /// Times are told as one would say them when the hour begins.
    fn now_ms(&self) -> i64 {
        self.now_h * HOUR_MS
    }

    pub fn place(&self) -> Place {
        Place::Series { labels: self.labels.to_string() }
    }

    /// The limit is reached.
    pub fn reached(&self, value: f64, limit: f64) -> Finding {
        let (value, limit) = (number(value), number(limit));
        let what = match self.guard.below {
            false => Words::new(
                format!("{value} has reached the limit {limit}"),
                format!("{value} は限度 {limit} に達しています"),
            ),
            true => Words::new(
                format!("{value} has fallen to the limit {limit}"),
                format!("{value} は限度 {limit} まで下がっています"),
            ),
        };
        Finding::new(what, self.place())
    }

    /// The limit is coming; tonight where a night is given.
    pub fn coming(&self, limit: f64, value: f64, reach: Reach, night: Option<Ahead>) -> Finding {
        let (value, limit) = (number(value), number(limit));
        let when = self.when(reach);
        let (verb_en, verb_ja) =
            if self.guard.below { ("falls to", "まで下がる") } else { ("reaches", "に達する") };
        let mut what = Words::new(
            format!("now {value}, {verb_en} the limit {limit} {}", when.en),
            format!("今は {value}、限度 {limit} {verb_ja}のは{}", when.ja),
        );
        if let Some(night) = night.filter(|night| self.now_ms() < night.bed_ms) {
            let bed = when::zoned(night.bed_ms, self.zone).strftime("%H:%M");
            what.en += &format!("; act before {bed}");
            what.ja += &format!("。{bed} までに手を打ってください");
        }
        Finding::new(what, self.place())
    }

    fn when(&self, reach: Reach) -> Words {
        let at = |hour: usize| (self.now_h + hour as i64) * HOUR_MS;
        match (reach.early, reach.late) {
            (Some(early), Some(late)) => {
                // An hour is known by its beginning; the interval ends with the end of its last.
                let when = interval(at(early), at(late + 1), self.now_ms(), self.zone);
                Words::new(format!("{} (80 % sure)", when.en), format!("{}（確度 80 %）", when.ja))
            }
            (early, _) => {
                let early = moment(at(early.unwrap_or_default()), self.now_ms(), self.zone);
                Words::new(
                    format!("after {} (90 % sure), perhaps in > 1 year", early.en),
                    format!("{} より後（確度 90 %）、1 年以上先かもしれません", early.ja),
                )
            }
        }
    }
}

/// So many points draw a forecast.
const POINTS_MAX: usize = 400;

/// The middle and the interval of the hours that come.
pub fn drawing(guard: &Forecast, hours: &[(f64, f64, f64)], now_h: i64) -> Sketch {
    let step = hours.len().div_ceil(POINTS_MAX).max(1);
    let points = || hours.iter().enumerate().step_by(step).map(|(hour, ends)| ((now_h + hour as i64) * HOUR_MS, ends));
    let band = points().map(|(at_ms, (low, _, high))| {
        let (low, high) = (guard.turned(*low), guard.turned(*high));
        (at_ms, low.min(high), low.max(high))
    });
    Sketch {
        lines: vec![(
            Words::new("forecast", "予測"),
            points().map(|(at_ms, ends)| (at_ms, guard.turned(ends.1))).collect(),
        )],
        bands: vec![(Words::new("80 % of cases", "80 % の範囲"), band.collect())],
        marks: Vec::new(),
    }
}

/// Why a young series is not judged.
pub fn too_short(query: &str, needed_h: i64) -> Blind {
    Blind::broken(Words::new(
        format!("insufficient history: `{query}` has less than {needed_h} h"),
        format!("履歴が足りません: `{query}` は {needed_h} 時間に満たない"),
    ))
}
