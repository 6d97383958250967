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

    /// Slope per second, and the line's value `ahead_s` after `origin_ms`.
    ///
    /// Numerators are kept with twice the digits of a float until the last step: a trend that is
    /// small beside the values would otherwise be lost in their rounding.
    fn line(&mut self, w: &Window<'_>, origin_ms: i64, ahead_s: f64) -> (f64, f64) {
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
        // Times from their mean, so that both sums are small: n^2 times the covariance and the variance.
        let len = w.len() as i128;
        let count = Exact::integer(len);
        let covariance = sums.products.times_exact(count).join(sums.values.times_exact(Exact::integer(-sums.times)));
        let variance = Exact::integer(len * sums.times_squared - sums.times * sums.times);
        let slope = covariance.over(variance).times(1e3);
        let shift = i128::from(origin_ms) - i128::from(series_start_ms);
        let from_mean_s = Exact::integer(len * shift - sums.times).over(count.times(1e3)).join(Exact::from(ahead_s));
        let value = sums.values.over(count).join(slope.times_exact(from_mean_s));
        (slope.high, value.high)
    }
}

impl Rolling for Regression {
    fn at(&mut self, w: &Window<'_>) -> f64 {
        if w.len() < 2 {
            return ABSENT;
        }
        match self.ask {
            Ask::Slope => self.line(w, w.all_times[w.first], 0.0).0,
            Ask::Prediction => self.line(w, w.now_ms, w.params[0]).1,
        }
    }
}
