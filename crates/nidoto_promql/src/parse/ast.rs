//! The tree that is evaluated: every node knows where it stands in the query.

use crate::Matchers;

/// An expression and the byte at which it starts.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) at: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Number(f64),
    Text(String),
    Selector(Selector),
    /// A selector with a range, in milliseconds.
    Matrix(Selector, i64),
    Subquery(Box<Subquery>),
    Call(Call),
    Aggregate(Box<Aggregate>),
    Binary(Box<Binary>),
    Negate(Box<Node>),
    Paren(Box<Node>),
}

#[derive(Clone, Debug)]
pub(crate) struct Selector {
    pub(crate) matchers: Matchers,
    pub(crate) shift: Shift,
}

/// `offset` and `@`: which instant is meant instead of the instant of evaluation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shift {
    pub(crate) offset_ms: i64,
    pub(crate) at: Option<Anchor>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Anchor {
    /// The first instant of the query.
    Start,
    /// The last instant of the query.
    End,
    /// Milliseconds since 1970.
    Time(i64),
}

#[derive(Clone, Debug)]
pub(crate) struct Subquery {
    pub(crate) inner: Node,
    pub(crate) range_ms: i64,
    pub(crate) step_ms: Option<i64>,
    pub(crate) shift: Shift,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) args: Vec<Node>,
}

#[derive(Clone, Debug)]
pub(crate) struct Aggregate {
    pub(crate) op: AggregateOp,
    pub(crate) grouping: Grouping,
    pub(crate) param: Option<Node>,
    pub(crate) inner: Node,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AggregateOp {
    Sum,
    Avg,
    Min,
    Max,
    Count,
    Group,
    Stddev,
    Stdvar,
    Quantile,
    TopK,
    BottomK,
    LimitK,
    LimitRatio,
    CountValues,
}

/// Which labels tell groups or pairs apart.
#[derive(Clone, Debug)]
pub(crate) enum Grouping {
    /// `by`, `on`
    Only(Vec<String>),
    /// `without`, `ignoring`
    Without(Vec<String>),
}

#[derive(Clone, Debug)]
pub(crate) struct Binary {
    pub(crate) op: BinaryOp,
    pub(crate) is_bool: bool,
    pub(crate) on: Grouping,
    pub(crate) cardinality: Cardinality,
    pub(crate) left: Node,
    pub(crate) right: Node,
}

/// How many series of each side meet; the labels are those to take over from the "one" side.
#[derive(Clone, Debug)]
pub(crate) enum Cardinality {
    OneToOne,
    ManyToOne(Vec<String>),
    OneToMany(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
    Unless,
}

impl BinaryOp {
    pub(crate) fn is_comparison(self) -> bool {
        matches!(self, Self::Eq | Self::Ne | Self::Lt | Self::Le | Self::Gt | Self::Ge)
    }

    pub(crate) fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Unless)
    }
}

/// What an expression evaluates to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Scalar,
    Text,
    Vector,
    Matrix,
}

/// Functions that return a scalar; all others return a vector.
const SCALAR_FUNCTIONS: [&str; 5] = ["end", "pi", "scalar", "start", "time"];

impl Node {
    pub(crate) fn value_type(&self) -> Type {
        match &self.kind {
            Kind::Number(_) => Type::Scalar,
            Kind::Text(_) => Type::Text,
            Kind::Selector(_) | Kind::Aggregate(_) => Type::Vector,
            Kind::Matrix(..) | Kind::Subquery(_) => Type::Matrix,
            Kind::Call(call) if SCALAR_FUNCTIONS.contains(&call.name) => Type::Scalar,
            Kind::Call(_) => Type::Vector,
            Kind::Binary(b) => match (b.left.value_type(), b.right.value_type()) {
                (Type::Scalar, Type::Scalar) => Type::Scalar,
                _ => Type::Vector,
            },
            Kind::Negate(inner) | Kind::Paren(inner) => inner.value_type(),
        }
    }

    /// The expression within any parentheses around it.
    pub(crate) fn unwrapped(&self) -> &Node {
        match &self.kind {
            Kind::Paren(inner) => inner.unwrapped(),
            _ => self,
        }
    }

    /// The parts that it is made of.
    pub(crate) fn children(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Number(_) | Kind::Text(_) | Kind::Selector(_) | Kind::Matrix(..) => vec![],
            Kind::Subquery(subquery) => vec![&subquery.inner],
            Kind::Call(call) => call.args.iter().collect(),
            Kind::Aggregate(a) => a.param.iter().chain([&a.inner]).collect(),
            Kind::Binary(b) => vec![&b.left, &b.right],
            Kind::Negate(inner) | Kind::Paren(inner) => vec![inner],
        }
    }
}
