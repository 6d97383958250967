//! Evidence: what was recorded during an outage, or collected a second ago. Guards see it through
//! a [`View`], which shows nothing later than its instant.

mod answer;
mod api_json;
pub mod bytes;
mod csv;
mod hash;
mod load;
mod log;
pub mod openmetrics;
mod series;
mod stamp;
pub mod tree;
mod view;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nidoto_promql::{Expr, Matrix, Options, Series};

pub use answer::Answer;
pub use csv::Naming;
pub use hash::{sha256, sha256_bytes};
pub use load::{Loaded, load_phase, parse_series, read_series_file};
pub use log::{Log, LogLine};
pub use series::SeriesFile;
pub use stamp::stamp_ms;
pub use tree::{Tree, TreeFile};
pub use view::{Files, View, Window};

use crate::folder::Change;
use crate::guard::Need;
use crate::verdict::Blind;
use crate::words::Words;

/// A span of time in milliseconds since the epoch, both ends included.
pub type SpanMs = (i64, i64);

/// Everything that guards may see of one world: an incident's outage, its fix, a quiet time, or
/// today.
#[derive(Debug, Default)]
pub struct Evidence {
    series: BTreeMap<String, Recorded<Vec<Series>>>,
    logs: BTreeMap<String, Recorded<Log>>,
    answers: BTreeMap<String, Recorded<Vec<Answer>>>,
    /// By root; of one root in the order in which they begin.
    trees: BTreeMap<String, Vec<Tree>>,
    tree_faults: Vec<(String, Words)>,
    /// In order of time.
    changes: Vec<(i64, Change)>,
    change_faults: Vec<Words>,
    matrices: Mutex<HashMap<MatrixKey, Arc<OnceLock<MatrixAnswer>>>>,
}

type MatrixKey = (String, String, i64);
type MatrixAnswer = Result<Arc<Matrix>, Blind>;

/// What stands for one source.
#[derive(Debug, Default)]
struct Recorded<T> {
    what: T,
    spans: Vec<SpanMs>,
    faults: Vec<Words>,
}

impl Evidence {
    /// Adds series of a source that cover a span.
    pub fn add_series(&mut self, source: &str, span: SpanMs, series: Vec<Series>) {
        let recorded = self.series.entry(source.to_owned()).or_default();
        recorded.spans.push(span);
        let mut all: BTreeMap<_, BTreeMap<i64, f64>> = BTreeMap::new();
        // Files of one source may each hold a part of a series.
        for one in std::mem::take(&mut recorded.what).into_iter().chain(series) {
            all.entry(one.labels.clone()).or_default().extend(one.samples.iter());
        }
        recorded.what = all.into_iter().map(|(labels, samples)| Series::new(labels, samples)).collect();
    }

