//! From the parser crate's tree and the scanned places to the tree that is evaluated.

use promql_parser::label::MatchOp as RawMatchOp;
use promql_parser::parser::{self as raw, LabelModifier, VectorMatchCardinality};

use super::ast::{
    Aggregate, AggregateOp, Anchor, Binary, BinaryOp, Call, Cardinality, Grouping, Kind, Node, Selector, Shift,
    Subquery,
};
use super::scan::{Operand, Places};
use crate::labels::METRIC_NAME;
use crate::{MatchOp, Matcher, Matchers};

/// How deep expressions may be nested. Evaluation recurses, so this bounds the stack.
const DEPTH_MAX: usize = 200;

/// A message and the byte that it is about.
type Fault = (usize, String);

/// # Errors
/// What the crate accepts and Prometheus does not, and a tree that does not fit the scanned places.
pub(crate) fn lower(expr: &raw::Expr, places: Places) -> Result<Node, Fault> {
    let mut lowering = Lowering {
        operands: places.operands.into_iter(),
        ranges: places.ranges.into_iter(),
        offsets: places.offsets.into_iter(),
        anchors: places.anchors.into_iter(),
        depth: 0,
        at: 0,
    };
    lowering.node(expr)
}

/// Walks the tree in source order and takes each place from the front of its list.
struct Lowering {
    operands: std::vec::IntoIter<(Operand, usize, usize)>,
    ranges: std::vec::IntoIter<(i64, Option<i64>)>,
    offsets: std::vec::IntoIter<i64>,
    anchors: std::vec::IntoIter<Anchor>,
    depth: usize,
    /// The place that was taken last.
    at: usize,
}

impl Lowering {
    fn node(&mut self, expr: &raw::Expr) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err((self.at, format!("expressions are nested more than {DEPTH_MAX} deep")));
        }
        let node = self.expression(expr);
        self.depth -= 1;
        node
    }

    fn expression(&mut self, expr: &raw::Expr) -> Result<Node, Fault> {
        match expr {
            raw::Expr::NumberLiteral(_) => self.number(),
            raw::Expr::StringLiteral(text) => {
                let at = self.operand(&Operand::Text)?;
                Ok(Node { kind: Kind::Text(text.val.clone()), at })
            }
            raw::Expr::VectorSelector(selector) => {
                let (at, matchers) = self.selector(selector)?;
                let shift = self.shift(selector.offset.is_some(), selector.at.is_some())?;
                Ok(Node { kind: Kind::Selector(Selector { matchers, shift }), at })
            }
            raw::Expr::MatrixSelector(matrix) => {
                let (at, matchers) = self.selector(&matrix.vs)?;
                let (range_ms, _) = self.range()?;
                let shift = self.shift(matrix.vs.offset.is_some(), matrix.vs.at.is_some())?;
                Ok(Node { kind: Kind::Matrix(Selector { matchers, shift }, range_ms), at })
            }
            raw::Expr::Subquery(subquery) => {
                let inner = self.node(&subquery.expr)?;
                let (range_ms, step_ms) = self.range()?;
                let shift = self.shift(subquery.offset.is_some(), subquery.at.is_some())?;
                let at = inner.at;
                Ok(Node { kind: Kind::Subquery(Box::new(Subquery { inner, range_ms, step_ms, shift })), at })
            }
            raw::Expr::Call(call) => self.call(call),
            raw::Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            raw::Expr::Binary(binary) => self.binary(binary),
            raw::Expr::Unary(unary) => {
                let at = self.operand(&Operand::Sign(true))?;
                Ok(Node { kind: Kind::Negate(Box::new(self.node(&unary.expr)?)), at })
            }
            raw::Expr::Paren(paren) => {
                let at = self.operand(&Operand::Paren)?;
                Ok(Node { kind: Kind::Paren(Box::new(self.node(&paren.expr)?)), at })
            }
            raw::Expr::Extension(_) => Err(self.lost()),
        }
    }

    /// The crate folds signs into the number, so they are read here again; its value comes from the scanned token.
    fn number(&mut self) -> Result<Node, Fault> {
        let (mut at, mut is_negative) = (None, false);
        loop {
            let (operand, start) = self.next_operand()?;
            let at = *at.get_or_insert(start);
            match operand {
                Operand::Sign(minus) => is_negative ^= minus,
                Operand::Number(value) => {
                    return Ok(Node { kind: Kind::Number(if is_negative { -value } else { value }), at });
                }
                _ => return Err(self.lost()),
            }
        }
    }

    fn selector(&mut self, selector: &raw::VectorSelector) -> Result<(usize, Matchers), Fault> {
        let at = self.operand(&Operand::Selector)?;
        if !selector.matchers.or_matchers.is_empty() {
            return Err((at, "alternatives in a selector (or) are not PromQL".to_owned()));
        }
        let name = selector.name.iter().map(|name| Matcher::new(METRIC_NAME, MatchOp::Equal, name));
        let others = selector.matchers.matchers.iter().map(|m| Matcher::new(&m.name, match_op(&m.op), &m.value));
        let matchers: Result<Vec<Matcher>, String> = name.chain(others).collect();
        Ok((at, Matchers(matchers.map_err(|message| (at, message))?)))
    }

    fn call(&mut self, call: &raw::Call) -> Result<Node, Fault> {
        let at = self.operand(&Operand::Call)?;
        let args = call.args.args.iter().map(|arg| self.node(arg)).collect::<Result<_, _>>()?;
        Ok(Node { kind: Kind::Call(Call { name: call.func.name, args }), at })
    }

    fn aggregate(&mut self, aggregate: &raw::AggregateExpr) -> Result<Node, Fault> {
        let at = self.operand(&Operand::Call)?;
        let param = aggregate.param.as_ref().map(|param| self.node(param)).transpose()?;
        let inner = self.node(&aggregate.expr)?;
        let op = aggregate_op(&aggregate.op.to_string()).ok_or_else(|| self.lost())?;
        let grouping = grouping(aggregate.modifier.as_ref(), Grouping::Only(vec![]));
        Ok(Node { kind: Kind::Aggregate(Box::new(Aggregate { op, grouping, param, inner })), at })
    }

    fn binary(&mut self, binary: &raw::BinaryExpr) -> Result<Node, Fault> {
        let left = self.node(&binary.lhs)?;
        let right = self.node(&binary.rhs)?;
        let op = binary_op(&binary.op.to_string()).ok_or_else(|| self.lost())?;
        let modifier = binary.modifier.as_ref();
        let on = grouping(modifier.and_then(|m| m.matching.as_ref()), Grouping::Without(vec![]));
        let cardinality = match modifier.map(|m| &m.card) {
            Some(VectorMatchCardinality::ManyToOne(labels)) => Cardinality::ManyToOne(labels.labels.clone()),
            Some(VectorMatchCardinality::OneToMany(labels)) => Cardinality::OneToMany(labels.labels.clone()),
            _ => Cardinality::OneToOne,
        };
        let is_bool = modifier.is_some_and(|m| m.return_bool);
        let at = left.at;
        Ok(Node { kind: Kind::Binary(Box::new(Binary { op, is_bool, on, cardinality, left, right })), at })
    }

    fn range(&mut self) -> Result<(i64, Option<i64>), Fault> {
        self.ranges.next().ok_or_else(|| self.lost())
    }

    fn shift(&mut self, has_offset: bool, has_at: bool) -> Result<Shift, Fault> {
        let offset_ms = if has_offset { self.offsets.next().ok_or_else(|| self.lost())? } else { 0 };
        let at = if has_at { Some(self.anchors.next().ok_or_else(|| self.lost())?) } else { None };
        Ok(Shift { offset_ms, at })
    }

    /// The place of the wanted operand. A plus sign before it leaves no trace in the crate's tree.
    fn operand(&mut self, wanted: &Operand) -> Result<usize, Fault> {
        let (mut operand, first) = self.next_operand()?;
        while operand == Operand::Sign(false) {
            (operand, _) = self.next_operand()?;
        }
        if operand == *wanted { Ok(first) } else { Err(self.lost()) }
    }

    fn next_operand(&mut self) -> Result<(Operand, usize), Fault> {
        let (operand, start, _) = self.operands.next().ok_or_else(|| self.lost())?;
        self.at = start;
        Ok((operand, start))
    }

    /// The two readings of the query differ: refused, for one of them is wrong.
    fn lost(&self) -> Fault {
        (self.at, "this query can be read in two ways; add parentheses".to_owned())
    }
}

