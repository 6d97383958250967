//! A process of the second test half, run tick by tick: what it needs, fills and keeps, and how often it is restarted.

use std::ops::Range;

use super::memory::{Held, Memory};
use super::parts::{Noise, TICKS, lagged, noise};
use crate::detect::generate::service::{DAY, Measure, Story};
use crate::detect::random::Random;

/// What fills up with the requests served: `amount` after about `over` ticks of average traffic.
#[derive(Clone, Copy, Debug)]
pub enum Fill {
    Nothing,
    /// Evenly up to its bound.
    ToBound {
        amount: f64,
        over: f64,
    },
    /// Keys that were seen already come again.
    Keys {
        amount: f64,
        over: f64,
    },
}

impl Fill {
    fn at(self, served: f64) -> f64 {
        match self {
            Self::Nothing => 0.0,
            Self::ToBound { amount, over } => amount * f64::min(served / over, 1.0),
            Self::Keys { amount, over } => amount * (1.0 - (-3.0 * served / over).exp()),
        }
    }
}

/// A process and those that follow it.
#[derive(Clone, Debug)]
pub struct Process {
    pub load: Vec<f64>,
    /// What is live whatever happened before.
    pub needs: Vec<f64>,
    pub fill: Fill,
    /// What leaks at each tick; a restart frees it.
    pub keeps: Vec<f64>,
    /// What had leaked when the record begins.
    pub kept_before: f64,
    pub memory: Memory,
    pub noise: Noise,
    /// Its age in ticks when the record begins.
    pub age: usize,
    pub restarts: Vec<usize>,
    /// Whoever watches over it starts another at this use, between two samples.
    pub killed_at: f64,
    pub measure: Measure,
}

impl Process {
    /// One that needs this and nothing more, with noise of a few thousandths to a few hundredths of its level.
    pub fn new(random: &mut Random, measure: Measure, load: Vec<f64>, needs: Vec<f64>) -> Self {
        let level = needs.iter().copied().fold(0.01, f64::max);
        let share = 10_f64.powf(random.within(-2.8..-1.6));
        Self {
            load,
            needs,
            fill: Fill::Nothing,
            keeps: vec![0.0; TICKS],
            kept_before: 0.0,
            memory: Memory::Plain,
            noise: noise(random, level, share),
            age: random.pick(0..20 * DAY),
            restarts: vec![],
            killed_at: f64::INFINITY,
            measure,
        }
    }

    /// An ordinary service under a load: its live memory fits its kind, some of it follows the load.
    pub fn usual(random: &mut Random, load: Vec<f64>, (measure, memory): (Measure, Memory)) -> Self {
        let top = match memory {
            Memory::Node { .. } => random.within(0.08..0.55),
            Memory::Jvm { .. } => random.within(0.1..0.45),
            Memory::Plain | Memory::Resident { .. } => random.within(0.2..0.8),
        };
        let needs = following(random, &load, top, 0.03..0.5);
        Self { memory, ..Self::new(random, measure, load, needs) }
    }

    /// Needs scaled to this highest share of the limit, and its noise with them.
    #[must_use]
    pub fn sized(mut self, top: f64) -> Self {
        let factor = top / highest(&self.needs);
        self.needs.iter_mut().chain(&mut self.noise.adds).for_each(|value| *value *= factor);
        self
    }

    /// Its use, with its leak as many times as large, until `until` is reached; and its restarts.
    fn run(&self, random: &Random, leak: f64, until: f64) -> (Vec<f64>, Vec<usize>) {
        let mut random = random.clone();
        let (mut served, mut kept, mut held) = (self.age as f64, self.kept_before * leak, Held::default());
        let mut planned = self.restarts.iter().peekable();
        let (mut used, mut restarts) = (Vec::with_capacity(TICKS), Vec::new());
        for tick in 0..TICKS {
            served += self.load[tick];
            kept += self.keeps[tick] * leak;
            let see = |served: f64, kept: f64, held: &mut Held, random: &mut Random| {
                let live = self.needs[tick] + self.fill.at(served) + kept;
                let seen = held.see(self.memory, live, self.load[tick], random);
                (seen * self.noise.times[tick] + self.noise.adds[tick]).max(0.004)
            };
            let mut value = see(served, kept, &mut held, &mut random);
            if value >= self.killed_at && tick > 0 {
                (served, kept, held) = (0.0, 0.0, Held::default());
                restarts.push(tick - 1);
                value = see(served, kept, &mut held, &mut random);
            }
            used.push(value);
            if value >= until {
                break;
            }
            if planned.next_if_eq(&&tick).is_some() {
                (served, kept, held) = (0.0, 0.0, Held::default());
                restarts.push(tick);
            }
        }
        (used, restarts)
    }

