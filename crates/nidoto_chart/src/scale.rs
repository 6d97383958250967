//! The value axis: which range is drawn, where a value lies, and where the ticks stand.

use crate::unit::{Prefix, Unit};

/// Maps values to rows of dots, counted from the top.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    /// The value of which the place is exact.
    anchor: f64,
    /// The dot row of the anchor, and how far below the row's upper edge it lies.
    anchor_dot: i64,
    anchor_inset: f64,
    value_per_dot: f64,
    dots: usize,
    dots_per_row: usize,
}

impl Scale {
    /// A scale that shows `low..=high` on `rows` rows of `dots_per_row` dots.
    ///
    /// A `limit` within the range becomes the anchor: it lies exactly between the two middle dots
    /// of its row, where a rule through the row is drawn, so that a dot above the rule is a value
    /// above the limit. (With a single dot a row, the rule and values near it share the row.)
    pub(crate) fn new((low, high): (f64, f64), limit: Option<f64>, rows: usize, dots_per_row: usize) -> Self {
        let dots = rows * dots_per_row;
        let with_anchor = |anchor: f64, dot: usize, inset: f64| {
            // The extremes lie in the middle of the outermost dots.
            let above = (high - anchor) / (dot as f64 + inset - 0.5).max(0.0);
            let below = (anchor - low) / (dots as f64 - dot as f64 - inset - 0.5).max(0.0);
            // 0 / 0 where the anchor is an extreme in an outermost dot; f64::max drops NaN.
            let value_per_dot = above.max(below).max(f64::MIN_POSITIVE);
            Self { anchor, anchor_dot: dot as i64, anchor_inset: inset, value_per_dot, dots, dots_per_row }
        };
        let Some(limit) = limit else {
            return with_anchor(low, dots - 1, 0.5);
        };
        let limit = limit.clamp(low, high);
        let inset = if dots_per_row == 1 { 0.5 } else { 0.0 };
        let floats = |scale: &Self| scale.row(low) + 1 < rows;
        (0..rows)
            .map(|row| with_anchor(limit, row * dots_per_row + dots_per_row / 2, inset))
            // Room to spare belongs above the data, not between them and the time axis.
            .min_by(|a, b| {
                let flat = |scale: &Self| scale.value_per_dot.is_infinite();
                let order = (flat(a), floats(a)).cmp(&(flat(b), floats(b)));
                order.then(a.value_per_dot.total_cmp(&b.value_per_dot))
            })
            .expect("a style has at least one row")
    }

    /// The dot row of a value; values out of range lie on the edge.
    pub(crate) fn dot(&self, value: f64) -> usize {
        let below_anchor = ((self.anchor - value) / self.value_per_dot + self.anchor_inset).floor() as i64;
        self.anchor_dot.saturating_add(below_anchor).clamp(0, self.dots as i64 - 1) as usize
    }

    /// The text row of a value.
    pub(crate) fn row(&self, value: f64) -> usize {
        self.dot(value) / self.dots_per_row
    }

    /// Whether some value of a range lies within what is drawn.
    pub(crate) fn shows(&self, (low, high): (f64, f64)) -> bool {
        low <= self.top() && high >= self.bottom()
    }

    /// Whether a value lies within what is drawn.
    pub(crate) fn contains(&self, value: f64) -> bool {
        self.shows((value, value))
    }

    fn top(&self) -> f64 {
        self.anchor + (self.anchor_dot as f64 + self.anchor_inset) * self.value_per_dot
    }

    fn bottom(&self) -> f64 {
        self.top() - self.dots as f64 * self.value_per_dot
    }

    /// Round values from the bottom to the top, and the prefix under which the axis is labelled.
    pub(crate) fn ticks(&self, unit: Unit) -> (Prefix, Vec<(f64, String)>) {
        let (bottom, top) = (self.bottom(), self.top());
        let magnitude = bottom.abs().max(top.abs());
        // At least two and a half rows apart, and nine at most.
        let rows = (self.dots / self.dots_per_row) as f64;
        let least = (top - bottom) / (rows / 2.5).clamp(1.0, 8.0);
        if !least.is_finite() || !magnitude.is_finite() || least <= 0.0 {
            return (unit.prefix(magnitude), Vec::new());
        }
        // Values that differ only in their last digits need these digits more than a prefix.
        let prefix = unit.prefix(magnitude.min(least * 1e3));
        let (step, decimals) = unit.round_step(&prefix, least / prefix.divisor);
        let first = (bottom / prefix.divisor / step).ceil();
        let ticks = (0..=8)
            .map(|n| (first + f64::from(n)) * step * prefix.divisor)
            .filter(|value| (bottom..=top).contains(value))
            .map(|value| (value, prefix.write(value, decimals)))
            .collect();
        (prefix, ticks)
    }
}

