//! Division by a number that is only known at run time.

/// Exact division with one multiplication.
/// Source: D. Lemire, O. Kaser, N. Kurz, "Faster remainder by direct computation", 2019.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Divisor {
    inverse: u64,
}

impl Divisor {
    /// `divisor` is at least 2.
    pub(crate) fn new(divisor: usize) -> Self {
        Divisor { inverse: u64::MAX / divisor as u64 + 1 }
    }

    /// `number / divisor`; `None` where a remainder is left or `number` needs more than 32 bits.
    #[inline(always)]
    pub(crate) fn divide(self, number: u64) -> Option<u32> {
        let product = u128::from(self.inverse) * u128::from(number);
        let is_exact = (product as u64) < self.inverse && number >> 32 == 0;
        is_exact.then_some((product >> 64) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn division_is_exact_or_none(number in any::<u32>(), divisor in 2usize..12) {
            let expected = (number as usize).is_multiple_of(divisor).then_some(number / divisor as u32);
            prop_assert_eq!(Divisor::new(divisor).divide(u64::from(number)), expected);
        }
    }
}
