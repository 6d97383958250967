//! Simple linear regression: `deriv` and `predict_linear`.

use super::sliding::{Exact, Monoid, Sliding, Total, depends_on_order};
use super::{Rolling, Runs, Window};
use crate::eval::column::ABSENT;

/// Sums over samples; times in milliseconds since the origin, exact as integers.
#[derive(Clone, Copy)]
struct Sums {
    times: i128,
    times_squared: i128,
    values: Total,
    products: Total,
    largest: f64,
}

impl Monoid for Sums {
    const NEUTRAL: Self =
        Self { times: 0, times_squared: 0, values: Total::NEUTRAL, products: Total::NEUTRAL, largest: 0.0 };

    fn join(self, later: Self) -> Self {
        Self {
            times: self.times + later.times,
            times_squared: self.times_squared + later.times_squared,
            values: self.values.join(later.values),
            products: self.products.join(later.products),
            largest: self.largest.max(later.largest),
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
    /// From here the times of the sums are counted.
    origin_ms: i64,
    runs: Runs,
    ask: Ask,
}

impl Regression {
    pub(crate) fn new(values: &[f64], ask: Ask) -> Self {
        Self { sums: Sliding::new(), origin_ms: i64::MIN, runs: Runs::new(values), ask }
    }

    /// The sums of a window: the same ones however it was come to.
    fn sums(&mut self, w: &Window<'_>) -> Sums {
        let origin_ms = origin_ms(w);
        if origin_ms != self.origin_ms {
            (self.sums, self.origin_ms) = (Sliding::new(), origin_ms);
        }
        let item = |i: usize| {
            let (time, value) = (w.all_times[i] - origin_ms, w.all_values[i]);
            Sums {
                times: i128::from(time),
                times_squared: i128::from(time) * i128::from(time),
                values: Total::from(value),
                products: Total::product(time as f64, value),
                largest: value.abs(),
            }
        };
        let sums = self.sums.advance(w.first, w.end, item);
        let count = w.len() as f64;
        let size = count * count * sums.largest * (w.all_times[w.end - 1] - origin_ms) as f64;
        let is_rounded = sums.values.is_rounded || sums.products.is_rounded;
        if is_rounded && depends_on_order(sums.covariance(w.len()).high, size) {
            return sums.exactly(w, origin_ms);
        }
        sums
    }

    /// Slope per second, and the line's value `ahead_s` after `from_ms`.
    ///
    /// Numerators are kept with twice the digits of a float until the last step: a trend that is
    /// small beside the values would otherwise be lost in their rounding.
    fn line(&mut self, w: &Window<'_>, from_ms: i64, ahead_s: f64) -> (f64, f64) {
        if self.runs.is_constant(w) {
            let value = w.last();
            return if value.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, value) };
        }
        let sums = self.sums(w);
        let len = w.len() as i128;
        let count = Exact::integer(len);
        let variance = Exact::integer(len * sums.times_squared - sums.times * sums.times);
        let slope = sums.covariance(w.len()).over(variance).times(1e3);
        let shift = i128::from(from_ms) - i128::from(self.origin_ms);
        let from_mean_s = Exact::integer(len * shift - sums.times).over(count.times(1e3)).join(Exact::from(ahead_s));
        let value = sums.values.sum.over(count).join(slope.times_exact(from_mean_s));
        (slope.high, value.high)
    }
}

impl Sums {
    /// The same sums without any rounding.
    fn exactly(self, w: &Window<'_>, origin_ms: i64) -> Self {
        let product = |i: usize| Exact::product((w.all_times[i] - origin_ms) as f64, w.all_values[i]);
        let products = (w.first..w.end).map(product).flat_map(|product| [product.high, product.low]);
        Self { values: Total::exactly(w.values().iter().copied()), products: Total::exactly(products), ..self }
    }

    /// Times n^2.
    fn covariance(&self, len: usize) -> Exact {
        let products = self.products.sum.times_exact(Exact::integer(len as i128));
        products.join(self.values.sum.times_exact(Exact::integer(-self.times)))
    }
}

/// Where the times of a window are counted from: the first sample says it, whatever windows came before; and it changes
/// only once in a while, as all sums begin anew then.
fn origin_ms(w: &Window<'_>) -> i64 {
    const OFTEN_MAX_MS: u64 = 1 << 50;
    let first_ms = w.all_times[w.first];
    let often_ms = w.range_ms.unsigned_abs().min(OFTEN_MAX_MS).next_power_of_two() as i64;
    first_ms.saturating_sub(first_ms.rem_euclid(often_ms))
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
