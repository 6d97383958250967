//! Medians before and after a change, against the same hours of earlier weeks.

use jiff::ToSpan;
use nidoto_core::{View, Words, when};

use crate::stats::median;

pub const WEEK_MS: i64 = 604_800_000;
/// The standard deviation of a normal distribution in median absolute deviations.
const NORMAL: f64 = 1.482_6;

/// What is looked at around a change.
#[derive(Clone, Copy, Debug)]
pub struct Windows {
    /// Before it.
    pub before_ms: i64,
    /// At the end, as long as the value must stay.
    pub hold_ms: i64,
    /// How many earlier weeks.
    pub weeks: u8,
}

/// What a value did after a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Jump {
    /// When the change was made.
    pub at_ms: i64,
    /// The median before it.
    pub before: f64,
    /// The median at the end.
    pub after: f64,
    /// How much it rose in each earlier week at the same hours.
    pub weeks: Vec<f64>,
    /// How far it strays by itself: the larger of the scaled median absolute deviations before the
    /// change and among the weeks.
    pub deviation: f64,
}

impl Jump {
    /// What the value would be without the change.
    pub fn expected(&self) -> f64 {
        self.before + self.usual().unwrap_or(0.0)
    }

    /// How much it usually rises at these hours.
    pub fn usual(&self) -> Option<f64> {
        median(&mut self.weeks.clone())
    }
}

/// What a series was before a change, and before the same clock time of earlier weeks: medians. Nothing
/// of it changes any more once the change was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    own: Option<f64>,
    deviation: Option<f64>,
    weeks: Vec<Option<f64>>,
}

impl Before {
    /// Looks at the time before a change.
    pub fn of(view: &View<'_>, samples: &[(i64, f64)], at_ms: i64, windows: &Windows) -> Self {
        let until = |ms: i64| values(samples, ms - windows.before_ms, ms, view.every_ms());
        let mut own = until(at_ms);
        let week = |back: i64| earlier(view, at_ms, back).and_then(|ms| median_of(&mut until(ms)));
        Self {
            deviation: own.as_deref().and_then(deviation),
            own: median_of(&mut own),
            weeks: (1..=i64::from(windows.weeks)).map(week).collect(),
        }
    }
}

/// Compares a series before and after a change that was made at least a hold time ago. `changes` are
/// the times of all changes of that kind.
///
/// # Errors
/// When one side has too few samples, or none that can be compared.
pub fn of(
    view: &View<'_>,
    samples: &[(i64, f64)],
    before: &Before,
    at_ms: i64,
    changes: &[i64],
    windows: &Windows,
) -> Result<Jump, Words> {
    let now_ms = view.last_ms();
    let after =
        |end_ms: i64| median_of(&mut values(samples, end_ms - windows.hold_ms + 1, end_ms + 1, view.every_ms()));
    let own = before.own.ok_or_else(|| missing("before", "前"))?;
    let own_after = after(now_ms).ok_or_else(|| missing("after", "後"))?;
    let mut weeks = Vec::new();
    for (back, before) in (1..).zip(&before.weeks) {
        let (Some(then_ms), Some(end_ms)) = (earlier(view, at_ms, back), earlier(view, now_ms, back)) else { continue };
        let is_disturbed = changes.iter().any(|ms| (then_ms - windows.before_ms..=end_ms).contains(ms));
        if !is_disturbed {
            weeks.extend(after(end_ms).zip(*before).map(|(after, before)| after - before));
        }
    }
    let deviation = before.deviation.unwrap_or(0.0).max(deviation(&weeks).unwrap_or(0.0));
    let jump = Jump { at_ms, before: own, after: own_after, weeks, deviation };
    // What was infinite tells nothing of what was to be expected.
    if jump.after.is_nan() || !jump.expected().is_finite() || !jump.deviation.is_finite() {
        return Err(Words::new("infinite values before the change", "変更の前の値が無限大です"));
    }
    Ok(jump)
}

fn median_of(values: &mut Option<Vec<f64>>) -> Option<f64> {
    values.as_mut().and_then(|values| median(values))
}

fn missing(side_en: &str, side_ja: &str) -> Words {
    Words::new(format!("too few samples {side_en} the change"), format!("変更の{side_ja}のサンプルが足りません"))
}

/// The values of a span, its end left out; `None` if it has less than half of the samples that it could.
fn values(samples: &[(i64, f64)], from_ms: i64, to_ms: i64, every_ms: i64) -> Option<Vec<f64>> {
    let start = samples.partition_point(|(t, _)| *t < from_ms);
    let end = samples.partition_point(|(t, _)| *t < to_ms).max(start);
    let values: Vec<f64> = samples[start..end].iter().map(|(_, v)| *v).filter(|v| !v.is_nan()).collect();
    let possible = usize::try_from((to_ms - from_ms) / every_ms).unwrap_or(0);
    (!values.is_empty() && 2 * values.len() >= possible).then_some(values)
}

/// The scaled median absolute deviation; `None` of fewer than two values.
fn deviation(values: &[f64]) -> Option<f64> {
    let middle = median(&mut values.to_vec()).filter(|_| values.len() > 1)?;
    let mut away: Vec<f64> = values.iter().map(|value| (value - middle).abs()).filter(|v| !v.is_nan()).collect();
    median(&mut away).map(|away| NORMAL * away)
}

/// The same time on the clock so many weeks earlier, also where clocks were changed in between.
fn earlier(view: &View<'_>, ms: i64, weeks: i64) -> Option<i64> {
    let then = when::zoned(ms, view.zone()).checked_sub(weeks.weeks()).ok()?;
    Some(then.timestamp().as_millisecond())
}
