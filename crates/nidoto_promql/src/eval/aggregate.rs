//! Aggregations: many series into one for each group.

use std::collections::HashMap;

use super::column::{ABSENT, Column, is_absent};
use super::grid::Grid;
use super::kahan::{self, Kahan};
use super::quantile::quantile;
use super::relabel::by_value;
use super::{EvalError, Evaluator};
use crate::parse::ast::{Aggregate, AggregateOp, Grouping, Node};
use crate::{Labels, METRIC_NAME, format_value};

/// Series that are aggregated into one.
struct Group {
    labels: Labels,
    members: Vec<Column>,
}

impl Evaluator<'_> {
    pub(crate) fn aggregate(&self, node: &Node, aggregate: &Aggregate, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let columns = self.vector(&aggregate.inner, grid)?;
        let groups = grouped(columns, &aggregate.grouping);
        let param = aggregate.param.as_ref();
        match aggregate.op {
            AggregateOp::TopK | AggregateOp::BottomK | AggregateOp::LimitK => {
                let counts = self.counts(node, param, grid)?;
                Ok(groups.into_iter().flat_map(|g| chosen(g.members, aggregate.op, &counts)).collect())
            }
            AggregateOp::CountValues => self.count_values(node, aggregate, &groups, grid),
            AggregateOp::LimitRatio => {
                Err(self.error(node, "limit_ratio() is experimental in Prometheus and not supported"))
            }
            op => {
                let q = match param {
                    Some(param) => self.scalar(param, grid)?,
                    None => vec![],
                };
                if let Some(param) = param {
                    self.warn_of_quantiles(param, &q);
                }
                self.touch(groups.len() * grid.len)?;
                Ok(groups.into_iter().map(|group| group.reduced(op, &q, grid.len)).collect())
            }
        }
    }

    /// How many series `topk` and its like are to keep at each step.
    fn counts(&self, node: &Node, param: Option<&Node>, grid: Grid) -> Result<Vec<usize>, EvalError> {
        let Some(param) = param else {
            return Err(self.error(node, "expected a parameter"));
        };
        let values = self.scalar(param, grid)?;
        let count = |&value: &f64| {
            if value.is_nan() {
                Err(self.error(param, "Parameter value is NaN"))
            } else if value.abs() >= i64::MAX as f64 {
                Err(self.error(param, format!("Scalar value {value} overflows int64")))
            } else {
                Ok(value.max(0.0) as usize)
            }
        };
        values.iter().map(count).collect()
    }

    /// One series for each value that occurs; it counts how many series have that value.
    fn count_values(
        &self,
        node: &Node,
        aggregate: &Aggregate,
        groups: &[Group],
        grid: Grid,
    ) -> Result<Vec<Column>, EvalError> {
        let label = aggregate.param.as_ref().map_or("", |param| self.text_of(param));
        self.check_label_name(node, label)?;
        let mut counts: Vec<Column> = Vec::new();
        let mut index: HashMap<Labels, usize> = HashMap::new();
        // Labels are made once for each value of a group, not for each sample.
        let mut known: HashMap<(usize, u64), usize> = HashMap::new();
        for (g, group) in groups.iter().enumerate() {
            for (i, &value) in group.members.iter().flat_map(|member| member.values.iter().enumerate()) {
                if is_absent(value) {
                    continue;
                }
                let bits = if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
                let at = match known.get(&(g, bits)) {
                    Some(&at) => at,
                    None => {
                        let mut labels = group.labels.clone();
                        labels.set(label, format_value(value));
                        let at = *index.entry(labels.clone()).or_insert(counts.len());
                        if at == counts.len() {
                            self.touch(grid.len)?;
                            counts.push(Column::new(labels, vec![ABSENT; grid.len]));
                        }
                        known.insert((g, bits), at);
                        at
                    }
                };
                let count = &mut counts[at].values[i];
                *count = if is_absent(*count) { 1.0 } else { *count + 1.0 };
            }
        }
        Ok(counts)
    }
}

/// The labels of the group that a series belongs to.
pub(crate) fn group_labels(labels: &Labels, grouping: &Grouping) -> Labels {
    match grouping {
        Grouping::Only(names) => labels.filtered(|name| names.iter().any(|n| n == name)),
        Grouping::Without(names) => labels.filtered(|name| name != METRIC_NAME && !names.iter().any(|n| n == name)),
    }
}

/// The groups in the order of their first member.
fn grouped(columns: Vec<Column>, grouping: &Grouping) -> Vec<Group> {
    let mut index: HashMap<Labels, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for column in columns {
        let labels = group_labels(&column.labels, grouping);
        let i = *index.entry(labels.clone()).or_insert_with(|| {
            groups.push(Group { labels, members: vec![] });
            groups.len() - 1
        });
        groups[i].members.push(column);
    }
    groups
}

