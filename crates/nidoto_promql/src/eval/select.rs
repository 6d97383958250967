//! Selectors: from recorded samples to values at steps.

use std::sync::Arc;

use super::column::{ABSENT, Column};
use super::grid::Grid;
use super::{EvalError, Evaluator, parallel};
use crate::parse::ast::{Kind, Node, Selector, Subquery};
use crate::series::is_stale;
use crate::{Matrix, Samples, Series};

impl Evaluator<'_> {
    /// The last sample within the look-back of each instant.
    pub(crate) fn instant_selector(&self, selector: &Selector, grid: Grid) -> Result<Vec<Column>, EvalError> {
        self.last_samples(selector, grid, |samples, i| samples.values[i])
    }

    /// For `timestamp(selector)`: when that sample was recorded, in seconds.
    pub(crate) fn instant_timestamps(&self, selector: &Selector, grid: Grid) -> Result<Vec<Column>, EvalError> {
        self.last_samples(selector, grid, |samples, i| samples.timestamps_ms[i] as f64 / 1000.0)
    }

    fn last_samples(
        &self,
        selector: &Selector,
        grid: Grid,
        value: impl Fn(&Samples, usize) -> f64 + Sync,
    ) -> Result<Vec<Column>, EvalError> {
        let instants = grid.shifted(selector.shift, self.query);
        let look_back_ms = self.options.look_back_ms;
        let series = self.fetch(selector, instants, look_back_ms)?;
        self.touch(series.len() * grid.len)?;
        let edge = self.edge();
        let columns = parallel::map(&series, series.len() * grid.len, |s| {
            let mut windows = Windows::new(&s.samples, look_back_ms, edge);
            let at = |t_ms| {
                let (first, end) = windows.at(t_ms);
                let last = (first < end).then(|| end - 1).filter(|&last| !is_stale(s.samples.values[last]));
                last.map_or(ABSENT, |last| value(&s.samples, last))
            };
            Column::new(s.labels.clone(), instants.iter().map(at).collect())
        });
        Ok(columns.into_iter().filter(|c| !c.is_empty()).collect())
    }

    /// The series of a range vector, stale markers left out, and the instants at which its windows end.
    pub(crate) fn matrix(&self, node: &Node, grid: Grid) -> Result<RangeVector, EvalError> {
        match &node.unwrapped().kind {
            Kind::Matrix(selector, range_ms) => {
                let ends = grid.shifted(selector.shift, self.query);
                let mut series = self.fetch(selector, ends, *range_ms)?;
                series.iter_mut().for_each(|s| drop_stale(&mut s.samples));
                let series = series.into_iter().map(|s| (Column::new(s.labels, vec![]), s.samples)).collect();
                Ok(RangeVector { series, ends, range_ms: *range_ms })
            }
            Kind::Subquery(subquery) => self.subquery(subquery, grid),
            _ => Err(self.error(node, "expected a range of samples")),
        }
    }

    /// Evaluates the inner expression at all instants that any of the windows covers: multiples of the step.
    fn subquery(&self, subquery: &Subquery, grid: Grid) -> Result<RangeVector, EvalError> {
        let ends = grid.shifted(subquery.shift, self.query);
        let step_ms = subquery.step_ms.unwrap_or(self.options.subquery_step_ms).max(1);
        let earliest_ms = ends.start_ms - subquery.range_ms + i64::from(self.options.left_open);
        // The first multiple of the step that is not earlier.
        let first = -(-earliest_ms).div_euclid(step_ms) * step_ms;
        let inner_grid = self.grid(first, ends.last_ms(), step_ms)?;
        let mut series = Vec::new();
        if inner_grid.len > 0 {
            let columns = self.vector(&subquery.inner, inner_grid)?;
            for mut column in columns {
                let values = std::mem::take(&mut column.values);
                let samples: Samples = inner_grid.iter().zip(values).filter(|&(_, v)| !is_stale(v)).collect();
                series.push((column, Arc::new(samples)));
            }
        }
        Ok(RangeVector { series, ends, range_ms: subquery.range_ms })
    }

    /// The samples of a range vector at one instant, for a query that is nothing else.
    pub(crate) fn samples_at(&self, node: &Node, t_ms: i64) -> Result<Matrix, EvalError> {
        let range = self.matrix(node, Grid::instant(t_ms))?;
        let mut matrix = Matrix::new();
        for (column, samples) in &range.series {
            let (first, end) = Windows::new(samples, range.range_ms, self.edge()).at(range.ends.start_ms);
            if first < end {
                matrix.push((column.final_labels(), samples.iter().skip(first).take(end - first).collect()));
            }
        }
        matrix.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(matrix)
    }

    pub(crate) fn edge(&self) -> Edge {
        if self.options.left_open { Edge::Open } else { Edge::Closed }
    }

    fn fetch(&self, selector: &Selector, ends: Grid, range_ms: i64) -> Result<Vec<Series>, EvalError> {
        let start_ms = ends.start_ms.saturating_sub(range_ms).saturating_add(i64::from(self.options.left_open));
        let mut series = self.source.select(&selector.matchers, start_ms, ends.last_ms()).map_err(EvalError::Source)?;
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        let within = |s: &Series| {
            let until = |end_ms: i64| s.samples.timestamps_ms.partition_point(|&t| t <= end_ms);
            until(ends.last_ms()).saturating_sub(until(start_ms.saturating_sub(1)))
        };
        self.touch(series.iter().map(within).sum())?;
        Ok(series)
    }
}

/// Series with the windows that a function is to see.
pub(crate) struct RangeVector {
    /// Labels (in a column without values) and samples.
    pub(crate) series: Vec<(Column, Arc<Samples>)>,
    pub(crate) ends: Grid,
    pub(crate) range_ms: i64,
}

fn drop_stale(samples: &mut Arc<Samples>) {
    if samples.values.iter().any(|&v| is_stale(v)) {
        *samples = Arc::new(samples.iter().filter(|&(_, v)| !is_stale(v)).collect());
    }
}

/// Whether a sample exactly at the left edge belongs to a window.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Edge {
    Open,
    Closed,
}

/// Windows over the samples of one series, for instants that do not go back in time.
pub(crate) struct Windows<'a> {
    times: &'a [i64],
    range_ms: i64,
    edge: Edge,
    first: usize,
    end: usize,
    is_started: bool,
}

impl<'a> Windows<'a> {
    pub(crate) fn new(samples: &'a Samples, range_ms: i64, edge: Edge) -> Self {
        Self { times: &samples.timestamps_ms, range_ms, edge, first: 0, end: 0, is_started: false }
    }

    /// Index of the first sample within the window that ends at `end_ms`, and one past its last sample.
    pub(crate) fn at(&mut self, end_ms: i64) -> (usize, usize) {
        let start_ms = end_ms.saturating_sub(self.range_ms);
        let is_before = |t: i64| {
            if self.edge == Edge::Open { t <= start_ms } else { t < start_ms }
        };
        if !self.is_started {
            self.is_started = true;
            self.first = self.times.partition_point(|&t| is_before(t));
            self.end = self.times.partition_point(|&t| t <= end_ms);
        }
        while self.end < self.times.len() && self.times[self.end] <= end_ms {
            self.end += 1;
        }
        while self.first < self.end && is_before(self.times[self.first]) {
            self.first += 1;
        }
        (self.first, self.end)
    }
}
