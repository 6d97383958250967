//! How far forecasts of the same series were off: walk-forward, each made of what was known then.

use super::path::{Path, Recipe, SEASONS, TRENDS};
use crate::stats::quantile;

/// Hours between two origins: a day, so that all of them were made at the hour at which the forecast is made. How far
/// a morning is off tells nothing of a night.
const STEP_H: usize = 24;
/// How many origins at most.
const ORIGINS_MAX: usize = 28;
/// The history of one fit, in hours.
pub const FIT_H: usize = 28 * 24;
/// The least history before an origin.
const FIRST_H: usize = 36;
/// Hours behind an origin at which errors are taken.
const HORIZONS: [usize; 12] = [1, 2, 4, 8, 16, 24, 48, 96, 168, 336, 504, 672];
/// An interval is hardly narrower than nearer ones, as few errors are small by chance: it keeps this share
/// of the width at the horizon before. Chosen so that four of five true values lie within
/// (docs/detection.md).
const VALUES_KEEP: f64 = 0.8;
/// The highest value so far only rises, and so does what it is off by.
const PEAKS_KEEP: f64 = 1.0;
/// Fewer errors than this tell nothing of a horizon.
const ERRORS_MIN: usize = 4;

/// The recipe that forecast this series best, and how far its forecasts were off.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// What forecast it best.
    pub recipe: Recipe,
    /// Errors of the value.
    pub values: Errors,
    /// Errors of the highest value so far.
    pub peaks: Errors,
}

impl Backtest {
    /// Tries all recipes on the hourly values, the newest last. `None` where the history is too short.
    #[must_use]
    pub fn of(history: &[f64]) -> Option<Self> {
        let origins: Vec<usize> = (1..=ORIGINS_MAX)
            .filter_map(|i| history.len().checked_sub(i * STEP_H - STEP_H + 1))
            .take_while(|origin| *origin >= FIRST_H)
            .collect();
        let trial = |season_h: usize, trends: &[(usize, usize)]| -> Vec<Trial> {
            let mut trials = vec![Trial::default(); trends.len()];
            for origin in &origins {
                let (known, future) = history.split_at(*origin);
                let known = &known[known.len().saturating_sub(FIT_H)..];
                for (trial, path) in trials.iter_mut().zip(Path::fit_all(known, season_h, trends)) {
                    trial.add(path.as_ref(), future);
                }
            }
            trials
        };
        let mut best: Option<(f64, Recipe, Trial)> = None;
        for season_h in SEASONS {
            for (trial, (level_h, trend_h)) in trial(season_h, &TRENDS).into_iter().zip(TRENDS) {
                let Some(score) = trial.score(origins.len()) else { continue };
                if best.as_ref().is_none_or(|(least, ..)| score < *least) {
                    best = Some((score, Recipe { season_h, level_h, trend_h }, trial));
                }
            }
        }
        let (_, recipe, trial) = best?;
        // The spread of a random walk grows with the root of time, that of a wrong slope with time.
        let growth = if recipe.trend_h == 0 { 0.5 } else { 1.0 };
        Some(Self {
            recipe,
            values: Errors::new(trial.values, growth, VALUES_KEEP),
            peaks: Errors::new(trial.peaks, growth, PEAKS_KEEP),
        })
    }
}

/// Errors of one recipe, by horizon.
#[derive(Clone, Debug, Default)]
struct Trial {
    fitted_n: usize,
    values: [Vec<f64>; HORIZONS.len()],
    peaks: [Vec<f64>; HORIZONS.len()],
}

impl Trial {
    fn add(&mut self, path: Option<&Path>, future: &[f64]) {
        let Some(path) = path else { return };
        self.fitted_n += 1;
        let (mut peak, mut expected_peak) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        let mut next = 0;
        for (hour, value) in future.iter().enumerate().take(HORIZONS[HORIZONS.len() - 1]) {
            let expected = path.at(hour);
            expected_peak = expected_peak.max(expected);
            peak = if value.is_finite() { peak.max(*value) } else { peak };
            if hour + 1 == HORIZONS[next] {
                if value.is_finite() {
                    self.values[next].push(value - expected);
                }
                if peak.is_finite() {
                    self.peaks[next].push(peak - expected_peak);
                }
                next += 1;
            }
        }
    }

