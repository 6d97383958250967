//! From text to the tree that is evaluated.

pub(crate) mod ast;
mod check;
mod error;
mod lex;
mod lower;
mod scan;

use std::fmt;
use std::sync::Once;

use promql_parser::parser as raw;
use promql_parser::parser::function::Function;
use promql_parser::parser::value::ValueType;

use self::ast::Node;
pub use self::error::ParseError;
pub(crate) use self::error::{caret, line_and_column};
use self::lex::{Token, TokenKind};
use self::scan::{Operand, Places};

/// A query that has been read and checked.
#[derive(Clone, Debug)]
pub struct Expr {
    text: String,
    pub(crate) root: Node,
}

/// A longer query is refused, in bytes.
const TEXT_MAX: usize = 16 * 1024;
/// A query of more operands and ranges is refused: the parser crate's tree is dropped recursively.
const OPERANDS_MAX: usize = 1000;
/// A query with more regular expressions is refused: each is compiled.
const REGEXES_MAX: usize = 100;

impl Expr {
    /// Reads a query.
    ///
    /// # Errors
    /// What is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.len() > TEXT_MAX {
            return Err(ParseError::new(text, 0, format!("the query is longer than {TEXT_MAX} bytes")));
        }
        let tokens = lex::lex(text)?;
        let places = scan::scan(text, &tokens)?;
        check_size(text, &tokens, &places)?;
        register_old_names();
        let expr = raw::parse(text).map_err(|message| locate(text, &places, message))?;
        let root = lower::lower(&expr, places).map_err(|(at, message)| ParseError::new(text, at, message))?;
        check::check(&root).map_err(|(at, message)| ParseError::new(text, at, message))?;
        Ok(Self { text: text.to_owned(), root })
    }

    /// The query as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Expr {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

fn check_size(text: &str, tokens: &[Token<'_>], places: &Places) -> Result<(), ParseError> {
    if places.operands.len() + places.ranges.len() > OPERANDS_MAX {
        return Err(ParseError::new(text, 0, format!("the query has more than {OPERANDS_MAX} operands and ranges")));
    }
    let is_regex = |token: &&Token<'_>| matches!(token.kind, TokenKind::Symbol("=~" | "!~"));
    match tokens.iter().filter(is_regex).nth(REGEXES_MAX) {
        Some(token) => Err(ParseError::new(
            text,
            token.start,
            format!("the query has more than {REGEXES_MAX} regular expressions"),
        )),
        None => Ok(()),
    }
}

/// Prometheus 2 called `double_exponential_smoothing` `holt_winters`; the parser crate knows only the new name.
fn register_old_names() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let args = vec![ValueType::Matrix, ValueType::Scalar, ValueType::Scalar];
        let old = Function::new("holt_winters", args, 0, ValueType::Vector, false);
        // A registry that refuses leaves only the old name unknown, which parsing then reports.
        drop(raw::register_extra_functions(vec![old]));
    });
}

/// The parser crate tells no place: it is the innermost parenthesised part that alone fails with the same message.
fn locate(text: &str, places: &Places, message: String) -> ParseError {
    let mut groups: Vec<(usize, usize)> = places
        .operands
        .iter()
        .filter(|(operand, _, _)| matches!(operand, Operand::Call | Operand::Paren))
        .map(|&(_, start, end)| (start, end))
        .collect();
    groups.sort_by_key(|(start, end)| end - start);
    let fails_alike = |&&(start, end): &&(usize, usize)| raw::parse(&text[start..end]).err().as_ref() == Some(&message);
    let position = groups.iter().find(fails_alike).map_or(0, |&(start, _)| start);
    let start = text[position..].find(|c: char| !c.is_ascii_whitespace()).map_or(position, |i| position + i);
    ParseError::new(text, start, in_words(message))
}

/// The names of types as the documentation of PromQL has them.
fn in_words(message: String) -> String {
    const WORDS: [(&str, &str); 8] = [
        ("expected type matrix", "expected a range vector such as x[5m]"),
        ("expected type vector", "expected an instant vector"),
        ("expected type scalar", "expected a scalar"),
        ("expected type string", "expected a quoted text"),
        ("got matrix", "got a range vector"),
        ("got vector", "got an instant vector"),
        ("got scalar", "got a scalar"),
        ("got string", "got a quoted text"),
    ];
    WORDS.iter().fold(message, |message, (word, plain)| message.replace(word, plain))
}
