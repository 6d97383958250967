//! Functions of windows that slide over the samples of one series.

mod counter;
mod expansion;
mod extreme;
mod quantile;
mod regression;
mod sliding;
mod smoothing;
mod span;
mod sum;

pub(crate) use self::quantile::nan_first;

use super::column::{ABSENT, Column};
use super::grid::Grid;
use super::select::{Edge, RangeVector, Windows};
use super::{EvalError, Evaluator, parallel};
use crate::parse::ast::{Call, Node};

/// A window that is not empty, and what a function may want to know about it.
pub(crate) struct Window<'a> {
    /// All samples of the series that any window of the evaluation covers.
    pub(crate) all_times: &'a [i64],
    pub(crate) all_values: &'a [f64],
    /// The samples within the window are `first..end`.
    pub(crate) first: usize,
    pub(crate) end: usize,
    /// Where the window ends, after `@` and `offset`.
    pub(crate) end_ms: i64,
    pub(crate) range_ms: i64,
    /// The instant of evaluation.
    pub(crate) now_ms: i64,
    pub(crate) edge: Edge,
    /// The function's scalar arguments at this instant.
    pub(crate) params: [f64; 2],
}

impl Window<'_> {
    fn len(&self) -> usize {
        self.end - self.first
    }

    fn values(&self) -> &[f64] {
        &self.all_values[self.first..self.end]
    }

    fn last(&self) -> f64 {
        self.all_values[self.end - 1]
    }

    fn start_ms(&self) -> i64 {
        self.end_ms - self.range_ms
    }
}

