//! Memory of the sixth half's processes, by what runs them.

use super::crowd::deploys;
use super::scribe::Scribe;
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, Story};
use crate::detect::generate::third::memory::{collected, resident};
use crate::detect::generate::third::parts::{TICKS, between, expiring, highest, kept, poisson, power, served, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

#[derive(Clone, Copy, Debug)]
pub enum Engine {
    /// Python, Ruby, PHP: hardly anything goes back to the system.
    Interpreter,
    /// Node.js: swept when what lives has grown by a part.
    V8,
    /// A heap that, once touched, stays touched.
    Hotspot,
    /// .NET: swept, and given back bit by bit.
    Clr,
    /// Swept at twice what lives; a scavenger gives back the rest.
    Golang,
}

const ENGINES: [Engine; 6] =
    [Engine::Interpreter, Engine::Interpreter, Engine::V8, Engine::Hotspot, Engine::Clr, Engine::Golang];

impl Engine {
    pub fn any(random: &mut Random) -> Self {
        ENGINES[random.pick(0..ENGINES.len())]
    }

    /// Memory by tick, 1 at its highest, of a process so many ticks old that was started anew after some ticks.
    pub fn memory(self, random: &mut Random, load: &[f64], (age, starts): (usize, &[usize])) -> Vec<f64> {
        let live = live(random, load, (age, starts));
        let seen = match self {
            Self::Interpreter => {
                let returns = power(random, -3.5..-0.8);
                resident(&live, returns, starts)
            }
            Self::V8 => {
                let (grows, allocates) = (random.within(0.08..0.45), power(random, -2.7..-0.6));
                collected(random, &live, load, grows, allocates)
            }
            Self::Hotspot => {
                let (grows, allocates) = (random.within(0.1..0.6), power(random, -3.0..-1.0));
                let heap = collected(random, &live, load, grows, allocates);
                resident(&heap, 0.0, starts).iter().map(|held| held + 0.003 * random.normal()).collect()
            }
            Self::Clr => {
                let (grows, returns) = (random.within(0.1..0.5), power(random, -2.0..-0.4));
                let heap = collected(random, &live, load, grows, 0.1);
                resident(&heap, returns, starts)
            }
            Self::Golang => {
                let (allocates, returns) = (power(random, -1.5..0.5), power(random, -1.7..-0.3));
                let heap = collected(random, &live, load, 1.0, allocates);
                resident(&heap, returns, starts)
            }
        };
        whole(&seen)
    }
}

/// Code and tables, there soon or with use; sessions; requests under way, now and then a large one; unrest.
fn live(random: &mut Random, load: &[f64], (age, starts): (usize, &[usize])) -> Vec<f64> {
    let (first, half) = (random.within(0.5..0.95), between(random, 2.0, 250.0));
    let (follows, stay) = (random.within(0.0..0.3), between(random, 1.0, 80.0) as usize);
    let (open, at_once) = (power(random, -2.8..-1.0), between(random, 0.5, 40.0));
    let (large, lasts) = (power(random, -3.5..-2.0), between(random, 5.0, 200.0));
    let shakes = power(random, -3.0..-1.9);
    let served = served(load, age, starts);
    let sessions = whole(&expiring(load, stay));
    let unrest = wander(random, TICKS, lasts, shakes);
    (0..TICKS)
        .map(|tick| {
            let learned = first + (1.0 - first) * served[tick] / (served[tick] + half);
            let requests = (poisson(random, at_once * load[tick]) / at_once).min(4.0);
            let report = if random.chance(large) { random.within(0.05..0.4) } else { 0.0 };
            learned * (1.0 - follows + follows * sessions[tick]) + open * requests + report + unrest[tick]
        })
        .collect()
}

/// A service up to its leak: who comes, what it needs, when it is started.
#[derive(Clone, Debug)]
pub struct App {
    pub load: Vec<f64>,
    /// Ticks of onset and incident.
    pub when: (usize, usize),
    pub starts: Vec<usize>,
    /// As shares of the limit.
    pub needs: Vec<f64>,
    pub scribe: Scribe,
}

impl App {
    /// Its leak comes with a deploy. Before and after that, it is deployed so often a week.
    pub fn new(
        random: &mut Random,
        engine: Engine,
        load: Vec<f64>,
        when: (usize, usize),
        (before, after): (f64, f64),
    ) -> Self {
        let scribe = Scribe::memory(random);
        let onset = when.0 as f64 / DAY as f64;
        let mut starts = deploys(random, 0.0..onset, before);
        starts.retain(|at| *at < when.0);
        starts.push(when.0);
        starts.extend(deploys(random, onset..28.0, after).iter().filter(|at| **at > when.0));
        let level = random.within(0.2..0.78);
        let needs = times(&engine.memory(random, &load, (scribe.age, &starts)), level);
        Self { load, when, starts, needs, scribe }
    }

    /// It leaks so much by tick, and each start frees it.
    pub fn leaks(self, rate: &[f64]) -> Story {
        let held = kept(rate, &self.starts);
        self.scribe.leak(self.when, |leak| Run { used: with(&self.needs, &held, leak), restarts: self.starts.clone() })
    }
}

/// A part whose highest is 1.
pub fn whole(part: &[f64]) -> Vec<f64> {
    times(part, 1.0 / highest(part))
}

/// A part as many times as large.
pub fn times(part: &[f64], factor: f64) -> Vec<f64> {
    part.iter().map(|value| value * factor).collect()
}
