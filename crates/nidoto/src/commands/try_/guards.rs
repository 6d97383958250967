//! Trying guards: replay, and what came of it.

use std::collections::BTreeSet;

use anyhow::Result;
use nidoto_core::prove::{State, Track, replay};
use nidoto_core::{Blind, Colour, GuardSpec, Words, when};
use serde_json::{Value as Json, json};

use super::declare::{self, Declared};
use super::{Trial, fetch, text};
use crate::cli::Format;
use crate::report::{Case, Report};
use crate::{Outcome, parallel};

/// What a guard would have said.
pub(super) struct Tried<'t> {
    pub spec: &'t GuardSpec,
    pub track: Track,
    pub calm: Calm,
    /// What it drew when it turned red first, else at the end.
    pub sketch: nidoto_core::guard::Sketch,
}

/// How often it would have cried, and how much it saw.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Calm {
    /// Days, in the team's zone, with a red moment.
    pub red_days: usize,
    /// Those of each week of the span, the first one first.
    pub red_days_by_week: Vec<usize>,
    /// The length of the span in weeks.
    pub weeks: f64,
    /// The share of moments that were red.
    pub red_share: f64,
    /// The share of moments at which it could not look.
    pub blind_share: f64,
}

const WEEK_MS: i64 = 604_800_000;

/// Tries the guards that the command line declares.
pub(super) fn run(trial: &Trial<'_>) -> Result<Outcome> {
    let Declared { guards, diags, made } = declare::read(trial)?;
    let evidence = fetch::evidence(trial, &guards)?;
    let replayed = parallel::map(&guards, parallel::cores(), |spec| {
        let track = replay(spec, &evidence);
        let drawn_ms = track.episodes.first().map_or(trial.span.1, |episode| episode.from_ms);
        let sketch = nidoto_core::sketch(spec, &evidence, drawn_ms);
        (calm(&track, trial), track, sketch)
    });
    let mut tried: Vec<Tried<'_>> =
        guards.iter().zip(replayed).map(|(spec, (calm, track, sketch))| Tried { spec, track, calm, sketch }).collect();
    tried.sort_by_key(|one| one.spec.at);
    let cases = tried.iter().map(|tried| case(tried, trial)).collect();
    let report = Report { command: "try", at_ms: trial.span.1, cases, diags };
    match report.write(trial.args.format, trial.output.lang) {
        Some(text) => print!("{text}"),
        None => print!("{}", text::guards(trial, &tried, made.as_deref())),
    }
    if trial.args.format == Format::Text {
        super::super::warn(trial.output, &report.diags);
    }
    Ok(report.outcome())
}

fn calm(track: &Track, trial: &Trial<'_>) -> Calm {
    let share = |state: State| {
        let n = track.moments.iter().filter(|moment| moment.state == state).count();
        n as f64 / track.moments.len().max(1) as f64
    };
    let (from_ms, to_ms) = trial.span;
    let weeks = ((to_ms - from_ms) as f64 / WEEK_MS as f64).ceil().max(1.0) as usize;
    let mut by_week: Vec<BTreeSet<_>> = vec![BTreeSet::new(); weeks];
    let mut days = BTreeSet::new();
    for moment in track.moments.iter().filter(|moment| moment.state == State::Red) {
        let day = when::zoned(moment.at_ms, &trial.zone).date();
        let week = usize::try_from((moment.at_ms - from_ms) / WEEK_MS).unwrap_or(0).min(weeks - 1);
        // A day that two weeks share counts where it was red first.
        if days.insert(day) {
            by_week[week].insert(day);
        }
    }
    Calm {
        red_days: days.len(),
        red_days_by_week: by_week.iter().map(BTreeSet::len).collect(),
        weeks: (to_ms - from_ms) as f64 / WEEK_MS as f64,
        red_share: share(State::Red),
        blind_share: share(State::Blind),
    }
}

/// Blind is never green: neither where it could look nowhere, nor where it lost sight later. What
/// comes before its first look is the history that it still had to gather.
fn verdict(track: &Track) -> (Colour, Words) {
    if let Some(first) = track.episodes.first() {
        let what = first.findings.first().map(|finding| finding.what.clone()).unwrap_or_default();
        return (Colour::Red, what);
    }
    let after_first_look = track.moments.iter().skip_while(|moment| moment.state == State::Blind);
    let lost = after_first_look.filter(|moment| moment.state == State::Blind).count();
    let has_looked = track.moments.iter().any(|moment| moment.state != State::Blind);
    match (&track.fault, &track.blind, has_looked) {
        (Some(Blind { why, .. }), ..) | (None, Some(Blind { why, .. }), false) => (Colour::Blind, why.clone()),
        (None, None, false) => (Colour::Blind, Words::new("there was nothing to look at", "見るものがありません")),
        (None, Some(Blind { why, .. }), true) if lost > 0 => {
            let n = lost;
            let what = Words::new(
                format!("never red, but blind at {n} moments: {}", why.en),
                format!("異常はないが、{n} 回判定できず: {}", why.ja),
            );
            (Colour::Blind, what)
        }
        _ => (Colour::Green, Words::new("never red", "一度も異常にならない")),
    }
}

fn case(tried: &Tried<'_>, trial: &Trial<'_>) -> Case {
    let (verdict, summary) = verdict(&tried.track);
    let episodes = &tried.track.episodes;
    Case {
        verdict,
        summary,
        findings: episodes.first().map(|episode| episode.findings.clone()).unwrap_or_default(),
        trial: Some(details(tried, trial)),
        ..Case::of(tried.spec)
    }
}

fn details(tried: &Tried<'_>, trial: &Trial<'_>) -> Json {
    let calm = &tried.calm;
    json!({
        "from_ms": trial.span.0,
        "to_ms": trial.span.1,
        "red": tried.track.episodes,
        "notes": tried.track.notes,
        "red_days": calm.red_days,
        "red_days_by_week": calm.red_days_by_week,
        "weeks": calm.weeks,
        "red_share": calm.red_share,
        "blind_share": calm.blind_share,
    })
}
