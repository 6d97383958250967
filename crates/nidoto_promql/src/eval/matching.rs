//! Vector matching: which series of the two sides of an operator belong together.

use std::collections::HashMap;

use super::aggregate::group_labels;
use super::binary::{changes_quantity, operated, presence};
use super::column::{ABSENT, Column, is_absent};
use super::grid::Grid;
use super::{EvalError, Evaluator};
use crate::Labels;
use crate::labels::{LabelName, Quoted};
use crate::parse::ast::{Binary, BinaryOp, Cardinality, Grouping, Node};

/// Columns by the labels that are matched.
type Groups<'c> = HashMap<Labels, Vec<&'c Column>>;

impl Evaluator<'_> {
    pub(crate) fn vectors(
        &self,
        node: &Node,
        binary: &Binary,
        left: Vec<Column>,
        right: Vec<Column>,
        grid: Grid,
    ) -> Result<Vec<Column>, EvalError> {
        match binary.op {
            BinaryOp::And => Ok(filtered(left, &right, &binary.on, grid.len, true)),
            BinaryOp::Unless => Ok(filtered(left, &right, &binary.on, grid.len, false)),
            BinaryOp::Or => {
                let mut all = left;
                let rest = filtered(right, &all, &binary.on, grid.len, false);
                all.extend(rest);
                Ok(all)
            }
            _ => self.pairs(node, binary, &left, &right, grid),
        }
    }

    fn pairs(
        &self,
        node: &Node,
        binary: &Binary,
        left: &[Column],
        right: &[Column],
        grid: Grid,
    ) -> Result<Vec<Column>, EvalError> {
        let one_is_left = matches!(binary.cardinality, Cardinality::OneToMany(_));
        let (many, one) = if one_is_left { (right, left) } else { (left, right) };
        let ones = by_signature(one, &binary.on);
        self.check_unique(node, &ones, many, one, one_is_left, grid)?;
        let mut results = Vec::new();
        for (signature, manys) in ordered_by_signature(many, &binary.on) {
            let Some(ones) = ones.get(&signature) else {
                continue;
            };
            if manys.len() > 1 {
                self.check_unambiguous(node, binary, &manys, ones, grid)?;
            }
            for (many, one) in manys.iter().flat_map(|many| ones.iter().map(move |one| (many, one))) {
                self.touch(grid.len)?;
                let column = self.pair(binary, many, one, one_is_left);
                if !column.is_empty() {
                    results.push(column);
                }
            }
        }
        self.merged(node, results)
    }

    /// The "one" side must have one series for each signature, at every step at which both sides have any.
    fn check_unique(
        &self,
        node: &Node,
        ones: &Groups<'_>,
        many: &[Column],
        one: &[Column],
        one_is_left: bool,
        grid: Grid,
    ) -> Result<(), EvalError> {
        if ones.values().all(|columns| columns.len() < 2) {
            return Ok(());
        }
        let (many_present, one_present) = (presence(many, grid.len), presence(one, grid.len));
        let side = if one_is_left { "left" } else { "right" };
        for (signature, columns) in ones.iter().filter(|(_, columns)| columns.len() > 1) {
            for i in (0..grid.len).filter(|&i| many_present[i] && one_present[i]) {
                let mut present = columns.iter().filter(|c| !is_absent(c.values[i]));
                if let (Some(first), Some(second)) = (present.next(), present.next()) {
                    return Err(self.error(node, format!(
                        "found duplicate series for the match group {} on the {side} hand-side of the operation: [{}, {}];many-to-many matching not allowed: matching labels must be unique on one side",
                        Braced(signature), Braced(&first.labels), Braced(&second.labels)
                    )));
                }
            }
        }
        Ok(())
    }

    /// Several series of the "many" side meet the same one: allowed only if grouping was asked for and tells the
    /// results apart. Whether a filter would drop them does not matter.
    fn check_unambiguous(
        &self,
        node: &Node,
        binary: &Binary,
        manys: &[&Column],
        ones: &[&Column],
        grid: Grid,
    ) -> Result<(), EvalError> {
        let is_one_to_one = matches!(binary.cardinality, Cardinality::OneToOne);
        for one in ones {
            let mut results = Groups::new();
            for many in manys {
                let labels =
                    if is_one_to_one { Labels::default() } else { result_labels(binary, &many.labels, &one.labels) };
                results.entry(labels).or_default().push(many);
            }
            let is_ambiguous = |columns: &Vec<&Column>, i: usize| {
                !is_absent(one.values[i]) && columns.iter().filter(|c| !is_absent(c.values[i])).nth(1).is_some()
            };
            if results.values().any(|columns| columns.len() > 1 && (0..grid.len).any(|i| is_ambiguous(columns, i))) {
                return Err(self.error(
                    node,
                    if is_one_to_one {
                        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
                    } else {
                        "multiple matches for labels: grouping labels must ensure unique matches"
                    },
                ));
            }
        }
        Ok(())
    }

    fn pair(&self, binary: &Binary, many: &Column, one: &Column, one_is_left: bool) -> Column {
        let value = |(&many, &one): (&f64, &f64)| {
            if is_absent(many) || is_absent(one) {
                return ABSENT;
            }
            let (left, right) = if one_is_left { (one, many) } else { (many, one) };
            operated(binary, left, right, left)
        };
        let values = many.values.iter().zip(&one.values).map(value).collect();
        let column =
            Column { labels: result_labels(binary, &many.labels, &one.labels), drop_name: many.drop_name, values };
        if changes_quantity(binary) { self.nameless(column) } else { column }
    }
}

