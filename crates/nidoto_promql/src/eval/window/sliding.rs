//! Aggregates over a sliding window at a cost that does not depend on its length.
//!
//! The window is kept as two halves (the "two stacks" of a queue): suffix aggregates of its older samples and one
//! running aggregate of its newer ones. A sample that leaves is dropped, never subtracted: a huge value leaves no
//! rounding error behind. Each sample is touched twice in all. Source: Tangwongsan, Hirzel, Schneider, "General
//! Incremental Sliding-Window Aggregation", VLDB 2015.

use super::expansion;

/// An associative operation with a neutral element.
pub(crate) trait Monoid: Copy {
    const NEUTRAL: Self;
    fn join(self, later: Self) -> Self;
}

/// The aggregate of a window of items; items are told apart by their index.
pub(crate) struct Sliding<M> {
    first: usize,
    /// One past the last item of the older half.
    middle: usize,
    end: usize,
    /// Aggregates of `i..middle` for `i` from `middle - 1` down to `first`.
    older: Vec<M>,
    newer: M,
}

impl<M: Monoid> Sliding<M> {
    pub(crate) fn new() -> Self {
        Self { first: 0, middle: 0, end: 0, older: Vec::new(), newer: M::NEUTRAL }
    }

    /// Moves on to the items `first..end`; neither bound may go back.
    pub(crate) fn advance(&mut self, first: usize, end: usize, item: impl Fn(usize) -> M) -> M {
        if first >= self.end {
            *self =
                Self { first, middle: first, end: first, older: std::mem::take(&mut self.older), newer: M::NEUTRAL };
            self.older.clear();
        }
        for i in self.end..end {
            self.newer = self.newer.join(item(i));
        }
        self.end = self.end.max(end);
        if first > self.middle {
            self.rebuild(first, item);
        } else {
            self.older.truncate(self.middle - first);
            self.first = first;
        }
        self.older.last().copied().unwrap_or(M::NEUTRAL).join(self.newer)
    }

    /// All samples of the older half have left: what is there becomes the older half.
    fn rebuild(&mut self, first: usize, item: impl Fn(usize) -> M) {
        self.older.clear();
        let mut suffix = M::NEUTRAL;
        for i in (first..self.end).rev() {
            suffix = item(i).join(suffix);
            self.older.push(suffix);
        }
        self.first = first;
        self.middle = self.end;
        self.newer = M::NEUTRAL;
    }
}

/// A sum with twice the digits of a float: the unevaluated sum of two floats.
///
/// Source: Hida, Li, Bailey, "Library for Double-Double and Quad-Double Arithmetic", 2007.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exact {
    pub(crate) high: f64,
    pub(crate) low: f64,
}

impl Exact {
    pub(crate) fn from(value: f64) -> Self {
        Self { high: value, low: 0.0 }
    }

    pub(crate) fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        let low = a.mul_add(b, -high);
        if low.is_finite() { Self { high, low } } else { Self::from(high) }
    }

    pub(crate) fn times(self, factor: f64) -> Self {
        let Self { high, low } = Self::product(self.high, factor);
        renormalized(high, low + self.low * factor)
    }

    /// The sum and whether digits were lost.
    fn plus(self, other: Self) -> (Self, bool) {
        let (high, error) = two_sum(self.high, other.high);
        if !high.is_finite() {
            // What overflows in one order may not in another.
            return (Self::from(high), self.high.is_finite() && other.high.is_finite());
        }
        let (low, low_error) = two_sum(self.low, other.low);
        let (middle, middle_error) = two_sum(error, low);
        let first = renormalized(high, middle);
        let (rest, rest_error) = two_sum(first.low, middle_error + low_error);
        (renormalized(first.high, rest), rest_error != 0.0 || (middle_error != 0.0 && low_error != 0.0))
    }

    pub(crate) fn negated(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }

    /// An integer, with twice the digits of a float.
    pub(crate) fn integer(value: i128) -> Self {
        let high = value as f64;
        Self { high, low: (value - high as i128) as f64 }
    }

    /// The quotient: the rest of the first division is divided again.
    pub(crate) fn over(self, divisor: Self) -> Self {
        let first = self.high / divisor.high;
        if !first.is_finite() {
            return Self::from(first);
        }
        let rest = self.join(divisor.times(-first));
        renormalized(first, rest.high / divisor.high)
    }

    pub(crate) fn times_exact(self, other: Self) -> Self {
        let Self { high, low } = Self::product(self.high, other.high);
        renormalized(high, low + self.high * other.low + self.low * other.high)
    }
}

impl Monoid for Exact {
    const NEUTRAL: Self = Self { high: 0.0, low: 0.0 };

    fn join(self, other: Self) -> Self {
        self.plus(other).0
    }
}

/// A sum that knows whether even twice the digits of a float were too few.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Total {
    pub(crate) sum: Exact,
    pub(crate) is_rounded: bool,
}

impl Total {
    pub(crate) fn from(value: f64) -> Self {
        Self { sum: Exact::from(value), is_rounded: false }
    }

    pub(crate) fn product(a: f64, b: f64) -> Self {
        Self { sum: Exact::product(a, b), is_rounded: false }
    }

    /// The sum of values, the same in whatever order they come.
    pub(crate) fn exactly(values: impl Iterator<Item = f64>) -> Self {
        Self { sum: expansion::sum(values), is_rounded: false }
    }
}

/// Whether what is left of rounded sums of this size is so small that it may depend on the order in which they were added
/// up: an aggregate that slides adds in another order than one that starts anew, and must find the same.
pub(crate) fn depends_on_order(rest: f64, size: f64) -> bool {
    /// Of the 106 digits of a sum this leaves more than 80: a float has 53, so that both orders round to the same one.
    const SMALL: f64 = 1.0 / (1u64 << 20) as f64;
    !rest.is_finite() || rest.abs() < SMALL * size
}

impl Monoid for Total {
    const NEUTRAL: Self = Self { sum: Exact::NEUTRAL, is_rounded: false };

    fn join(self, later: Self) -> Self {
        let (sum, is_rounded) = self.sum.plus(later.sum);
        Self { sum, is_rounded: is_rounded || self.is_rounded || later.is_rounded }
    }
}

/// The sum and what rounding cut off, without a branch (Knuth).
pub(crate) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

fn renormalized(high: f64, low: f64) -> Exact {
    let sum = high + low;
    if sum.is_finite() { Exact { high: sum, low: low - (sum - high) } } else { Exact::from(sum) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_value_leaves_nothing_behind() {
        let values = [1.0, 1e300, 0.1, 0.2, 0.3];
        let mut sliding = Sliding::<Exact>::new();
        let sums: Vec<f64> = (0..3).map(|i| sliding.advance(i, i + 3, |i| Exact::from(values[i])).high).collect();
        assert_eq!(sums, [1e300, 1e300, 0.6]);
    }

    #[test]
    fn sliding_equals_starting_anew() {
        let item = |i: usize| Exact::from((i as f64 * 0.7).sin() * 1e3);
        let mut sliding = Sliding::<Exact>::new();
        for (first, end) in
            [(0, 0), (0, 3), (1, 3), (2, 9), (2, 9), (9, 9), (10, 14), (13, 20), (40, 41), (40, 50), (50, 50)]
        {
            let anew = Sliding::<Exact>::new().advance(first, end, item);
            assert_eq!(sliding.advance(first, end, item).high, anew.high, "{first}..{end}");
        }
    }
}
