//! `double_exponential_smoothing`, which Prometheus 2 called `holt_winters`.

use super::Window;
use crate::eval::column::ABSENT;

/// The last smoothed value. The first parameter weighs recent samples, the second recent trends.
///
/// Source: Holt's linear method; Hyndman, Athanasopoulos, "Forecasting: Principles and Practice", 8.2.
pub(crate) fn double_exponential(w: &Window<'_>) -> f64 {
    let values = w.values();
    if values.len() < 2 {
        return ABSENT;
    }
    let [smoothing, trending] = w.params;
    let (mut before, mut level, mut trend) = (0.0, values[0], values[1] - values[0]);
    for (i, &value) in values.iter().enumerate().skip(1) {
        if i > 1 {
            trend = trending * (level - before) + (1.0 - trending) * trend;
        }
        let next = smoothing * value + (1.0 - smoothing) * (level + trend);
        (before, level) = (level, next);
    }
    level
}
