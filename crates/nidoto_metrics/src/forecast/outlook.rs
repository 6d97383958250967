//! A forecast as an interval: the path, and how far such paths were off.

use super::backtest::{Backtest, FIT_H};
use super::path::{DAY, Path, WEEK};

/// Beyond this nothing is told but that it is beyond.
pub const YEAR_H: usize = 365 * 24;

/// What lies behind the end of a history.
#[derive(Clone, Debug)]
pub struct Outlook<'b> {
    path: Path,
    backtest: &'b Backtest,
}

impl<'b> Outlook<'b> {
    /// Fits the recipe of a backtest to the hourly values, the newest last.
    #[must_use]
    pub fn new(history: &[f64], backtest: &'b Backtest) -> Option<Self> {
        let path = Path::fit(&history[history.len().saturating_sub(FIT_H)..], backtest.recipe)?;
        Some(Self { path, backtest })
    }

    /// The lower end, the middle and the upper end of the 80 % interval at each hour.
    #[must_use]
    pub fn values(&self, horizon_h: usize) -> Vec<(f64, f64, f64)> {
        let [low, mid, high] = [0.1, 0.5, 0.9].map(|share| self.backtest.values.quantiles(share));
        let at = |hour: usize| {
            let value = self.path.at(hour);
            (value + low.at(hour), value + mid.at(hour), value + high.at(hour))
        };
        (0..horizon_h).map(at).collect()
    }

    /// When a limit is reached. It is reached when the highest value so far reaches it, so that is
    /// what is forecast.
    #[must_use]
    pub fn reach(&self, limit: f64, sure: f64) -> Reach {
        // The more probable, the later: behind an end that is never reached, none is.
        let by = |share: f64, horizon_h: usize| self.reached(limit, share, horizon_h);
        let early = by(0.1, YEAR_H);
        let later = |share: f64| early.and_then(|_| by(share, YEAR_H));
        let (mid, late) = (later(0.5), later(0.9));
        let far = mid.map_or(f64::INFINITY, |mid| mid as f64);
        let early = early.map(|early| hastened(early as f64, far) as usize);
        Reach { early, mid, late, sure: by(sure, YEAR_H) }
    }

    /// The hour by which a limit is reached with this probability, behind the history and not beyond
    /// a horizon. Of what is further off than two weeks only the day is told.
    #[must_use]
    pub fn reached(&self, limit: f64, share: f64, horizon_h: usize) -> Option<usize> {
        let off = self.backtest.peaks.quantiles(1.0 - share);
        let mut peak = f64::NEG_INFINITY;
        let mut is_reached = |hour: usize, highest: f64| {
            peak = peak.max(highest);
            peak + off.at(hour) >= limit
        };
        let near = (0..horizon_h.min(NEAR_H)).find(|hour| is_reached(*hour, self.path.at(*hour)));
        let tops = self.path.tops();
        let top = |hour: usize| self.path.plain(hour) + tops[hour / DAY % tops.len()];
        near.or_else(|| (NEAR_H..horizon_h).step_by(DAY).find(|hour| is_reached(*hour, top(*hour))))
    }
}

/// The early end of the interval of a time, in hours, from the time that is early by the backtest and
/// the middle one. What runs towards a limit gains pace more often than it loses any, and a backtest
/// over calm weeks does not know that: the less sure the time is, the earlier it may come. The share
/// was chosen so that four of five limits are reached within the interval (docs/detection.md).
fn hastened(early: f64, mid: f64) -> f64 {
    const SHARE: f64 = 0.46;
    // A middle that is out of sight tells no distance.
    let distance = mid.min(3.0 * early) - early;
    (early - SHARE * distance).max(0.0)
}

/// Whole weeks, so that a day behind them is one of the profile.
const NEAR_H: usize = 2 * WEEK;

/// When a limit is reached, in hours behind the history; `None` where that is more than a year away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// With a probability of 10 %.
    pub early: Option<usize>,
    /// As likely as not.
    pub mid: Option<usize>,
    /// With a probability of 90 %.
    pub late: Option<usize>,
    /// With the probability that was asked for.
    pub sure: Option<usize>,
}

/// The 80 % interval of the value at each of the hours behind hourly values: its lower end, middle
/// and upper end. NaN is an hour without a value. Empty where the history is too short.
#[must_use]
pub fn predict(hours: &[f64], horizon_h: usize) -> Vec<(f64, f64, f64)> {
    let backtest = Backtest::of(hours);
    let outlook = backtest.as_ref().and_then(|backtest| Outlook::new(hours, backtest));
    outlook.map_or_else(Vec::new, |outlook| outlook.values(horizon_h))
}

/// The 80 % interval of the time until hourly values reach a limit from below, in hours: its early
/// end, middle and late end, infinite where they are more than a year away. `None` where the history
/// is too short. For a limit below the values turn the sign of both.
#[must_use]
pub fn crossing(hours: &[f64], limit: f64) -> Option<(f64, f64, f64)> {
    let backtest = Backtest::of(hours)?;
    let outlook = Outlook::new(hours, &backtest)?;
    let at = |share: f64| outlook.reached(limit, share, YEAR_H).map_or(f64::INFINITY, |hour| hour as f64);
    // An hour is known by its beginning; the interval ends with the end of its last.
    Some((hastened(at(0.1), at(0.5)), at(0.5), at(0.9) + 1.0))
}
