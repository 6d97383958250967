//! What `gc` says of the collectors' logs that `labs/leaks` recorded.

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use nidoto_core::Evidence;
use nidoto_core::evidence::{Log, bytes};
use nidoto_core::prove::{State, replay};
use serde_json::{Value, json};

use super::case::Case;
use super::score::{Outcome, Score, outcome};
use super::{AnyError, ours, recorded};

/// Replays `gc` guards that know the heap's limit over each log, and ones that know nothing.
pub fn write(out: &mut dyn Write) -> Result<(), AnyError> {
    let logged = recorded::logged()?;
    write_said(&logged, "limit as the run tells it", |case| json!({ "limit": case.limit }), out)?;
    write_said(&logged, "no limit", |_| json!({}), out)
}

fn write_said(
    logged: &[(Case, PathBuf)],
    title: &str,
    keys: fn(&Case) -> Value,
    out: &mut dyn Write,
) -> Result<(), AnyError> {
    let Some(kind) = ours::kind("gc") else { return Ok(()) };
    let mut said: Vec<(&Case, Vec<i64>)> = Vec::new();
    for (case, path) in logged {
        let track = replay(&ours::guard(kind, keys(case))?, &evidence(case, path)?);
        let reds = track.moments.iter().filter(|moment| moment.state == State::Red).map(|moment| moment.at_ms);
        said.push((case, reds.collect()));
    }
    let score = Score::of(said.iter().map(|(case, reds)| (*case, reds.as_slice())));
    let (hits, leaks, alarms, clean) = (score.hits, score.leaks, score.false_series, score.clean);
    writeln!(
        out,
        "\n`gc` over the collectors' logs of recorded runs, {title}: red in {hits} of {leaks} leaks, {alarms} of {clean} healthy"
    )?;
    for (case, reds) in &said {
        let word = match outcome(case, reds) {
            Outcome::Hit(lead_h) if lead_h.is_finite() => format!("red {lead_h:.0} h before its end"),
            Outcome::Hit(_) => "red".to_owned(),
            Outcome::Missed => "missed".to_owned(),
            Outcome::Calm => "calm".to_owned(),
            Outcome::False => format!("false, at {} of its instants", reds.len()),
        };
        writeln!(out, "  {:26} {:8} {word}", case.name, if case.leak.is_some() { "leaks" } else { "healthy" })?;
    }
    Ok(())
}

fn evidence(case: &Case, path: &Path) -> Result<Evidence, AnyError> {
    let mut log = Log::default();
    log.add(path, &bytes::read(path)?, &TimeZone::UTC, case.span_ms().1);
    log.sort();
    let mut evidence = Evidence::default();
    evidence.add_log(ours::SOURCE, case.span_ms(), log);
    Ok(evidence)
}
