//! From what happened to what is recorded in the seventh half: measures, exporters, onset and incident.

use std::ops::Range;

use crate::detect::generate::service::{DAY, HOUR, Measure, RESIDENT, Story};
use crate::detect::generate::third::parts::{DAYS, TICKS, between, days, highest};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

const MIB: f64 = 1_048_576.0;

/// How an exporter makes a sample of what it reads.
#[derive(Clone, Copy, Debug)]
enum Exporter {
    Prompt,
    /// The highest of the last so many ticks, as a cloud's "maximum".
    Highest(usize),
    /// What was so many ticks ago.
    Late(usize),
    /// Each so many ticks it hangs, and tells what it told before.
    Hangs(usize),
}

/// Whoever records a story.
#[derive(Clone, Copy, Debug)]
pub struct Clerk {
    measure: Measure,
    exporter: Exporter,
    /// Age in ticks of the process that runs at first.
    pub age: usize,
    /// So many scrapes of a new process fail.
    misses: usize,
}

impl Clerk {
    pub fn new(random: &mut Random, measure: Measure) -> Self {
        let exporter = match random.pick(0..20) {
            // Where starts are told, they and the value come from one exporter.
            0 if measure.started.is_none() => Exporter::Highest(random.pick(2..4)),
            1 | 2 if measure.started.is_none() => Exporter::Late(random.pick(1..4)),
            3 | 4 => Exporter::Hangs(random.pick(5..150)),
            _ => Exporter::Prompt,
        };
        let age = (between(random, 0.01, 75.0) * DAY as f64) as usize;
        let misses = if random.chance(0.3) { random.pick(1..4) } else { 0 };
        Self { measure, exporter, age, misses }
    }

    /// Of the memory of a process or its container.
    pub fn of_memory(random: &mut Random) -> Self {
        let measure = match random.pick(0..7) {
            0..3 => container(bytes(random, "container_memory_working_set_bytes")),
            3 => container(bytes(random, "container_memory_rss")),
            4 => per_cent(random, "dyno_memory_percent"),
            _ => bytes(random, "process_resident_memory_bytes"),
        };
        Self::new(random, measure)
    }

    /// Of something whose starts are told, for a story that needs them.
    pub fn told_starts(mut self) -> Self {
        self.measure.started = self.measure.started.or(RESIDENT.started);
        self
    }

    /// Nothing is wrong, and the highest of the record is the most that there can be.
    pub fn healthy(self, run: Run, random: &mut Random) -> Story {
        let most = highest(&run.used);
        self.sized(run, most, random)
    }

    /// Nothing is wrong. The limit has room for the most that there can ever be, in the record or after it: plenty for
    /// some, hardly any for a few.
    pub fn sized(self, run: Run, most: f64, random: &mut Random) -> Story {
        let tops = [0.12..0.4, 0.4..0.7, 0.4..0.7, 0.65..0.85, 0.65..0.85, 0.85..0.97];
        let top = tops[random.pick(0..tops.len())].clone();
        let factor = random.within(top) / most.max(highest(&run.used));
        self.calm(Run { used: run.used.iter().map(|used| used * factor).collect(), ..run })
    }

    /// Nothing is wrong, and the story itself keeps off the limit.
    pub fn calm(self, run: Run) -> Story {
        let run = self.read(run);
        assert!(highest(&run.used) < 0.999, "what is healthy keeps off its limit");
        self.story(run)
    }

    /// It leaks from a tick on, and the record ends where it reaches the limit, at another tick or soon before it.
    /// `tell` runs the story with a leak as many times as large.
    pub fn leak(self, (onset, incident): (usize, usize), tell: impl Fn(f64) -> Run) -> Story {
        let reached = |leak: f64| self.read(tell(leak)).used[..=incident].iter().position(|used| *used >= 1.0);
        assert_eq!(reached(0.0), None, "without its leak it keeps off the limit");
        let (mut low, mut high) = (0.0, 1e-7);
        while reached(high).is_none() {
            (low, high) = (high, high * 3.0);
            assert!(high < 1e12, "no leak reaches the limit");
        }
        for _ in 0..20 {
            let middle = (low + high) / 2.0;
            if reached(middle).is_some() { high = middle } else { low = middle }
        }
        self.ends(onset, tell(high))
    }

