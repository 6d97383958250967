//! From what happened to what is recorded in the test half: measures, exporters, onset and incident.

use std::ops::Range;

use crate::detect::generate::service::{DAY, Measure, Story};
use crate::detect::generate::third::memory::{bytes, container};
use crate::detect::generate::third::parts::{DAYS, TICKS, between, days, highest, with};
use crate::detect::generate::third::telling::{Run, least, reaching};
use crate::detect::random::Random;

/// How what is read becomes a sample.
#[derive(Clone, Copy, Debug)]
enum Exporter {
    Prompt,
    /// It asks every so many ticks and tells that until it asks again.
    Remembers(usize),
    /// It tells the mean of the last so many ticks, when they are over.
    Means(usize),
}

/// Whoever records a story.
#[derive(Clone, Copy, Debug)]
pub struct Witness {
    pub measure: Measure,
    /// Age in ticks of the process that runs at first.
    pub age: usize,
    exporter: Exporter,
    /// The first scrapes of a new process fail.
    misses: usize,
}

impl Witness {
    pub fn new(random: &mut Random, measure: Measure) -> Self {
        let exporter = match random.pick(0..14) {
            0 => Exporter::Remembers(random.pick(2..4)),
            1 => Exporter::Means([3, 6, 12][random.pick(0..3)]),
            _ => Exporter::Prompt,
        };
        let misses = if random.chance(0.25) { random.pick(1..3) } else { 0 };
        Self { measure, age: (between(random, 0.05, 40.0) * DAY as f64) as usize, exporter, misses }
    }

    /// Of the memory of a service, as one of the usual exporters tells it.
    pub fn of_memory(random: &mut Random) -> Self {
        let measure = match random.pick(0..8) {
            0 | 1 => bytes(random, "process_resident_memory_bytes"),
            2 => per_cent(random, "aws_ecs_service_memory_utilization_average"),
            3..6 => Measure { metric: "container_memory_working_set_bytes", ..container(random) },
            _ => container(random),
        };
        Self::new(random, measure)
    }

    /// Nothing is wrong. The highest is a share of the limit within `top`: people give limits that fit.
    pub fn healthy(self, run: Run, top: Range<f64>, random: &mut Random) -> Story {
        let most = highest(&run.used);
        self.sized(run, most, top, random)
    }

    /// Nothing is wrong. The most that it can ever need is a share of the limit within `top`.
    pub fn sized(self, run: Run, most: f64, top: Range<f64>, random: &mut Random) -> Story {
        let factor = random.within(top) / most;
        self.calm(Run { used: run.used.iter().map(|used| used * factor).collect(), ..run })
    }

    /// Nothing is wrong, and the story itself keeps off the limit.
    pub fn calm(self, run: Run) -> Story {
        self.story(self.read(run))
    }

    /// It leaks from a tick on and reaches the limit at about another, where the record ends. `tell` runs the story
    /// with a leak as many times as large; without any it keeps off the limit.
    pub fn leak(self, (onset, incident): (usize, usize), tell: impl Fn(f64) -> Run) -> Story {
        let (run, incident) = reaching(incident, |leak| self.read(tell(leak)));
        Story { onset: Some(onset), incident: Some(incident), ..self.story(run) }
    }

    /// A leak of which nothing but its size is unknown: needs, what is left behind by tick, starts.
    pub fn adds_up(self, when: (usize, usize), needs: &[f64], left: &[f64], starts: &[usize]) -> Story {
        self.leak(when, |leak| Run { used: with(needs, left, leak), restarts: starts.to_vec() })
    }

    /// It leaks from a tick on, and restarts hide it to the end: its highest is this share of the limit.
    pub fn hidden(self, onset: usize, top: f64, tell: impl Fn(f64) -> Run) -> Story {
        let told = |leak: f64| self.read(tell(leak));
        let run = told(least(|leak| highest(&told(leak).used) >= top));
        Story { onset: Some(onset), ..self.story(run) }
    }

    fn read(&self, run: Run) -> Run {
        let exact = &run.used;
        let sample = |tick: usize| match self.exporter {
            Exporter::Prompt => exact[tick],
            Exporter::Remembers(every) => exact[tick - tick % every],
            Exporter::Means(every) => {
                let done = &exact[(tick / every).saturating_sub(1) * every..][..every];
                done.iter().sum::<f64>() / every as f64
            }
        };
        Run { used: (0..exact.len()).map(sample).collect(), ..run }
    }

    fn story(&self, Run { mut used, restarts }: Run) -> Story {
        used.iter_mut().for_each(|used| *used = used.max(0.0));
        // Where no start is told, none is known.
        let restarts = if self.measure.started.is_some() { restarts } else { vec![] };
        let known = restarts.iter().filter(|at| **at + 4 < used.len());
        let lost = known.map(|at| at + 1..at + 1 + self.misses).collect();
        Story { used, age: self.age, restarts, onset: None, incident: None, lost, measure: self.measure }
    }
}

/// Per cent of something, without a start.
pub fn per_cent(random: &mut Random, metric: &'static str) -> Measure {
    Measure { metric, started: None, limit: Some(100.0), step: [1.0, 0.1, 0.001][random.pick(0..3)] }
}

/// Things that are counted, under one of these limits.
pub fn things(random: &mut Random, metric: &'static str, limits: &[f64]) -> (Measure, f64) {
    let limit = limits[random.pick(0..limits.len())];
    (Measure { metric, started: Some("process_start_time_seconds"), limit: Some(limit), step: 1.0 }, limit)
}

/// A share of the limit that is so many whole things, even when the record divides and counts them again.
pub fn count(things: f64, limit: f64) -> f64 {
    (things.round() + 0.3) / limit
}

/// Onset and incident in ticks of a leak that begins and lasts within so many days, short ones as often as long ones.
pub fn when(random: &mut Random, onset: Range<f64>, lasts: Range<f64>) -> (usize, usize) {
    let lasts = between(random, lasts.start, lasts.end);
    let latest = onset.end.min(DAYS as f64 - 0.4 - lasts);
    let onset = days(if latest > onset.start { random.within(onset.start..latest) } else { onset.start });
    (onset, (onset + days(lasts)).min(TICKS - 4))
}

/// The last of the starts, an onset among them, and the longest time between two that follow the onset.
pub fn longest_gap(onset: usize, starts: &[usize]) -> (usize, usize) {
    let (mut last, mut longest) = (onset, 0);
    for start in starts.iter().filter(|start| **start > onset) {
        longest = longest.max(start - last);
        last = *start;
    }
    (last, longest)
}
