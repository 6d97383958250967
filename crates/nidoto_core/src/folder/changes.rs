//! `changes.jsonl`: the journal of deploys, pushes and operations.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::diag::{Diag, Pos};
use crate::span::Span;
use crate::when;
use crate::words::Words;

/// One change to the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// When it was made, RFC 3339 or local.
    pub at: String,
    /// What was changed.
    pub what: String,
    /// deploy, push, restart, operation or any word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How big it was: recipients of a push, lines of a deploy.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "whole")]
    pub size: Option<f64>,
    /// How long it took: a push that was spread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Span>,
}

/// `120000`, not `120000.0`.
fn whole<S: serde::Serializer>(size: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match size {
        Some(size) if size.fract() == 0.0 && size.abs() < 9e15 => serializer.serialize_i64(*size as i64),
        size => size.serialize(serializer),
    }
}

impl Change {
    /// When it was made.
    #[must_use]
    pub fn time(&self, zone: &TimeZone) -> Option<Timestamp> {
        when::parse(&self.at, zone)
    }

    /// The letter that marks it on a chart.
    #[must_use]
    pub fn letter(&self) -> char {
        match self.kind.as_deref() {
            Some("deploy") => 'D',
            Some("push") => 'P',
            Some("restart") => 'R',
            _ => 'O',
        }
    }
}

/// Reads the journal, in order of time. A line with an error is left out and told.
#[must_use]
pub fn read_changes(file: &Path, text: &str, zone: &TimeZone) -> (Vec<Change>, Vec<Diag>) {
    let (mut changes, mut diags) = (Vec::new(), Vec::new());
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let at = |column| Pos { line: i + 1, column };
        match serde_json::from_str::<Change>(line) {
            Ok(change) if change.time(zone).is_some() => changes.push(change),
            Ok(change) => diags.push(
                Diag::new(
                    file,
                    at(1),
                    Words::new(format!("`{}` is no time", change.at), format!("`{}` は日時ではありません", change.at)),
                )
                .mend(Words::new(
                    "write it like 2021-02-06T16:55:00+09:00",
                    "2021-02-06T16:55:00+09:00 のように書いてください",
                )),
            ),
            Err(error) => diags.push(
                Diag::new(
                    file,
                    at(error.column()),
                    Words::new(
                        format!("this line is no change: {error}"),
                        format!("変更として読めない行です: {error}"),
                    ),
                )
                .mend(Words::new(
                    "write it like {\"at\": \"2021-02-06T16:55:00+09:00\", \"what\": \"...\"}",
                    "{\"at\": \"2021-02-06T16:55:00+09:00\", \"what\": \"...\"} のように書いてください",
                )),
            ),
        }
    }
    changes.sort_by_key(|change| change.time(zone));
    (changes, diags)
}
