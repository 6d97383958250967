//! Reducing a series to the columns of a drawing, by minimum and maximum.

use std::borrow::Cow;

use crate::model::{Between, Line};
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

/// The extents of a line in each of `columns` equal parts of the span; `None` where it has no
/// value. Samples out of order are sorted first.
pub(crate) fn extents(line: &Line, span: Span, columns: usize) -> Vec<Option<Extent>> {
    let mut samples = Cow::from(&line.samples);
    if !samples.is_sorted_by_key(|&(t_ms, _)| t_ms) {
        samples.to_mut().sort_by_key(|&(t_ms, _)| t_ms);
    }
    match line.between {
        Between::Held => reduce(&steps(&samples, span), u64::MAX, span, columns),
        Between::Straight => reduce(&straight(&samples, span, columns), u64::MAX, span, columns),
        Between::Measured => reduce(&samples, longest_link_ms(&samples), span, columns),
    }
}

/// Adds the points of the straight lines at the ends of the span and in the middle of each column.
fn straight(samples: &[(i64, f64)], span: Span, columns: usize) -> Vec<(i64, f64)> {
    let middle = |column: usize| {
        let share = (column as f64 + 0.5) / columns as f64;
        span.from_ms.saturating_add((share * span.length_ms() as f64) as i64)
    };
    let edges = [span.from_ms, span.to_ms];
    let added =
        edges.into_iter().chain((0..columns).map(middle)).filter_map(|t_ms| Some((t_ms, between(samples, t_ms)?)));
    let mut out: Vec<(i64, f64)> = samples.iter().copied().chain(added).collect();
    out.sort_by_key(|&(t_ms, _)| t_ms);
    out
}

/// The value of the straight line strictly between two samples.
fn between(samples: &[(i64, f64)], t_ms: i64) -> Option<f64> {
    let next = samples.partition_point(|&(at_ms, _)| at_ms < t_ms);
    let (from_ms, from) = *samples.get(next.checked_sub(1)?)?;
    let (to_ms, to) = *samples.get(next).filter(|&&(at_ms, _)| at_ms > t_ms)?;
    let share = t_ms.abs_diff(from_ms) as f64 / to_ms.abs_diff(from_ms) as f64;
    let value = if from == to { from } else { from * (1.0 - share) + to * share };
    (!value.is_nan()).then_some(value)
}

/// The values that a line takes within the span, NaN among them.
pub(crate) fn values(line: &Line, span: Span) -> Vec<f64> {
    let within = |&(t_ms, _): &(i64, f64)| span.from_ms <= t_ms && t_ms <= span.to_ms;
    let mut values: Vec<f64> = line.samples.iter().filter(|sample| within(sample)).map(|&(_, value)| value).collect();
    if line.between == Between::Straight {
        let extents = extents(line, span, 1).into_iter().flatten();
        values.extend(extents.flat_map(|extent| [extent.min, extent.max]));
    }
    values
}

/// Repeats each value within the span right before the next one, and the last one at the end.
fn steps(samples: &[(i64, f64)], span: Span) -> Vec<(i64, f64)> {
    let mut steps = Vec::with_capacity(2 * samples.len());
    for (n, &(t_ms, value)) in samples.iter().enumerate() {
        let next_ms = samples.get(n + 1).map_or(i64::MAX, |&(next_ms, _)| next_ms);
        let first_ms = t_ms.max(span.from_ms);
        let last_ms = next_ms.saturating_sub(1).min(span.to_ms);
        steps.extend((first_ms <= last_ms).then_some([(first_ms, value), (last_ms, value)]).into_iter().flatten());
    }
    steps
}

/// The extents of sorted samples. NaN is a gap, and so is a pause longer than `pause_ms`.
fn reduce(samples: &[(i64, f64)], pause_ms: u64, span: Span, columns: usize) -> Vec<Option<Extent>> {
    let mut out: Vec<Option<Extent>> = vec![None; columns];
    let mut previous_ms = None;
    for &(t_ms, value) in samples {
        let Some(column) = span.column(t_ms, columns) else { continue };
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
            empty => *empty = Some(Extent { min: value, max: value, first: value, last: value, linked }),
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
            extents(&Line::new("", samples), Span::new(0, 10_000), 10).iter().map(|e| e.map(|e| e.linked)).collect();
        assert_eq!(linked[..5], [Some(false), Some(true), None, Some(false), Some(true)]);
        assert_eq!(linked[9], Some(false), "5 s after the last sample");
    }

    #[test]
    fn one_lost_sample_is_not_a_gap() {
        let samples = vec![(0, 1.0), (1000, 1.0), (3000, 1.0), (4000, 1.0)];
        assert!(extents(&Line::new("", samples), Span::new(0, 10_000), 10)[3].unwrap().linked);
    }

    #[test]
    fn a_held_value_stands_until_the_next_one() {
        let line = Line::held("", vec![(-5000, 7.0), (-1000, 1.0), (3000, 2.0), (5000, f64::NAN), (8000, 3.0)]);
        let last: Vec<Option<f64>> =
            extents(&line, Span::new(0, 10_000), 10).iter().map(|e| e.map(|e| e.last)).collect();
        let [one, two, three] = [1.0, 2.0, 3.0].map(Some);
        assert_eq!(last, [one, None, one, two, two, None, None, None, three, three]);
    }

    proptest! {
        #[test]
        fn drawn_extremes_are_the_true_extremes(
            values in prop::collection::vec(prop_oneof![9 => -1e9..1e9f64, 1 => Just(f64::NAN)], 0..400),
            columns in 1usize..200,
        ) {
            let span = Span::new(0, 1000 * values.len() as i64);
            let drawn = extents(&Line::new("", every_second(&values)), span, columns);
            let fold = |of: fn(f64, f64) -> f64, all: Vec<f64>| all.into_iter().reduce(of);
            let finite: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            prop_assert_eq!(fold(f64::max, drawn.iter().flatten().map(|e| e.max).collect()), fold(f64::max, finite.clone()));
            prop_assert_eq!(fold(f64::min, drawn.iter().flatten().map(|e| e.min).collect()), fold(f64::min, finite));
        }
    }
}
