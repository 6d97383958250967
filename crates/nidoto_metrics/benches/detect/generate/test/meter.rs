//! From what happened to what is recorded in the test half: what is measured, how it is read, onset and incident.

use std::ops::Range;

use crate::detect::generate::service::{DAY, HOUR, Measure, RESIDENT, Story};
use crate::detect::generate::third::parts::{DAYS, TICKS, between, days, highest};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

const MIB: f64 = 1_048_576.0;

/// How a reading comes about.
#[derive(Clone, Copy, Debug)]
enum Lens {
    /// What is there at the scrape.
    Now,
    /// A running average: so much of a reading is new.
    Average(f64),
    /// Asked each so many ticks, and the answer repeated in between.
    Cached(usize),
}

/// Whoever reads.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    measure: Measure,
    lens: Lens,
    /// Age in ticks of the process that runs at first.
    pub age: usize,
    /// So many scrapes of a new process fail.
    misses: usize,
}

impl Meter {
    pub fn new(random: &mut Random, measure: Measure) -> Self {
        // Where starts are told, what is read before one is no part of what is read after it.
        let lens = match random.pick(0..20) {
            0 | 1 if measure.started.is_none() => Lens::Average(random.within(0.2..0.8)),
            2..5 if measure.started.is_none() => Lens::Cached([2, 3, 4, 6, 12][random.pick(0..5)]),
            _ => Lens::Now,
        };
        let age = (between(random, 0.02, 60.0) * DAY as f64) as usize;
        Self { measure, lens, age, misses: [0, 0, 0, 0, 1, 1, 2][random.pick(0..7)] }
    }

    /// Of the memory of one service.
    pub fn of_memory(random: &mut Random) -> Self {
        let measure = match random.pick(0..8) {
            0..3 => bytes(random, "process_resident_memory_bytes", RESIDENT.started),
            3..6 => bytes(random, "container_memory_working_set_bytes", Some("container_start_time_seconds")),
            6 => bytes(random, "container_memory_rss", Some("container_start_time_seconds")),
            _ => per_cent(random, "service_memory_utilization_percent", None),
        };
        Self::new(random, measure)
    }

    /// Of the memory of one service whose starts are told.
    pub fn of_told_memory(random: &mut Random) -> Self {
        let meter = Self::of_memory(random);
        Self {
            measure: Measure { started: meter.measure.started.or(RESIDENT.started), ..meter.measure },
            lens: Lens::Now,
            ..meter
        }
    }

    /// Nothing is wrong. The limit has room for the most that there can ever be.
    pub fn sized(self, run: Run, most: f64, random: &mut Random) -> Story {
        let top =
            if random.chance(0.15) { random.within(0.88..0.975) } else { 0.12 + 0.4 * (random.unit() + random.unit()) };
        let factor = top / most.max(highest(&run.used));
        self.calm(Run { used: run.used.iter().map(|used| used * factor).collect(), ..run })
    }

    /// Nothing is wrong, and the story itself keeps off the limit.
    pub fn calm(self, run: Run) -> Story {
        let run = self.read(run);
        assert!(highest(&run.used) < 0.998, "what is healthy keeps off its limit");
        self.story(run)
    }

    /// It leaks from a tick on, and the record ends where it first reaches the limit, at another tick or before it.
    /// `tell` runs the story with a leak as many times as large.
    pub fn leak(self, (onset, incident): (usize, usize), tell: impl Fn(f64) -> Run) -> Story {
        let reaches = |leak: f64| self.read(tell(leak)).used[..=incident].iter().any(|used| *used >= 1.0);
        assert!(!reaches(0.0), "without its leak it keeps off the limit");
        let (mut low, mut high) = (0.0, 1e-6);
        while !reaches(high) {
            (low, high) = (high, high * 5.0);
            assert!(high < 1e13, "no leak reaches the limit");
        }
        for _ in 0..22 {
            let middle = (low + high) / 2.0;
            if reaches(middle) { high = middle } else { low = middle }
        }
        self.ends(onset, tell(high)).expect("its leak leaves some hours")
    }

