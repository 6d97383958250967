//! How memory that lives is seen in the test half, by what runs the process.

use crate::detect::generate::service::DAY;
use crate::detect::generate::third::parts::{between, power};
use crate::detect::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// Arenas of malloc, each with a high water of its own that sinks slowly (Python, Ruby, PHP, C).
    Arenas,
    /// A nursery and an old space: small collections leave something behind, rare full ones free it (V8, .NET).
    Generations,
    /// Concurrent cycles at a multiple of what lives; pages go back after a delay (Go, ZGC, Shenandoah).
    Cycles,
    /// What lives is what is seen (Rust, C++).
    Plain,
}

impl Runtime {
    pub fn any(random: &mut Random) -> Self {
        [Self::Arenas, Self::Arenas, Self::Generations, Self::Generations, Self::Cycles, Self::Plain][random.pick(0..6)]
    }
}

/// A runtime with its settings. It sees the same however often it is asked.
#[derive(Clone, Debug)]
pub struct Engine {
    runtime: Runtime,
    /// Of each arena, its share.
    arenas: Vec<f64>,
    /// What an arena gives back of its slack in a tick.
    purges: f64,
    /// It collects when garbage is this share of what lives.
    pub grows: f64,
    /// Garbage of a tick of mean traffic.
    garbage: f64,
    nursery: f64,
    /// What small collections leave behind.
    promotes: f64,
    /// After so many ticks it gives back this share of what is free.
    uncommits: (usize, f64),
    age: usize,
    dice: Random,
}

impl Engine {
    pub fn new(random: &mut Random, runtime: Runtime, age: usize) -> Self {
        let weights: Vec<f64> = (0..random.pick(1..8)).map(|_| random.lognormal(0.8)).collect();
        let all: f64 = weights.iter().sum();
        let grows = match runtime {
            Runtime::Cycles => [1.0, 1.0, 0.5, random.within(0.2..1.5)][random.pick(0..4)],
            _ => between(random, 0.06, 0.7),
        };
        Self {
            runtime,
            arenas: weights.iter().map(|weight| weight / all).collect(),
            purges: power(random, -3.2..-0.4),
            grows,
            garbage: if runtime == Runtime::Cycles { power(random, -1.3..0.8) } else { power(random, -2.5..0.3) },
            nursery: random.within(0.01..0.1),
            promotes: power(random, -2.2..-0.6),
            uncommits: (random.pick(1..60), between(random, 0.05, 0.9)),
            age,
            dice: Random::new("engine", random.pick(0..1 << 40) as u64),
        }
    }

    /// What is seen of what lives, with new processes after some ticks and a heap of at most `limit`.
    pub fn seen(&self, live: &[f64], load: &[f64], starts: &[usize], limit: f64) -> Vec<f64> {
        match self.runtime {
            Runtime::Plain => live.to_vec(),
            Runtime::Arenas => self.in_arenas(live, starts),
            Runtime::Generations => self.in_generations(live, load, starts, limit),
            Runtime::Cycles => self.in_cycles(live, load, starts, limit),
        }
    }

    fn in_arenas(&self, live: &[f64], starts: &[usize]) -> Vec<f64> {
        let (mut dice, mut next) = (self.dice.clone(), starts.iter().peekable());
        let mut held: Vec<(f64, f64)> = self.arenas.iter().map(|_| (0.0, 0.0)).collect();
        let mut tick_of = |live: f64, held: &mut Vec<(f64, f64)>| {
            for ((moves, high), share) in held.iter_mut().zip(&self.arenas) {
                *moves = 0.98 * *moves + 0.02 * dice.normal();
                let wants = live * share * (1.0 + *moves).clamp(0.5, 1.5);
                *high = f64::max(wants, *high - (*high - wants) * self.purges);
            }
            held.iter().map(|(_, high)| high).sum::<f64>()
        };
        // An old process holds what it needed on days like the first two.
        for live in &live[..self.age.min(2 * DAY)] {
            tick_of(*live, &mut held);
        }
        let mut out = Vec::with_capacity(live.len());
        for (tick, live) in live.iter().enumerate() {
            out.push(tick_of(*live, &mut held));
            if next.next_if_eq(&&tick).is_some() {
                held.iter_mut().for_each(|(_, high)| *high = 0.0);
            }
        }
        out
    }

    fn in_generations(&self, live: &[f64], load: &[f64], starts: &[usize], limit: f64) -> Vec<f64> {
        let (mut dice, mut next) = (self.dice.clone(), starts.iter().peekable());
        let (mut marked, mut out) = (live[0], Vec::with_capacity(live.len()));
        let mut old = if self.age > DAY { self.grows * marked * dice.unit() } else { 0.0 };
        for (tick, live) in live.iter().enumerate() {
            let free = f64::max(limit - live, 0.0);
            old += self.garbage * self.promotes * load[tick] * dice.lognormal(0.3);
            let room = (self.grows * marked).min(0.7 * free).max(0.001);
            let rest = dice.unit();
            if old > room {
                old = if old > 3.0 * room { room * rest } else { 0.05 * room * rest };
                marked = *live;
            }
            out.push(live + old + self.nursery.min(0.3 * free) * dice.unit());
            if next.next_if_eq(&&tick).is_some() {
                (old, marked) = (0.0, *live);
            }
        }
        out
    }

    fn in_cycles(&self, live: &[f64], load: &[f64], starts: &[usize], limit: f64) -> Vec<f64> {
        let (mut dice, mut next) = (self.dice.clone(), starts.iter().peekable());
        let (mut floating, mut committed, mut idle) = (0.0, 0.0, 0);
        let mut out = Vec::with_capacity(live.len());
        for (tick, live) in live.iter().enumerate() {
            floating += self.garbage * load[tick] * dice.lognormal(0.3);
            let room = (self.grows * live).min(0.8 * f64::max(limit - live, 0.0)).max(0.001);
            let phase = dice.unit();
            if floating > room {
                floating = if floating > 2.0 * room { room * (0.3 + 0.7 * phase) } else { floating % room };
            }
            let heap = live + floating;
            (committed, idle) = if heap >= committed {
                (heap, 0)
            } else if idle >= self.uncommits.0 {
                (committed - (committed - heap) * self.uncommits.1, idle)
            } else {
                (committed, idle + 1)
            };
            out.push(committed);
            if next.next_if_eq(&&tick).is_some() {
                (floating, committed, idle) = (0.0, 0.0, 0);
            }
        }
        out
    }
}
