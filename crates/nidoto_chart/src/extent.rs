//! Reducing a series to the columns of a drawing, by minimum and maximum.

use crate::span::Span;

/// What a series did within one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) first: f64,
    pub(crate) last: f64,
    /// Whether no gap lies between the previous extent and this one.
    pub(crate) linked: bool,
}

/// The extents of a series in each of `columns` equal parts of the span; `None` where it has no
/// sample. Samples should be in time order; others are sorted first. NaN is a gap.
pub(crate) fn extents(samples: &[(i64, f64)], span: Span, columns: usize) -> Vec<Option<Extent>> {
    if !samples.is_sorted_by_key(|&(t_ms, _)| t_ms) {
        let mut sorted = samples.to_vec();
        sorted.sort_by_key(|&(t_ms, _)| t_ms);
        return extents(&sorted, span, columns);
    }
    let mut out: Vec<Option<Extent>> = vec![None; columns];
    let pause_ms = longest_link_ms(samples);
    let mut previous_ms = None;
    for &(t_ms, value) in samples {
        let Some(column) = span.column(t_ms, columns) else {
            continue;
        };
        if value.is_nan() {
            previous_ms = None;
            continue;
        }
        let linked = previous_ms.is_some_and(|previous: i64| t_ms.abs_diff(previous) <= pause_ms);
        previous_ms = Some(t_ms);
        match &mut out[column] {
            Some(extent) => {
                extent.min = extent.min.min(value);
                extent.max = extent.max.max(value);
                extent.last = value;
            }
            empty => {
                *empty = Some(Extent { min: value, max: value, first: value, last: value, linked });
            }
        }
    }
    out
}

/// The longest pause between two samples that is not a gap: two and a half times the median
/// distance, so that one lost scrape does not tear the line and two do.
fn longest_link_ms(samples: &[(i64, f64)]) -> u64 {
    // A thousand distances tell the median well enough, and keep a million samples fast.
    let stride = (samples.len() / 1000).max(1);
    let mut distances: Vec<u64> =
        samples.windows(2).step_by(stride).map(|pair| pair[1].0.abs_diff(pair[0].0)).filter(|&d| d > 0).collect();
    let middle = distances.len() / 2;
    match distances.is_empty() {
        true => 0,
        false => distances.select_nth_unstable(middle).1.saturating_mul(5) / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn every_second(values: &[f64]) -> Vec<(i64, f64)> {
        values.iter().zip(0..).map(|(&value, second)| (second * 1000, value)).collect()
    }

    #[test]
    fn a_missing_value_and_a_long_pause_are_gaps() {
        let mut samples = every_second(&[1.0, 2.0, f64::NAN, 3.0, 4.0]);
        samples.push((9000, 5.0));
        let linked: Vec<Option<bool>> =
            extents(&samples, Span::new(0, 10_000), 10).iter().map(|e| e.map(|e| e.linked)).collect();
        assert_eq!(linked[..5], [Some(false), Some(true), None, Some(false), Some(true)]);
        assert_eq!(linked[9], Some(false), "5 s after the last sample");
    }

    #[test]
    fn one_lost_sample_is_not_a_gap() {
        let samples = [(0, 1.0), (1000, 1.0), (3000, 1.0), (4000, 1.0)];
        assert!(extents(&samples, Span::new(0, 10_000), 10)[3].unwrap().linked);
    }

    proptest! {
        #[test]
        fn drawn_extremes_are_the_true_extremes(
            values in prop::collection::vec(prop_oneof![9 => -1e9..1e9f64, 1 => Just(f64::NAN)], 0..400),
            columns in 1usize..200,
        ) {
            let span = Span::new(0, 1000 * values.len() as i64);
            let drawn = extents(&every_second(&values), span, columns);
            let fold = |of: fn(f64, f64) -> f64, all: Vec<f64>| all.into_iter().reduce(of);
            let finite: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            prop_assert_eq!(fold(f64::max, drawn.iter().flatten().map(|e| e.max).collect()), fold(f64::max, finite.clone()));
            prop_assert_eq!(fold(f64::min, drawn.iter().flatten().map(|e| e.min).collect()), fold(f64::min, finite));
        }
    }
}
