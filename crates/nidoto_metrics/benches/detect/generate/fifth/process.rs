//! Memory of the test half's processes without any leak, by the runtime that they happen to have.

use crate::detect::generate::third::memory::resident;
use crate::detect::generate::third::parts::{TICKS, between, expiring, highest, poisson, power, served};
use crate::detect::random::Random;

/// When the process began that runs at first, in ticks before the record, and after which ticks a new one ran.
#[derive(Clone, Copy, Debug)]
pub struct Lives<'a> {
    pub age: usize,
    pub starts: &'a [usize],
}

#[derive(Clone, Copy, Debug)]
pub enum Runtime {
    /// V8: sweeps when what lives has grown by a part.
    Node,
    /// Eden fills and empties within minutes; what survives waits for a mixed collection.
    Jvm,
    /// Small budgets for what is new, and a lazy collection of the rest.
    DotNet,
    /// Collects at twice what lives, or at a part of it.
    Go,
    /// CPython, Ruby, PHP: counts references, returns little to the system.
    Script,
}

const RUNTIMES: [Runtime; 6] =
    [Runtime::Node, Runtime::Node, Runtime::Jvm, Runtime::DotNet, Runtime::Go, Runtime::Script];

/// Memory of a process of any runtime, 1 at its highest.
pub fn process(random: &mut Random, load: &[f64], lives: Lives) -> Vec<f64> {
    let runtime = RUNTIMES[random.pick(0..RUNTIMES.len())];
    runtime.process(random, load, lives)
}

impl Runtime {
    /// Memory of a process, 1 at its highest.
    pub fn process(self, random: &mut Random, load: &[f64], lives: Lives) -> Vec<f64> {
        let live = live(random, load, lives);
        whole(&self.seen(random, &live, load, lives))
    }

    /// What is seen of what lives, collected or not.
    fn seen(self, random: &mut Random, live: &[f64], load: &[f64], lives: Lives) -> Vec<f64> {
        match self {
            Self::Node => {
                let (grows, comes) = (random.within(0.1..0.6), power(random, -3.0..-0.5));
                swept(random, (live, load), (grows, comes), lives)
            }
            Self::Go => {
                let (grows, comes) = ([1.0, 1.0, 0.5][random.pick(0..3)], power(random, -1.5..0.7));
                swept(random, (live, load), (grows, comes), lives)
            }
            Self::Jvm => {
                let (grows, comes, eden) =
                    (random.within(0.1..0.5), power(random, -3.2..-1.5), random.within(0.05..0.4));
                let old = swept(random, (live, load), (grows, comes), lives);
                old.iter().map(|old| old + eden * random.unit()).collect()
            }
            Self::DotNet => {
                let (returns, budget) = (power(random, -2.5..-0.5), random.within(0.02..0.2));
                let held = resident(live, returns, lives.starts);
                held.iter().map(|held| held + budget * random.unit()).collect()
            }
            Self::Script => {
                let returns = power(random, -4.0..-1.0);
                resident(live, returns, lives.starts)
            }
        }
    }
}

/// What lives: code and tables that are there soon or with use, sessions that expire, requests under way.
fn live(random: &mut Random, load: &[f64], Lives { age, starts }: Lives) -> Vec<f64> {
    let (first, learns) = (random.within(0.6..0.97), between(random, 3.0, 400.0));
    let (follows, stay) = (random.within(0.0..0.4), between(random, 1.0, 100.0) as usize);
    let (open, at_once) = (power(random, -3.0..-1.0), between(random, 0.3, 30.0));
    let held = whole(&expiring(load, stay));
    let served = served(load, age, starts);
    (0..TICKS)
        .map(|tick| {
            let learned = 1.0 - (1.0 - first) * (-served[tick] / learns).exp();
            let requests = (poisson(random, at_once * load[tick]) / at_once).min(4.0) * random.lognormal(0.2);
            learned * (1.0 - follows + follows * held[tick]) + open * requests
        })
        .collect()
}

/// A heap that is swept when what lives has grown by a share; garbage of a tick of mean traffic as a share of it.
pub fn swept(
    random: &mut Random,
    (live, load): (&[f64], &[f64]),
    (grows, comes): (f64, f64),
    lives: Lives,
) -> Vec<f64> {
    let (mut garbage, mut late, mut next) = (0.0, 1.0, lives.starts.iter().peekable());
    let mut out = Vec::with_capacity(TICKS);
    for (live, rate) in live.iter().zip(load) {
        garbage += comes * rate * random.lognormal(0.3);
        let room = grows * live * late;
        if garbage > room {
            // Of several sweeps in a tick, a reading sees the time since the last.
            garbage = if garbage > 2.0 * room { room * random.unit() } else { 0.05 * room };
            late = random.lognormal(0.08);
        }
        out.push(live + garbage);
        if next.next_if_eq(&&out.len().saturating_sub(1)).is_some() {
            garbage = 0.0;
        }
    }
    out
}

/// A part whose highest is 1.
pub fn whole(part: &[f64]) -> Vec<f64> {
    scaled(part, 1.0 / highest(part))
}

/// A part as many times as large.
pub fn scaled(part: &[f64], factor: f64) -> Vec<f64> {
    part.iter().map(|value| value * factor).collect()
}