    /// Adds the answer to a query at a step, as a server gave it: it stands for the query itself.
    pub fn add_matrix(&mut self, source: &str, query: &str, step_ms: i64, span: SpanMs, matrix: Result<Matrix, Words>) {
        self.series.entry(source.to_owned()).or_default().spans.push(span);
        let answer = OnceLock::from(matrix.map(Arc::new).map_err(Blind::broken));
        let key = (source.to_owned(), query.to_owned(), step_ms);
        self.matrices.get_mut().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::new(answer));
    }

    /// Adds log lines of a source that cover a span.
    pub fn add_log(&mut self, source: &str, span: SpanMs, log: Log) {
        let recorded = self.logs.entry(source.to_owned()).or_default();
        recorded.spans.push(span);
        let shift = u32::try_from(recorded.what.files.len()).unwrap_or(u32::MAX);
        recorded.what.files.extend(log.files);
        let shifted = log.lines.into_iter().map(|line| LogLine { file: line.file.saturating_add(shift), ..line });
        recorded.what.lines.extend(shifted);
        recorded.what.sort();
    }

    /// Adds what a command answered.
    pub fn add_answer(&mut self, source: &str, span: SpanMs, answer: Answer) {
        let recorded = self.answers.entry(source.to_owned()).or_default();
        recorded.spans.push(span);
        recorded.what.push(answer);
        recorded.what.sort_by_key(|answer| answer.at_ms);
    }

    /// Adds the team's journal: each change with its time in milliseconds since the epoch.
    pub fn add_changes(&mut self, changes: impl IntoIterator<Item = (i64, Change)>) {
        self.changes.extend(changes);
        self.changes.sort_by_key(|(at_ms, _)| *at_ms);
    }

    /// Adds files.
    pub fn add_tree(&mut self, tree: Tree) {
        let same_root = self.trees.entry(tree::normal(&tree.root)).or_default();
        same_root.push(tree);
        same_root.sort_by_key(|tree| tree.from_ms);
    }

    /// The trees that would hold what a pattern matches, those of the nearest root first.
    fn covering(&self, pattern: &str) -> impl Iterator<Item = &Tree> {
        let places = tree::places(pattern).filter_map(|place| self.trees.get(&place));
        places.flatten().filter(move |tree| tree.covers(pattern))
    }

    /// Says that something of a source could not be read: its guards are blind.
    pub fn add_fault(&mut self, need: &Need, source: &str, why: Words) {
        let source = source.to_owned();
        match need {
            Need::Series { .. } => self.series.entry(source).or_default().faults.push(why),
            Need::Log { .. } => self.logs.entry(source).or_default().faults.push(why),
            Need::Answer => self.answers.entry(source).or_default().faults.push(why),
            Need::Files { pattern } => self.tree_faults.push((pattern.clone(), why)),
            Need::Changes => self.change_faults.push(why),
        }
    }

    /// What could not be read of what a need asks for.
    #[must_use]
    pub fn fault(&self, need: &Need, source: &str) -> Option<&Words> {
        match need {
            Need::Series { .. } => self.series.get(source).and_then(|r| r.faults.first()),
            Need::Log { .. } => self.logs.get(source).and_then(|r| r.faults.first()),
            Need::Answer => self.answers.get(source).and_then(|r| r.faults.first()),
            Need::Files { pattern } => {
                self.tree_faults.iter().find(|(root, _)| covers(root, pattern)).map(|(_, why)| why)
            }
            Need::Changes => self.change_faults.first(),
        }
    }

    /// The spans of time for which something stands for a need; empty where nothing does.
    #[must_use]
    pub fn spans(&self, need: &Need, source: &str) -> Vec<SpanMs> {
        match need {
            Need::Series { query, .. } => {
                let recorded = self.series.get(source).filter(|recorded| self.has_metrics(recorded, query));
                recorded.map(|r| r.spans.clone()).unwrap_or_default()
            }
            Need::Log { .. } => self.logs.get(source).map(|r| r.spans.clone()).unwrap_or_default(),
            Need::Answer => self.answers.get(source).map(|r| r.spans.clone()).unwrap_or_default(),
            Need::Files { pattern } => self.covering(pattern).map(|tree| (tree.from_ms, tree.to_ms)).collect(),
            // The journal speaks of all times.
            Need::Changes => vec![(i64::MIN, i64::MAX)],
        }
    }

    /// The recorded series of each source.
    pub fn series(&self) -> impl Iterator<Item = (&str, &[Series])> {
        self.series.iter().map(|(source, recorded)| (source.as_str(), recorded.what.as_slice()))
    }

    /// Whether some metric that a query names was recorded: otherwise it is about something else.
    fn has_metrics(&self, recorded: &Recorded<Vec<Series>>, query: &str) -> bool {
        let names = Expr::parse(query).map(|expr| expr.metric_names()).unwrap_or_default();
        let is_recorded = |name: &String| recorded.what.iter().any(|series| series.labels.metric_name() == name);
        names.is_empty() || recorded.what.is_empty() || names.iter().any(is_recorded)
    }

    /// The answer to a query at every multiple of a step within the recorded spans. A query that a
    /// guard may ask looks at nothing later than each instant, so one evaluation serves them all.
    fn matrix(&self, source: &str, query: &str, step_ms: i64) -> MatrixAnswer {
        let key = (source.to_owned(), query.to_owned(), step_ms);
        let cell = self.matrices.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
        cell.get_or_init(|| self.evaluate(source, query, step_ms)).clone()
    }

    fn evaluate(&self, source: &str, query: &str, step_ms: i64) -> MatrixAnswer {
        let Some(recorded) = self.series.get(source).filter(|r| !r.spans.is_empty()) else {
            return Err(Blind::absent(Words::new(
                format!("no series of `{source}` were recorded"),
                format!("`{source}` の系列が記録されていません"),
            )));
        };
        let wrong =
            |error: String| Blind::broken(Words::new(format!("`{query}`: {error}"), format!("`{query}`: {error}")));
        let expr = Expr::parse(query).map_err(|error| wrong(error.to_string()))?;
        let (mut from_ms, mut to_ms) = (i64::MAX, i64::MIN);
        for (from, to) in &recorded.spans {
            (from_ms, to_ms) = (from_ms.min(*from), to_ms.max(*to));
        }
        let first_ms = from_ms.div_euclid(step_ms) * step_ms;
        let matrix =
            nidoto_promql::range(&recorded.what, &expr, first_ms, to_ms.max(first_ms), step_ms, &Options::default());
        matrix.map(Arc::new).map_err(|error| wrong(error.to_string()))
    }
}

fn covers(root: &str, pattern: &str) -> bool {
    tree::places(pattern).any(|place| place == tree::normal(root))
}
