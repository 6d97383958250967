//! Intermediate results: one column of values for each series, one row for each step.

use std::collections::HashMap;

use crate::Labels;
use crate::series::{STALE, is_stale};

/// Stands where a series has no value at a step. No computation yields this pattern: arithmetic turns it into
/// another NaN, and stale markers never get past the selectors.
pub(crate) const ABSENT: f64 = STALE;

#[inline]
pub(crate) fn is_absent(value: f64) -> bool {
    is_stale(value)
}

/// One series over the steps of a grid.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) labels: Labels,
    /// The metric's name is still among the labels and will be dropped at the end.
    pub(crate) drop_name: bool,
    pub(crate) values: Vec<f64>,
}

impl Column {
    pub(crate) fn new(labels: Labels, values: Vec<f64>) -> Self {
        Self { labels, drop_name: false, values }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.iter().all(|&v| is_absent(v))
    }

    /// Replaces each value that is there.
    pub(crate) fn map(&mut self, f: impl Fn(usize, f64) -> f64) {
        for (i, value) in self.values.iter_mut().enumerate() {
            if !is_absent(*value) {
                *value = f(i, *value);
            }
        }
    }

    /// The labels as they will be at the end.
    pub(crate) fn final_labels(&self) -> Labels {
        if self.drop_name { self.labels.without_metric_name() } else { self.labels.clone() }
    }
}

/// What an expression evaluates to over a grid.
#[derive(Clone, Debug)]
pub(crate) enum Columns {
    Scalar(Vec<f64>),
    Text(String),
    Vector(Vec<Column>),
}

/// Two series of the same vector have the same labels at one step.
pub(crate) struct SameLabels;

/// Joins columns with the same labels into one, in the order of the first.
pub(crate) fn merge(columns: Vec<Column>) -> Result<Vec<Column>, SameLabels> {
    let mut index: HashMap<Labels, usize> = HashMap::with_capacity(columns.len());
    let mut merged: Vec<Column> = Vec::with_capacity(columns.len());
    for column in columns {
        match index.get(&column.labels) {
            None => {
                index.insert(column.labels.clone(), merged.len());
                merged.push(column);
            }
            Some(&i) => overlay(&mut merged[i].values, &column.values)?,
        }
    }
    Ok(merged)
}

fn overlay(onto: &mut [f64], values: &[f64]) -> Result<(), SameLabels> {
    for (slot, &value) in onto.iter_mut().zip(values) {
        if is_absent(value) {
            continue;
        }
        if !is_absent(*slot) {
            return Err(SameLabels);
        }
        *slot = value;
    }
    Ok(())
}
