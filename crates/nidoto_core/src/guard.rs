//! Guards and their kinds.

use std::fmt;
use std::path::PathBuf;

use schemars::{Schema, SchemaGenerator};

use crate::diag::Pos;
use jiff::tz::TimeZone;

use crate::evidence::View;
use crate::finding::Finding;
use crate::folder::{Night, Settings};
use crate::span::Span;
use crate::verdict::Blind;
use crate::words::Words;

/// An executable statement of what must never happen again.
///
/// A guard sees evidence and nothing else: it does no I/O, reads no clock, and the view shows it
/// nothing later than the instant it is asked about.
pub trait Guard: fmt::Debug + Send + Sync {
    /// What it needs to see.
    fn needs(&self) -> Vec<Need>;

    /// Looks once.
    ///
    /// # Errors
    /// When it could not look; this becomes a blind verdict.
    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind>;

    /// Looks again and again, keeping what it has folded so far, for a guard that sees a long
    /// history. `None`: every look starts anew.
    ///
    /// Whatever instants it was asked about before, a watch says the very same as [`Guard::judge`]:
    /// a law that each such kind holds by a property test.
    fn watch(&self) -> Option<Box<dyn Watch + '_>> {
        None
    }

    /// What it sees beside the value, to be drawn: its floor, its trend, its forecast. Default: what
    /// its watch draws.
    fn sketch(&self, view: &View<'_>) -> Sketch {
        self.watch().map(|mut watch| watch.sketch(view)).unwrap_or_default()
    }
}

/// A guard at work: asked about one instant after the other.
pub trait Watch {
    /// Looks once. An instant before the last one starts anew.
    ///
    /// # Errors
    /// As [`Guard::judge`].
    fn judge(&mut self, view: &View<'_>) -> Result<Judgement, Blind>;

    /// What it sees beside the value, to be drawn.
    fn sketch(&mut self, view: &View<'_>) -> Sketch {
        let _ = view;
        Sketch::default()
    }
}

/// What a guard needs to see: recorded evidence or a collector answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// The answer to a PromQL query, at the guard's interval, for a span before the instant.
    Series {
        /// The query.
        query: String,
        /// How far back, in milliseconds.
        window_ms: i64,
    },
    /// Log lines of a span before the instant.
    Log {
        /// How far back, in milliseconds.
        window_ms: i64,
    },
    /// Files whose path matches a pattern.
    Files {
        /// The pattern, absolute or relative to the root.
        pattern: String,
    },
    /// What a command answered last.
    Answer,
    /// The team's journal of changes: deploys, pushes, restarts.
    Changes,
}

impl Need {
    /// The type of source that can answer it, by its word in `nidoto.yaml`; files need none.
    #[must_use]
    pub fn source_name(&self) -> Option<&'static str> {
        match self {
            Self::Series { .. } => Some("prometheus"),
            Self::Log { .. } => Some("log"),
            Self::Answer => Some("command"),
            Self::Files { .. } | Self::Changes => None,
        }
    }
}

/// What a guard saw at an instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// What must not be; empty if all is well.
    pub findings: Vec<Finding>,
    /// What it could not see although it saw the rest. Findings weigh more.
    pub blind: Option<Blind>,
    /// The measured value nearest to the limit, to be drawn over time.
    pub value: Option<f64>,
    /// The limit that the value is held against.
    pub limit: Option<f64>,
    /// True while the hold time runs: nothing to report yet.
    pub pending: bool,
    /// What is worth a look, yet no reason to be red: a suspicion.
    pub notes: Vec<Finding>,
}

/// A stretch of time in milliseconds with a lower and an upper end.
pub type Band = Vec<(i64, f64, f64)>;

/// What a guard draws into its proof at one instant. Values have the unit of its value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sketch {
    /// Lines by name: time in milliseconds and value.
    pub lines: Vec<(Words, Vec<(i64, f64)>)>,
    /// Bands by name, such as a forecast: time in milliseconds, lower and upper end.
    pub bands: Vec<(Words, Band)>,
    /// Events by name, such as restarts.
    pub marks: Vec<(Words, i64)>,
}

/// The team's hours: how a guard tells times, and when nobody looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {
    /// The team's time zone.
    pub zone: TimeZone,
    /// When the team sleeps, in that zone.
    pub night: Option<Night>,
}

impl Default for Hours {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, night: None }
    }
}

/// A kind of guard: one unit that holds its name, documentation, schema and logic.
pub struct Kind {
    /// Its word in `guards.yaml`; also the name of its file and its page in the docs.
    pub name: &'static str,
    /// What it watches, in a line, English and Japanese.
    pub summary: (&'static str, &'static str),
    /// What it does and when to use it, in Markdown, with an example.
    pub doc: &'static str,
    /// How often it is asked unless the guard says otherwise.
    pub every: Span,
    /// The JSON Schema of its keys.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Makes a guard of keys that fit the schema. An error says what else is wrong with them.
    pub build: fn(serde_json::Value) -> Result<Box<dyn Guard>, Words>,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A guard as it was declared: who, where, how to treat it.
#[derive(Debug)]
pub struct GuardSpec {
    /// Its name, unique in the root.
    pub name: String,
    /// The incident that left it behind, by id.
    pub incident: Option<String>,
    /// Its kind.
    pub kind: &'static Kind,
    /// Its logic.
    pub guard: Box<dyn Guard>,
    /// The source it asks, resolved.
    pub source: Option<String>,
    /// How to treat it.
    pub settings: Settings,
    /// The hours of the team that it tells.
    pub hours: Hours,
    /// The file that declares it.
    pub file: PathBuf,
    /// Where in that file.
    pub at: Pos,
}

impl GuardSpec {
    /// How often it is asked, in milliseconds.
    #[must_use]
    pub fn every_ms(&self) -> i64 {
        self.settings.every.unwrap_or(self.kind.every).ms().max(1_000)
    }

    /// How long before an outage a red is a warning of it, in milliseconds.
    #[must_use]
    pub fn warn_ms(&self) -> i64 {
        self.settings.warn.unwrap_or(Span::seconds(86_400)).ms()
    }
}