/// The range to draw for some values: from zero where they are not far from it compared with
/// their spread, and never empty. Infinite values and NaN do not count; `None` without others.
pub(crate) fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    // Far enough from the ends of f64 that differences stay finite.
    const END: f64 = 1e300;
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.filter(|value| value.is_finite()) {
        low = low.min(value);
        high = high.max(value);
    }
    if low > high {
        return None;
    }
    let (mut low, mut high) = (low.clamp(-END, END), high.clamp(-END, END));
    if low >= 0.0 && (low <= high / 2.0 || low == high) {
        low = 0.0;
    }
    if high <= 0.0 && (high >= low / 2.0 || low == high) {
        high = 0.0;
    }
    if low == 0.0 && high == 0.0 {
        high = 1.0;
    }
    // Closer than this, the height of a dot would be zero.
    Some((low, high.max(low + 1e-290)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(low: f64, high: f64, unit: Unit) -> Vec<String> {
        Scale::new((low, high), None, 12, 4).ticks(unit).1.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(0.0, 120.0, Unit::Plain), ["0", "50", "100"]);
        assert_eq!(labels(0.0, 2e9, Unit::Bytes), ["0", "0.5 GB", "1.0 GB", "1.5 GB", "2.0 GB"]);
        assert_eq!(
            labels(0.0, 1024f64.powi(3), Unit::BinaryBytes),
            ["0", "0.25 GiB", "0.50 GiB", "0.75 GiB", "1.00 GiB"]
        );
        assert_eq!(labels(0.0, 0.55, Unit::Ratio), ["0", "20 %", "40 %"]);
        assert_eq!(labels(0.0, 4.0 * 3600.0, Unit::Seconds), ["0", "1 h", "2 h", "3 h", "4 h"]);
        assert_eq!(labels(1.7e9, 1.7e9 + 10.0, Unit::Plain), ["1700000000", "1700000005", "1700000010"]);
    }

    #[test]
    fn a_limit_near_the_end_does_not_flatten_the_rest() {
        for dots in [1, 4] {
            let scale = Scale::new((0.0, 1000.0), Some(1.0), 8, dots);
            assert!(scale.row(900.0) < 2 && scale.row(1.0) > 5, "{dots}");
        }
    }

    proptest! {
        #[test]
        fn a_dot_above_the_limit_is_a_value_above_the_limit(
            values in prop::collection::vec(-1e6..1e6f64, 1..20), limit in -1e6..1e6f64, rows in 1usize..40,
        ) {
            let scale = Scale::new(range(values.iter().copied().chain([limit])).unwrap(), Some(limit), rows, 4);
            let rule = scale.row(limit) * 4 + 2;
            for value in values {
                prop_assert_eq!(scale.dot(value) < rule, value > limit, "{} on {}", value, scale.dot(value));
            }
        }

        #[test]
        fn a_limit_leaves_most_of_the_plot_to_the_data(
            low in -1e6..1e6f64, length in 0.1..1e6f64, share in 0.0..1.0f64, rows in 6usize..40,
        ) {
            let limit = low + share * length;
            let scale = Scale::new((low, low + length), Some(limit), rows, 4);
            let used = scale.dot(low) - scale.dot(low + length);
            prop_assert!(used as f64 >= 0.6 * (rows * 4) as f64, "{used} of {}", rows * 4);
        }

        #[test]
        fn rows_fall_as_values_rise(
            a in prop::num::f64::ANY, b in prop::num::f64::ANY, c in prop::num::f64::ANY,
            limit in prop::option::of(prop::num::f64::NORMAL), rows in 1usize..40, dots in prop::sample::select(vec![1usize, 4]),
        ) {
            let scale = Scale::new(range([a, b, c].into_iter().chain(limit)).unwrap_or((0.0, 1.0)), limit, rows, dots);
            prop_assert!(scale.dot(c) < rows * dots);
            if a <= b {
                prop_assert!(scale.dot(a) >= scale.dot(b));
            }
            prop_assert!(scale.ticks(Unit::Plain).1.len() <= 9);
        }

        #[test]
        fn both_ends_of_the_range_are_used(low in -1e6..1e6f64, length in 0.1..1e6f64, rows in 1usize..40) {
            let scale = Scale::new((low, low + length), None, rows, 4);
            prop_assert_eq!((scale.dot(low + length), scale.dot(low)), (0, rows * 4 - 1));
        }
    }
}
