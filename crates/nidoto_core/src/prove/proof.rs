//! What a replay proves: red before users noticed, green after the fix, calm in between.

use serde::Serialize;

use super::track::{Episode, State, Track, replay};
use crate::evidence::Evidence;
use crate::folder::Times;
use crate::guard::{GuardSpec, Sketch};
use crate::run::sketch;
use crate::verdict::Blind;
use crate::when;

const WEEK_MS: f64 = 604_800_000.0;

/// What the replay of one guard over its incident proved.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The outcome in a word.
    pub status: Status,
    /// How early it warned.
    pub lead: Option<Lead>,
    /// How calm it was when nothing was wrong.
    pub calm: Calm,
    /// What it said during the outage and before.
    pub outage: Track,
    /// What it said after the fix.
    pub fixed: Track,
    /// What it said in ordinary time.
    pub quiet: Track,
    /// Why it could not be proved, where it is blind.
    pub blind: Option<Blind>,
    /// What it drew when it turned red, or at the end of the outage where it never did.
    pub sketch: Sketch,
}

/// The outcome of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Red before anybody noticed, green after the fix.
    Proven,
    /// Red, but only after somebody noticed; green after the fix.
    Late,
    /// Red on the outage, but nothing shows that the fix turns it green.
    NoFix,
    /// Never red on the outage.
    Unproven,
    /// Red after the fix too.
    RedAfterFix,
    /// Red at every moment of every evidence: it says nothing.
    Useless,
    /// Its evidence could not be read.
    Blind,
}

impl Status {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Late => "late",
            Self::NoFix => "no-fix",
            Self::Unproven => "unproven",
            Self::RedAfterFix => "red-after-fix",
            Self::Useless => "useless",
            Self::Blind => "blind",
        }
    }

    /// Whether the guard did what guards are for.
    #[must_use]
    pub fn holds(self) -> bool {
        matches!(self, Self::Proven | Self::Late)
    }
}

/// How early a guard warned, in seconds; negative is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Lead {
    /// When it turned red, in milliseconds since the epoch.
    pub red_ms: i64,
    /// Before anybody noticed (`detected`).
    pub detected_s: Option<i64>,
    /// Before users were hurt (`started`).
    pub started_s: Option<i64>,
    /// True if it was red at the first look, so that the lead is at least this.
    pub at_least: bool,
}

/// How calm a guard was when nothing was wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Calm {
    /// Red stretches on quiet evidence and before the guard's warning time.
    pub false_reds: usize,
    /// The time in which they would have been seen, in weeks.
    pub weeks: f64,
}

impl Calm {
    /// False reds a week; `None` where no quiet time was judged.
    #[must_use]
    pub fn per_week(&self) -> Option<f64> {
        (self.weeks > 0.0).then(|| self.false_reds as f64 / self.weeks)
    }
}

/// Replays a guard over the evidence of its incident.
#[must_use]
pub fn prove(spec: &GuardSpec, times: &Times, outage: &Evidence, fixed: &Evidence, quiet: &Evidence) -> Proof {
    let outage_track = replay(spec, outage);
    let fixed = replay(spec, fixed);
    let quiet = replay(spec, quiet);
    let first = first_warning(spec, times, &outage_track);
    let lead = first.map(|episode| lead(times, episode));
    let end_ms = outage_track.moments.last().map_or(0, |moment| moment.at_ms);
    let sketch = sketch(spec, outage, lead.map_or(end_ms, |lead| lead.red_ms));
    let outage = outage_track;
    let calm = calm(spec, times, &outage, &quiet);
    let (status, blind) = status(&outage, &fixed, &quiet, lead);
    Proof { status, lead, calm, outage, fixed, quiet, blind, sketch }
}

/// The first red that was about this outage: it begins within the warning time, or lasts into it,
/// and not only when all was over.
fn first_warning<'t>(spec: &GuardSpec, times: &Times, outage: &'t Track) -> Option<&'t Episode> {
    let warned_ms = warning_from_ms(spec, times);
    let over_ms = times.resolved.or(times.mitigated).map_or(i64::MAX, when::ms);
    outage.episodes.iter().find(|episode| episode.to_ms >= warned_ms && episode.from_ms <= over_ms)
}

fn warning_from_ms(spec: &GuardSpec, times: &Times) -> i64 {
    let hurt = times.started.or(times.detected);
    hurt.map_or(i64::MIN, |at| when::ms(at).saturating_sub(spec.warn_ms()))
}

fn lead(times: &Times, episode: &Episode) -> Lead {
    let before = |at: Option<jiff::Timestamp>| at.map(|at| (when::ms(at) - episode.from_ms) / 1_000);
    Lead {
        red_ms: episode.from_ms,
        detected_s: before(times.detected),
        started_s: before(times.started),
        at_least: episode.from_the_beginning,
    }
}

fn calm(spec: &GuardSpec, times: &Times, outage: &Track, quiet: &Track) -> Calm {
    let warned_ms = warning_from_ms(spec, times);
    let early = outage.episodes.iter().filter(|episode| episode.to_ms < warned_ms).count();
    let before_ms: i64 = outage.spans.iter().map(|(from, to)| (*to.min(&warned_ms) - from).max(0)).sum();
    Calm { false_reds: early + quiet.episodes.len(), weeks: (before_ms + quiet.length_ms()) as f64 / WEEK_MS }
}

fn status(outage: &Track, fixed: &Track, quiet: &Track, lead: Option<Lead>) -> (Status, Option<Blind>) {
    // Evidence that cannot be trusted proves nothing.
    for track in [outage, fixed, quiet] {
        if let Some(fault) = &track.fault {
            return (Status::Blind, Some(fault.clone()));
        }
    }
    let Some(lead) = lead else {
        let looked = outage.moments.iter().any(|moment| moment.state != State::Blind);
        return match (&outage.blind, looked) {
            (_, true) => (Status::Unproven, None),
            (Some(why), false) => (Status::Blind, Some(why.clone())),
            (None, false) => (Status::Blind, Some(nothing_recorded())),
        };
    };
    if always_red(&[outage, fixed, quiet]) {
        return (Status::Useless, None);
    }
    if !fixed.episodes.is_empty() {
        return (Status::RedAfterFix, None);
    }
    if !fixed.has(State::Green) && !fixed.has(State::Pending) {
        return (Status::NoFix, fixed.blind.clone());
    }
    let noticed_before = lead.detected_s.or(lead.started_s).is_some_and(|s| s < 0);
    (if noticed_before { Status::Late } else { Status::Proven }, None)
}

fn nothing_recorded() -> Blind {
    Blind::absent(crate::Words::new(
        "the outage evidence holds nothing that this guard looks at",
        "outage の証拠に、このガードが見るものがありません",
    ))
}

/// Red whenever it looked, in the outage and in at least one other evidence.
fn always_red(tracks: &[&Track]) -> bool {
    let mut others = 0;
    for (i, track) in tracks.iter().enumerate() {
        let looked = track.moments.iter().filter(|moment| moment.state != State::Blind);
        let states: Vec<State> = looked.map(|moment| moment.state).collect();
        if states.iter().any(|state| *state != State::Red) {
            return false;
        }
        others += usize::from(i > 0 && !states.is_empty());
    }
    others > 0
}
