//! What one push did.

use jiff::ToSpan;
use jiff::tz::TimeZone;
use nidoto_core::{Words, when};

use super::Push;
use crate::stats::median;

/// How many earlier weeks may tell what was usual.
const WEEKS: i64 = 4;
/// The time before and behind a push in which its level is taken.
const LEVEL_MS: i64 = 1_800_000;

/// What is known of the past.
#[derive(Clone, Copy, Debug)]
pub struct Past<'p> {
    /// Time in milliseconds and value, in order of time, equally spaced.
    pub samples: &'p [(i64, f64)],
    /// Their distance, in milliseconds.
    pub step_ms: i64,
    /// The pushes, in order of time.
    pub pushes: &'p [Push],
    /// How long after its end a push is felt, in milliseconds.
    pub felt_ms: i64,
    /// Whose clock the hours are told by.
    pub zone: &'p TimeZone,
}

/// What one push did.
#[derive(Clone, Debug, PartialEq)]
pub struct Impact {
    /// The push.
    pub push: Push,
    /// The most that the value would have reached without it.
    pub base: f64,
    /// How far it rose above what it would have been, at its highest.
    pub peak: f64,
    /// The sum of that over time: value times minutes.
    pub work: f64,
    /// Of how many earlier weeks the same hours were compared; 0 where the level before and behind
    /// the push had to do.
    pub weeks: usize,
}

impl Impact {
    /// Recipients a minute.
    pub fn rate(&self) -> f64 {
        self.push.size / self.push.minutes
    }
}

impl Past<'_> {
    fn between(&self, from_ms: i64, to_ms: i64) -> &[(i64, f64)] {
        let start = self.samples.partition_point(|(t, _)| *t < from_ms);
        let end = self.samples.partition_point(|(t, _)| *t < to_ms).max(start);
        &self.samples[start..end]
    }

    /// The median of a span, its end left out; `None` with less than half of its samples.
    fn level(&self, from_ms: i64, to_ms: i64) -> Option<f64> {
        let mut values: Vec<f64> =
            self.between(from_ms, to_ms).iter().map(|(_, v)| *v).filter(|v| v.is_finite()).collect();
        let possible = usize::try_from((to_ms - from_ms) / self.step_ms).unwrap_or(0);
        (2 * values.len() >= possible).then(|| median(&mut values)).flatten()
    }

    /// The most in a span, of which at least half must be known.
    pub(super) fn most(&self, from_ms: i64, to_ms: i64) -> Option<f64> {
        self.level(from_ms, to_ms)?;
        self.between(from_ms, to_ms).iter().map(|(_, v)| *v).filter(|v| v.is_finite()).max_by(f64::total_cmp)
    }

    fn at(&self, at_ms: i64) -> Option<f64> {
        let i = self.samples.binary_search_by_key(&at_ms, |(t, _)| *t).ok()?;
        Some(self.samples[i].1).filter(|v| v.is_finite())
    }

    fn is_disturbed(&self, from_ms: i64, to_ms: i64) -> bool {
        self.pushes.iter().any(|push| (from_ms - self.felt_ms..=to_ms).contains(&push.at_ms))
    }
}

/// Measures a push against the same clock hours of earlier weeks without a push; where there are
/// none, against a line from the level before it to the level behind it.
///
/// # Errors
/// When samples are missing.
pub fn of(past: &Past<'_>, push: &Push) -> Result<Impact, Words> {
    let end_ms = push.at_ms + (push.minutes * 60_000.0) as i64 + past.felt_ms;
    let missing = |en: &str, ja: &str| Words::new(format!("too few samples {en}"), format!("{ja}サンプルが足りません"));
    let before = past.level(push.at_ms - LEVEL_MS, push.at_ms).ok_or_else(|| missing("before it", "前の"))?;
    past.level(push.at_ms, end_ms).ok_or_else(|| missing("while it was felt", "最中の"))?;
    let weeks: Vec<(i64, f64)> = (1..=WEEKS).filter_map(|back| undisturbed(past, push.at_ms, end_ms, back)).collect();
    let after = if weeks.is_empty() {
        past.level(end_ms, end_ms + LEVEL_MS).ok_or_else(|| missing("behind it", "後の"))?
    } else {
        before
    };
    let baseline = |at_ms: i64| {
        let same_hour = weeks.iter().filter_map(|(shift_ms, level)| Some(past.at(at_ms - shift_ms)? - level));
        let usual = median(&mut same_hour.collect::<Vec<_>>());
        let share = (at_ms - push.at_ms) as f64 / (end_ms - push.at_ms) as f64;
        before + usual.unwrap_or((after - before) * share)
    };
    let (mut base, mut peak, mut work) = (f64::MIN, 0.0_f64, 0.0);
    for (at_ms, value) in past.between(push.at_ms + 1, end_ms + 1).iter().filter(|(_, value)| value.is_finite()) {
        let usual = baseline(*at_ms);
        base = base.max(usual);
        peak = peak.max(value - usual);
        work += (value - usual) * past.step_ms as f64 / 60_000.0;
    }
    Ok(Impact { push: push.clone(), base, peak, work: work.max(0.0), weeks: weeks.len() })
}

/// By how much time an earlier week is shifted, and its level before these hours; `None` if there was
/// a push too, or no samples.
fn undisturbed(past: &Past<'_>, at_ms: i64, end_ms: i64, back: i64) -> Option<(i64, f64)> {
    let then_ms = weeks_away(at_ms, -back, past.zone)?;
    let shift_ms = at_ms - then_ms;
    if past.is_disturbed(then_ms - LEVEL_MS, end_ms - shift_ms) {
        return None;
    }
    past.level(then_ms, end_ms - shift_ms)?;
    Some((shift_ms, past.level(then_ms - LEVEL_MS, then_ms)?))
}

/// The same time on the clock, weeks later or earlier.
pub fn weeks_away(at_ms: i64, weeks: i64, zone: &TimeZone) -> Option<i64> {
    let then = when::zoned(at_ms, zone).checked_add(weeks.weeks()).ok()?;
    Some(then.timestamp().as_millisecond())
}
