//! The quantile of a set of values, as `quantile`, `quantile_over_time` and the median use it.

use super::window::nan_first;

/// The `q`-quantile of the values, which are left sorted.
pub(crate) fn quantile(q: f64, values: &mut [f64]) -> f64 {
    values.sort_by(|&a, &b| nan_first(a, b));
    interpolate(q, values.len(), |k| values[k])
}

/// The `q`-quantile of `len` values, between the two that are nearest in rank; `nth` tells the value of a rank.
pub(crate) fn interpolate(q: f64, len: usize, nth: impl Fn(usize) -> f64) -> f64 {
    if len == 0 || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let rank = q * (len - 1) as f64;
    let lower = rank.floor();
    let upper = (lower as usize + 1).min(len - 1);
    let weight = rank - lower;
    nth(lower as usize) * (1.0 - weight) + nth(upper) * weight
}
