//! The templates of labels and annotations: the part of Go's `text/template`
//! (<https://pkg.go.dev/text/template>) that rule files use, with the functions of Prometheus.

mod ast;
mod eval;
mod functions;
mod humanize;
mod lex;
mod parse;
mod print;
mod value;

use nidoto_core::{Pos, Words};
use nidoto_promql::Labels;

use self::ast::{Base, Command, Operand};
use self::parse::Parsed;

/// A template that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    text: String,
    parsed: Parsed,
}

/// What is wrong with a template, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// Line and column within the template.
    pub at: Pos,
    /// The same as a byte offset.
    pub byte: usize,
    /// What is wrong.
    pub what: Words,
}

impl std::fmt::Display for TemplateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.at.line, self.at.column, self.what)
    }
}

impl std::error::Error for TemplateError {}

/// An error at a byte of the template.
#[derive(Clone, Debug, PartialEq)]
struct Fault {
    at: usize,
    what: Words,
}

impl Fault {
    fn new(at: usize, what: Words) -> Self {
        Self { at, what }
    }

    fn told(self, text: &str) -> TemplateError {
        TemplateError { at: Pos::of(text, self.at), byte: self.at.min(text.len()), what: self.what }
    }
}

/// Series and their values at an instant.
pub type Vector = Vec<(Labels, f64)>;

/// What a template can see.
pub struct Context<'c> {
    /// The labels of the series that the alert is about, its metric's name included.
    pub labels: &'c Labels,
    /// The value of the alert's expression.
    pub value: f64,
    /// The instant, in milliseconds since the epoch.
    pub at_ms: i64,
    /// `external_labels` of the server's configuration.
    pub external_labels: &'c Labels,
    /// The server's own address.
    pub external_url: &'c str,
    /// Answers `query` at the instant.
    pub query: &'c dyn Fn(&str) -> Result<Vector, Words>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it; Prometheus would not start with such a rule file.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        match parse::parse(text) {
            Ok(parsed) => Ok(Self { text: text.to_owned(), parsed }),
            Err(fault) => Err(fault.told(text)),
        }
    }

    /// Fills it in.
    ///
    /// # Errors
    /// What could not be evaluated; Prometheus would send its message in place of the text.
    pub fn expand(&self, context: &Context<'_>) -> Result<String, TemplateError> {
        eval::expand(&self.parsed, context).map_err(|fault| fault.told(&self.text))
    }

    /// Whether its text depends on nothing but the labels: not on the value, the time or a query.
    #[must_use]
    pub fn reads_labels_only(&self) -> bool {
        let mut only_labels = true;
        self.visit(&mut |_, operand| {
            let reads_more = match &operand.base {
                Base::Variable(name) if name == "value" => true,
                Base::Function(name) => matches!(name.as_str(), "query" | "now"),
                Base::Variable(name) if !name.is_empty() => false,
                // The dot may be what the template began with, which holds the value.
                Base::Dot | Base::Variable(_) => operand.fields.first().is_none_or(|field| field == "Value"),
                _ => false,
            };
            only_labels &= !reads_more;
        });
        only_labels
    }

    /// The texts that it may hand to `query`, as far as they stand in it: `%s` and its like are
    /// still there where `printf` would fill them in.
    #[must_use]
    pub fn queries(&self) -> Vec<String> {
        let (mut asks, mut texts) = (false, Vec::new());
        self.visit(&mut |_, operand| match &operand.base {
            Base::Function(name) => asks |= name == "query",
            Base::Text(text) => texts.push(text.clone()),
            _ => {}
        });
        if asks { texts } else { Vec::new() }
    }

    fn visit<'n>(&'n self, see: &mut dyn FnMut(&'n Command, &'n Operand)) {
        ast::visit(&self.parsed.body, see);
        self.parsed.defined.values().for_each(|nodes| ast::visit(nodes, see));
    }
}
