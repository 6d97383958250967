//! Sums and what follows from them: mean, variance, standard deviation.

use super::sliding::{Exact, Monoid, Sliding, Total};
use super::{Rolling, Runs, Window};
use crate::eval::kahan;

/// `sum_over_time`
pub(crate) struct Sum(Sliding<Total>);

impl Sum {
    pub(crate) fn new() -> Self {
        Self(Sliding::new())
    }
}

impl Rolling for Sum {
    fn at(&mut self, w: &Window<'_>) -> f64 {
        let total = self.0.advance(w.first, w.end, |i| Total::from(w.all_values[i]));
        // Values that differ by more than 30 digits: no sum is right, so let it at least be that of Prometheus.
        if total.is_rounded { kahan::sum(w.values()) } else { total.sum.high }
    }
}

/// `avg_over_time`
pub(crate) struct Mean(Sliding<Total>);

impl Mean {
    pub(crate) fn new() -> Self {
        Self(Sliding::new())
    }
}

impl Rolling for Mean {
    fn at(&mut self, w: &Window<'_>) -> f64 {
        let Total { sum, is_rounded } = self.0.advance(w.first, w.end, |i| Total::from(w.all_values[i]));
        if is_rounded || sum.high.is_infinite() {
            return kahan::mean(w.values());
        }
        sum.high / w.len() as f64 + sum.low / w.len() as f64
    }
}

/// Sum and sum of squares.
#[derive(Clone, Copy)]
struct Moments {
    sum: Exact,
    squares: Exact,
}

impl Monoid for Moments {
    const NEUTRAL: Self = Self { sum: Exact::NEUTRAL, squares: Exact::NEUTRAL };

    fn join(self, later: Self) -> Self {
        Self { sum: self.sum.join(later.sum), squares: self.squares.join(later.squares) }
    }
}

/// `stdvar_over_time`, and by its root `stddev_over_time`.
pub(crate) struct Variance {
    moments: Sliding<Moments>,
    runs: Runs,
    is_root: bool,
}

impl Variance {
    pub(crate) fn new(values: &[f64], is_root: bool) -> Self {
        Self { moments: Sliding::new(), runs: Runs::new(values), is_root }
    }
}

impl Rolling for Variance {
    fn at(&mut self, w: &Window<'_>) -> f64 {
        let item = |i: usize| {
            let value = w.all_values[i];
            Moments { sum: Exact::from(value), squares: Exact::product(value, value) }
        };
        let Moments { sum, squares } = self.moments.advance(w.first, w.end, item);
        let count = w.len() as f64;
        let variance = if self.runs.is_constant(w) && sum.high.is_finite() {
            0.0
        } else if sum.high.is_finite() && squares.high.is_finite() {
            let scaled = squares.times(count).join(sum.times_exact(sum).negated());
            (scaled.high / (count * count)).max(0.0)
        } else {
            welford(w.values())
        };
        if self.is_root { variance.sqrt() } else { variance }
    }
}

/// The variance by Welford's method: for values whose squares are too large for a float.
fn welford(values: &[f64]) -> f64 {
    let (mut mean, mut squares) = (0.0, 0.0);
    for (i, &value) in values.iter().enumerate() {
        let delta = value - mean;
        mean += delta / (i + 1) as f64;
        squares += delta * (value - mean);
    }
    squares / values.len() as f64
}