    /// Nothing is wrong with it; its highest is a share of the limit within `top`.
    pub fn healthy(self, top: Range<f64>, random: &mut Random) -> Story {
        let (mut used, restarts) = self.run(random, 0.0, f64::INFINITY);
        let factor = random.within(top) / highest(&used);
        used.iter_mut().for_each(|value| *value *= factor);
        self.story((used, restarts), random)
    }

    /// Smaller until it keeps off the limit without its leak.
    fn fitting(mut self, random: &Random) -> Self {
        for _ in 0..20 {
            if highest(&self.run(random, 0.0, f64::INFINITY).0) < 0.96 {
                break;
            }
            let top = highest(&self.needs);
            self = self.sized(0.9 * top);
            if let Fill::ToBound { amount, .. } | Fill::Keys { amount, .. } = &mut self.fill {
                *amount *= 0.9;
            }
        }
        self
    }

    /// It leaks from a tick on, and reaches the limit at about another, where the record ends.
    pub fn leaking(self, (onset, incident): (usize, usize), random: &mut Random) -> Story {
        let fitting = self.fitting(random);
        let is_there = |leak: f64| {
            let used = fitting.run(random, leak, 1.0).0;
            used.last().is_some_and(|last| *last >= 1.0) && used.len() <= incident + 1
        };
        let leak = least(is_there, fitting.keeps.iter().sum());
        let mut run = fitting.run(random, leak, 1.0);
        let incident = Some(run.0.len() - 1);
        run.1.retain(|restart| Some(*restart) < incident);
        Story { onset: Some(onset), incident, ..fitting.story(run, random) }
    }

    /// It leaks from a tick on, and restarts hide it to the end: at its highest it has taken this share of the room.
    pub fn hidden(self, onset: usize, share: f64, random: &mut Random) -> Story {
        let quiet = highest(&self.run(random, 0.0, f64::INFINITY).0);
        let top = quiet + share * (0.98 - quiet);
        let is_there = |leak: f64| highest(&self.run(random, leak, top).0) >= top;
        let leak = least(is_there, self.keeps.iter().sum());
        let run = self.run(random, leak, f64::INFINITY);
        Story { onset: Some(onset), ..self.story(run, random) }
    }

    /// It leaks at the speed that `keeps` says, and is killed and started again each time.
    pub fn killed(self, onset: usize, random: &mut Random) -> Story {
        let run = self.run(random, 1.0, f64::INFINITY);
        Story { onset: Some(onset), ..self.story(run, random) }
    }

    /// As it is read: in steps of the exporter; a scrape of a process that is just starting may fail.
    fn story(&self, (mut used, restarts): (Vec<f64>, Vec<usize>), random: &mut Random) -> Story {
        let coarse = random.pick(60..1_000) as f64;
        let steps = if random.chance(0.15) { Some(coarse) } else { None };
        if let Some(steps) = self.measure.limit.filter(|_| self.measure.step == 1.0).or(steps) {
            // The quarter keeps a whole number whole, whatever is lost when it is scaled.
            used.iter_mut().for_each(|value| *value = ((*value * steps).floor() + 0.25) / steps);
        }
        let end = used.len();
        let starting = restarts.iter().filter(|restart| **restart + 2 < end);
        let lost = starting.filter(|_| random.chance(0.25)).map(|restart| restart + 1..restart + 2).collect();
        Story { used, age: self.age, restarts, onset: None, incident: None, lost, measure: self.measure }
    }
}

/// A level of which a share within `season` follows the load; its highest is `top`.
pub fn following(random: &mut Random, load: &[f64], top: f64, season: Range<f64>) -> Vec<f64> {
    let stay = 10_f64.powf(random.within(0.0..1.5));
    let (held, season) = (lagged(load, stay), random.within(season));
    let most = highest(&held);
    held.iter().map(|held| top * (1.0 - season + season * held / most)).collect()
}

/// The least leak for which something holds, if it holds for all that are larger; `whole` is what leaks in all at 1.
fn least(holds: impl Fn(f64) -> bool, whole: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0 / whole.max(1e-9));
    while !holds(high) && high < 1e15 {
        (low, high) = (high, high * 2.0);
    }
    assert!(high < 1e15, "no leak is large enough");
    for _ in 0..24 {
        let middle = (low + high) / 2.0;
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}

fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(1e-9, f64::max)
}
