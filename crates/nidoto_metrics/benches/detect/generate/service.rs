//! A service that uses memory: what it needs, what it leaks, when it is restarted. From it comes the recorded series.

use std::ops::Range;

use nidoto_promql::Series;

use super::{Half, PAGE_CACHE, TEST_DAYS, TRAIN_DAYS};
use crate::detect::case::{Case, Leak, MINUTE_MS, labels};
use crate::detect::random::Random;

/// Ticks of five minutes.
pub const TICK_MS: i64 = 5 * MINUTE_MS;
pub const HOUR: usize = 12;
pub const DAY: usize = 24 * HOUR;
/// A Monday.
const BEGIN_MS: i64 = 1_704_067_200_000;

/// Ticks of a series of each half.
pub const fn ticks(half: Half) -> usize {
    DAY * if matches!(half, Half::Train) { TRAIN_DAYS } else { TEST_DAYS }
}

/// What a service needs and leaks at each tick, as shares of its limit.
#[derive(Clone, Debug)]
pub struct Service {
    /// What it needs whatever happened before.
    pub needs: Vec<f64>,
    /// What it needs by its age in ticks: warm-up, caches.
    pub warm: fn(age: usize, tau: f64, amount: f64) -> f64,
    /// Time scale in ticks and amount of `warm`.
    pub warm_by: (f64, f64),
    /// What it leaks at each tick; a restart frees it. A negative number frees that share of what leaked.
    pub leaks: Vec<f64>,
    /// Its age in ticks when the record begins.
    pub age: usize,
    /// Ticks at which it is restarted anyway, in order.
    pub restarts: Vec<usize>,
    /// Its manager restarts it above this.
    pub restart_above: Option<fn(&mut Random, f64) -> f64>,
    /// The level of `restart_above`, before its randomness.
    pub ceiling: f64,
}

impl Service {
    /// A service with these needs that never warms up, leaks or restarts.
    pub fn steady(needs: Vec<f64>) -> Self {
        let leaks = vec![0.0; needs.len()];
        let warm = |_, _, _| 0.0;
        Self { needs, warm, warm_by: (1.0, 0.0), leaks, age: 0, restarts: vec![], restart_above: None, ceiling: 1.0 }
    }

    /// Its use at each tick, and the ticks at which it was restarted.
    pub fn run(&self, random: &mut Random) -> (Vec<f64>, Vec<usize>) {
        let mut ceiling = self.restart_above.map_or(f64::INFINITY, |above| above(random, self.ceiling));
        let (mut age, mut leaked, mut restarts) = (self.age, 0.0, Vec::new());
        let mut planned = self.restarts.iter().peekable();
        let mut used = Vec::with_capacity(self.needs.len());
        for (tick, need) in self.needs.iter().enumerate() {
            let leak = self.leaks[tick];
            leaked += if leak < 0.0 { leak * leaked } else { leak };
            let value = need + (self.warm)(age, self.warm_by.0, self.warm_by.1) + leaked;
            used.push(value);
            age += 1;
            if planned.next_if_eq(&&tick).is_some() || value >= ceiling {
                (age, leaked) = (0, 0.0);
                restarts.push(tick);
                ceiling = self.restart_above.map_or(ceiling, |above| above(random, self.ceiling));
            }
        }
        (used, restarts)
    }

    /// Scales what is needed, so that its highest is this share of the limit: people give services limits that fit.
    #[must_use]
    pub fn sized(mut self, top: f64) -> Self {
        let factor = top / highest(&self.without_leak().run(&mut Random::new("unused", 0)).0);
        for need in &mut self.needs {
            *need *= factor;
        }
        self.warm_by.1 *= factor;
        self
    }

    fn without_leak(&self) -> Self {
        Self { leaks: vec![0.0; self.leaks.len()], ..self.clone() }
    }

    /// Scales the leak so that the limit is reached at about this tick.
    #[must_use]
    pub fn reaching_limit_at(mut self, tick: usize) -> Self {
        let tick = tick.min(self.needs.len() - 1);
        let quiet = self.without_leak().run(&mut Random::new("unused", 0)).0;
        let from = self.restarts.iter().rfind(|restart| **restart < tick).map_or(0, |restart| restart + 1);
        let leaked =
            self.leaks[from..=tick].iter().fold(0.0, |sum, leak| sum + if *leak < 0.0 { leak * sum } else { *leak });
        let top = highest(&quiet[tick.saturating_sub(HOUR)..=tick]);
        let factor = (1.0 - top) / f64::max(leaked, 1e-12);
        for leak in self.leaks.iter_mut().filter(|leak| **leak > 0.0) {
            *leak *= factor;
        }
        self
    }
}

/// What a story measures.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    pub metric: &'static str,
    /// Tells when what is measured began anew; `None` where no restart frees it.
    pub started: Option<&'static str>,
    /// `None`: some hundred megabytes to some gigabytes.
    pub limit: Option<f64>,
    /// The least that it changes by.
    pub step: f64,
}

pub const RESIDENT: Measure = Measure {
    metric: "process_resident_memory_bytes",
    started: Some("process_start_time_seconds"),
    limit: None,
    step: 4096.0,
};

