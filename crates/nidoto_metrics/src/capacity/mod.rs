//! Over how long a push must be spread: what pushes of known size did to a value, turned round.
//!
//! Two things are learnt from past pushes: how much the value rises at its peak for each recipient a
//! minute, and how much work (value times minutes) each recipient brings in all. A push of `N` over
//! `D` minutes is expected to raise the value by `max(peak, work) * N / D`, so `D` follows from the room
//! between what these hours need anyway and the limit. The interval comes from the bootstrap (Efron
//! 1979, <https://doi.org/10.1214/aos/1176344552>) over pushes, their residuals and the weeks.

mod dice;
mod impact;

use jiff::tz::TimeZone;
use nidoto_core::{Words, when};

pub use impact::{Impact, Past};

use crate::stats::quantile;
use dice::Dice;

/// Fewer pushes than this tell nothing of a next one.
pub const PUSHES_MIN: usize = 3;
const DRAWS: usize = 4_000;
const WEEKS: i64 = 8;
/// So long that it is no answer; between infinities nothing can be interpolated.
const NEVER_MINUTES: f64 = 1e6;

/// A push that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Push {
    /// When it began, in milliseconds since the epoch.
    pub at_ms: i64,
    /// How many recipients it had.
    pub size: f64,
    /// Over how many minutes it was spread; 1 if at once.
    pub minutes: f64,
}

/// What is planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How many recipients.
    pub size: f64,
    /// What the value must stay below.
    pub limit: f64,
    /// When it is to begin; default: a week after the last one.
    pub at_ms: Option<i64>,
}

/// A value with an interval that holds four of five.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// One in ten is below.
    pub low: f64,
    /// The median.
    pub mid: f64,
    /// One in ten is above.
    pub high: f64,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// What past pushes did, in order of time.
    pub impacts: Vec<Impact>,
    /// When the push is planned.
    pub at_ms: i64,
    /// The most that the value reaches in these hours without a push.
    pub base: Estimate,
    /// Of how many weeks that is known.
    pub weeks: usize,
    /// How much the value rises for 1,000 recipients a minute.
    pub peak_per_1000: Estimate,
    /// How much work 1,000 recipients bring: value times minutes.
    pub work_per_1000: Estimate,
    /// Over how many minutes it must be spread; infinite where these hours leave no room.
    pub minutes: Estimate,
}

impl Capacity {
    /// The fastest of the past pushes, in recipients a minute, where a push of this size would have
    /// to go much faster than it: then nobody has seen what happens.
    #[must_use]
    pub fn beyond(&self, size: f64) -> Option<f64> {
        let fastest = self.impacts.iter().map(Impact::rate).fold(0.0, f64::max);
        (size / self.minutes.high.max(1.0) > 1.5 * fastest).then_some(fastest)
    }
}

/// Computes the answer from samples (time in milliseconds and value, equally spaced) and pushes.
///
/// # Errors
/// When fewer than three pushes can be measured, or nothing is known of the planned hours.
pub fn capacity(past: &Past<'_>, plan: &Plan) -> Result<Capacity, Words> {
    let (mut impacts, mut why) = (Vec::new(), None);
    for push in past.pushes {
        match impact::of(past, push) {
            Ok(impact) => impacts.push(impact),
            Err(fault) => why = Some((push.at_ms, fault)),
        }
    }
    if impacts.len() < PUSHES_MIN {
        return Err(too_few(impacts.len(), why, past.zone));
    }
    let at_ms = plan.at_ms.or_else(|| impact::weeks_away(past.pushes.last()?.at_ms, 1, past.zone)).unwrap_or_default();
    let bases = bases(past, &impacts, at_ms);
    if bases.is_empty() {
        let at = when::short(at_ms, past.zone);
        return Err(Words::new(
            format!("no samples at the hours of {at} in the {WEEKS} weeks before"),
            format!("{at} と同じ時間帯のサンプルが、前の {WEEKS} 週にありません"),
        ));
    }
    let [base, peak, work, minutes] = draw(&impacts, &bases, plan);
    Ok(Capacity { at_ms, base, weeks: bases.len(), peak_per_1000: peak, work_per_1000: work, minutes, impacts })
}

