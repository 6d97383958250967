//! Sums and what follows from them: mean, variance, standard deviation.

use super::sliding::{Exact, Monoid, Sliding, Total, depends_on_order};
use super::span::Span;
use super::{Rolling, Runs, Window, expansion};
use crate::eval::kahan;

/// `sum_over_time`
pub(crate) struct Sum(Sliding<Spanned>);

impl Sum {
    pub(crate) fn new() -> Self {
        Self(Sliding::new())
    }
}

impl Rolling for Sum {
    fn at(&mut self, w: &Window<'_>) -> f64 {
        total(&mut self.0, w).map_or_else(|| kahan::sum(w.values()), |sum| sum.high)
    }
}

/// `avg_over_time`
pub(crate) struct Mean(Sliding<Spanned>);

impl Mean {
    pub(crate) fn new() -> Self {
        Self(Sliding::new())
    }
}

impl Rolling for Mean {
    fn at(&mut self, w: &Window<'_>) -> f64 {
        let count = w.len() as f64;
        total(&mut self.0, w).map_or_else(|| kahan::mean(w.values()), |sum| sum.high / count + sum.low / count)
    }
}

/// A sum, and the digits of its values: whether they fit together does not depend on their order.
#[derive(Clone, Copy)]
struct Spanned {
    total: Total,
    span: Span,
}

impl Monoid for Spanned {
    const NEUTRAL: Self = Self { total: Total::NEUTRAL, span: Span::NEUTRAL };

    fn join(self, later: Self) -> Self {
        Self { total: self.total.join(later.total), span: self.span.join(later.span) }
    }
}

/// The sum of a window without rounding. `None` where its values differ by more than 30 digits, or are not finite: no
/// sum is right then, so let it at least be that of Prometheus.
fn total(sliding: &mut Sliding<Spanned>, w: &Window<'_>) -> Option<Exact> {
    let item = |i: usize| Spanned { total: Total::from(w.all_values[i]), span: Span::of(w.all_values[i]) };
    let Spanned { total, span } = sliding.advance(w.first, w.end, item);
    if span.digits(w.len()) > 2 * f64::MANTISSA_DIGITS {
        return None;
    }
    let sum = if total.is_rounded { expansion::sum(w.values().iter().copied()) } else { total.sum };
    Some(sum).filter(|sum| sum.high.is_finite())
}

/// Sum and sum of squares.
#[derive(Clone, Copy)]
struct Moments {
    sum: Total,
    squares: Total,
}

impl Monoid for Moments {
    const NEUTRAL: Self = Self { sum: Total::NEUTRAL, squares: Total::NEUTRAL };

    fn join(self, later: Self) -> Self {
        Self { sum: self.sum.join(later.sum), squares: self.squares.join(later.squares) }
    }
}

impl Moments {
    /// Without any rounding.
    fn exactly(values: &[f64]) -> Self {
        let squares = values.iter().map(|value| Exact::product(*value, *value));
        Self {
            sum: Total::exactly(values.iter().copied()),
            squares: Total::exactly(squares.flat_map(|square| [square.high, square.low])),
        }
    }

    /// The variance of so many values times the square of their count.
    fn spread(self, count: f64) -> f64 {
        let (sum, squares) = (self.sum.sum, self.squares.sum);
        squares.times(count).join(sum.times_exact(sum).negated()).high
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
            Moments { sum: Total::from(value), squares: Total::product(value, value) }
        };
        let mut moments = self.moments.advance(w.first, w.end, item);
        let count = w.len() as f64;
        let is_rounded = moments.sum.is_rounded || moments.squares.is_rounded;
        if is_rounded && depends_on_order(moments.spread(count), moments.squares.sum.high * count) {
            moments = Moments::exactly(w.values());
        }
        let variance = if self.runs.is_constant(w) && w.last().is_finite() {
            0.0
        } else if moments.sum.sum.high.is_finite() && moments.squares.sum.high.is_finite() {
            (moments.spread(count) / (count * count)).max(0.0)
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
