//! What a guard saw.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::diag::Pos;
use crate::words::Words;

/// One thing a guard saw that must never happen again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was seen, with its numbers.
    pub what: Words,
    /// Where it was seen.
    pub place: Place,
    /// Since when it has been so, in milliseconds since the epoch, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_ms: Option<i64>,
    /// How to mend it, beyond what the guard itself says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Words>,
}

impl Finding {
    /// Something seen at a place.
    #[must_use]
    pub fn new(what: Words, place: Place) -> Self {
        Self { what, place, since_ms: None, fix: None }
    }

    /// Says since when.
    #[must_use]
    pub fn since(mut self, ms: i64) -> Self {
        self.since_ms = Some(ms);
        self
    }
}

/// Where a finding was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A file, with the line where one can be named.
    File {
        /// The file, as it stands in the world.
        path: PathBuf,
        /// Where in it.
        at: Pos,
    },
    /// A series, by its labels.
    Series {
        /// The labels, as Prometheus writes them.
        labels: String,
    },
    /// A source as a whole: a log, a command.
    Source {
        /// Its name in `nidoto.yaml`.
        name: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, at: Pos { line: 0, .. } } => write!(f, "{}", path.display()),
            Self::File { path, at } => write!(f, "{}:{}", path.display(), at.line),
            Self::Series { labels } => f.write_str(labels),
            Self::Source { name } => f.write_str(name),
        }
    }
}