fn too_few(n: usize, why: Option<(i64, Words)>, zone: &TimeZone) -> Words {
    let (mut en, mut ja) = (
        format!("{n} pushes with a size and samples: at least {PUSHES_MIN} are needed"),
        format!("大きさとサンプルのあるプッシュが {n} 回: 少なくとも {PUSHES_MIN} 回必要です"),
    );
    if let Some((at_ms, why)) = why {
        let at = when::short(at_ms, zone);
        en += &format!(" ({at}: {})", why.en);
        ja += &format!("（{at}: {}）", why.ja);
    }
    Words::new(en, ja)
}

/// What the value reached in the planned hours of earlier weeks; where there was a push, what it
/// would have reached without.
fn bases(past: &Past<'_>, impacts: &[Impact], at_ms: i64) -> Vec<f64> {
    let of_week = |back: i64| {
        let from_ms = impact::weeks_away(at_ms, -back, past.zone)?;
        let until_ms = from_ms + past.felt_ms;
        let pushed = impacts.iter().find(|impact| (from_ms - past.felt_ms..=until_ms).contains(&impact.push.at_ms));
        match pushed {
            Some(impact) => Some(impact.base),
            None if past.pushes.iter().any(|push| (from_ms - past.felt_ms..=until_ms).contains(&push.at_ms)) => None,
            None => past.most(from_ms, until_ms),
        }
    };
    (1..=WEEKS).filter_map(of_week).collect()
}

/// Base, peak and work for 1,000, minutes.
fn draw(impacts: &[Impact], bases: &[f64], plan: &Plan) -> [Estimate; 4] {
    let n = impacts.len();
    // A sample strays less from its own mean than the next push will.
    let widen = (n as f64 / (n as f64 - 1.0)).sqrt();
    let (peak, work) =
        (through_origin(impacts, Impact::rate, |i| i.peak), through_origin(impacts, |i| i.push.size, |i| i.work));
    let residual = |value: f64, fitted: f64| {
        let ratio = if fitted > 0.0 { value / fitted } else { 1.0 };
        (1.0 + (ratio - 1.0) * widen).max(0.0)
    };
    let mut dice = Dice::new(20_210_212);
    let mut drawn: [Vec<f64>; 4] = Default::default();
    for _ in 0..DRAWS {
        let again: Vec<Impact> = (0..n).map(|_| impacts[dice.below(n)].clone()).collect();
        let own = &impacts[dice.below(n)];
        let base = bases[dice.below(bases.len())];
        let peak = through_origin(&again, Impact::rate, |i| i.peak) * residual(own.peak, peak * own.rate());
        let work = through_origin(&again, |i| i.push.size, |i| i.work) * residual(own.work, work * own.push.size);
        let room = plan.limit - base;
        let minutes = if room > 0.0 { peak.max(work) * plan.size / room } else { NEVER_MINUTES };
        for (all, value) in drawn.iter_mut().zip([base, 1_000.0 * peak, 1_000.0 * work, minutes]) {
            all.push(value);
        }
    }
    drawn.map(|mut all| {
        let mut at = |q| quantile(&mut all, q).map_or(f64::NAN, |v| if v >= NEVER_MINUTES { f64::INFINITY } else { v });
        Estimate { low: at(0.1), mid: at(0.5), high: at(0.9) }
    })
}

/// The slope of least squares through the origin, not below zero.
fn through_origin(impacts: &[Impact], x: impl Fn(&Impact) -> f64, y: impl Fn(&Impact) -> f64) -> f64 {
    let (mut xy, mut xx) = (0.0, 0.0);
    for impact in impacts {
        xy += x(impact) * y(impact);
        xx += x(impact) * x(impact);
    }
    if xx > 0.0 { (xy / xx).max(0.0) } else { 0.0 }
}