/// What happened: use as shares of the limit at each tick, and the truth.
#[derive(Clone, Debug)]
pub struct Story {
    pub used: Vec<f64>,
    /// The age in ticks of the process that runs at first.
    pub age: usize,
    /// Ticks after which a new process ran.
    pub restarts: Vec<usize>,
    pub onset: Option<usize>,
    /// The incident's tick; the record ends there.
    pub incident: Option<usize>,
    /// Ticks that were not scraped, beside those that every record loses.
    pub lost: Vec<Range<usize>>,
    pub measure: Measure,
}

impl Story {
    /// Nothing was wrong. Its highest is a share of the limit within `sized`.
    pub fn healthy(service: &Service, sized: Range<f64>, random: &mut Random) -> Self {
        let (mut used, restarts) = service.run(random);
        let factor = random.within(sized) / highest(&used);
        for value in &mut used {
            *value = (*value * factor).max(0.005);
        }
        Self { used, age: service.age, restarts, onset: None, incident: None, lost: vec![], measure: RESIDENT }
    }

    /// A leak from a tick on; the incident is when the limit is reached, if it is.
    pub fn leak(service: &Service, onset: usize, random: &mut Random) -> Self {
        let (mut used, mut restarts) = service.run(random);
        let incident = (onset..used.len()).find(|tick| used[*tick] >= 1.0);
        if let Some(incident) = incident {
            used.truncate(incident + 1);
            restarts.retain(|restart| *restart < incident);
        }
        for value in &mut used {
            *value = value.max(0.005);
        }
        // Noise alone must not touch the limit before the leak does.
        for value in &mut used[..onset] {
            *value = value.min(0.97);
        }
        Self { used, age: service.age, restarts, onset: Some(onset), incident, lost: vec![], measure: RESIDENT }
    }

    /// As a monitoring system records it: in bytes, on its own raster, with what it lost.
    pub fn record(self, random: &mut Random, half: Half, family: &str, name: &str) -> Case {
        let bytes = (256.0 * 1024.0 * 1024.0 * random.within(1.0..64.0) / 4096.0).round() * 4096.0;
        let (limit, step) = (self.measure.limit.unwrap_or(bytes), self.measure.step);
        let offset_ms = (random.unit() * 300.0) as i64 * 1_000;
        let at_ms = |tick: usize| BEGIN_MS + tick as i64 * TICK_MS + offset_ms;
        let born_ms = at_ms(0) - self.age as i64 * TICK_MS - 7_000;
        let starts: Vec<i64> =
            std::iter::once(born_ms).chain(self.restarts.iter().map(|tick| at_ms(*tick) + 1_000)).collect();
        let mut is_lost = lost(random, half, self.used.len());
        for range in &self.lost {
            is_lost[range.clone()].fill(true);
        }
        let mut samples = Vec::with_capacity(self.used.len());
        for (tick, used) in self.used.iter().enumerate().filter(|(tick, _)| !is_lost[*tick]) {
            samples.push((at_ms(tick), (used * limit / step).floor() * step));
        }
        let metric = if family == PAGE_CACHE { "container_memory_usage_bytes" } else { self.measure.metric };
        let born = |at: i64| starts[starts.partition_point(|start| *start <= at) - 1] as f64 / 1_000.0;
        let started = samples.iter().map(|(at, _)| (*at, born(*at)));
        let starts_in = self.measure.started;
        let mut series = vec![Series::new(labels(metric, name), samples.iter().copied())];
        series.extend(starts_in.map(|metric| Series::new(labels(metric, name), started)));
        Case {
            name: name.to_owned(),
            family: family.to_owned(),
            series,
            query: format!("{metric}{{case=\"{name}\"}}"),
            started: starts_in.map(|metric| format!("{metric}{{case=\"{name}\"}}")),
            limit_query: None,
            samples,
            starts,
            limit,
            leak: self.onset.map(|onset| Leak { onset_ms: at_ms(onset), incident_ms: self.incident.map(at_ms) }),
        }
    }
}

fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(1e-9, f64::max)
}

/// Which scrapes were lost: some alone, some in outages of the monitoring itself.
fn lost(random: &mut Random, half: Half, ticks: usize) -> Vec<bool> {
    let (alone, outages, longest_hours) = match half {
        Half::Train => (0.01, random.pick(0..4), 6.0),
        Half::Former => (0.004 * random.lognormal(1.0), random.pick(0..6), 14.0),
        Half::Second => (0.002 * random.lognormal(1.2), random.pick(0..4), 9.0),
        Half::Third => (0.005 * random.lognormal(0.9), random.pick(0..5), 16.0),
        Half::Fourth => (0.003 * random.lognormal(1.3), random.pick(0..4), 20.0),
        Half::Fifth => (0.0015 * random.lognormal(1.5), random.pick(0..4), 8.0),
        Half::Sixth => (0.0025 * random.lognormal(1.2), random.pick(0..3), 12.0),
        Half::Seventh => (0.002 * random.lognormal(1.6), random.pick(0..4), 15.0),
        Half::Test => (0.003 * random.lognormal(1.4), random.pick(0..5), 10.0),
    };
    let mut lost: Vec<bool> = (0..ticks).map(|_| random.chance(alone)).collect();
    for _ in 0..outages {
        let from = random.pick(0..ticks);
        let length = (random.within(0.5..longest_hours) * HOUR as f64) as usize;
        lost[from..(from + length).min(ticks)].fill(true);
    }
    if let Some(first) = lost.first_mut() {
        *first = false;
    }
    lost
}