    /// It leaks from a tick on, and the story itself tells how: to the limit, where the record ends, or hidden by
    /// restarts to the end. `None`: it does neither, or too soon.
    pub fn ends(self, onset: usize, run: Run) -> Option<Story> {
        let mut run = self.read(run);
        let incident = run.used.iter().position(|used| *used >= 1.0);
        let is_whole = match incident {
            Some(at) => at >= onset + 5 * HOUR && at > DAY + HOUR,
            None => run.restarts.iter().filter(|restart| **restart > onset).count() >= 2,
        };
        if let Some(at) = incident {
            run.used.truncate(at + 1);
            run.restarts.retain(|restart| *restart < at);
        }
        is_whole.then(|| Story { onset: Some(onset), incident, ..self.story(run) })
    }

    fn read(&self, mut run: Run) -> Run {
        match self.lens {
            Lens::Now => {}
            Lens::Average(new) => {
                for tick in 1..run.used.len() {
                    run.used[tick] = run.used[tick - 1] + new * (run.used[tick] - run.used[tick - 1]);
                }
            }
            Lens::Cached(every) => {
                for tick in (1..run.used.len()).filter(|tick| tick % every != 0) {
                    run.used[tick] = run.used[tick - 1];
                }
            }
        }
        run
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

/// Onset and incident in ticks, of a leak that begins within some days and lasts so many: short ones as often as long
/// ones, none that does not fit into the record, and none that ends within its first day.
pub fn when(random: &mut Random, onset: Range<f64>, lasts: Range<f64>) -> (usize, usize) {
    let end = DAYS as f64 - 0.1;
    let lasts = between(random, lasts.start, lasts.end.min(end - onset.start - 0.1));
    let (earliest, latest) = (onset.start.max(1.3 - lasts), onset.end.min(end - lasts));
    assert!(earliest < latest, "a leak of {lasts} days fits into the record");
    let onset = days(random.within(earliest..latest));
    (onset, (onset + days(lasts)).min(TICKS - 5))
}

/// The highest of a service without its leak, as a share of its limit: about a half for most.
pub fn level(random: &mut Random) -> f64 {
    0.1 + 0.38 * (random.unit() + random.unit())
}

fn bytes(random: &mut Random, metric: &'static str, started: Option<&'static str>) -> Measure {
    let sizes = [200.0, 256.0, 400.0, 512.0, 512.0, 750.0, 900.0, 1_024.0, 1_200.0, 1_536.0, 2_048.0, 3_000.0, 6_144.0];
    Measure { metric, started, limit: Some(MIB * sizes[random.pick(0..sizes.len())]), step: 4096.0 }
}

/// Bytes of a heap or a store, whose process tells its start.
pub fn store(random: &mut Random, metric: &'static str) -> Measure {
    bytes(random, metric, RESIDENT.started)
}

/// Bytes of a file system; no start frees them.
pub fn volume(random: &mut Random, metric: &'static str) -> Measure {
    let limit = [5.0, 15.0, 20.0, 40.0, 60.0, 80.0, 120.0, 250.0][random.pick(0..8)] * 1_024.0 * MIB;
    Measure { metric, started: None, limit: Some(limit), step: 4096.0 }
}

pub fn per_cent(random: &mut Random, metric: &'static str, started: Option<&'static str>) -> Measure {
    Measure { metric, started, limit: Some(100.0), step: [0.5, 0.1, 0.01, 0.001][random.pick(0..4)] }
}

/// Things that are counted, one of their limits, and whether their process tells its start.
pub fn things(random: &mut Random, metric: &'static str, limits: &[f64], told: bool) -> (Measure, f64) {
    let limit = limits[random.pick(0..limits.len())];
    let started = if told { RESIDENT.started } else { None };
    (Measure { metric, started, limit: Some(limit), step: 1.0 }, limit)
}

/// Shares of a limit that are whole things.
pub fn whole_things(shares: &[f64], limit: f64) -> Vec<f64> {
    shares.iter().map(|share| ((share * limit).max(0.0).floor() + 0.25) / limit).collect()
}
