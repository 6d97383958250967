//! What a query evaluates to.

use std::fmt;

use crate::Labels;
use crate::parse::line_and_column;

/// Series over time: the labels of each and its values with their instants in milliseconds since 1970.
pub type Matrix = Vec<(Labels, Vec<(i64, f64)>)>;

/// The result of an instant query.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A single number.
    Scalar(f64),
    /// A text.
    String(String),
    /// One value for each series at the instant of evaluation. The order means something after `sort` and `topk`.
    Vector(Vec<(Labels, f64)>),
    /// The samples of a range, for a query such as `x[5m]`.
    Matrix(Matrix),
}

/// Something that makes a result doubtful but not wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Annotation {
    /// Warnings ask for a change of the query or the data, infos need not.
    pub is_warning: bool,
    /// What is doubtful.
    pub message: String,
    /// Line and column of the expression that it is about, both from 1.
    pub position: (usize, usize),
}

impl Annotation {
    pub(crate) fn new(is_warning: bool, message: String, text: &str, at: usize) -> Self {
        Self { is_warning, message, position: line_and_column(text, at) }
    }
}

/// `PromQL warning: … (1:5)`, as the Prometheus API shows it.
impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_warning { "warning" } else { "info" };
        let (line, column) = self.position;
        write!(f, "PromQL {kind}: {} ({line}:{column})", self.message)
    }
}

/// A number as Prometheus writes it into labels and answers: never with an exponent; `NaN`, `+Inf`, `-Inf`.
pub fn format_value(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    value.to_string()
}