/// A function of a window. It is asked about windows of one series that do not go back in time, so that it may
/// keep what it knows from one to the next.
pub(crate) trait Rolling {
    /// The value, or [`ABSENT`] where there is none.
    fn at(&mut self, window: &Window<'_>) -> f64;
}

impl<F: FnMut(&Window<'_>) -> f64> Rolling for F {
    fn at(&mut self, window: &Window<'_>) -> f64 {
        self(window)
    }
}

/// The function of that name, for a series of the given values.
fn rolling(name: &str, values: &[f64]) -> Option<Box<dyn Rolling>> {
    let seconds = |ms: i64| ms as f64 / 1000.0;
    Some(match name {
        "avg_over_time" => Box::new(sum::Mean::new()),
        "changes" => Box::new(counter::changes(values)),
        "count_over_time" => Box::new(|w: &Window<'_>| w.len() as f64),
        "delta" => Box::new(counter::Extrapolated::delta()),
        "deriv" => Box::new(regression::Regression::new(values, regression::Ask::Slope)),
        "double_exponential_smoothing" | "holt_winters" => Box::new(smoothing::double_exponential),
        "first_over_time" => Box::new(|w: &Window<'_>| w.all_values[w.first]),
        "idelta" => Box::new(counter::last_two(false)),
        "increase" => Box::new(counter::Extrapolated::increase(values)),
        "irate" => Box::new(counter::last_two(true)),
        "last_over_time" => Box::new(|w: &Window<'_>| w.last()),
        "mad_over_time" => Box::new(quantile::median_absolute_deviation),
        "max_over_time" => Box::new(extreme::Extreme::new(true, false)),
        "min_over_time" => Box::new(extreme::Extreme::new(false, false)),
        "predict_linear" => Box::new(regression::Regression::new(values, regression::Ask::Prediction)),
        "present_over_time" => Box::new(|_: &Window<'_>| 1.0),
        "quantile_over_time" => Box::new(quantile::Quantile::new(values)),
        "rate" => Box::new(counter::Extrapolated::rate(values)),
        "resets" => Box::new(counter::resets(values)),
        "stddev_over_time" => Box::new(sum::Variance::new(values, true)),
        "stdvar_over_time" => Box::new(sum::Variance::new(values, false)),
        "sum_over_time" => Box::new(sum::Sum::new()),
        "ts_of_first_over_time" => Box::new(move |w: &Window<'_>| seconds(w.all_times[w.first])),
        "ts_of_last_over_time" => Box::new(move |w: &Window<'_>| seconds(w.all_times[w.end - 1])),
        "ts_of_max_over_time" => Box::new(extreme::Extreme::new(true, true)),
        "ts_of_min_over_time" => Box::new(extreme::Extreme::new(false, true)),
        _ => return None,
    })
}

/// Whether there is a window function of that name.
pub(crate) fn is_window_function(name: &str) -> bool {
    rolling(name, &[]).is_some()
}

/// Functions whose value is that of a sample, so that the series keeps its name.
const KEEP_NAME: [&str; 2] = ["first_over_time", "last_over_time"];
/// Functions that look at every sample of the window anew at every step.
const NOT_SLIDING: [&str; 3] = ["double_exponential_smoothing", "holt_winters", "mad_over_time"];

impl Evaluator<'_> {
    /// Evaluates a function of a window at every step, for every series.
    pub(crate) fn window_function(&self, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let is_matrix = |arg: &&Node| arg.value_type() == crate::parse::ast::Type::Matrix;
        let (Some(matrix), mut scalars) =
            (call.args.iter().find(is_matrix), call.args.iter().filter(|a| !is_matrix(a)))
        else {
            return Ok(vec![]);
        };
        let range = self.matrix(matrix, grid)?;
        let mut params = [vec![], vec![]];
        for param in &mut params {
            *param = scalars.next().map(|arg| self.scalar(arg, grid)).transpose()?.unwrap_or_default();
        }
        self.check_params(call, &params, &range)?;
        self.note_gauge_as_counter(call, &range);
        let params: Vec<[f64; 2]> =
            (0..grid.len).map(|i| params.each_ref().map(|p| p.get(i).copied().unwrap_or(0.0))).collect();
        self.touch(range.series.len() * grid.len)?;
        let cost = range.series.len() * grid.len + range.series.iter().map(|(_, s)| s.len()).sum::<usize>();
        let columns = parallel::map(&range.series, cost, |(column, samples)| {
            let values = self.rolled(call.name, samples, &range, grid, &params)?;
            let column = Column { values, ..column.clone() };
            Ok(if KEEP_NAME.contains(&call.name) { column } else { self.nameless(column) })
        });
        columns.into_iter().filter(|c| !c.as_ref().is_ok_and(Column::is_empty)).collect()
    }

    fn rolled(
        &self,
        name: &str,
        samples: &crate::Samples,
        range: &RangeVector,
        grid: Grid,
        params: &[[f64; 2]],
    ) -> Result<Vec<f64>, EvalError> {
        let mut windows = Windows::new(samples, range.range_ms, self.edge());
        let (from, _) = Windows::new(samples, range.range_ms, self.edge()).at(range.ends.start_ms);
        // Never before `from`, even where a source breaks its promise of ascending timestamps.
        let to = samples.timestamps_ms.partition_point(|&t| t <= range.ends.last_ms()).max(from);
        let (all_times, all_values) = (&samples.timestamps_ms[from..to], &samples.values[from..to]);
        let Some(mut function) = rolling(name, all_values) else {
            return Ok(vec![ABSENT; grid.len]);
        };
        let is_sliding = !NOT_SLIDING.contains(&name);
        let mut values = Vec::with_capacity(grid.len);
        for (i, end_ms) in range.ends.iter().enumerate() {
            let (first, end) = windows.at(end_ms);
            let end = end.min(to);
            if first >= end {
                values.push(ABSENT);
                continue;
            }
            if !is_sliding {
                self.touch(end - first)?;
            }
            let (first, end) = (first - from, end - from);
            let now_ms = grid.at(i);
            let (range_ms, edge, params) = (range.range_ms, self.edge(), params[i]);
            let window = Window { all_times, all_values, first, end, end_ms, range_ms, now_ms, edge, params };
            values.push(function.at(&window));
        }
        Ok(values)
    }

    fn check_params(&self, call: &Call, params: &[Vec<f64>; 2], range: &RangeVector) -> Result<(), EvalError> {
        if range.series.is_empty() {
            return Ok(());
        }
        match call.name {
            "double_exponential_smoothing" | "holt_winters" => {
                for (arg, (values, what)) in call.args[1..].iter().zip(params.iter().zip(["smoothing", "trend"])) {
                    if let Some(bad) = values.iter().find(|&&v| v.is_nan() || v <= 0.0 || v >= 1.0) {
                        return Err(
                            self.error(arg, format!("invalid {what} factor {bad}: it must lie between 0 and 1"))
                        );
                    }
                }
            }
            "quantile_over_time" => self.warn_of_quantiles(&call.args[0], &params[0]),
            _ => {}
        }
        Ok(())
    }

    /// By convention the names of counters end in one of these; a rate of anything else may be a mistake.
    fn note_gauge_as_counter(&self, call: &Call, range: &RangeVector) {
        if !matches!(call.name, "rate" | "increase") {
            return;
        }
        let is_counter =
            |name: &str| ["_total", "_sum", "_count", "_bucket"].iter().any(|suffix| name.ends_with(suffix));
        for (column, _) in &range.series {
            let name = column.labels.metric_name();
            if !name.is_empty() && !is_counter(name) {
                let message = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket";
                self.info(&call.args[0], format!("{message}: {name:?}"));
            }
        }
    }
}

/// Where runs of equal values begin, so that a constant window is known at once.
struct Runs(Vec<u32>);

impl Runs {
    fn new(values: &[f64]) -> Self {
        let mut starts: Vec<u32> = Vec::with_capacity(values.len());
        for (i, value) in values.iter().enumerate() {
            let continues = i > 0 && *value == values[i - 1];
            starts.push(if continues { starts[i - 1] } else { i as u32 });
        }
        Self(starts)
    }

    fn is_constant(&self, w: &Window<'_>) -> bool {
        self.0[w.end - 1] as usize <= w.first
    }
}
