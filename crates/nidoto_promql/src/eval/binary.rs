//! Binary operators.

use super::column::{ABSENT, Column, Columns, is_absent};
use super::grid::Grid;
use super::{EvalError, Evaluator};
use crate::parse::ast::{Binary, BinaryOp, Node};

impl Evaluator<'_> {
    pub(crate) fn binary(&self, node: &Node, binary: &Binary, grid: Grid) -> Result<Columns, EvalError> {
        let left = self.columns(&binary.left, grid)?;
        let right = self.columns(&binary.right, grid)?;
        self.touch(grid.len)?;
        Ok(match (left, right) {
            (Columns::Scalar(left), Columns::Scalar(right)) => {
                let values = left.iter().zip(&right).map(|(&l, &r)| scalar_value(binary.op, l, r));
                Columns::Scalar(values.collect())
            }
            (Columns::Vector(left), Columns::Scalar(right)) => {
                let columns = left.into_iter().map(|c| self.with_scalar(binary, c, &right, false)).collect();
                Columns::Vector(self.merged(node, columns)?)
            }
            (Columns::Scalar(left), Columns::Vector(right)) => {
                let columns = right.into_iter().map(|c| self.with_scalar(binary, c, &left, true)).collect();
                Columns::Vector(self.merged(node, columns)?)
            }
            (Columns::Vector(left), Columns::Vector(right)) => {
                Columns::Vector(self.vectors(node, binary, left, right, grid)?)
            }
            _ => return Err(self.error(node, "binary operators need scalars or instant vectors")),
        })
    }

    /// A filter keeps the vector's value, on whichever side it stands.
    fn with_scalar(&self, binary: &Binary, mut column: Column, scalar: &[f64], scalar_is_left: bool) -> Column {
        column.map(|i, v| {
            let (l, r) = if scalar_is_left { (scalar[i], v) } else { (v, scalar[i]) };
            operated(binary, l, r, v)
        });
        if changes_quantity(binary) { self.nameless(column) } else { column }
    }
}

/// Whether the result is another quantity than the left side, so that its name is dropped.
pub(crate) fn changes_quantity(binary: &Binary) -> bool {
    !binary.op.is_comparison() || binary.is_bool
}

/// The value of the pair; `kept` is what a filter lets through.
pub(crate) fn operated(binary: &Binary, left: f64, right: f64, kept: f64) -> f64 {
    if !binary.op.is_comparison() {
        return arithmetic(binary.op, left, right);
    }
    match (compares(binary.op, left, right), binary.is_bool) {
        (holds, true) => f64::from(u8::from(holds)),
        (true, false) => kept,
        (false, false) => ABSENT,
    }
}

fn scalar_value(op: BinaryOp, left: f64, right: f64) -> f64 {
    if op.is_comparison() { f64::from(u8::from(compares(op, left, right))) } else { arithmetic(op, left, right) }
}

fn arithmetic(op: BinaryOp, left: f64, right: f64) -> f64 {
    match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Div => left / right,
        BinaryOp::Mod => left % right,
        BinaryOp::Pow => left.powf(right),
        BinaryOp::Atan2 => left.atan2(right),
        _ => f64::NAN,
    }
}

fn compares(op: BinaryOp, left: f64, right: f64) -> bool {
    match op {
        BinaryOp::Eq => left == right,
        BinaryOp::Ne => left != right,
        BinaryOp::Lt => left < right,
        BinaryOp::Le => left <= right,
        BinaryOp::Gt => left > right,
        BinaryOp::Ge => left >= right,
        _ => false,
    }
}

/// At which steps any of the columns has a value.
pub(crate) fn presence<'c>(columns: impl IntoIterator<Item = &'c Column>, len: usize) -> Vec<bool> {
    let mut is_present = vec![false; len];
    for column in columns {
        for (flag, &value) in is_present.iter_mut().zip(&column.values) {
            *flag |= !is_absent(value);
        }
    }
    is_present
}
