//! Function calls.

use super::column::{ABSENT, Column, Columns, is_absent};
use super::grid::Grid;
use super::{EvalError, Evaluator, date, math, window};
use crate::parse::ast::{Call, Kind, Node};
use crate::{Labels, METRIC_NAME, MatchOp, Matchers};

impl Evaluator<'_> {
    pub(crate) fn call(&self, node: &Node, call: &Call, grid: Grid) -> Result<Columns, EvalError> {
        let now_s = |i: usize| grid.at(i) as f64 / 1000.0;
        match call.name {
            "pi" => return Ok(Columns::Scalar(vec![std::f64::consts::PI; grid.len])),
            "time" => return Ok(Columns::Scalar((0..grid.len).map(now_s).collect())),
            "start" => {
                return Ok(Columns::Scalar(vec![self.query.0 as f64 / 1000.0; grid.len]));
            }
            "end" => {
                return Ok(Columns::Scalar(vec![self.query.1 as f64 / 1000.0; grid.len]));
            }
            "scalar" => {
                return Ok(Columns::Scalar(only_value(&self.vector(&call.args[0], grid)?, grid)));
            }
            _ => {}
        }
        let columns = match call.name {
            "absent" => self.absent(call, grid)?,
            "absent_over_time" => self.absent_over_time(call, grid)?,
            "clamp" | "clamp_max" | "clamp_min" => self.clamp(call, grid)?,
            "histogram_fraction" => self.histogram_fraction(call, grid)?,
            "histogram_quantile" => self.histogram_quantile(call, grid)?,
            "label_join" => self.label_join(node, call, grid)?,
            "label_replace" => self.label_replace(node, call, grid)?,
            "round" => self.round(call, grid)?,
            "sort" | "sort_desc" | "sort_by_label" | "sort_by_label_desc" => self.sort(node, call, grid)?,
            "timestamp" => self.timestamp(call, grid)?,
            "vector" => vec![Column::new(Labels::default(), self.scalar(&call.args[0], grid)?)],
            name if window::is_window_function(name) => self.window_function(call, grid)?,
            name => match (math::unary(name), date::field(name)) {
                (Some(f), _) => self.mapped(&call.args[0], grid, |_, v| f(v))?,
                (_, Some(f)) if call.args.is_empty() => {
                    vec![Column::new(Labels::default(), (0..grid.len).map(|i| f(now_s(i))).collect())]
                }
                (_, Some(f)) => self.mapped(&call.args[0], grid, |_, v| f(v))?,
                (None, None) => return Err(self.unsupported(node, name)),
            },
        };
        self.merged(node, columns).map(Columns::Vector)
    }

    fn unsupported(&self, node: &Node, name: &str) -> EvalError {
        let why = match name {
            "histogram_avg" | "histogram_count" | "histogram_stddev" | "histogram_stdvar" | "histogram_sum" => {
                "reads native histograms, which are not supported"
            }
            _ => "is experimental in Prometheus and not supported",
        };
        self.error(node, format!("{name}() {why}"))
    }

    /// Each value mapped on its own; the result is another quantity, so the name is dropped.
    fn mapped(&self, arg: &Node, grid: Grid, f: impl Fn(usize, f64) -> f64) -> Result<Vec<Column>, EvalError> {
        let columns = self.vector(arg, grid)?.into_iter().map(|mut column| {
            column.map(&f);
            self.nameless(column)
        });
        Ok(columns.collect())
    }

    fn clamp(&self, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let first = self.scalar(&call.args[1], grid)?;
        match call.name {
            "clamp_min" => self.mapped(&call.args[0], grid, |i, v| math::max(first[i], v)),
            "clamp_max" => self.mapped(&call.args[0], grid, |i, v| math::min(first[i], v)),
            _ => {
                let second = self.scalar(&call.args[2], grid)?;
                // An empty interval leaves nothing.
                self.mapped(&call.args[0], grid, |i, v| {
                    if second[i] < first[i] { ABSENT } else { math::max(first[i], math::min(second[i], v)) }
                })
            }
        }
    }

    fn round(&self, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let to_nearest = match call.args.get(1) {
            Some(arg) => self.scalar(arg, grid)?,
            None => vec![1.0; grid.len],
        };
        self.mapped(&call.args[0], grid, |i, v| math::round(v, to_nearest[i]))
    }

    /// Of a selector, when its samples were recorded; of anything else, the instant of evaluation.
    fn timestamp(&self, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        match &call.args[0].unwrapped().kind {
            Kind::Selector(selector) => {
                let columns = self.instant_timestamps(selector, grid)?;
                Ok(columns.into_iter().map(|column| self.nameless(column)).collect())
            }
            _ => self.mapped(&call.args[0], grid, |i, _| grid.at(i) as f64 / 1000.0),
        }
    }

    fn absent(&self, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let labels = match &call.args[0].unwrapped().kind {
            Kind::Selector(selector) => labels_of_absence(&selector.matchers),
            _ => Labels::default(),
        };
        Ok(vec![absence(labels, &self.vector(&call.args[0], grid)?, grid)])
    }

    fn absent_over_time(&self, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let labels = match &call.args[0].unwrapped().kind {
            Kind::Matrix(selector, _) => labels_of_absence(&selector.matchers),
            _ => Labels::default(),
        };
        let present = Call { name: "present_over_time", args: call.args.clone() };
        Ok(vec![absence(labels, &self.window_function(&present, grid)?, grid)])
    }
}

/// At each step, the value of the only series; NaN where there is none or more than one.
fn only_value(columns: &[Column], grid: Grid) -> Vec<f64> {
    let at = |i: usize| {
        let mut values = columns.iter().map(|c| c.values[i]).filter(|&v| !is_absent(v));
        match (values.next(), values.next()) {
            (Some(value), None) => value,
            _ => f64::NAN,
        }
    };
    (0..grid.len).map(at).collect()
}

/// 1 at each step at which no column has a value.
fn absence(labels: Labels, columns: &[Column], grid: Grid) -> Column {
    let at = |i: usize| {
        if columns.iter().all(|c| is_absent(c.values[i])) { 1.0 } else { ABSENT }
    };
    Column::new(labels, (0..grid.len).map(at).collect())
}

/// The labels that a series would have, were it there: what the selector asks to be equal to one value.
fn labels_of_absence(matchers: &Matchers) -> Labels {
    let mut labels = Labels::default();
    let mut seen: Vec<&str> = Vec::new();
    for matcher in matchers.iter().filter(|m| m.name() != METRIC_NAME) {
        if matcher.op() == MatchOp::Equal && !seen.contains(&matcher.name()) {
            labels.set(matcher.name(), matcher.value());
            seen.push(matcher.name());
        } else {
            labels.remove(matcher.name());
        }
    }
    labels
}
