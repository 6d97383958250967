//! What a look at one series found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::doubt::{self, Doubt};
use super::{brink, daily, fast, full, masked, near, slow, suspect};
use crate::leak::history::History;

/// How a leak shows, from the most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "LeakTier")]
pub enum Tier {
    /// The lowest values are beyond the limit already.
    Reached,
    /// Higher than ever, and hours from the limit, or hardly anything below it.
    Brink,
    /// The limit is reached within a day.
    Fast,
    /// The limit is reached within days or weeks.
    Slow,
    /// Restarts keep it from reaching the limit.
    Masked,
    /// The floor rises; too early to say more.
    Suspect,
}

/// The longest hold.
pub const HOLD_H_MAX: usize = 3;

/// How much later the limit may be reached, in hours, where hours are all that was seen to rise: a rise
/// that does not get there goes back for the night, and comes again tomorrow or the day after
/// (docs/detection.md).
pub const COMES_AGAIN_H: f64 = 48.0;

/// A leak in one series. Levels and slopes are percent of the limit, times are hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// How it shows.
    pub tier: Tier,
    /// The rise of the floor in an hour.
    pub slope: f64,
    /// The floor now.
    pub floor: f64,
    /// How far the peaks stand above the floor.
    pub swing: f64,
    /// The hours until the peaks reach the limit: early, middle, late; together the interval that
    /// holds the truth in four of five cases. `None` where restarts come first.
    pub reach_h: Option<(f64, f64, f64)>,
    /// Where the rise that was measured begins, as a position in the history.
    pub from: usize,
    /// Of `masked`: how many of the last lives ended at their peak.
    pub lives: Option<(usize, usize)>,
    /// Why it is but a suspicion.
    pub doubt: Option<Doubt>,
}

impl Found {
    /// How many looks on end, an hour apart, must have found something: one odd hour turns nothing
    /// red. What hurries waits less.
    #[must_use]
    pub fn hold_h(&self) -> usize {
        const HURRY_H: f64 = 12.0;
        match self.tier {
            Tier::Reached | Tier::Brink => 1,
            Tier::Fast if self.reach_h.is_some_and(|(_, reach_h, _)| reach_h <= HURRY_H) => 2,
            Tier::Fast | Tier::Slow | Tier::Masked | Tier::Suspect => HOLD_H_MAX,
        }
    }
}

/// Looks at one series; a slow leak must reach the limit within so many hours. Without known starts
/// neither a fast leak can be told from a warm-up nor a masked one be seen.
#[must_use]
pub fn look(history: &History, within_h: f64) -> Option<Found> {
    let found = find(history, within_h)?;
    let doubt = doubt::of(history, &found);
    let tier = if doubt.is_some() { Tier::Suspect } else { found.tier };
    Some(Found { tier, doubt, ..found })
}

fn find(history: &History, within_h: f64) -> Option<Found> {
    reached(history)
        .or_else(|| brink::look(history))
        .or_else(|| full::look(history))
        .or_else(|| history.knows_starts.then(|| fast::look(history)).flatten())
        .or_else(|| history.knows_starts.then(|| near::look(history)).flatten())
        .or_else(|| daily::look(history))
        .or_else(|| slow::look(history, within_h))
        .or_else(|| history.knows_starts.then(|| masked::look(history)).flatten())
        .or_else(|| suspect::look(history))
}

/// Three hours on end with nothing below the limit.
fn reached(history: &History) -> Option<Found> {
    let last = &history.floor[history.floor.len() - 3..];
    last.iter().all(|floor| *floor >= 100.0).then(|| Found {
        tier: Tier::Reached,
        slope: 0.0,
        floor: last[2],
        swing: 0.0,
        reach_h: None,
        from: history.floor.len() - 3,
        lives: None,
        doubt: None,
    })
}

/// The time to the limit as an interval, from a floor that rises by so much an hour: early, as the
/// highest peak of the week would reach it, middle, and late, as the middle one would. The factors
/// were chosen so that about four of five true times lie within (docs/detection.md).
#[must_use]
pub fn reach(
    history: &History,
    settled: &[f64],
    floor: f64,
    slope: f64,
    (early, late): (f64, f64),
) -> Option<(f64, f64, f64)> {
    let hours = |q: f64| (history.head(floor, history.swing(settled, q)) / slope).max(0.0);
    (slope > 0.0).then(|| {
        let (early, late) = (early * hours(1.0), late * hours(0.5));
        (early, hours(0.75).clamp(early, late.max(early)), late)
    })
}

/// The values of a slice that are known, with their positions.
pub fn known(values: &[f64]) -> Vec<(f64, f64)> {
    let points = values.iter().enumerate().map(|(i, value)| (i as f64, *value));
    points.filter(|(_, value)| value.is_finite()).collect()
}

/// The median of the known values of a slice.
pub fn middle(values: &[f64]) -> Option<f64> {
    let mut known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    crate::stats::median(&mut known)
}

/// The highest known value of a slice.
pub fn highest(values: &[f64]) -> Option<f64> {
    values.iter().copied().filter(|value| value.is_finite()).max_by(f64::total_cmp)
}

/// What floors did not pass but for a few hours.
pub fn usual_high(floor: &[f64]) -> Option<f64> {
    let mut known: Vec<f64> = floor.iter().copied().filter(|value| value.is_finite()).collect();
    crate::stats::quantile(&mut known, 0.97)
}

/// The lowest known value of a slice.
pub fn lowest(values: &[f64]) -> Option<f64> {
    values.iter().copied().filter(|value| value.is_finite()).min_by(f64::total_cmp)
}

/// Whether a rise is more than one jump: what is left of it without its largest one is at least
/// half of what its slope says.
pub fn is_gradual(floor: &[f64], slope: f64) -> bool {
    let known: Vec<f64> = floor.iter().copied().filter(|value| value.is_finite()).collect();
    let end = known.len().min(3);
    let (Some(first), Some(last)) = (middle(&known[..end]), middle(&known[known.len() - end..])) else { return false };
    // A quarter on either side, less what the slope makes of it: a spike that goes again is no jump.
    let side = (known.len() / 4).clamp(1, 12);
    let rise = |hours: &[f64]| Some(middle(&hours[side..])? - middle(&hours[..side])? - side as f64 * slope);
    let jump = known.windows(2 * side).filter_map(rise).fold(0.0, f64::max);
    last - first - jump >= 0.5 * slope * floor.len() as f64
}

#[cfg(test)]
mod tests {
    use super::{Found, HOLD_H_MAX, Tier};

    #[test]
    fn what_hurries_waits_less() {
        let hold_h = |tier, reach_h: f64| {
            let reach_h = Some((0.5 * reach_h, reach_h, 2.0 * reach_h));
            Found { tier, slope: 1.0, floor: 50.0, swing: 5.0, reach_h, from: 0, lives: None, doubt: None }.hold_h()
        };
        assert_eq!(hold_h(Tier::Brink, 2.0), 1);
        assert_eq!((hold_h(Tier::Fast, 6.0), hold_h(Tier::Fast, 18.0)), (2, HOLD_H_MAX));
        assert_eq!(hold_h(Tier::Slow, 6.0), HOLD_H_MAX);
    }
}
