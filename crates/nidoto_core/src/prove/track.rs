//! What a guard said, instant by instant.

use serde::Serialize;

use crate::evidence::{Evidence, SpanMs};
use crate::finding::Finding;
use crate::guard::{GuardSpec, Need, Watch};
use crate::run::{Judged, fault, run, run_by};
use crate::verdict::{Blind, Verdict};

/// What a guard said of a stretch of evidence.
#[derive(Clone, Debug, Default)]
pub struct Track {
    /// What it said at each instant it was asked about, in order of time.
    pub moments: Vec<Moment>,
    /// Its red stretches.
    pub episodes: Vec<Episode>,
    /// Its stretches of notes: worth a look, yet not red.
    pub notes: Vec<Episode>,
    /// Why it was blind, where it was: the reason met last.
    pub blind: Option<Blind>,
    /// What could not be read of its evidence; then no proof is possible.
    pub fault: Option<Blind>,
    /// The spans that were judged.
    pub spans: Vec<SpanMs>,
}

/// What a guard said at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The instant, in milliseconds since the epoch.
    pub at_ms: i64,
    /// What it said; it stands until the next moment.
    pub state: State,
    /// The measured value nearest to the limit.
    pub value: Option<f64>,
    /// The limit.
    pub limit: Option<f64>,
}

/// A verdict in a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// All is well.
    Green,
    /// The hold time runs.
    Pending,
    /// It could not look.
    Blind,
    /// It saw what must not be.
    Red,
}

/// A stretch of red. Blind moments within it do not end it: a gap does not heal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Episode {
    /// When it turned red.
    pub from_ms: i64,
    /// When it was red last.
    pub to_ms: i64,
    /// What it saw when it turned red.
    pub findings: Vec<Finding>,
    /// True if the very first look was red, so that it may have been red before.
    pub from_the_beginning: bool,
}

impl Track {
    /// Whether some moment had this state.
    #[must_use]
    pub fn has(&self, state: State) -> bool {
        self.moments.iter().any(|moment| moment.state == state)
    }

    /// The time judged, in milliseconds.
    #[must_use]
    pub fn length_ms(&self) -> i64 {
        self.spans.iter().map(|(from, to)| to - from).sum()
    }
}

/// Asks a guard about every instant of the evidence that it needs.
#[must_use]
pub fn replay(spec: &GuardSpec, evidence: &Evidence) -> Track {
    let source = spec.source.as_deref().unwrap_or_default();
    let needs = spec.guard.needs();
    let spans = common_spans(&needs, source, evidence);
    let mut track = Track { fault: fault(spec, evidence), spans, ..Track::default() };
    let mut memory = Memory { watch: spec.guard.watch(), last: None };
    let mut scribe = Scribe::default();
    for at_ms in instants(spec, &needs, &track.spans, evidence, source) {
        let judged = memory.judge(spec, &needs, evidence, at_ms);
        scribe.write(&mut track, at_ms, judged);
    }
    track
}

/// Folds verdicts into a track.
#[derive(Default)]
struct Scribe {
    red: Stretches,
    noted: Stretches,
}

impl Scribe {
    fn write(&mut self, track: &mut Track, at_ms: i64, judged: Judged) {
        let state = match &judged.verdict {
            Verdict::Red { .. } => State::Red,
            Verdict::Blind { .. } => State::Blind,
            Verdict::Green if judged.pending => State::Pending,
            Verdict::Green => State::Green,
        };
        let is_blind = state == State::Blind;
        let findings = match judged.verdict {
            Verdict::Red { findings } => findings,
            Verdict::Blind { why } => {
                track.blind = Some(why);
                Vec::new()
            }
            Verdict::Green => Vec::new(),
        };
        self.red.add(&mut track.episodes, at_ms, findings, is_blind);
        self.noted.add(&mut track.notes, at_ms, judged.notes, is_blind);
        track.moments.push(Moment { at_ms, state, value: judged.value, limit: judged.limit });
    }
}

/// Joins instants with findings to stretches.
#[derive(Default)]
struct Stretches {
    /// It has looked at least once.
    has_looked: bool,
    /// It has looked and seen nothing since the last stretch.
    is_calm: bool,
}

