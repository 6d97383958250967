//! Evaluation: every expression is evaluated once for all steps, column by column.

mod aggregate;
mod binary;
mod call;
mod column;
mod date;
mod error;
mod grid;
mod histogram;
mod kahan;
mod matching;
mod math;
mod parallel;
mod quantile;
mod relabel;
mod select;
mod window;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use self::column::{Column, Columns, is_absent};
pub use self::error::{EvalError, QueryError};
use self::grid::Grid;
use crate::parse::ast::{Kind, Node};
use crate::value::Annotation;
use crate::{Expr, Matrix, Options, Source, Value, format_value};

/// Evaluates at one instant, in milliseconds since 1970.
///
/// # Errors
/// See [`EvalError`].
pub fn instant(source: &dyn Source, expr: &Expr, t_ms: i64, options: &Options) -> Result<Value, EvalError> {
    annotated_instant(source, expr, t_ms, options).map(|(value, _)| value)
}

/// Evaluates at every step from `start_ms` to `end_ms`, both included. Sorted by labels. A scalar becomes one
/// series without labels.
///
/// # Errors
/// See [`EvalError`]; a query that is a text or a range of samples has no value at a step.
pub fn range(
    source: &dyn Source,
    expr: &Expr,
    start_ms: i64,
    end_ms: i64,
    step_ms: i64,
    options: &Options,
) -> Result<Matrix, EvalError> {
    annotated_range(source, expr, start_ms, end_ms, step_ms, options).map(|(matrix, _)| matrix)
}

/// [`instant`], and what makes the result doubtful.
///
/// # Errors
/// As [`instant`].
pub fn annotated_instant(
    source: &dyn Source,
    expr: &Expr,
    t_ms: i64,
    options: &Options,
) -> Result<(Value, Vec<Annotation>), EvalError> {
    let evaluator = Evaluator::new(source, expr, (t_ms, t_ms), false, options)?;
    let value = evaluator.at_instant(&expr.root, t_ms)?;
    Ok((value, evaluator.into_annotations()))
}

/// [`range`], and what makes the result doubtful.
///
/// # Errors
/// As [`range`].
pub fn annotated_range(
    source: &dyn Source,
    expr: &Expr,
    start_ms: i64,
    end_ms: i64,
    step_ms: i64,
    options: &Options,
) -> Result<(Matrix, Vec<Annotation>), EvalError> {
    if step_ms <= 0 {
        return Err(EvalError::Times(format!("the step must be positive, got {step_ms} ms")));
    }
    if end_ms < start_ms {
        return Err(EvalError::Times("the end of the range lies before its start".to_owned()));
    }
    let evaluator = Evaluator::new(source, expr, (start_ms, end_ms), true, options)?;
    let grid = evaluator.grid(start_ms, end_ms, step_ms)?;
    let matrix = evaluator.over_range(&expr.root, grid)?;
    Ok((matrix, evaluator.into_annotations()))
}

/// Instants beyond this are refused, so that no sum of an instant and the offsets and ranges of a query overflows.
const TIME_MAX_MS: i64 = i64::MAX / 4;

/// One evaluation of one query.
struct Evaluator<'a> {
    source: &'a dyn Source,
    options: &'a Options,
    text: &'a str,
    /// First and last instant of the query, which `@ start()` and `@ end()` mean.
    query: (i64, i64),
    is_range: bool,
    touched: AtomicU64,
    annotations: Mutex<BTreeSet<Annotation>>,
}

impl<'a> Evaluator<'a> {
    fn new(
        source: &'a dyn Source,
        expr: &'a Expr,
        query: (i64, i64),
        is_range: bool,
        options: &'a Options,
    ) -> Result<Self, EvalError> {
        if query.0 < -TIME_MAX_MS || query.1 > TIME_MAX_MS {
            return Err(EvalError::Times("the time of evaluation is out of bounds".to_owned()));
        }
        Ok(Self {
            source,
            options,
            text: expr.text(),
            query,
            is_range,
            touched: AtomicU64::new(0),
            annotations: Mutex::default(),
        })
    }

    fn at_instant(&self, node: &Node, t_ms: i64) -> Result<Value, EvalError> {
        if let Kind::Matrix(..) | Kind::Subquery(_) = node.unwrapped().kind {
            return Ok(Value::Matrix(self.samples_at(node.unwrapped(), t_ms)?));
        }
        Ok(match self.columns(node, Grid::instant(t_ms))? {
            Columns::Scalar(values) => Value::Scalar(values[0]),
            Columns::Text(text) => Value::String(text),
            Columns::Vector(columns) => {
                let columns = self.finish(node, columns)?;
                let present = columns.into_iter().filter(|c| !is_absent(c.values[0]));
                Value::Vector(present.map(|c| (c.labels, c.values[0])).collect())
            }
        })
    }

    fn over_range(&self, node: &Node, grid: Grid) -> Result<Matrix, EvalError> {
        let columns = match self.columns(node, grid)? {
            Columns::Scalar(values) => vec![Column::new(crate::Labels::default(), values)],
            Columns::Text(_) => return Err(self.error(node, "a range query cannot return a text")),
            Columns::Vector(columns) => self.finish(node, columns)?,
        };
        let points = |column: &Column| -> Vec<(i64, f64)> {
            grid.iter().zip(column.values.iter().copied()).filter(|&(_, v)| !is_absent(v)).collect()
        };
        let series = columns.into_iter().filter(|c| !c.is_empty());
        let mut matrix: Matrix = series.map(|c| (points(&c), c.labels)).map(|(p, l)| (l, p)).collect();
        matrix.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(matrix)
    }

