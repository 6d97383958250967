#![doc = include_str!("../README.md")]
#![expect(dead_code, reason = "functions, aggregations and operators follow the selectors")]

mod eval;
mod labels;
mod matcher;
mod options;
mod parse;
mod selection;
mod series;
mod value;

pub use eval::{EvalError, QueryError, annotated_instant, annotated_range, instant, range};
pub use labels::{Labels, METRIC_NAME};
pub use matcher::{MatchOp, Matcher, Matchers};
pub use options::Options;
pub use parse::{Expr, ParseError};
pub use selection::{Selection, SelectionAnchor};
pub use series::{STALE, Samples, Series, Source, SourceError, is_stale};
pub use value::{Annotation, Matrix, Value, format_value};
