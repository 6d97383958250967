//! Classic histograms: one series for each bucket, its upper bound in the label `le`, its count cumulative.

use std::collections::HashMap;

use super::column::{ABSENT, Column, is_absent};
use super::grid::Grid;
use super::{EvalError, Evaluator};
use crate::Labels;
use crate::parse::ast::{Call, Node};

const BUCKET_LABEL: &str = "le";

/// The series of one histogram, sorted by upper bound.
struct Histogram {
    labels: Labels,
    drop_name: bool,
    series: Vec<(f64, Column)>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    upper: f64,
    count: f64,
}

impl Evaluator<'_> {
    pub(crate) fn histogram_quantile(&self, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let q = self.scalar(&call.args[0], grid)?;
        let histograms = self.histograms(&call.args[1], grid)?;
        self.warn_of_quantiles(&call.args[0], &q);
        let column = |histogram: Histogram| {
            let mut was_forced = false;
            let column = histogram.evaluated(grid, |i, buckets| {
                let (value, forced) = quantile(q[i], buckets);
                was_forced |= forced;
                value
            });
            if was_forced {
                self.info(&call.args[1], not_monotonic(histogram.labels.metric_name()));
            }
            self.nameless(column)
        };
        Ok(histograms.into_iter().map(column).collect())
    }

    pub(crate) fn histogram_fraction(&self, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let lower = self.scalar(&call.args[0], grid)?;
        let upper = self.scalar(&call.args[1], grid)?;
        let histograms = self.histograms(&call.args[2], grid)?;
        let column = |histogram: Histogram| {
            self.nameless(histogram.evaluated(grid, |i, buckets| fraction(lower[i], upper[i], buckets)))
        };
        Ok(histograms.into_iter().map(column).collect())
    }

    fn histograms(&self, arg: &Node, grid: Grid) -> Result<Vec<Histogram>, EvalError> {
        let mut index: HashMap<Labels, usize> = HashMap::new();
        let mut histograms: Vec<Histogram> = Vec::new();
        for column in self.vector(arg, grid)? {
            let le = column.labels.get(BUCKET_LABEL);
            let Some(upper) = upper_bound(le) else {
                let name = column.labels.metric_name();
                let message = format!("bucket label \"le\" is missing or has a malformed value of {le:?}");
                self.warn(arg, if name.is_empty() { message } else { format!("{message} for metric name {name:?}") });
                continue;
            };
            let labels = column.labels.filtered(|name| name != BUCKET_LABEL);
            let i = *index.entry(labels.clone()).or_insert_with(|| {
                histograms.push(Histogram { labels, drop_name: column.drop_name, series: vec![] });
                histograms.len() - 1
            });
            histograms[i].series.push((upper, column));
        }
        for histogram in &mut histograms {
            histogram.series.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        }
        Ok(histograms)
    }
}

fn not_monotonic(metric_name: &str) -> String {
    let message = "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";
    if metric_name.is_empty() { message.to_owned() } else { format!("{message} for metric name {metric_name:?}") }
}

/// A number as Go reads it; `NaN` is no bound.
fn upper_bound(le: &str) -> Option<f64> {
    le.parse::<f64>().ok().filter(|bound| !bound.is_nan())
}

impl Histogram {
    /// A column of `f` over the buckets that have a count at each step; absent where none has.
    fn evaluated(&self, grid: Grid, mut f: impl FnMut(usize, &mut Vec<Bucket>) -> f64) -> Column {
        let mut buckets = Vec::with_capacity(self.series.len());
        let at = |i: usize| {
            buckets.clear();
            for (upper, column) in &self.series {
                push(&mut buckets, *upper, column.values[i]);
            }
            if buckets.is_empty() { ABSENT } else { f(i, &mut buckets) }
        };
        let values = (0..grid.len).map(at).collect();
        Column { labels: self.labels.clone(), drop_name: self.drop_name, values }
    }
}