/// The members of one group that are kept at each step: `topk`, `bottomk`, `limitk`. At an instant they are sorted.
fn chosen(mut members: Vec<Column>, op: AggregateOp, counts: &[usize]) -> Vec<Column> {
    let mut ranked: Vec<usize> = Vec::new();
    for (i, &count) in counts.iter().enumerate() {
        ranked.clear();
        ranked.extend((0..members.len()).filter(|&m| !is_absent(members[m].values[i])));
        if op != AggregateOp::LimitK {
            let is_descending = op == AggregateOp::TopK;
            ranked.sort_by(|&a, &b| by_value(members[a].values[i], members[b].values[i], is_descending));
        }
        for &m in ranked.iter().skip(count) {
            members[m].values[i] = ABSENT;
        }
    }
    if counts.len() == 1 && op != AggregateOp::LimitK {
        members.sort_by(|a, b| by_value(a.values[0], b.values[0], op == AggregateOp::TopK));
    }
    members.retain(|column| !column.is_empty());
    members
}

impl Group {
    /// One value for each step at which a member has one.
    fn reduced(self, op: AggregateOp, q: &[f64], len: usize) -> Column {
        let drop_name = self.members.iter().any(|m| m.drop_name);
        let members = self.members;
        let values = match op {
            AggregateOp::Sum => sums(&members, len).into_iter().map(|s| s.map_or(ABSENT, Kahan::total)).collect(),
            AggregateOp::Avg => means(&members, len),
            AggregateOp::Count => folded(&members, len, |_| 1.0, |count, _| count + 1.0),
            AggregateOp::Group => folded(&members, len, |_| 1.0, |one, _| one),
            AggregateOp::Min => folded(&members, len, |v| v, |min, v| if min > v || min.is_nan() { v } else { min }),
            AggregateOp::Max => folded(&members, len, |v| v, |max, v| if max < v || max.is_nan() { v } else { max }),
            AggregateOp::Stddev => {
                variances(&members, len).iter().map(|v| if is_absent(*v) { *v } else { v.sqrt() }).collect()
            }
            AggregateOp::Stdvar => variances(&members, len),
            _ => (0..len)
                .map(|i| {
                    let mut values = present(&members, i);
                    if values.is_empty() { ABSENT } else { quantile(q[i], &mut values) }
                })
                .collect(),
        };
        Column { labels: self.labels, drop_name, values }
    }
}

fn present(members: &[Column], i: usize) -> Vec<f64> {
    members.iter().map(|m| m.values[i]).filter(|&v| !is_absent(v)).collect()
}

/// Member by member, so that memory is read in order.
fn folded(members: &[Column], len: usize, first: impl Fn(f64) -> f64, next: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut values = vec![ABSENT; len];
    for member in members {
        for (value, &v) in values.iter_mut().zip(&member.values) {
            if !is_absent(v) {
                *value = if is_absent(*value) { first(v) } else { next(*value, v) };
            }
        }
    }
    values
}

fn sums(members: &[Column], len: usize) -> Vec<Option<Kahan>> {
    let mut sums: Vec<Option<Kahan>> = vec![None; len];
    for member in members {
        for (sum, &v) in sums.iter_mut().zip(&member.values) {
            if !is_absent(v) {
                *sum = Some(sum.unwrap_or_default().plus(v));
            }
        }
    }
    sums
}

fn means(members: &[Column], len: usize) -> Vec<f64> {
    let counts = folded(members, len, |_| 1.0, |count, _| count + 1.0);
    let mean = |(i, sum): (usize, Option<Kahan>)| match sum {
        None => ABSENT,
        Some(sum) if sum.sum.is_infinite() => kahan::mean(&present(members, i)),
        Some(sum) => sum.mean(counts[i]),
    };
    sums(members, len).into_iter().enumerate().map(mean).collect()
}

/// Welford's method, for all steps at once.
fn variances(members: &[Column], len: usize) -> Vec<f64> {
    let mut states = vec![(0.0, 0.0, 0.0); len];
    for member in members {
        for ((count, mean, squares), &v) in states.iter_mut().zip(&member.values) {
            if !is_absent(v) {
                *count += 1.0;
                let delta: f64 = v - *mean;
                *mean += delta / *count;
                *squares += delta * (v - *mean);
            }
        }
    }
    states.into_iter().map(|(count, _, squares)| if count == 0.0 { ABSENT } else { squares / count }).collect()
}
