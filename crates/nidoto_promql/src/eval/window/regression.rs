//! Simple linear regression: `deriv` and `predict_linear`.

use super::sliding::{Exact, Monoid, Sliding};
use super::{Rolling, Runs, Window};
use crate::eval::column::ABSENT;

/// Sums over samples; times in milliseconds since the first sample of the series, exact as integers.
#[derive(Clone, Copy)]
struct Sums {
    times: i128,
    times_squared: i128,
    values: Exact,
    products: Exact,
}

impl Monoid for Sums {
    const NEUTRAL: Self = Self { times: 0, times_squared: 0, values: Exact::NEUTRAL, products: Exact::NEUTRAL };

    fn join(self, later: Self) -> Self {
        Self {
            times: self.times + later.times,
            times_squared: self.times_squared + later.times_squared,
            values: self.values.join(later.values),
            products: self.products.join(later.products),
        }
    }
}

/// What is asked of the line through the samples.
#[derive(Clone, Copy)]
pub(crate) enum Ask {
    /// `deriv`: its slope, per second.
    Slope,
    /// `predict_linear`: its value some seconds after the instant of evaluation.
    Prediction,
}

pub(crate) struct Regression {
    sums: Sliding<Sums>,
    runs: Runs,
    ask: Ask,
}

impl Regression {
    pub(crate) fn new(values: &[f64], ask: Ask) -> Self {
        Self { sums: Sliding::new(), runs: Runs::new(values), ask }
    }

    /// Slope per second and the line's value at `origin_ms`.
    fn line(&mut self, w: &Window<'_>, origin_ms: i64) -> (f64, f64) {
        let series_start_ms = w.all_times[0];
        let item = |i: usize| {
            let (time, value) = (w.all_times[i] - series_start_ms, w.all_values[i]);
            Sums {
                times: i128::from(time),
                times_squared: i128::from(time) * i128::from(time),
                values: Exact::from(value),
                products: Exact::product(time as f64, value),
            }
        };
        let sums = self.sums.advance(w.first, w.end, item);
        if self.runs.is_constant(w) {
            let value = w.last();
            return if value.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, value) };
        }
        // The same sums with times relative to the origin: still exact, or nearly so.
        let shift = i128::from(origin_ms) - i128::from(series_start_ms);
        let len = w.len() as i128;
        let times_s = (sums.times - len * shift) as f64 / 1e3;
        let times_squared_s = (sums.times_squared - 2 * shift * sums.times + len * shift * shift) as f64 / 1e6;
        let products_s = sums.products.join(sums.values.times(-(shift as f64))).high / 1e3;
        let (count, values) = (w.len() as f64, sums.values.high);
        let covariance = products_s - times_s * values / count;
        let variance = times_squared_s - times_s * times_s / count;
        let slope = covariance / variance;
        (slope, values / count - slope * times_s / count)
    }
}

impl Rolling for Regression {
    fn at(&mut self, w: &Window<'_>) -> f64 {
        if w.len() < 2 {
            return ABSENT;
        }
        match self.ask {
            Ask::Slope => self.line(w, w.all_times[w.first]).0,
            Ask::Prediction => {
                let (slope, intercept) = self.line(w, w.now_ms);
                slope * w.params[0] + intercept
            }
        }
    }
}