fn match_op(op: &RawMatchOp) -> MatchOp {
    match op {
        RawMatchOp::Equal => MatchOp::Equal,
        RawMatchOp::NotEqual => MatchOp::NotEqual,
        RawMatchOp::Re(_) => MatchOp::Regex,
        RawMatchOp::NotRe(_) => MatchOp::NotRegex,
    }
}

fn grouping(modifier: Option<&LabelModifier>, default: Grouping) -> Grouping {
    match modifier {
        None => default,
        Some(LabelModifier::Include(labels)) => Grouping::Only(labels.labels.clone()),
        Some(LabelModifier::Exclude(labels)) => Grouping::Without(labels.labels.clone()),
    }
}

fn aggregate_op(name: &str) -> Option<AggregateOp> {
    Some(match name {
        "sum" => AggregateOp::Sum,
        "avg" => AggregateOp::Avg,
        "min" => AggregateOp::Min,
        "max" => AggregateOp::Max,
        "count" => AggregateOp::Count,
        "group" => AggregateOp::Group,
        "stddev" => AggregateOp::Stddev,
        "stdvar" => AggregateOp::Stdvar,
        "quantile" => AggregateOp::Quantile,
        "topk" => AggregateOp::TopK,
        "bottomk" => AggregateOp::BottomK,
        "limitk" => AggregateOp::LimitK,
        "limit_ratio" => AggregateOp::LimitRatio,
        "count_values" => AggregateOp::CountValues,
        _ => return None,
    })
}

fn binary_op(symbol: &str) -> Option<BinaryOp> {
    Some(match symbol {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "%" => BinaryOp::Mod,
        "^" => BinaryOp::Pow,
        "atan2" => BinaryOp::Atan2,
        "==" => BinaryOp::Eq,
        "!=" => BinaryOp::Ne,
        "<" => BinaryOp::Lt,
        "<=" => BinaryOp::Le,
        ">" => BinaryOp::Gt,
        ">=" => BinaryOp::Ge,
        "and" => BinaryOp::And,
        "or" => BinaryOp::Or,
        "unless" => BinaryOp::Unless,
        _ => return None,
    })
}
