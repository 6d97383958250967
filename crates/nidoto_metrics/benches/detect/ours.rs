//! nidoto's own kinds, asked as a user's guard is asked: built from its keys, replayed over evidence.

use nidoto_core::folder::Settings;
use nidoto_core::prove::{State, Track, replay};
use nidoto_core::{Evidence, GuardSpec, Hours, Kind, Pos, Span};
use nidoto_metrics::KINDS;
use serde_json::json;

use super::AnyError;
use super::case::Case;
use super::intervals::{self, Coverage};

pub const SOURCE: &str = "metrics";

/// What a guard said of a case: instants in milliseconds since the epoch.
#[derive(Debug, Default)]
pub struct Said {
    pub reds: Vec<i64>,
    /// Instants of the low-severity tier, red ones included.
    pub suspects: Vec<i64>,
    /// The intervals that its red and its suspected findings told.
    pub intervals: [Coverage; 2],
}

/// A kind by its name; `None` if this build has none.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.name == name)
}

/// A `leak` guard over a case.
pub fn leak_guard(kind: &'static Kind, case: &Case) -> Result<GuardSpec, AnyError> {
    let mut keys = json!({ "query": case.query });
    keys["limit"] = case.limit_query.as_ref().map_or(json!(case.limit), |query| json!(query));
    if let Some(started) = &case.started {
        keys["started"] = json!(started);
    }
    guard(kind, keys)
}

/// A guard asked every five minutes.
pub fn guard(kind: &'static Kind, keys: serde_json::Value) -> Result<GuardSpec, AnyError> {
    Ok(GuardSpec {
        name: kind.name.to_owned(),
        incident: None,
        kind,
        guard: (kind.build)(keys).map_err(|words| words.en)?,
        source: Some(SOURCE.into()),
        settings: Settings { every: Some(Span::seconds(300)), ..Settings::default() },
        hours: Hours::default(),
        file: "guards.yaml".into(),
        at: Pos::default(),
    })
}

/// A case as evidence.
pub fn evidence(case: &Case) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.add_series(SOURCE, case.span_ms(), case.series.clone());
    evidence
}

/// Replays a guard over a case.
pub fn track(spec: &GuardSpec, case: &Case) -> Track {
    replay(spec, &evidence(case))
}

/// What a `leak` guard says of a case.
pub fn said(kind: &'static Kind, case: &Case) -> Result<Said, AnyError> {
    let track = track(&leak_guard(kind, case)?, case);
    if let Some(fault) = &track.fault {
        return Err(format!("{}: {}", case.name, fault.why.en).into());
    }
    let reds: Vec<i64> = track.moments.iter().filter(|m| m.state == State::Red).map(|m| m.at_ms).collect();
    let is_noted = |at_ms: &i64| track.notes.iter().any(|note| (note.from_ms..=note.to_ms).contains(at_ms));
    let suspects = track.moments.iter().map(|m| m.at_ms).filter(|at| is_noted(at) || reds.binary_search(at).is_ok());
    Ok(Said { suspects: suspects.collect(), intervals: intervals::of_leak(case, &track), reds })
}
