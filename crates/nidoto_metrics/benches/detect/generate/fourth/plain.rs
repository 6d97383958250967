//! The test half's healthy processes, and trouble of those who measure them.

use super::Family;
use super::parts::{TICKS, between, days, deploys, highest, plus, power, process, some_traffic, staying, times, whole};
use super::told::{Teller, per_cent};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::memory::{bytes, container};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 5] = [
    Family { name: "an-ordinary-service", tell: an_ordinary_service },
    Family { name: "per-cent-of-tasks", tell: per_cent_of_tasks },
    Family { name: "agent-that-hangs", tell: agent_that_hangs },
    Family { name: "models-reloaded", tell: models_reloaded },
    Family { name: "queue-full-then-drops", tell: queue_full_then_drops },
];

/// One process of any runtime with its traffic and its deploys, as most are.
fn an_ordinary_service(random: &mut Random) -> Story {
    let (load, often) = (some_traffic(random), [0.0, 0.3, 1.0, 3.0, 10.0][random.pick(0..5)]);
    let measure = if random.chance(0.5) { container(random) } else { bytes(random, "process_resident_memory_bytes") };
    let teller = Teller::new(random, measure);
    let restarts = deploys(random, 0..TICKS, often);
    let used = process(random, &load, teller.age, &restarts);
    teller.healthy(Run { used, restarts }, 0.25..0.96, random)
}

/// Some tasks behind a balancer, each replaced with each deploy and scaled out by day: per cent of their memory on
/// average, whole or in parts. No start is told, and a task that is new and cold lowers it.
fn per_cent_of_tasks(random: &mut Random) -> Story {
    let (load, often) = (some_traffic(random), between(random, 0.2, 8.0));
    let measure = per_cent(random, "aws_ecs_memory_utilization_percent");
    let teller = Teller::new(random, measure);
    let restarts = deploys(random, 0..TICKS, often);
    let old = process(random, &load, teller.age, &restarts);
    // Tasks that were added for the day come cold and go at night.
    let (scales, cold) = (random.within(0.0..0.5), random.within(0.4..0.95));
    let held = whole(&staying(&load, 6.0));
    let used = old.iter().zip(&held).map(|(old, busy)| {
        let added = scales * (busy * 4.0).round() / 4.0;
        old * (1.0 + added * cold) / (1.0 + added)
    });
    teller.healthy(Run { used: used.collect(), restarts }, 0.2..0.95, random)
}

/// An agent that hangs for hours or two days and repeats itself: what comes after looks like a jump.
fn agent_that_hangs(random: &mut Random) -> Story {
    let (load, often) = (some_traffic(random), random.within(0.0..2.0));
    let measure = container(random);
    let mut teller = Teller::new(random, measure);
    for _ in 0..random.pick(1..7) {
        let from = random.pick(1..TICKS - 2 * DAY);
        teller.hangs.push(from..from + days(between(random, 0.1, 2.0)));
    }
    let restarts = deploys(random, 0..TICKS, often);
    let (follows, stay) = (random.within(0.1..0.7), between(random, 3.0, 150.0));
    let quiet = process(random, &load, teller.age, &restarts);
    let used = plus(&times(&quiet, 1.0 - follows), &times(&whole(&staying(&load, stay)), follows));
    teller.healthy(Run { used, restarts }, 0.3..0.95, random)
}

/// A model, an index of search, a list of prices is built anew every some hours and loaded beside the old one: twice as
/// much for minutes. Its size is that of the last weeks' data, sometimes a little more, sometimes less.
fn models_reloaded(random: &mut Random) -> Story {
    let (load, often) = (some_traffic(random), random.within(0.0..1.5));
    let measure = container(random);
    let teller = Teller::new(random, measure);
    let restarts = deploys(random, 0..TICKS, often);
    let (every, lasts) = ([6, HOUR, 6 * HOUR, 24 * HOUR, 7 * DAY][random.pick(0..5)], random.pick(1..5));
    let (size, varies, phase) = (random.within(0.1..0.5), random.within(0.0..0.08), random.pick(0..DAY));
    let slow = wander(random, TICKS / every + 2, (2.0 * DAY as f64 / every as f64).max(0.5), varies);
    let model = |tick: usize| size * slow[tick / every].clamp(-0.2, 0.2).exp();
    let mut used = times(&process(random, &load, teller.age, &restarts), 1.0 - size);
    for (tick, used) in used.iter_mut().enumerate() {
        let tick = tick + phase % every;
        *used += model(tick) + if tick % every < lasts && every > HOUR { model(tick) } else { 0.0 };
    }
    teller.healthy(Run { used, restarts }, 0.35..0.95, random)
}

/// Spans wait in a queue while their collector is away, as many as it holds; what comes after them is dropped. The
/// queue drains when the collector is back, or stays full until somebody sees it.
fn queue_full_then_drops(random: &mut Random) -> Story {
    let load = some_traffic(random);
    let measure = container(random);
    let teller = Teller::new(random, measure);
    let often = random.within(0.0..1.0);
    let restarts = deploys(random, 0..days(10.0), often);
    let (size, fills) = (random.within(0.1..0.5), between(random, 0.1, 3.5) * DAY as f64);
    let mut away = vec![false; TICKS];
    for _ in 0..random.pick(1..5) {
        let (from, lasts) = (random.pick(0..TICKS), days(between(random, 0.05, 9.0)));
        away[from..(from + lasts).min(TICKS)].fill(true);
    }
    let returns = power(random, -2.5..-0.3);
    let (mut waits, mut next) = (0.0, restarts.iter().peekable());
    let mut see = |tick: usize| {
        waits = if away[tick] { f64::min(waits + load[tick] / fills, 1.0) } else { waits * (1.0 - returns) };
        let now = waits;
        if next.next_if_eq(&&tick).is_some() {
            waits = 0.0;
        }
        now
    };
    let queue: Vec<f64> = (0..TICKS).map(&mut see).collect();
    let quiet = times(&process(random, &load, teller.age, &restarts), 1.0 - size);
    let used = plus(&quiet, &times(&queue, size));
    // The queue was given a size that fits, whether it was ever full or not.
    let fits = random.within(0.35..0.93) / (highest(&quiet) + size);
    teller.calm(Run { used: times(&used, fits), restarts }, random)
}
