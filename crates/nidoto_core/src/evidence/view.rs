//! What a guard sees at one instant.

use std::sync::Arc;

use jiff::tz::TimeZone;
use nidoto_promql::{Labels, Matrix};

use super::log::Log;
use super::tree::{self, TreeFile};
use super::{Answer, Evidence, LogLine};
use crate::folder::{Change, Night};
use crate::guard::{GuardSpec, Hours};
use crate::verdict::Blind;
use crate::words::Words;

/// What a guard sees at one instant: nothing later than it.
#[derive(Clone, Copy, Debug)]
pub struct View<'e> {
    evidence: &'e Evidence,
    source: &'e str,
    hours: &'e Hours,
    every_ms: i64,
    at_ms: i64,
}

impl<'e> View<'e> {
    /// A guard's view of some evidence at an instant.
    #[must_use]
    pub fn new(evidence: &'e Evidence, spec: &'e GuardSpec, at_ms: i64) -> Self {
        let source = spec.source.as_deref().unwrap_or_default();
        Self { evidence, source, hours: &spec.hours, every_ms: spec.every_ms(), at_ms }
    }

    /// The instant, in milliseconds since the epoch.
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        self.at_ms
    }

    /// How often the guard is asked, in milliseconds: the step of its series.
    #[must_use]
    pub fn every_ms(&self) -> i64 {
        self.every_ms
    }

    /// The name of the guard's source.
    #[must_use]
    pub fn source(&self) -> &'e str {
        self.source
    }

    /// The last multiple of the guard's interval, in milliseconds: the newest point of its series.
    #[must_use]
    pub fn last_ms(&self) -> i64 {
        self.at_ms.div_euclid(self.every_ms) * self.every_ms
    }

    /// The team's time zone.
    #[must_use]
    pub fn zone(&self) -> &'e TimeZone {
        &self.hours.zone
    }

    /// When the team sleeps, in its zone.
    #[must_use]
    pub fn night(&self) -> Option<Night> {
        self.hours.night
    }

    /// The answer to a query at each multiple of the guard's interval, from `window_ms` before the
    /// last multiple (included) up to it: the same points live, between two multiples, as in a
    /// replay. Series without a sample in the window are left out.
    ///
    /// # Errors
    /// When nothing was recorded, the query fails, or no series has a sample in the window.
    pub fn series(&self, query: &str, window_ms: i64) -> Result<Window, Blind> {
        let window = self.between(query, self.last_ms().saturating_sub(window_ms), self.at_ms)?;
        if window.parts.is_empty() {
            let span = crate::span::Span::seconds(window_ms / 1_000);
            let why = Words::new(
                format!("`{query}` has no sample in the last {span}"),
                format!("`{query}` には直近 {span} のサンプルがありません"),
            );
            return Err(Blind { absent: window.matrix.is_empty(), why });
        }
        Ok(window)
    }

    /// The same points as [`View::series`] from one instant to another, both included, for a watch
    /// that has seen what was before. It may be empty; never does it reach beyond the view's instant.
    ///
    /// # Errors
    /// When nothing was recorded or the query fails.
    pub fn between(&self, query: &str, from_ms: i64, to_ms: i64) -> Result<Window, Blind> {
        let matrix = self.evidence.matrix(self.source, query, self.every_ms)?;
        let to_ms = to_ms.min(self.at_ms);
        let mut parts = Vec::with_capacity(matrix.len());
        for (i, (_, samples)) in matrix.iter().enumerate() {
            let end = samples.partition_point(|(t, _)| *t <= to_ms);
            let start = samples[..end].partition_point(|(t, _)| *t < from_ms);
            if start < end {
                parts.push((i, start, end));
            }
        }
        Ok(Window { matrix, parts })
    }

    /// The newest point of one series of an answer, at [`View::last_ms`]; `None` where it has none.
    ///
    /// # Errors
    /// When nothing was recorded or the query fails.
    pub fn point(&self, query: &str, labels: &Labels) -> Result<Option<f64>, Blind> {
        let matrix = self.evidence.matrix(self.source, query, self.every_ms)?;
        let last_ms = self.last_ms();
        let samples = matrix.iter().find(|(other, _)| other == labels).map(|(_, samples)| samples);
        Ok(samples.and_then(|samples| {
            let i = samples.binary_search_by_key(&last_ms, |(t, _)| *t).ok()?;
            Some(samples[i].1)
        }))
    }

    /// The changes to the world of the last `window_ms`, in order of time.
    #[must_use]
    pub fn changes(&self, window_ms: i64) -> &'e [(i64, Change)] {
        let all = &self.evidence.changes;
        let from_ms = self.at_ms.saturating_sub(window_ms);
        let start = all.partition_point(|(t, _)| *t < from_ms);
        let end = all.partition_point(|(t, _)| *t <= self.at_ms);
        &all[start..end.max(start)]
    }

    /// The log lines of the last `window_ms`, in order of time.
    ///
    /// # Errors
    /// When no log of the source stands here.
    pub fn log(&self, window_ms: i64) -> Result<&'e [LogLine], Blind> {
        let log = self.whole_log()?;
        Ok(&log.lines[log.window(self.at_ms.saturating_sub(window_ms), self.at_ms)])
    }

    /// Which lines [`View::log`] shows, as positions in the log: by them a watch knows what it has
    /// read. `None` where no log stands here.
    #[must_use]
    pub fn log_range(&self, window_ms: i64) -> Option<(usize, usize)> {
        let range = self.whole_log().ok()?.window(self.at_ms.saturating_sub(window_ms), self.at_ms);
        Some((range.start, range.end))
    }

    /// The path of a log line's file.
    #[must_use]
    pub fn log_path(&self, line: &LogLine) -> std::path::PathBuf {
        let log = self.whole_log().ok();
        log.and_then(|log| log.files.get(line.file as usize)).cloned().unwrap_or_default()
    }

    fn whole_log(&self) -> Result<&'e Log, Blind> {
        let absent = || {
            Blind::absent(Words::new(
                format!("no log of `{}` was recorded", self.source),
                format!("`{}` のログが記録されていません", self.source),
            ))
        };
        let recorded = self.evidence.logs.get(self.source).filter(|r| !r.spans.is_empty()).ok_or_else(absent)?;
        if !recorded.spans.iter().any(|(from_ms, _)| *from_ms <= self.at_ms) {
            return Err(absent());
        }
        Ok(&recorded.what)
    }

    /// The files whose path matches a pattern, as they stood last.
    ///
    /// # Errors
    /// When nobody looked at that place, or the pattern is not one.
    pub fn files(&self, pattern: &str) -> Result<Files<'e>, Blind> {
        let begun = self.evidence.covering(pattern).filter(|tree| tree.from_ms <= self.at_ms);
        // Of those that begin together the nearest root counts, which comes first.
        let latest = begun.reduce(|best, tree| if tree.from_ms > best.from_ms { tree } else { best });
        let Some(tree) = latest else {
            return Err(Blind::absent(Words::new(
                format!("no files were recorded at `{pattern}`"),
                format!("`{pattern}` のファイルが記録されていません"),
            )));
        };
        let matcher =
            tree::matcher(pattern).map_err(|error| Blind::broken(Words::same(format!("`{pattern}`: {error}"))))?;
        let matching = tree.files.iter().filter(|file| matcher.is_match(&file.path)).collect();
        Ok(Files { matching, since_ms: tree.from_ms })
    }

    /// What the source's command answered last.
    ///
    /// # Errors
    /// When it has not answered yet.
    pub fn answer(&self) -> Result<&'e Answer, Blind> {
        let recorded = self.evidence.answers.get(self.source);
        let answered = recorded.and_then(|r| r.what.iter().rev().find(|answer| answer.at_ms <= self.at_ms));
        answered.ok_or_else(|| {
            Blind::absent(Words::new(
                format!("no answer of `{}` was recorded", self.source),
                format!("`{}` の応答が記録されていません", self.source),
            ))
        })
    }
}

/// Files as they stood at an instant.
#[derive(Clone, Debug)]
pub struct Files<'e> {
    /// Those that match, sorted by path.
    pub matching: Vec<&'e TreeFile>,
    /// Since when they have stood so, in milliseconds since the epoch.
    pub since_ms: i64,
}

/// The answer to a query over a window, one step apart.
#[derive(Clone, Debug)]
pub struct Window {
    matrix: Arc<Matrix>,
    parts: Vec<(usize, usize, usize)>,
}

impl Window {
    /// Each series with a sample in the window: its labels, and its samples as time in milliseconds
    /// and value, in order of time.
    pub fn iter(&self) -> impl Iterator<Item = (&Labels, &[(i64, f64)])> {
        self.parts.iter().map(|(i, start, end)| {
            let (labels, samples) = &self.matrix[*i];
            (labels, &samples[*start..*end])
        })
    }
}