    /// It leaks from a tick on, and the story itself tells how: to the limit, where the record ends, or hidden by
    /// restarts to the end.
    pub fn ends(self, onset: usize, run: Run) -> Story {
        let mut run = self.read(run);
        let incident = run.used.iter().position(|used| *used >= 1.0);
        if let Some(at) = incident {
            run.used.truncate(at + 1);
            run.restarts.retain(|restart| *restart < at);
            assert!(at >= onset + 5 * HOUR, "its leak leaves some hours");
        } else {
            assert!(run.restarts.iter().filter(|restart| **restart > onset).count() >= 2, "restarts hide it");
        }
        Story { onset: Some(onset), incident, ..self.story(run) }
    }

    fn read(&self, run: Run) -> Run {
        let exact = &run.used;
        let sample = |tick: usize| match self.exporter {
            Exporter::Prompt => exact[tick],
            Exporter::Highest(over) => highest(&exact[(tick + 1).saturating_sub(over)..=tick]),
            Exporter::Late(by) => exact[tick.saturating_sub(by)],
            Exporter::Hangs(every) => exact[tick - usize::from(tick % every == every - 1)],
        };
        Run { used: (0..exact.len()).map(sample).collect(), ..run }
    }

    fn story(&self, Run { mut used, restarts }: Run) -> Story {
        used.iter_mut().for_each(|used| *used = used.max(0.0));
        // Where no start is told, none is known.
        let restarts = if self.measure.started.is_some() { restarts } else { vec![] };
        let known = restarts.iter().filter(|at| **at + 5 < used.len());
        let lost = known.map(|at| at + 1..at + 1 + self.misses).collect();
        Story { used, age: self.age, restarts, onset: None, incident: None, lost, measure: self.measure }
    }
}

/// Onset and incident in ticks, of a leak that begins within some days and lasts so many: short ones as often as long
/// ones, and none that does not fit into the record.
pub fn when(random: &mut Random, onset: Range<f64>, lasts: Range<f64>) -> (usize, usize) {
    let room = DAYS as f64 - 0.3;
    assert!(onset.start + lasts.start < room && onset.start + lasts.start > 1.1, "there are such leaks");
    let lasts = between(random, lasts.start, lasts.end.min(room - onset.start));
    let begins = onset.start.max(1.1 - lasts)..onset.end.min(room - lasts).max(onset.start + 0.01);
    let onset = days(random.within(begins));
    (onset, (onset + days(lasts)).min(TICKS - 4))
}

/// The highest of a service without its leak, as a share of its limit.
pub fn level(random: &mut Random) -> f64 {
    let levels = [0.08..0.3, 0.3..0.6, 0.3..0.6, 0.5..0.75, 0.7..0.86];
    let level = levels[random.pick(0..levels.len())].clone();
    random.within(level)
}

/// Bytes, under one of the sizes that small teams pay for.
pub fn bytes(random: &mut Random, metric: &'static str) -> Measure {
    let sizes = [128.0, 320.0, 512.0, 512.0, 640.0, 1_000.0, 1_024.0, 1_024.0, 1_400.0, 2_048.0, 2_560.0, 4_096.0];
    Measure { metric, limit: Some(MIB * sizes[random.pick(0..sizes.len())]), ..RESIDENT }
}

fn container(measure: Measure) -> Measure {
    Measure { started: Some("container_start_time_seconds"), ..measure }
}

/// Bytes of a disk that somebody rented; no start frees them.
pub fn volume(random: &mut Random, metric: &'static str) -> Measure {
    let limit = [8.0, 16.0, 25.0, 30.0, 50.0, 100.0, 200.0, 500.0][random.pick(0..8)] * 1_024.0 * MIB;
    Measure { metric, started: None, limit: Some(limit), step: 4096.0 }
}

/// Per cent, without a start.
pub fn per_cent(random: &mut Random, metric: &'static str) -> Measure {
    Measure { metric, started: None, limit: Some(100.0), step: [1.0, 0.1, 0.01][random.pick(0..3)] }
}

/// Per cent of a host, whose start is told.
pub fn of_host(random: &mut Random, metric: &'static str) -> Measure {
    Measure { started: Some("node_boot_time_seconds"), ..per_cent(random, metric) }
}

/// Things that are counted, one of their limits, and whether their process tells its start.
pub fn things(random: &mut Random, metric: &'static str, limits: &[f64], told: bool) -> (Measure, f64) {
    let limit = limits[random.pick(0..limits.len())];
    let started = if told { RESIDENT.started } else { None };
    (Measure { metric, started, limit: Some(limit), step: 1.0 }, limit)
}

/// Shares of a limit that are whole things, even when a record divides and counts them again.
pub fn counted(shares: &[f64], limit: f64) -> Vec<f64> {
    shares.iter().map(|share| ((share * limit).max(0.0).floor() + 0.25) / limit).collect()
}
