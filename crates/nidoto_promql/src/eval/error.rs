//! Why a query has no answer.

use std::fmt;

use crate::parse::{caret, line_and_column};
use crate::series::SourceError;

/// Why a query has no answer.
#[derive(Debug)]
pub enum EvalError {
    /// The query or the data it met is wrong; the text ends with the place.
    Query(QueryError),
    /// The query, or a subquery in it, has more steps than allowed.
    TooManySteps {
        /// How many it has.
        needed: u64,
        /// [`Options::max_steps`](crate::Options::max_steps).
        limit: u64,
    },
    /// The query touches more samples than allowed.
    TooManySamples {
        /// How many it had touched and was about to touch; the whole query needs at least as many.
        needed: u64,
        /// [`Options::max_samples`](crate::Options::max_samples).
        limit: u64,
    },
    /// Times that make no range: an end before the start, a step that is not positive, an instant out of bounds.
    Times(String),
    /// The source could not look.
    Source(SourceError),
}

/// A mistake at a place in the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    message: String,
    position: usize,
    text: String,
}

impl QueryError {
    pub(crate) fn new(text: &str, position: usize, message: String) -> Self {
        Self { message, position, text: text.to_owned() }
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The byte at which the expression in question starts.
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = line_and_column(&self.text, self.position);
        write!(f, "{line}:{column}: {}\n{}", self.message, caret(&self.text, self.position))
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query(error) => error.fmt(f),
            Self::TooManySteps { needed, limit } => {
                write!(f, "the query needs {needed} steps, the limit is {limit}: use a longer step or a shorter range")
            }
            Self::TooManySamples { needed, limit } => write!(
                f,
                "the query touches at least {needed} samples, the limit is {limit}: use fewer series, fewer steps or shorter windows"
            ),
            Self::Times(message) => f.write_str(message),
            Self::Source(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EvalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