    /// Evaluates an expression at every instant of the grid.
    fn columns(&self, node: &Node, grid: Grid) -> Result<Columns, EvalError> {
        match &node.kind {
            Kind::Number(value) => Ok(Columns::Scalar(vec![*value; grid.len])),
            Kind::Text(text) => Ok(Columns::Text(text.clone())),
            Kind::Selector(selector) => self.instant_selector(selector, grid).map(Columns::Vector),
            Kind::Paren(inner) => self.columns(inner, grid),
            Kind::Matrix(..) | Kind::Subquery(_) => {
                Err(self.error(node, "a range of samples has no value at a step; pass it to a function such as rate"))
            }
            Kind::Negate(inner) => self.negated(node, self.columns(inner, grid)?),
            Kind::Call(call) => self.call(node, call, grid),
            Kind::Aggregate(aggregate) => {
                let columns = self.aggregate(node, aggregate, grid)?;
                Ok(Columns::Vector(columns))
            }
            Kind::Binary(binary) => self.binary(node, binary, grid),
        }
    }

    fn negated(&self, node: &Node, columns: Columns) -> Result<Columns, EvalError> {
        match columns {
            Columns::Scalar(values) => Ok(Columns::Scalar(values.into_iter().map(|v| -v).collect())),
            Columns::Vector(columns) => {
                let negated = columns.into_iter().map(|mut column| {
                    column.map(|_, v| -v);
                    self.nameless(column)
                });
                self.merged(node, negated.collect()).map(Columns::Vector)
            }
            Columns::Text(_) => Err(self.error(node, "a text has no negative")),
        }
    }

    fn scalar(&self, node: &Node, grid: Grid) -> Result<Vec<f64>, EvalError> {
        match self.columns(node, grid)? {
            Columns::Scalar(values) => Ok(values),
            _ => Err(self.error(node, "expected a scalar")),
        }
    }

    fn vector(&self, node: &Node, grid: Grid) -> Result<Vec<Column>, EvalError> {
        match self.columns(node, grid)? {
            Columns::Vector(columns) => Ok(columns),
            _ => Err(self.error(node, "expected an instant vector")),
        }
    }

    /// Drops the names that were to be dropped at the end and refuses series that cannot be told apart.
    fn finish(&self, node: &Node, mut columns: Vec<Column>) -> Result<Vec<Column>, EvalError> {
        for column in &mut columns {
            if std::mem::take(&mut column.drop_name) {
                column.labels = column.labels.without_metric_name();
            }
        }
        self.merged(node, columns)
    }

    /// The same series without its metric's name, at once or at the end.
    fn nameless(&self, mut column: Column) -> Column {
        if self.options.delayed_name_removal {
            column.drop_name = true;
        } else {
            column.labels = column.labels.without_metric_name();
        }
        column
    }

    fn merged(&self, node: &Node, columns: Vec<Column>) -> Result<Vec<Column>, EvalError> {
        column::merge(columns)
            .map_err(|column::SameLabels| self.error(node, "vector cannot contain metrics with the same labelset"))
    }

    /// The instants from start to end, if there are not too many.
    fn grid(&self, start_ms: i64, end_ms: i64, step_ms: i64) -> Result<Grid, EvalError> {
        let needed = if end_ms < start_ms { 0 } else { end_ms.abs_diff(start_ms) / step_ms.unsigned_abs() + 1 };
        let limit = self.options.max_steps;
        if needed > limit {
            return Err(EvalError::TooManySteps { needed, limit });
        }
        Ok(Grid { start_ms, step_ms, len: needed as usize })
    }

    /// Counts values that are about to be read or computed.
    fn touch(&self, count: usize) -> Result<(), EvalError> {
        let needed = self.touched.fetch_add(count as u64, Ordering::Relaxed) + count as u64;
        let limit = self.options.max_samples;
        if needed > limit { Err(EvalError::TooManySamples { needed, limit }) } else { Ok(()) }
    }

    fn error(&self, node: &Node, message: impl Into<String>) -> EvalError {
        EvalError::Query(QueryError::new(self.text, node.at, message.into()))
    }

    fn warn(&self, node: &Node, message: String) {
        self.note(Annotation::new(true, message, self.text, node.at));
    }

    fn info(&self, node: &Node, message: String) {
        self.note(Annotation::new(false, message, self.text, node.at));
    }

    fn note(&self, annotation: Annotation) {
        self.annotations.lock().unwrap_or_else(PoisonError::into_inner).insert(annotation);
    }

    fn warn_of_quantiles(&self, node: &Node, quantiles: &[f64]) {
        if let Some(q) = quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            self.warn(node, format!("quantile value should be between 0 and 1, got {}", format_value(*q)));
        }
    }

    fn into_annotations(self) -> Vec<Annotation> {
        self.annotations.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect()
    }
}
