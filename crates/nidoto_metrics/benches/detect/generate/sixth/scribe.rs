//! From what happened to what is recorded in the sixth half: what is measured, how it is averaged, onset and incident.

use crate::detect::generate::service::{DAY, HOUR, Measure, RESIDENT, Story};
use crate::detect::generate::third::memory::{bytes, container};
use crate::detect::generate::third::parts::{between, highest};
use crate::detect::generate::third::telling::{Run, least, reaching};
use crate::detect::random::Random;

/// Whoever writes a record.
#[derive(Clone, Copy, Debug)]
pub struct Scribe {
    measure: Measure,
    /// Age in ticks of the process that runs at first.
    pub age: usize,
    /// A sample is the mean of so many ticks.
    over: usize,
    /// So many scrapes fail when a new process starts.
    misses: usize,
}

impl Scribe {
    pub fn new(random: &mut Random, measure: Measure) -> Self {
        let over = if random.chance(0.12) { random.pick(2..4) } else { 1 };
        let age = (between(random, 0.02, 60.0) * DAY as f64) as usize;
        Self { measure, age, over, misses: [0, 0, 0, 1, 2][random.pick(0..5)] }
    }

    /// Of a process that began within the hour.
    pub fn young(self, random: &mut Random) -> Self {
        Self { age: random.pick(0..HOUR), ..self }
    }

    /// Of a service's memory: by its process, its container, or as per cent of a managed service.
    pub fn memory(random: &mut Random) -> Self {
        let measure = match random.pick(0..6) {
            0 | 1 => bytes(random, "process_resident_memory_bytes"),
            2 => per_cent(random, "ecs_memory_utilization"),
            3 => Measure { metric: "container_memory_working_set_bytes", ..container(random) },
            _ => container(random),
        };
        Self::new(random, measure)
    }

    /// Nothing is wrong. Most have a limit with room, some one that just fits.
    pub fn healthy(self, run: Run, random: &mut Random) -> Story {
        let most = highest(&run.used);
        self.sized(run, most, random)
    }

    /// Nothing is wrong. The limit has room for the most that it can ever need, in the record or after it.
    pub fn sized(self, run: Run, most: f64, random: &mut Random) -> Story {
        let top = [0.3..0.5, 0.5..0.8, 0.5..0.8, 0.8..0.975][random.pick(0..4)].clone();
        let factor = random.within(top) / most;
        self.calm(Run { used: run.used.iter().map(|used| used * factor).collect(), ..run })
    }

    /// Nothing is wrong, and the story itself keeps off the limit.
    pub fn calm(self, run: Run) -> Story {
        self.story(self.mean(run))
    }

    /// It leaks from a tick on and reaches the limit at about another, where the record ends: `tell` runs the story
    /// with a leak as many times as large; without one it keeps off the limit.
    pub fn leak(self, (onset, incident): (usize, usize), tell: impl Fn(f64) -> Run) -> Story {
        let (run, incident) = reaching(incident, |leak| self.mean(tell(leak)));
        Story { onset: Some(onset), incident: Some(incident), ..self.story(run) }
    }

    /// It leaks from a tick on, and starts hide it to the end: its highest is this share of the limit.
    pub fn hidden(self, onset: usize, top: f64, tell: impl Fn(f64) -> Run) -> Story {
        let leak = least(|leak| highest(&tell(leak).used) >= top);
        self.hiding(onset, tell(leak))
    }

    /// It leaks from a tick on, and the story itself tells which starts hide it.
    pub fn hiding(mut self, onset: usize, run: Run) -> Story {
        // Whoever says that starts hide a leak has seen them.
        self.measure.started = self.measure.started.or(RESIDENT.started);
        Story { onset: Some(onset), ..self.calm(run) }
    }

    fn mean(&self, run: Run) -> Run {
        let last = |tick: usize| &run.used[(tick + 1).saturating_sub(self.over)..=tick];
        let used = (0..run.used.len()).map(|tick| last(tick).iter().sum::<f64>() / last(tick).len() as f64).collect();
        Run { used, restarts: run.restarts }
    }

    fn story(&self, Run { mut used, restarts }: Run) -> Story {
        used.iter_mut().for_each(|used| *used = used.max(0.0));
        // Where no start is told, none is known.
        let restarts = if self.measure.started.is_some() { restarts } else { vec![] };
        let early = restarts.iter().filter(|at| **at + 4 < used.len());
        let lost = early.map(|at| at + 1..at + 1 + self.misses).collect();
        Story { used, age: self.age, restarts, onset: None, incident: None, lost, measure: self.measure }
    }
}

/// Per cent as an agent tells it, without a start.
pub fn per_cent(random: &mut Random, metric: &'static str) -> Measure {
    Measure { metric, started: None, limit: Some(100.0), step: [1.0, 0.1, 0.01][random.pick(0..3)] }
}

/// Things of a process that are counted, and one of these limits.
pub fn things(random: &mut Random, metric: &'static str, limits: &[f64]) -> (Measure, f64) {
    let limit = limits[random.pick(0..limits.len())];
    (Measure { metric, limit: Some(limit), step: 1.0, ..RESIDENT }, limit)
}

/// The same of a server whose start nobody tells.
pub fn rows(random: &mut Random, metric: &'static str, limits: &[f64]) -> (Measure, f64) {
    let (measure, limit) = things(random, metric, limits);
    (Measure { started: None, ..measure }, limit)
}

/// Shares of a limit that are whole things.
pub fn counted(shares: &[f64], limit: f64) -> Vec<f64> {
    // The quarter keeps one whole that is divided and counted again.
    shares.iter().map(|share| ((share * limit).floor() + 0.25) / limit).collect()
}
