//! Functions of labels: `label_replace`, `label_join` and the sorting functions.

use std::cmp::Ordering;

use super::column::Column;
use super::grid::Grid;
use super::{EvalError, Evaluator};
use crate::METRIC_NAME;
use crate::matcher::anchored;
use crate::parse::ast::{Call, Kind, Node};

impl Evaluator<'_> {
    pub(crate) fn label_replace(&self, node: &Node, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let [to, replacement, from, pattern] = [1, 2, 3, 4].map(|i| self.text_of(&call.args[i]));
        self.check_label_name(node, to)?;
        let regex = anchored(pattern).map_err(|message| self.error(&call.args[4], message))?;
        let mut columns = self.vector(&call.args[0], grid)?;
        for column in &mut columns {
            let Some(captures) = regex.captures(column.labels.get(from)) else {
                continue;
            };
            let mut value = String::new();
            captures.expand(replacement, &mut value);
            set_label(column, to, value);
        }
        Ok(columns)
    }

    pub(crate) fn label_join(&self, node: &Node, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let (to, separator) = (self.text_of(&call.args[1]), self.text_of(&call.args[2]));
        self.check_label_name(node, to)?;
        let mut columns = self.vector(&call.args[0], grid)?;
        for column in &mut columns {
            let parts: Vec<&str> = call.args[3..].iter().map(|arg| column.labels.get(self.text_of(arg))).collect();
            let value = parts.join(separator);
            set_label(column, to, value);
        }
        Ok(columns)
    }

    /// The order of an instant vector. Over a range it means nothing, for series are ordered by their labels.
    pub(crate) fn sort(&self, node: &Node, call: &Call, grid: Grid) -> Result<Vec<Column>, EvalError> {
        let mut columns = self.vector(&call.args[0], grid)?;
        if self.is_range {
            self.warn(
                node,
                "sort is ineffective for range queries since results are always ordered by labels".to_owned(),
            );
            return Ok(columns);
        }
        let is_descending = call.name.ends_with("_desc");
        if call.name.starts_with("sort_by_label") {
            let names: Vec<&str> = call.args[1..].iter().map(|arg| self.text_of(arg)).collect();
            columns.sort_by(|a, b| by_labels(a, b, &names));
            if is_descending {
                columns.reverse();
            }
        } else {
            columns.sort_by(|a, b| by_value(a.values[0], b.values[0], is_descending));
        }
        Ok(columns)
    }

    pub(crate) fn text_of<'n>(&self, node: &'n Node) -> &'n str {
        match &node.unwrapped().kind {
            Kind::Text(text) => text,
            _ => "",
        }
    }

    pub(crate) fn check_label_name(&self, node: &Node, name: &str) -> Result<(), EvalError> {
        if name.is_empty() { Err(self.error(node, "a label's name must not be empty")) } else { Ok(()) }
    }
}

/// A name that is set on purpose is not dropped any more.
fn set_label(column: &mut Column, name: &str, value: String) {
    column.labels.set(name, value);
    if name == METRIC_NAME {
        column.drop_name = false;
    }
}

/// NaN comes last in either order.
pub(crate) fn by_value(a: f64, b: f64, is_descending: bool) -> Ordering {
    match a.partial_cmp(&b) {
        Some(order) => {
            if is_descending {
                order.reverse()
            } else {
                order
            }
        }
        None => a.is_nan().cmp(&b.is_nan()),
    }
}

fn by_labels(a: &Column, b: &Column, names: &[&str]) -> Ordering {
    let by_name = names.iter().map(|name| natural(a.labels.get(name), b.labels.get(name)));
    by_name.fold(Ordering::Equal, Ordering::then).then_with(|| a.labels.cmp(&b.labels))
}

/// Digits within a text count as a number: `node2` comes before `node10`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    while let (Some(x), Some(y)) = (a.chars().next(), b.chars().next()) {
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (number_a, rest_a) = split_number(a);
            let (number_b, rest_b) = split_number(b);
            (a, b) = (rest_a, rest_b);
            number_a.len().cmp(&number_b.len()).then_with(|| number_a.cmp(number_b))
        } else {
            (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]);
            x.cmp(&y)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// The digits at the start of a text, without leading zeros, and what follows.
fn split_number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_count_as_numbers() {
        let mut names = ["4m1000", "a", "4m5", "1.11.3", "4m600", "1.2.3", "1.111.3", ""];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["", "1.2.3", "1.11.3", "1.111.3", "4m5", "4m600", "4m1000", "a"]);
    }
}
