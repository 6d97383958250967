//! The only place where verdicts are made.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::evidence::{Evidence, View};
use crate::finding::Finding;
use crate::guard::{GuardSpec, Judgement, Sketch};
use crate::verdict::{Blind, Verdict};
use crate::words::Words;

/// A verdict and what was measured for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Green, red or blind.
    pub verdict: Verdict,
    /// The measured value nearest to the limit.
    pub value: Option<f64>,
    /// The limit.
    pub limit: Option<f64>,
    /// True while the hold time runs.
    pub pending: bool,
    /// What is worth a look although nothing is red for it.
    pub notes: Vec<Finding>,
}

/// Asks a guard about an instant.
///
/// What it saw weighs most: findings are red even where something else could not be read. Without
/// findings, anything unread is blind, and so is a guard that fails.
#[must_use]
pub fn run(spec: &GuardSpec, evidence: &Evidence, at_ms: i64) -> Judged {
    run_by(spec, evidence, at_ms, |view| spec.guard.judge(view))
}

/// The same, asked in another way: a watch in a replay.
pub(crate) fn run_by(
    spec: &GuardSpec,
    evidence: &Evidence,
    at_ms: i64,
    ask: impl FnOnce(&View<'_>) -> Result<Judgement, Blind>,
) -> Judged {
    let view = View::new(evidence, spec, at_ms);
    let judged = catch_unwind(AssertUnwindSafe(|| ask(&view))).unwrap_or_else(|_| {
        Err(Blind::broken(Words::new(
            format!("the guard kind `{}` failed: please report this", spec.kind.name),
            format!("ガードの種類 `{}` が異常終了しました: 報告してください", spec.kind.name),
        )))
    });
    let fault = || fault(spec, evidence).map(|why| Verdict::Blind { why });
    match judged {
        Err(why) => {
            let verdict = fault().unwrap_or(Verdict::Blind { why });
            Judged { verdict, value: None, limit: None, pending: false, notes: Vec::new() }
        }
        Ok(Judgement { findings, blind, value, limit, pending, notes }) => {
            let verdict = if !findings.is_empty() {
                Verdict::Red { findings }
            } else if let Some(why) = blind {
                Verdict::Blind { why }
            } else {
                fault().unwrap_or(Verdict::Green)
            };
            Judged { verdict, value, limit, pending, notes }
        }
    }
}

/// What a guard draws at an instant; nothing where it fails.
#[must_use]
pub fn sketch(spec: &GuardSpec, evidence: &Evidence, at_ms: i64) -> Sketch {
    let view = View::new(evidence, spec, at_ms);
    catch_unwind(AssertUnwindSafe(|| spec.guard.sketch(&view))).unwrap_or_default()
}

/// What could not be read of what a guard needs.
#[must_use]
pub fn fault(spec: &GuardSpec, evidence: &Evidence) -> Option<Blind> {
    let source = spec.source.as_deref().unwrap_or_default();
    spec.guard.needs().iter().find_map(|need| evidence.fault(need, source)).cloned().map(Blind::broken)
}
