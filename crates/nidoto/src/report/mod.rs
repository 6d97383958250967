//! Results for machines: one model, several formats. `docs/reports.md` describes them.

mod github;
mod json;
mod junit;
mod markdown;
pub(crate) mod sarif;

use std::path::PathBuf;

use nidoto_core::folder::{BrokenGuard, Urgency};
use nidoto_core::{Blind, Colour, Diag, Finding, GuardSpec, Judged, Lang, Pos, Verdict, Words};
use serde::Serialize;
use serde_json::Value as Json;

use crate::Outcome;
use crate::cli::Format;

/// What a run of `check` or `prove` found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// `check`, `prove` or `try`.
    pub command: &'static str,
    /// The instant it speaks of, in milliseconds since the epoch.
    pub at_ms: i64,
    /// One for each guard.
    pub cases: Vec<Case>,
    /// What is wrong with files, guards left out.
    pub diags: Vec<Diag>,
}

/// What a run found of one guard.
#[derive(Debug, Serialize)]
pub struct Case {
    /// The guard's name.
    pub guard: String,
    /// The incident that left it behind.
    pub incident: Option<String>,
    /// Its kind; empty where it could not be read.
    pub kind: &'static str,
    /// What a red does to people.
    pub severity: Urgency,
    /// The verdict; of `prove`, green where the proof holds.
    pub verdict: Colour,
    /// The verdict in a sentence.
    pub summary: Words,
    /// What it saw.
    pub findings: Vec<Finding>,
    /// What is worth a look although nothing is red for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Finding>,
    /// Why it must never happen again.
    pub why: Option<String>,
    /// What to do.
    pub fix: Option<String>,
    /// The file that declares it.
    pub file: PathBuf,
    /// Where in that file.
    pub at: Pos,
    /// Of `prove`: status, lead, episodes, false reds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Json>,
    /// Of `try`: what it would have said, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial: Option<Json>,
}

impl Case {
    /// A case without a verdict yet.
    #[must_use]
    pub fn of(spec: &GuardSpec) -> Self {
        Self {
            guard: spec.name.clone(),
            incident: spec.incident.clone(),
            kind: spec.kind.name,
            severity: spec.settings.severity,
            verdict: Colour::Blind,
            summary: Words::default(),
            findings: Vec::new(),
            notes: Vec::new(),
            why: spec.settings.why.clone(),
            fix: spec.settings.fix.clone(),
            file: spec.file.clone(),
            at: spec.at,
            proof: None,
            trial: None,
        }
    }

    /// The same with what `check` found.
    #[must_use]
    pub fn judged(mut self, judged: Judged) -> Self {
        let verdict = judged.verdict;
        self.notes = judged.notes;
        self.verdict = verdict.colour();
        self.summary = match &verdict {
            Verdict::Green => Words::new("green", "正常"),
            Verdict::Red { findings } => match findings.as_slice() {
                [first] => first.what.clone(),
                [first, rest @ ..] => Words::new(
                    format!("{}, and {} more", first.what.en, rest.len()),
                    format!("{}、ほか {} 件", first.what.ja, rest.len()),
                ),
                [] => Words::default(),
            },
            Verdict::Blind { why: Blind { why, .. } } => why.clone(),
        };
        if let Verdict::Red { findings } = verdict {
            self.findings = findings;
        }
        self
    }

    /// A guard that could not be read.
    #[must_use]
    pub fn broken(broken: &BrokenGuard) -> Self {
        let first = broken.diags.first();
        let text = |lang: Lang| broken.diags.iter().map(|diag| diag.text(lang)).collect::<Vec<_>>().join("; ");
        Self {
            guard: broken.name.clone(),
            incident: broken.incident.clone(),
            kind: "",
            severity: Urgency::default(),
            verdict: Colour::Blind,
            summary: Words::new(text(Lang::En), text(Lang::Ja)),
            findings: Vec::new(),
            notes: Vec::new(),
            why: None,
            fix: None,
            file: first.map(|diag| diag.file.clone()).unwrap_or_default(),
            at: first.map(|diag| diag.at).unwrap_or_default(),
            proof: None,
            trial: None,
        }
    }
}

impl Report {
    /// How the run ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let of_cases = self.cases.iter().map(|case| match case.verdict {
            Colour::Green => Outcome::Green,
            Colour::Blind => Outcome::Blind,
            Colour::Red => Outcome::Red,
        });
        let of_files = if self.diags.is_empty() { Outcome::Green } else { Outcome::Blind };
        of_cases.max().unwrap_or(Outcome::Green).max(of_files)
    }

    /// The report in a format for machines; `None` for the format of people, which each command
    /// writes itself.
    #[must_use]
    pub fn write(&self, format: Format, lang: Lang) -> Option<String> {
        match format {
            Format::Text => None,
            Format::Json => Some(json::write(self)),
            Format::Junit => Some(junit::write(self, lang)),
            Format::Sarif => Some(sarif::write(self, lang)),
            Format::Github => Some(github::write(self, lang)),
            Format::Markdown => Some(markdown::write(self, lang)),
        }
    }

    /// How many cases have a verdict.
    #[must_use]
    pub fn count(&self, colour: Colour) -> usize {
        self.cases.iter().filter(|case| case.verdict == colour).count()
    }
}
