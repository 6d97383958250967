//! Proving: each guard on the evidence of its own incident, and every other guard too, so that
//! false alarms surface.

use nidoto_core::evidence::{Loaded, load_phase};
use nidoto_core::folder::{Incident, Phase, Root};
use nidoto_core::prove::{Proof, Status, Track, prove as prove_guard, replay};
use nidoto_core::{Colour, Diag, GuardSpec, Words};
use serde::Serialize;
use serde_json::json;

use super::Wanted;
use crate::output::Output;
use crate::parallel;
use crate::report::{Case, Report};

/// What was proved.
pub struct Proved {
    /// Each proof with the place of its guard in the root.
    pub proofs: Vec<(usize, Proof)>,
    /// Guards that were red on the evidence of other incidents.
    pub crossings: Vec<Crossing>,
    /// Guards that could not be read.
    pub broken: Vec<usize>,
    /// Guards that no incident asked for.
    pub orphans: Vec<usize>,
    /// What is wrong with files.
    pub diags: Vec<Diag>,
}

/// A guard that was red on the evidence of another incident.
#[derive(Debug, Serialize)]
pub struct Crossing {
    /// The guard.
    pub guard: String,
    /// The other incident.
    pub incident: String,
    /// Which of its evidence.
    pub phase: Phase,
    /// How many red stretches.
    pub episodes: usize,
}

impl Crossing {
    /// Red where all was well: a false alarm. Red on another outage may be a true one.
    #[must_use]
    pub fn is_false_alarm(&self) -> bool {
        self.phase != Phase::Outage
    }
}

/// Proves what is wanted.
pub fn prove(root: &Root, wanted: &Wanted, output: Output) -> Proved {
    let is_wanted = |name: &str, incident: Option<&str>| match wanted {
        Wanted::Everything => true,
        Wanted::Incident(id) => incident == Some(id),
        Wanted::Guard(wanted) => name == wanted,
    };
    let broken = root.broken.iter().map(|broken| is_wanted(&broken.name, broken.incident.as_deref()));
    let orphans = root.guards.iter().map(|spec| spec.incident.is_none() && is_wanted(&spec.name, None));
    let mut proved = Proved {
        proofs: Vec::new(),
        crossings: Vec::new(),
        broken: positions(broken),
        orphans: positions(orphans),
        diags: root.diags.clone(),
    };
    // One guard is tried on every incident; one incident sees every guard.
    let incidents: Vec<&Incident> = match wanted {
        Wanted::Incident(id) => root.incidents.iter().filter(|incident| incident.id == *id).collect(),
        _ => root.incidents.iter().collect(),
    };
    let specs = match wanted {
        Wanted::Guard(name) => positions(root.guards.iter().map(|spec| spec.name == *name)),
        _ => (0..root.guards.len()).collect(),
    };
    let bar = output.progress(incidents.len(), output.pick("proving", "検証中"));
    for incident in incidents {
        prove_incident(root, incident, &specs, &mut proved);
        bar.inc(1);
    }
    bar.finish_and_clear();
    proved.proofs.sort_by_key(|(i, _)| *i);
    proved
}

/// Where something holds.
fn positions(holds: impl Iterator<Item = bool>) -> Vec<usize> {
    holds.enumerate().filter(|(_, holds)| *holds).map(|(i, _)| i).collect()
}

/// One guard on one incident's evidence.
enum Outcome {
    Own(Box<Proof>),
    Other(Vec<(Phase, Track)>),
}

