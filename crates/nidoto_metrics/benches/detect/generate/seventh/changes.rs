//! The seventh half's services of which somebody changes something, and ages that go up and down by plan.

use super::Family;
use super::app::{memory, times};
use super::clerk::{Clerk, counted, things};
use super::machine::Kind;
use super::stores::ages;
use super::town::{at_night, deploys, load};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, served};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 4] = [
    Family { name: "workers-added-by-hand", tell: workers_added_by_hand },
    Family { name: "dependencies-updated-each-sprint", tell: dependencies_updated_each_sprint },
    Family { name: "age-of-nightly-batches", tell: age_of_nightly_batches },
    Family { name: "frozen-as-planned", tell: frozen_as_planned },
];

/// Somebody sets the number of workers: more of them before a busy week, fewer when the bill has come. Each change is a
/// start; each worker fetches what it needs within the day.
fn workers_added_by_hand(random: &mut Random) -> Story {
    let (load, often) = (load(random), between(random, 0.1, 4.0));
    let clerk = Clerk::of_memory(random);
    let mut changes: Vec<usize> = (0..random.pick(1..5)).map(|_| random.pick(DAY / 2..TICKS - DAY)).collect();
    changes.sort_unstable();
    changes.dedup();
    let mut starts = deploys(random, 0..TICKS, often);
    starts.extend(&changes);
    starts.sort_unstable();
    starts.dedup();
    let (master, learns) = (random.within(0.2..3.0), between(random, 2.0, 200.0));
    let kind = Kind::any(random);
    let one = memory(random, kind, &load, (clerk.age, &starts));
    let asked = served(&load, clerk.age, &starts);
    let mut workers = random.pick(1..7);
    let mut used = Vec::with_capacity(TICKS);
    for tick in 0..TICKS {
        let fresh = 0.3 * (-asked[tick] / learns / workers as f64).exp();
        used.push(master + workers as f64 * one[tick] * (1.0 - fresh));
        if changes.binary_search(&tick).is_ok() {
            let down = workers > 2 && random.chance(0.4);
            workers = if down { workers - random.pick(1..3).min(workers - 1) } else { workers + random.pick(1..4) };
        }
    }
    clerk.healthy(Run { used, restarts: starts }, random)
}

/// Deploys change nothing that one can see, but for those that update the dependencies, each week or two: they need a
/// little more than before or, sometimes, less.
fn dependencies_updated_each_sprint(random: &mut Random) -> Story {
    let (load, often) = (load(random), between(random, 0.2, 8.0));
    let clerk = Clerk::of_memory(random);
    let (every, first) = ([7, 14][random.pick(0..2)], random.pick(0..7));
    let hour = random.pick(0..DAY);
    let updates: Vec<usize> = (first..28).step_by(every).map(|day| day * DAY + hour).filter(|at| *at > 0).collect();
    let mut starts = deploys(random, 0..TICKS, often);
    starts.extend(updates.iter().filter(|at| **at < TICKS - 5));
    starts.sort_unstable();
    starts.dedup();
    let (mean, spread) = (random.within(0.0..0.06), random.within(0.01..0.12));
    let kind = Kind::any(random);
    let quiet = memory(random, kind, &load, (clerk.age, &starts));
    let (mut needs, mut used) = (1.0_f64, Vec::with_capacity(TICKS));
    for (tick, own) in quiet.iter().enumerate() {
        used.push(own * needs);
        if updates.binary_search(&tick).is_ok() {
            needs = (needs + mean + spread * random.normal()).clamp(0.7, 1.6);
        }
    }
    clerk.healthy(Run { used, restarts: starts }, random)
}

/// The age of a queue's oldest message, where a batch each night and hours without a consumer make it old, and nothing
/// ever stays.
fn age_of_nightly_batches(random: &mut Random) -> Story {
    let load = load(random);
    let limits = [21_600.0, 43_200.0, 86_400.0, 172_800.0];
    let (measure, limit) = things(random, "sqs_approximate_age_of_oldest_message_seconds", &limits, false);
    let clerk = Clerk::new(random, measure);
    let used = ages(random, &load, limit);
    clerk.calm(Run::of(counted(&used, limit)))
}

/// The age of a database's oldest transaction id: it grows with what is written, and goes back each time that old rows
/// are frozen, every few days or once in some weeks. That takes a while, in which it grows on.
fn frozen_as_planned(random: &mut Random) -> Story {
    let load = load(random);
    let (measure, limit) = things(random, "pg_database_frozen_age", &[3e8, 4e8, 5e8, 6e8, 1e9], false);
    let clerk = Clerk::new(random, measure);
    let top = 2e8 / limit;
    let (floor, late) = (top * random.within(0.0..0.5), random.within(0.0..0.05));
    let pace = (top - floor) / (between(random, 2.5, 40.0) * DAY as f64);
    let (job, lasts) = (random.within(0.0..10.0), random.pick(1..HOUR));
    let mut burns = times(&load, 1.0);
    for at in at_night(random, |_| true) {
        burns[at..(at + lasts).min(TICKS)].iter_mut().for_each(|rate| *rate += job);
    }
    let mean = burns.iter().sum::<f64>() / TICKS as f64;
    let (mut age, mut until) = (random.within(floor..top), top * (1.0 + late * random.unit()));
    let mut used = Vec::with_capacity(TICKS);
    for burns in &burns {
        used.push(age);
        age += pace * burns / mean;
        if age > until {
            (age, until) = (floor * random.within(0.8..1.0), top * (1.0 + late * random.unit()));
        }
    }
    clerk.calm(Run::of(counted(&used, limit)))
}
