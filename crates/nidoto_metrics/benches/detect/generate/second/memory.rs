//! How the memory of a process of the second test half comes back: allocators and collectors.

use std::ops::Range;

use crate::detect::generate::service::{DAY, Measure, RESIDENT};
use crate::detect::random::Random;

const NODE_HEAP: Measure = Measure { metric: "nodejs_heap_size_used_bytes", ..RESIDENT };
const JVM_HEAP: Measure = Measure { metric: "jvm_memory_used_bytes", ..RESIDENT };

/// How memory comes back. Sizes are shares of the limit.
#[derive(Clone, Copy, Debug)]
pub enum Memory {
    /// What is live is what is seen.
    Plain,
    /// Resident memory: an allocator returns this share of its slack in a tick, and now and then most of it.
    Resident { returns: f64 },
    /// V8: garbage until the heap has grown by a share of what was live.
    Node { churn: f64, grows: f64 },
    /// Young collections promote a share too early; a full collection comes when the heap is about so full.
    Jvm { churn: f64, young: f64, promotes: f64, full: f64 },
}

/// V8's heap.
pub fn node(random: &mut Random) -> (Measure, Memory) {
    let (churn, grows) = (10_f64.powf(random.within(-3.2..-1.0)), random.within(0.08..0.6));
    (NODE_HEAP, Memory::Node { churn, grows })
}

/// A JVM's heap: full collections after hours or days, or as good as never.
pub fn jvm(random: &mut Random) -> (Measure, Memory) {
    let waits = if random.chance(0.4) { 1e6 } else { 10_f64.powf(random.within(-1.0..0.8)) };
    let young = random.within(0.04..0.35);
    (JVM_HEAP, old_after(random, waits, young, 0.6..0.92))
}

/// Collections of a JVM whose old generation fills up with garbage in about so many days.
pub fn old_after(random: &mut Random, days: f64, young: f64, full: Range<f64>) -> Memory {
    let churn = 10_f64.powf(random.within(-2.5..-0.5));
    Memory::Jvm { churn, young, promotes: 0.5 / (churn * days * DAY as f64), full: random.within(full) }
}

/// What the kernel says of a process.
pub fn resident(random: &mut Random) -> (Measure, Memory) {
    let returns = 10_f64.powf(random.within(-3.0..-0.5));
    (RESIDENT, if random.chance(0.3) { Memory::Plain } else { Memory::Resident { returns } })
}

/// Any of them.
pub fn runtime(random: &mut Random) -> (Measure, Memory) {
    [node, jvm, resident, resident][random.pick(0..4)](random)
}

/// What a collector has not given back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    young: f64,
    old: f64,
    resident: f64,
    live_after: f64,
    /// When the next full collection comes.
    full_at: f64,
}

impl Held {
    /// What is seen of `live` a tick later.
    pub fn see(&mut self, memory: Memory, live: f64, load: f64, random: &mut Random) -> f64 {
        let (dice, luck, spread) = (random.unit(), random.unit(), random.lognormal(0.3));
        match memory {
            Memory::Plain => live,
            Memory::Resident { returns } => {
                let slack = (self.resident - live).max(0.0);
                let share = if dice < 0.001 { 0.8 } else { returns };
                self.resident = live + slack * (1.0 - share);
                self.resident
            }
            Memory::Node { churn, grows } => {
                self.young += churn * load * spread;
                if self.live_after == 0.0 {
                    self.live_after = live;
                }
                let room = (self.live_after * grows * (0.75 + 0.5 * luck) + 0.01).min(0.9 * (1.0 - live)).max(0.002);
                if self.young > room {
                    self.live_after = live;
                    self.young = dice * f64::min(churn * load, room);
                }
                live + self.young
            }
            Memory::Jvm { churn, young, promotes, full } => {
                let room = young.min(0.6 * (1.0 - live - self.old)).max(0.002);
                self.young += churn * load * spread;
                if self.young > room {
                    let collections = (self.young / room).min(4.0).floor();
                    self.old += promotes * room * collections * 2.0 * luck;
                    self.young = dice * f64::min(self.young - room, room);
                }
                if self.full_at == 0.0 || live + self.old + self.young > self.full_at {
                    let is_first = self.full_at == 0.0;
                    (self.old, self.full_at) = (self.old * 0.05 * dice, full * (0.8 + 0.2 * luck));
                    self.young = if is_first { self.young } else { 0.0 };
                }
                live + self.old + self.young
            }
        }
    }
}
