//! Compensated summation exactly as Prometheus does it: value by value, in order.
//!
//! Source: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974.

/// A running sum and the correction for what rounding cut off.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kahan {
    pub(crate) sum: f64,
    pub(crate) correction: f64,
}

impl Kahan {
    pub(crate) fn plus(self, value: f64) -> Self {
        let sum = self.sum + value;
        let correction = if sum.is_infinite() {
            0.0
        } else if self.sum.abs() >= value.abs() {
            self.correction + ((self.sum - sum) + value)
        } else {
            self.correction + ((value - sum) + self.sum)
        };
        Self { sum, correction }
    }

    pub(crate) fn total(self) -> f64 {
        if self.sum.is_infinite() { self.sum } else { self.sum + self.correction }
    }

    pub(crate) fn mean(self, count: f64) -> f64 {
        self.sum / count + self.correction / count
    }
}

pub(crate) fn sum(values: &[f64]) -> f64 {
    values.iter().fold(Kahan::default(), |sum, &value| sum.plus(value)).total()
}

/// The mean; by increments from where the sum becomes too large for a float.
pub(crate) fn mean(values: &[f64]) -> f64 {
    let mut state = Kahan::default();
    for (i, &value) in values.iter().enumerate() {
        let next = state.plus(value);
        if i > 0 && next.sum.is_infinite() {
            return incremental_mean(state, i, values);
        }
        state = next;
    }
    state.mean(values.len() as f64)
}

/// Goes on from the sum of the first `known` values.
fn incremental_mean(sum: Kahan, known: usize, values: &[f64]) -> f64 {
    let mut mean = Kahan { sum: sum.sum / known as f64, correction: sum.correction / known as f64 };
    for (i, &value) in values.iter().enumerate().skip(known) {
        let count = (i + 1) as f64;
        let kept = (count - 1.0) / count;
        mean = Kahan { sum: kept * mean.sum, correction: kept * mean.correction }.plus(value / count);
    }
    mean.sum + mean.correction
}