/// Series with the same upper bound (`1` and `1.0`) are one bucket.
fn push(buckets: &mut Vec<Bucket>, upper: f64, count: f64) {
    if is_absent(count) {
        return;
    }
    match buckets.last_mut() {
        Some(last) if last.upper == upper => last.count += count,
        _ => buckets.push(Bucket { upper, count }),
    }
}

/// The quantile, linear within its bucket, and whether counts had to be raised to ascend.
fn quantile(q: f64, buckets: &mut [Bucket]) -> (f64, bool) {
    if q.is_nan() {
        return (f64::NAN, false);
    }
    if !(0.0..=1.0).contains(&q) {
        return (if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY }, false);
    }
    let [.., last] = buckets else {
        return (f64::NAN, false);
    };
    if last.upper != f64::INFINITY {
        return (f64::NAN, false);
    }
    let was_forced = make_monotonic(buckets);
    let [rest @ .., last] = &*buckets else {
        return (f64::NAN, was_forced);
    };
    if rest.is_empty() || last.count == 0.0 {
        return (f64::NAN, was_forced);
    }
    let mut rank = q * last.count;
    let Some(i) = rest.iter().position(|bucket| bucket.count >= rank) else {
        return (rest[rest.len() - 1].upper, was_forced);
    };
    let Bucket { upper, mut count } = rest[i];
    if i == 0 && upper <= 0.0 {
        return (upper, was_forced);
    }
    let mut lower = 0.0;
    if i > 0 {
        lower = rest[i - 1].upper;
        count -= rest[i - 1].count;
        rank -= rest[i - 1].count;
    }
    (lower + (upper - lower) * (rank / count), was_forced)
}

/// A relative difference of counts below this is rounding, not a mistake in the data.
const SMALL_DIFFERENCE: f64 = 1e-12;

/// Raises each count that is below the one before it. True where more than rounding was repaired.
fn make_monotonic(buckets: &mut [Bucket]) -> bool {
    let mut was_forced = false;
    let mut previous = buckets.first().map_or(0.0, |bucket| bucket.count);
    for bucket in buckets.iter_mut().skip(1) {
        if bucket.count == previous {
            continue;
        }
        if is_almost_equal(previous, bucket.count) {
            bucket.count = previous;
        } else if bucket.count < previous {
            bucket.count = previous;
            was_forced = true;
        } else {
            previous = bucket.count;
        }
    }
    was_forced
}

fn is_almost_equal(a: f64, b: f64) -> bool {
    let (sum, difference) = (a.abs() + b.abs(), (a - b).abs());
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < SMALL_DIFFERENCE * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < SMALL_DIFFERENCE
}

/// The share of observations between two values, linear within buckets. Buckets are taken to begin at 0 where
/// the first upper bound is positive.
fn fraction(lower: f64, upper: f64, buckets: &[Bucket]) -> f64 {
    let Some(last) = buckets.last() else {
        return f64::NAN;
    };
    if last.upper != f64::INFINITY || last.count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    (rank_of(upper, buckets) - rank_of(lower, buckets)) / last.count
}

/// How many observations lie below a value.
fn rank_of(value: f64, buckets: &[Bucket]) -> f64 {
    let mut rank: f64 = 0.0;
    let mut start = if buckets[0].upper > 0.0 { 0.0 } else { f64::NEG_INFINITY };
    let count = buckets[buckets.len() - 1].count;
    for bucket in buckets {
        if start >= value {
            return rank.min(count);
        }
        if bucket.upper > value && start == f64::NEG_INFINITY {
            // Nobody knows where in an endless bucket observations lie: they count as below.
            return bucket.count.min(count);
        }
        if bucket.upper > value {
            return (rank + (bucket.count - rank) * (value - start) / (bucket.upper - start)).min(count);
        }
        (rank, start) = (bucket.count, bucket.upper);
    }
    count
}