fn prove_incident(root: &Root, incident: &Incident, specs: &[usize], proved: &mut Proved) {
    let (manifest, diags) = root.manifest(incident);
    let is_own = |spec: &GuardSpec| spec.incident.as_deref() == Some(&incident.id);
    if manifest.items.is_empty() && !specs.iter().any(|i| is_own(&root.guards[*i])) {
        proved.diags.extend(diags);
        return;
    }
    let zone = root.zone();
    let folder = incident.dir.join("evidence");
    let mut loaded: Vec<Loaded> = parallel::map(&Phase::ALL, 3, |phase| load_phase(&folder, &manifest, *phase, &zone));
    loaded.iter_mut().for_each(|loaded| root.tell_changes(&mut loaded.evidence));
    proved.diags.extend(diags);
    proved.diags.extend(loaded.iter().flat_map(|loaded| loaded.diags.iter().cloned()));
    let outcomes = parallel::map(specs, parallel::cores(), |i| {
        let spec = &root.guards[*i];
        let [outage, fixed, quiet] = [&loaded[0].evidence, &loaded[1].evidence, &loaded[2].evidence];
        if is_own(spec) {
            return Outcome::Own(Box::new(prove_guard(spec, &incident.times, outage, fixed, quiet)));
        }
        let phases = Phase::ALL.into_iter().zip([outage, fixed, quiet]);
        Outcome::Other(phases.map(|(phase, evidence)| (phase, replay(spec, evidence))).collect())
    });
    for (i, outcome) in specs.iter().zip(outcomes) {
        match outcome {
            Outcome::Own(proof) => proved.proofs.push((*i, *proof)),
            Outcome::Other(tracks) => {
                let red = tracks.into_iter().filter(|(_, track)| !track.episodes.is_empty());
                proved.crossings.extend(red.map(|(phase, track)| Crossing {
                    guard: root.guards[*i].name.clone(),
                    incident: incident.id.clone(),
                    phase,
                    episodes: track.episodes.len(),
                }));
            }
        }
    }
}

impl Proved {
    /// The result for machines.
    #[must_use]
    pub fn report(&self, root: &Root) -> Report {
        let mut cases: Vec<Case> = self.proofs.iter().map(|(i, proof)| self.case(&root.guards[*i], proof)).collect();
        cases.extend(self.broken.iter().map(|i| Case::broken(&root.broken[*i])));
        Report { command: "prove", at_ms: jiff::Timestamp::now().as_millisecond(), cases, diags: self.diags.clone() }
    }

    fn case(&self, spec: &GuardSpec, proof: &Proof) -> Case {
        let elsewhere: Vec<&Crossing> = self.crossings.iter().filter(|crossing| crossing.guard == spec.name).collect();
        let mut case = Case::of(spec);
        case.verdict = match proof.status {
            Status::Blind => Colour::Blind,
            status if status.holds() => Colour::Green,
            _ => Colour::Red,
        };
        case.summary = summary(proof);
        case.findings = proof.outage.episodes.first().map(|episode| episode.findings.clone()).unwrap_or_default();
        case.proof = Some(json!({
            "status": proof.status,
            "lead": proof.lead,
            "false_reds": proof.calm.false_reds,
            "quiet_weeks": proof.calm.weeks,
            "outage": proof.outage.episodes,
            "fixed": proof.fixed.episodes,
            "quiet": proof.quiet.episodes,
            "red_elsewhere": elsewhere,
        }));
        case
    }
}

/// A proof in a sentence.
#[must_use]
pub fn summary(proof: &Proof) -> Words {
    match proof.status {
        Status::Proven => {
            Words::new("red before anybody noticed, green after the fix", "誰かが気づく前に異常、修正後は正常")
        }
        Status::Late => Words::new("red only after somebody noticed", "異常になったのは誰かが気づいた後"),
        Status::NoFix => Words::new(
            "red on the outage, but no evidence shows that the fix turns it green: capture it with --phase fixed",
            "障害では異常になるが、修正後に正常になる証拠がない: --phase fixed で採取してください",
        ),
        Status::Unproven => Words::new("never red on the outage", "障害でも一度も異常にならない"),
        Status::RedAfterFix => Words::new("red after the fix too", "修正後も異常のまま"),
        Status::Useless => Words::new("red all the time: it says nothing", "常に異常: 何も伝えていない"),
        Status::Blind => proof.blind.as_ref().map_or_else(Words::default, |blind| blind.why.clone()),
    }
}