impl Stretches {
    /// Findings behind nothing but blind moments belong to the same stretch.
    fn add(&mut self, episodes: &mut Vec<Episode>, at_ms: i64, findings: Vec<Finding>, is_blind: bool) {
        if findings.is_empty() {
            self.is_calm |= !is_blind;
            self.has_looked |= !is_blind;
            return;
        }
        match episodes.last_mut() {
            Some(episode) if !self.is_calm => episode.to_ms = at_ms,
            _ => {
                let from_the_beginning = !self.has_looked;
                episodes.push(Episode { from_ms: at_ms, to_ms: at_ms, findings, from_the_beginning });
            }
        }
        (self.is_calm, self.has_looked) = (false, true);
    }
}

/// The spans in which the evidence of all needs overlaps, merged and in order.
fn common_spans(needs: &[Need], source: &str, evidence: &Evidence) -> Vec<SpanMs> {
    let mut common: Option<Vec<SpanMs>> = None;
    for need in needs {
        let own = merged(evidence.spans(need, source));
        common = Some(match common {
            None => own,
            Some(before) => overlap(&before, &own),
        });
    }
    common.unwrap_or_default()
}

fn merged(mut spans: Vec<SpanMs>) -> Vec<SpanMs> {
    spans.sort_unstable();
    let mut out: Vec<SpanMs> = Vec::new();
    for (from, to) in spans {
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

fn overlap(a: &[SpanMs], b: &[SpanMs]) -> Vec<SpanMs> {
    let pairs = a.iter().flat_map(|a| b.iter().map(|b| (a.0.max(b.0), a.1.min(b.1))));
    pairs.filter(|(from, to)| from <= to).collect()
}

/// The instants to ask about: every multiple of the guard's interval. Where the guard needs only
/// files or answers, which stand until they change, the instants of change and the ends suffice.
fn instants(spec: &GuardSpec, needs: &[Need], spans: &[SpanMs], evidence: &Evidence, source: &str) -> Vec<i64> {
    let stands = |need: &Need| matches!(need, Need::Files { .. } | Need::Answer);
    if needs.iter().all(stands) {
        let own = needs.iter().flat_map(|need| evidence.spans(need, source));
        let mut instants: Vec<i64> = own.flat_map(|(from, to)| [from, to]).collect();
        instants.sort_unstable();
        instants.dedup();
        return instants;
    }
    let every_ms = spec.every_ms();
    let on_grid = |(from, to): &SpanMs| {
        let first = from.div_euclid(every_ms) + i64::from(from.rem_euclid(every_ms) != 0);
        (first..=to.div_euclid(every_ms)).map(move |n| n * every_ms)
    };
    spans.iter().flat_map(on_grid).collect()
}

/// What a replay carries from one instant to the next.
struct Memory<'s> {
    /// Of a guard that folds a long history.
    watch: Option<Box<dyn Watch + 's>>,
    /// Which lines the guard saw last, and what it said.
    last: Option<(Vec<(usize, usize)>, Judged)>,
}

impl<'s> Memory<'s> {
    fn judge_anew(&mut self, spec: &'s GuardSpec, evidence: &Evidence, at_ms: i64) -> Judged {
        match &mut self.watch {
            None => run(spec, evidence, at_ms),
            Some(watch) => run_by(spec, evidence, at_ms, |view| watch.judge(view)),
        }
    }

    /// A guard is a pure function of what it sees: while it sees the same lines, it says the same.
    fn judge(&mut self, spec: &'s GuardSpec, needs: &[Need], evidence: &Evidence, at_ms: i64) -> Judged {
        let Some(seen) = seen(spec, needs, evidence, at_ms) else {
            return self.judge_anew(spec, evidence, at_ms);
        };
        if let Some((before, judged)) = &self.last
            && *before == seen
        {
            return judged.clone();
        }
        let judged = self.judge_anew(spec, evidence, at_ms);
        self.last = Some((seen, judged.clone()));
        judged
    }
}

/// Which log lines a guard sees; `None` if it needs something else too.
fn seen(spec: &GuardSpec, needs: &[Need], evidence: &Evidence, at_ms: i64) -> Option<Vec<(usize, usize)>> {
    let view = crate::evidence::View::new(evidence, spec, at_ms);
    let window = |need: &Need| match need {
        Need::Log { window_ms } => view.log_range(*window_ms),
        _ => None,
    };
    needs.iter().map(window).collect()
}
