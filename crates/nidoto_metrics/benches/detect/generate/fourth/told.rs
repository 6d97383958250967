//! From what happened to what is recorded, in the test half: agents that average, hang or come late; onset, incident.

use std::ops::Range;

use super::parts::{TICKS, days, highest};
use crate::detect::generate::service::{DAY, HOUR, Measure, RESIDENT, Story};
use crate::detect::generate::third::telling::{Run, least, reaching};
use crate::detect::random::Random;

/// What an agent does with its readings.
#[derive(Clone, Copy, Debug)]
enum Reading {
    Exact,
    /// The mean of so many ticks (a managed service).
    Mean(usize),
    /// The highest of so many ticks (`max_over_time`, roll-ups).
    Highest(usize),
}

/// Whoever records a story.
#[derive(Clone, Debug)]
pub struct Teller {
    pub measure: Measure,
    /// Age in ticks of the process that runs at first.
    pub age: usize,
    reading: Reading,
    /// While it hangs it repeats what it read last.
    pub hangs: Vec<Range<usize>>,
}

impl Teller {
    pub fn new(random: &mut Random, measure: Measure) -> Self {
        let reading = match random.pick(0..12) {
            0 | 1 => Reading::Mean(random.pick(2..5)),
            2 => Reading::Highest(random.pick(2..7)),
            _ => Reading::Exact,
        };
        let mut hangs = vec![];
        if random.chance(0.15) {
            let from = random.pick(1..TICKS - DAY);
            hangs.push(from..from + random.pick(3..8 * HOUR));
        }
        Self { measure, age: random.pick(0..20 * DAY), reading, hangs }
    }

    /// Nothing is wrong. Its highest is a share of the limit within `top`.
    pub fn healthy(self, run: Run, top: Range<f64>, random: &mut Random) -> Story {
        let most = highest(&run.used);
        self.sized(run, most, top, random)
    }

    /// Nothing is wrong. The most that it may ever need, in the record or after it, is a share of the limit.
    pub fn sized(self, run: Run, most: f64, top: Range<f64>, random: &mut Random) -> Story {
        let factor = random.within(top) / most;
        let used = run.used.iter().map(|used| used * factor).collect();
        self.calm(Run { used, ..run }, random)
    }

    /// Nothing is wrong, and the story itself keeps off the limit. Some records begin some days late.
    pub fn calm(self, run: Run, random: &mut Random) -> Story {
        let late = if random.chance(0.15) { days(random.within(1.0..14.0)) } else { 0 };
        let run = self.read(run);
        Story { lost: std::iter::once(0..late).collect(), ..self.story(run) }
    }

    /// It leaks from a tick on, and reaches the limit at about another, where the record ends: `tell` runs the story
    /// with a leak as many times as large. Without one it must keep off the limit.
    pub fn leak(mut self, (onset, incident): (usize, usize), tell: impl Fn(f64) -> Run) -> Story {
        // Its last day was read as it was: what is recorded reached the limit when the service did.
        self.hangs.retain(|hang| hang.end + DAY < incident);
        let told = |leak: f64| self.read(tell(leak));
        let (run, incident) = reaching(incident, told);
        Story { onset: Some(onset), incident: Some(incident), ..self.story(run) }
    }

    /// It leaks from a tick on, and restarts hide it: its highest is this share of the limit.
    pub fn hidden(self, onset: usize, top: f64, tell: impl Fn(f64) -> Run) -> Story {
        let told = |leak: f64| self.read(tell(leak));
        let leak = least(|leak| highest(&told(leak).used) >= top);
        let run = told(leak);
        Story { onset: Some(onset), ..self.story(run) }
    }

    fn read(&self, mut run: Run) -> Run {
        let exact = run.used.clone();
        for (tick, used) in run.used.iter_mut().enumerate() {
            let last = |many: usize| &exact[(tick + 1).saturating_sub(many)..=tick];
            *used = match self.reading {
                Reading::Exact => *used,
                Reading::Mean(many) => last(many).iter().sum::<f64>() / last(many).len() as f64,
                Reading::Highest(many) => highest(last(many)),
            };
        }
        for hang in &self.hangs {
            let end = hang.end.min(run.used.len());
            let stuck = run.used[hang.start.min(end - 1)];
            run.used[hang.start.min(end)..end].fill(stuck);
        }
        run
    }

    fn story(&self, Run { mut used, restarts }: Run) -> Story {
        used.iter_mut().for_each(|used| *used = used.max(0.0));
        let restarts = if self.measure.started.is_some() { restarts } else { vec![] };
        Story { used, age: self.age, restarts, onset: None, incident: None, lost: vec![], measure: self.measure }
    }
}

/// A share of a limit of whole things: none is lost when the record counts them again.
pub fn counted(count: f64, limit: f64) -> f64 {
    (count.round() + 0.25) / limit
}

/// Per cent of memory as a managed service tells it: whole, in tenths or in hundredths; no start.
pub fn per_cent(random: &mut Random, metric: &'static str) -> Measure {
    let step = [1.0, 0.1, 0.01][random.pick(0..3)];
    Measure { metric, started: None, limit: Some(100.0), step }
}

/// Whole things under one of these limits.
pub fn things(random: &mut Random, metric: &'static str, limits: &[f64]) -> (Measure, f64) {
    let limit = limits[random.pick(0..limits.len())];
    (Measure { metric, limit: Some(limit), step: 1.0, ..RESIDENT }, limit)
}
