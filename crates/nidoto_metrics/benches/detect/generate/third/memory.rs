//! How memory of the third test half's processes is seen: allocators, collectors, workers.

use super::parts::TICKS;
use crate::detect::generate::service::{Measure, RESIDENT};
use crate::detect::random::Random;

const MIB: f64 = 1_048_576.0;

/// Bytes under a limit that people write into a task definition, a unit or a `-Xmx`.
pub fn bytes(random: &mut Random, metric: &'static str) -> Measure {
    let sizes = [256.0, 384.0, 512.0, 512.0, 768.0, 1_024.0, 1_024.0, 1_536.0, 2_048.0, 3_072.0, 4_096.0, 8_192.0];
    Measure { metric, limit: Some(MIB * sizes[random.pick(0..sizes.len())]), ..RESIDENT }
}

/// Bytes of a container; its start is told.
pub fn container(random: &mut Random) -> Measure {
    let measure = bytes(random, "container_memory_rss_bytes");
    Measure { started: Some("container_start_time_seconds"), ..measure }
}

/// What is counted, under one of these limits.
pub fn counted(random: &mut Random, metric: &'static str, limits: &[f64]) -> Measure {
    Measure { metric, limit: Some(limits[random.pick(0..limits.len())]), step: 1.0, ..RESIDENT }
}

/// Bytes or files of a file system; no start frees them.
pub fn volume(random: &mut Random, metric: &'static str) -> Measure {
    let limit = [10.0, 20.0, 40.0, 80.0, 160.0, 320.0][random.pick(0..6)] * 1_024.0 * MIB;
    Measure { metric, started: None, limit: Some(limit), step: 4096.0 }
}

/// An allocator gives back only this share of its slack in a tick.
pub fn resident(live: &[f64], returns: f64, restarts: &[usize]) -> Vec<f64> {
    let (mut held, mut next) = (0.0, restarts.iter().peekable());
    let mut out = Vec::with_capacity(live.len());
    for (tick, live) in live.iter().enumerate() {
        held = f64::max(*live, held - (held - live) * returns);
        out.push(held);
        if next.next_if_eq(&&tick).is_some() {
            held = 0.0;
        }
    }
    out
}

/// A heap that is collected when it has grown by a share of what lives (Go's GOGC, V8's old space). `allocates` is
/// garbage in a tick of mean traffic: much of it, and a reading finds the heap anywhere between two collections.
pub fn collected(random: &mut Random, live: &[f64], load: &[f64], grows: f64, allocates: f64) -> Vec<f64> {
    let mut garbage = 0.0;
    let mut see = |tick: usize| {
        garbage += allocates * load[tick] * random.lognormal(0.2);
        let room = f64::max(grows * live[tick], 1e-4);
        if garbage > room {
            // What came since the last of several collections.
            garbage = if garbage > 3.0 * room { room * random.unit() } else { garbage % room };
        }
        live[tick] + garbage
    };
    (0..live.len()).map(&mut see).collect()
}

/// Workers that share the requests of a master, each with memory of its own.
#[derive(Clone, Copy, Debug)]
pub struct Workers {
    pub count: usize,
    /// The last serves this share of what the first does.
    pub even: f64,
    /// How often one of them is ended in a tick: a timeout, a crash.
    pub dies: f64,
    /// A worker is ended after about so many ticks of its share (`max_requests` with jitter).
    pub serves: Option<(f64, f64)>,
}

impl Workers {
    /// What all of them use on average, by what each has served and kept. `restarts` start all of them anew.
    pub fn run(
        &self,
        random: &mut Random,
        (load, keeps): (&[f64], &[f64]),
        (age, restarts): (usize, &[usize]),
        uses: impl Fn(f64, f64) -> f64,
    ) -> Vec<f64> {
        let last = |random: &mut Random| {
            self.serves.map_or(f64::INFINITY, |(serves, jitter)| serves * (1.0 + jitter * random.unit()))
        };
        let share = |worker: usize| 1.0 + (self.even - 1.0) * worker as f64 / (self.count.max(2) - 1) as f64;
        let mut all: Vec<(f64, f64, f64)> = (0..self.count)
            .map(|_| {
                let ends = last(random);
                (f64::min(age as f64, ends * random.unit()), 0.0, ends)
            })
            .collect();
        let (mut next, mut out) = (restarts.iter().peekable(), Vec::with_capacity(TICKS));
        for tick in 0..TICKS {
            let mut sum = 0.0;
            for (worker, (served, kept, ends)) in all.iter_mut().enumerate() {
                *served += load[tick] * share(worker);
                *kept += keeps[tick] * share(worker);
                if *served > *ends || random.chance(self.dies) {
                    (*served, *kept, *ends) = (0.0, 0.0, last(random));
                }
                sum += uses(*served, *kept);
            }
            out.push(sum / self.count as f64);
            if next.next_if_eq(&&tick).is_some() {
                all.iter_mut().for_each(|worker| *worker = (0.0, 0.0, last(random)));
            }
        }
        out
    }
}