fn by_signature<'c>(columns: &'c [Column], on: &Grouping) -> Groups<'c> {
    let mut groups = Groups::new();
    for column in columns {
        groups.entry(group_labels(&column.labels, on)).or_default().push(column);
    }
    groups
}

/// The same, in the order of the first column of each group.
fn ordered_by_signature<'c>(columns: &'c [Column], on: &Grouping) -> Vec<(Labels, Vec<&'c Column>)> {
    let mut index: HashMap<Labels, usize> = HashMap::new();
    let mut groups: Vec<(Labels, Vec<&Column>)> = Vec::new();
    for column in columns {
        let signature = group_labels(&column.labels, on);
        let i = *index.entry(signature.clone()).or_insert_with(|| {
            groups.push((signature, vec![]));
            groups.len() - 1
        });
        groups[i].1.push(column);
    }
    groups
}

/// The left columns at the steps at which the other side has (or has not) a series of the same signature.
fn filtered(mut columns: Vec<Column>, other: &[Column], on: &Grouping, len: usize, wanted: bool) -> Vec<Column> {
    let groups = by_signature(other, on);
    let masks: HashMap<&Labels, Vec<bool>> =
        groups.iter().map(|(signature, columns)| (signature, presence(columns.iter().copied(), len))).collect();
    for column in &mut columns {
        let mask = masks.get(&group_labels(&column.labels, on));
        for (i, value) in column.values.iter_mut().enumerate() {
            if mask.is_some_and(|mask| mask[i]) != wanted {
                *value = ABSENT;
            }
        }
    }
    columns.retain(|column| !column.is_empty());
    columns
}

fn result_labels(binary: &Binary, many: &Labels, one: &Labels) -> Labels {
    let taken = match &binary.cardinality {
        Cardinality::OneToOne => {
            return match &binary.on {
                Grouping::Only(names) => many.filtered(|name| names.iter().any(|n| n == name)),
                Grouping::Without(names) => many.filtered(|name| !names.iter().any(|n| n == name)),
            };
        }
        Cardinality::ManyToOne(taken) | Cardinality::OneToMany(taken) => taken,
    };
    let mut labels = many.clone();
    for name in taken {
        labels.set(name, one.get(name));
    }
    labels
}

/// Labels with the name among them, as Prometheus prints them in errors.
struct Braced<'a>(&'a Labels);

impl std::fmt::Display for Braced<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let labels = self.0.iter().map(|(name, value)| format!("{}={}", LabelName(name), Quoted(value)));
        write!(f, "{{{}}}", labels.collect::<Vec<_>>().join(", "))
    }
}
