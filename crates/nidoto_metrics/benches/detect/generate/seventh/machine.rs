//! How memory of the seventh half's processes is seen, by what runs them.

use crate::detect::generate::service::DAY;
use crate::detect::generate::third::parts::{between, highest, power};
use crate::detect::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// References are counted; now and then the allocator trims what is free (Ruby, Python, PHP).
    Counting,
    /// The heap of Node.js: swept when it has grown by a part, more often when little room is left.
    Sweeping,
    /// The resident set of a JVM: pages that it has touched, of which it gives back some once in a while.
    Regions,
    /// Go: swept at twice what lives, and scavenged down towards that.
    Doubling,
    /// Erlang and Elixir: many small heaps, with carriers that are not full.
    Many,
}

const KINDS: [Kind; 7] =
    [Kind::Counting, Kind::Counting, Kind::Sweeping, Kind::Sweeping, Kind::Regions, Kind::Doubling, Kind::Many];

impl Kind {
    pub fn any(random: &mut Random) -> Self {
        KINDS[random.pick(0..KINDS.len())]
    }
}

/// A runtime with its settings. It sees the same however often it is asked.
#[derive(Clone, Debug)]
pub struct Machine {
    kind: Kind,
    /// It is swept when what lives has grown by this share.
    grows: f64,
    /// Garbage of a tick of mean traffic.
    makes: f64,
    /// How often it gives back what is free, and how much of it.
    trims: f64,
    returns: f64,
    /// What new objects take beside the rest.
    eden: f64,
    /// The age in ticks of the process that runs at first.
    age: usize,
    dice: Random,
}

impl Machine {
    pub fn new(random: &mut Random, kind: Kind, age: usize) -> Self {
        let (grows, makes) = match kind {
            Kind::Doubling => ([1.0, 1.0, 1.0, 0.5][random.pick(0..4)], power(random, -1.7..0.6)),
            Kind::Regions => (random.within(0.08..0.5), power(random, -3.0..-1.0)),
            _ => (random.within(0.06..0.5), power(random, -2.8..-0.4)),
        };
        let (trims, returns) = match kind {
            Kind::Counting => (power(random, -3.3..-0.7), random.within(0.1..0.9)),
            Kind::Regions => (power(random, -3.5..-1.5), random.within(0.05..0.6)),
            Kind::Sweeping => (1.0, 1.0),
            Kind::Doubling | Kind::Many => (1.0, between(random, 0.03, 0.7)),
        };
        let eden = if kind == Kind::Regions { random.within(0.02..0.25) } else { 0.0 };
        let dice = Random::new("machine", random.pick(0..1 << 40) as u64);
        Self { kind, grows, makes, trims, returns, eden, age, dice }
    }

    /// What is seen of what lives, with new processes after some ticks, where the heap has such a limit.
    pub fn seen(&self, live: &[f64], load: &[f64], starts: &[usize], limit: f64) -> Vec<f64> {
        let mut dice = self.dice.clone();
        let mut next = starts.iter().peekable();
        // An old process holds what a day like the first has needed.
        let (mut garbage, mut marked, mut held) = (0.0, live[0], highest(&live[..self.age.min(DAY)]));
        let mut out = Vec::with_capacity(live.len());
        for (tick, lives) in live.iter().enumerate() {
            let heap = match self.kind {
                Kind::Counting => *lives,
                Kind::Many => lives * (1.0 + 0.1 * self.makes * dice.unit()),
                Kind::Sweeping | Kind::Regions | Kind::Doubling => {
                    garbage += self.makes * load[tick] * dice.lognormal(0.25);
                    let room = self.room(marked, *lives, limit);
                    if garbage > room {
                        // Of several sweeps in a tick, the reading comes at any time after the last.
                        garbage = if garbage > 2.0 * room { room * dice.unit() } else { 0.02 * room };
                        marked = *lives;
                    }
                    let eden = f64::min(self.eden, 0.5 * (limit - lives).max(0.0)) * dice.unit();
                    lives + garbage + eden
                }
            };
            held = if heap >= held {
                heap
            } else if dice.chance(self.trims) {
                held - (held - heap) * self.returns
            } else {
                held
            };
            out.push(held);
            if next.next_if_eq(&&tick).is_some() {
                (garbage, held) = (0.0, 0.0);
                marked = live.get(tick + 1).copied().unwrap_or(0.0);
            }
        }
        out
    }

    fn room(&self, marked: f64, lives: f64, limit: f64) -> f64 {
        let room = self.grows * marked;
        // Go knows no limit unless somebody tells it.
        let least = if self.kind == Kind::Doubling { room } else { 0.7 * (limit - lives) };
        room.min(least).max(0.002)
    }
}