    /// The mean over horizons of the logarithm of the mean absolute error: free of the unit. A recipe
    /// that could be fitted at less than two thirds of the origins has none.
    fn score(&self, origins_n: usize) -> Option<f64> {
        if self.fitted_n < ERRORS_MIN.min(origins_n).max(1) || 3 * self.fitted_n < 2 * origins_n {
            return None;
        }
        let known = self.values.iter().filter(|errors| errors.len() >= 3);
        let logs: Vec<f64> = known
            .map(|errors| (errors.iter().map(|e| e.abs()).sum::<f64>() / errors.len() as f64 + f64::MIN_POSITIVE).ln())
            .collect();
        (!logs.is_empty()).then(|| logs.iter().sum::<f64>() / logs.len() as f64)
    }
}

/// Errors by horizon, as quantiles.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    /// Hours behind the origin, and the errors there.
    by_horizon: Vec<(usize, Vec<f64>)>,
    /// The power of time with which they grow behind the horizons that were seen.
    growth: f64,
    /// The share of its width that an interval keeps from one horizon to the next at least.
    keeps: f64,
}

impl Errors {
    fn new(errors: [Vec<f64>; HORIZONS.len()], growth: f64, keeps: f64) -> Self {
        let known = HORIZONS.into_iter().zip(errors).filter(|(_, errors)| errors.len() >= ERRORS_MIN);
        Self { by_horizon: known.collect(), growth, keeps }
    }

    /// The errors' quantile at each horizon of which errors are known, made wider for how few they
    /// are, and hardly narrower than at a nearer one. Their median counts the more, the more of them
    /// there are: what one change of level did to all of them is no habit.
    #[must_use]
    pub fn quantiles(&self, share: f64) -> Quantiles {
        let (mut knots, mut width) = (Vec::with_capacity(self.by_horizon.len()), 0.0_f64);
        for (horizon, errors) in &self.by_horizon {
            let mut errors = errors.clone();
            let mid = quantile(&mut errors, 0.5).unwrap_or(0.0);
            let independent = independent(errors.len(), *horizon);
            let (share, wider) = corrected(share, independent.max(2.0));
            let off = (quantile(&mut errors, share).unwrap_or(0.0) - mid) * wider;
            width = if off.abs() > self.keeps * width.abs() { off } else { self.keeps * width };
            knots.push((*horizon as f64, mid * independent / (independent + 1.0), width));
        }
        Quantiles { knots, growth: self.growth }
    }
}

/// How many of n errors are independent: those whose horizons overlap are not.
fn independent(n: usize, horizon: usize) -> f64 {
    (n as f64 * (STEP_H as f64 / horizon as f64).min(1.0)).max(1.0)
}

/// The share that so many errors must be asked for so that a new one keeps to it (conformal
/// prediction: Vovk, Gammerman and Shafer 2005), and what to widen by where they are few.
fn corrected(share: f64, independent: f64) -> (f64, f64) {
    let outer = (share - 0.5) * (1.0 + 1.0 / independent);
    ((0.5 + outer).clamp(0.0, 1.0), (1.0 + 1.0 / independent).sqrt())
}

/// One quantile of errors over the horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles {
    /// Hours behind the origin, the median error, and how far the quantile is from it.
    knots: Vec<(f64, f64, f64)>,
    growth: f64,
}

impl Quantiles {
    /// The quantile at an hour behind the history, the first being 0: straight between the horizons
    /// that were seen, and growing wider behind them.
    #[must_use]
    pub fn at(&self, hour: usize) -> f64 {
        let horizon = (hour + 1) as f64;
        let next = self.knots.partition_point(|(at, ..)| *at < horizon);
        match (next.checked_sub(1).map(|i| self.knots[i]), self.knots.get(next)) {
            (None, None) => 0.0,
            (None, Some((_, mid, off))) => mid + off,
            (Some((at, mid, off)), None) => mid + off * (horizon / at).powf(self.growth),
            (Some((from, mid, off)), Some((to, next_mid, next_off))) => {
                let share = (horizon - from) / (to - from);
                (mid + off) * (1.0 - share) + (next_mid + next_off) * share
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_of_few_errors_is_hardly_a_habit() {
        // All forecasts were 10 too low; those of a week ahead overlap, and are one forecast between them.
        let mut errors: [Vec<f64>; HORIZONS.len()] = Default::default();
        for (horizon, errors) in HORIZONS.iter().zip(&mut errors) {
            let n = if *horizon <= 24 { 14 } else { 6 };
            errors.extend(std::iter::repeat_n(10.0, n).filter(|_| *horizon <= 168));
        }
        let middle = Errors::new(errors, 1.0, VALUES_KEEP).quantiles(0.5);
        assert!((middle.at(23) - 10.0 * 14.0 / 15.0).abs() < 1e-9, "{}", middle.at(23));
        assert!((middle.at(167) - 5.0).abs() < 1e-9, "{}", middle.at(167));
    }
}
