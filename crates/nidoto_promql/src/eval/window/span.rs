//! How many binary digits values have together, from the first of the largest to the last of the finest.

use super::sliding::Monoid;

/// The exponents of the highest and of the lowest digit among some values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    high: i16,
    low: i16,
}

impl Span {
    /// Of one value; zero has no digits, and what is no number counts as large.
    pub(crate) fn of(value: f64) -> Self {
        if value == 0.0 {
            return Self::NEUTRAL;
        }
        let bits = value.to_bits();
        let exponent = (bits >> 52 & 0x7ff) as i16;
        let fraction = bits & ((1 << 52) - 1);
        // Subnormal numbers have the exponent of the smallest normal ones, and no digit before the point.
        let (scale, mantissa) = if exponent == 0 { (1, fraction) } else { (exponent, fraction | 1 << 52) };
        Self { high: scale + 63 - mantissa.leading_zeros() as i16, low: scale + mantissa.trailing_zeros() as i16 }
    }

    /// How many digits the sum of so many values may need.
    pub(crate) fn digits(self, count: usize) -> u32 {
        let span = (i32::from(self.high) - i32::from(self.low) + 1).max(0);
        span.unsigned_abs() + usize::BITS - count.leading_zeros()
    }
}

impl Monoid for Span {
    const NEUTRAL: Self = Self { high: i16::MIN, low: i16::MAX };

    fn join(self, later: Self) -> Self {
        Self { high: self.high.max(later.high), low: self.low.min(later.low) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_values() {
        let digits = |values: &[f64]| {
            values.iter().map(|value| Span::of(*value)).fold(Span::NEUTRAL, Monoid::join).digits(1) - 1
        };
        assert_eq!((digits(&[0.0]), digits(&[1.0]), digits(&[-5.0]), digits(&[0.1])), (0, 1, 3, 52));
        assert_eq!((digits(&[1024.0, 1.5]), digits(&[f64::MIN_POSITIVE, f64::MIN_POSITIVE / 4.0])), (12, 3));
        assert_eq!(digits(&[1.0, 0.0, 4.0, -0.5]), 4);
    }
}
