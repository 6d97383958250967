//! Sums without any rounding, for windows whose values twice the digits of a float cannot hold together.
//!
//! Source: Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates", 1997.

use super::sliding::{Exact, two_sum};

/// The exact sum of finite floats: parts that do not overlap, the smallest first.
#[derive(Default)]
struct Expansion(Vec<f64>);

impl Expansion {
    fn add(&mut self, value: f64) {
        let mut sum = value;
        let mut kept = 0;
        for i in 0..self.0.len() {
            let (next, error) = two_sum(sum, self.0[i]);
            if !next.is_finite() {
                // Errors mean nothing any more, and would only pile up.
                self.0 = vec![next];
                return;
            }
            if error != 0.0 {
                self.0[kept] = error;
                kept += 1;
            }
            sum = next;
        }
        self.0.truncate(kept);
        self.0.push(sum);
    }

    /// The float that is nearest; of two the even one.
    fn rounded(&self) -> f64 {
        let mut parts = self.0.iter().rev();
        let (mut high, mut low) = (parts.next().copied().unwrap_or(0.0), 0.0);
        for part in parts.by_ref() {
            (high, low) = two_sum(high, *part);
            if low != 0.0 {
                break;
            }
        }
        // Where half a digit is left, what comes after it decides.
        let up = high + 2.0 * low;
        let is_half = low != 0.0 && up - high == 2.0 * low;
        if is_half && parts.next().is_some_and(|rest| (*rest > 0.0) == (low > 0.0)) { up } else { high }
    }
}

/// The sum of these values with twice the digits of a float, the same in whatever order they come. Where it is too large
/// for a float it is not finite.
pub(crate) fn sum(values: impl Iterator<Item = f64>) -> Exact {
    let mut expansion = Expansion::default();
    values.for_each(|value| expansion.add(value));
    let high = expansion.rounded();
    if !high.is_finite() {
        return Exact::from(high);
    }
    expansion.add(-high);
    Exact { high, low: expansion.rounded() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        let tiny = f64::MIN_POSITIVE;
        assert_eq!(sum([1e300, 1.0, tiny, -1e300, -1.0].into_iter()), Exact { high: tiny, low: 0.0 });
        assert_eq!(sum([0.1, 1e15, 0.2, -1e15].into_iter()).high, 0.1 + 0.2);
        assert_eq!(sum(std::iter::empty()), Exact { high: 0.0, low: 0.0 });
    }

    #[test]
    fn what_is_not_finite_stays_so_and_costs_no_more() {
        let many = |first: f64| std::iter::once(first).chain((0..200_000).map(|i| f64::from(i) / 3.0));
        assert_eq!(sum(many(f64::INFINITY)).high, f64::INFINITY);
        assert!(sum(many(f64::NAN)).high.is_nan());
        assert_eq!(sum([f64::MAX, f64::MAX].into_iter()).high, f64::INFINITY);
    }

    #[test]
    fn halves_are_rounded_by_what_comes_after_them() {
        let (one, half) = (1.0, f64::EPSILON / 2.0);
        assert_eq!(sum([one, half].into_iter()).high, one);
        assert_eq!(sum([one, half, 1e-300].into_iter()).high, one + f64::EPSILON);
        assert_eq!(sum([one, half, -1e-300].into_iter()).high, one);
    }
}
