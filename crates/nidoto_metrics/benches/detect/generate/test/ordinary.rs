//! The test half's services of which there is nothing to tell.

use super::Family;
use super::app::{lives, memory};
use super::engine::{Engine, Runtime};
use super::hosts::Host;
use super::meter::{Meter, store};
use super::people::{at_random, deploys, load};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, highest, plus, power};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 6] = [
    Family { name: "prefork-children-of-a-queue", tell: prefork_children_of_a_queue },
    Family { name: "api-on-node", tell: api_on_node },
    Family { name: "gen2-as-large-as-it-may", tell: gen2_as_large_as_it_may },
    Family { name: "hardly-used-and-small", tell: hardly_used_and_small },
    Family { name: "heap-kept-full-on-purpose", tell: heap_kept_full_on_purpose },
    Family { name: "one-server-for-everything", tell: one_server_for_everything },
];

/// A few children take tasks, each grows with the kinds of task that it has met, large ones leave it large, and after so
/// many tasks it is replaced. The sum goes up and down without a beat.
fn prefork_children_of_a_queue(random: &mut Random) -> Story {
    let (load, meter, often) = (load(random), Meter::of_memory(random), between(random, 0.3, 8.0));
    let starts = deploys(random, 0..TICKS, often);
    let count = random.pick(2..9);
    let (serves, jitter) = (between(random, 20.0, 3_000.0), random.within(0.0..0.5));
    let (grows, learns) = (random.within(0.05..1.2), between(random, 0.05, 0.6) * serves);
    let (large, size) = (power(random, -3.5..-1.5), random.within(0.1..0.8));
    let mut children: Vec<(f64, f64)> = (0..count).map(|_| (serves * random.unit(), 0.0)).collect();
    let (mut next, mut used) = (starts.iter().peekable(), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        let mut sum = 0.0;
        for (served, high) in &mut children {
            *served += rate * random.lognormal(0.3);
            if random.chance(large * rate.min(5.0)) {
                *high = f64::max(*high, size * random.unit());
            }
            if *served > serves * (1.0 - jitter * random.unit()) {
                (*served, *high) = (0.0, 0.0);
            }
            sum += 1.0 + grows * (1.0 - (-*served / learns).exp()) + *high;
        }
        used.push(1.0 + sum);
        if next.next_if_eq(&&tick).is_some() {
            children.iter_mut().for_each(|child| *child = (0.0, 0.0));
        }
    }
    let most = 1.0 + count as f64 * (1.0 + grows + 0.7 * size);
    meter.sized(Run { used, restarts: starts }, most, random)
}

/// An API of one process and its deploys, on Node.js or another runtime.
fn api_on_node(random: &mut Random) -> Story {
    let (load, meter, often) = (load(random), Meter::of_memory(random), between(random, 0.1, 15.0));
    let starts = deploys(random, 0..TICKS, often);
    let runtime = if random.chance(0.6) { Runtime::Generations } else { Runtime::any(random) };
    let used = memory(random, runtime, &load, (meter.age, &starts));
    let most = 1.12 * highest(&used);
    meter.sized(Run { used, restarts: starts }, most, random)
}

/// A collector that sees the memory of its container and uses it: the oldest generation grows for hours or weeks until
/// little is free, and falls.
fn gen2_as_large_as_it_may(random: &mut Random) -> Story {
    let (load, meter, often) = (load(random), Meter::of_memory(random), between(random, 0.1, 3.0));
    let starts = deploys(random, 0..TICKS, often);
    let lives = lives(random, &load, meter.age, &starts);
    let mut engine = Engine::new(random, Runtime::Generations, meter.age);
    engine.grows = random.within(0.6..4.0);
    let limit = highest(&lives) / random.within(0.15..0.7);
    let used: Vec<f64> = engine.seen(&lives, &load, &starts, limit).iter().map(|used| used / limit).collect();
    meter.calm(Run { used, restarts: starts })
}

/// A tool of the office, written long ago: a few requests an hour, months of age, hardly anything moves.
fn hardly_used_and_small(random: &mut Random) -> Story {
    let mut meter = Meter::of_memory(random);
    meter.age = random.pick(5 * DAY..300 * DAY);
    let often = random.within(0.0..0.3);
    let starts = deploys(random, 0..TICKS, often);
    let (asked, page, keeps) = (between(random, 0.1, 20.0), power(random, -3.0..-0.8), random.within(0.0..0.999));
    let asked = at_random(random, asked);
    let (boots, mut high, mut next) = (random.within(0.5..1.0), 1.0_f64, starts.iter().peekable());
    let mut used = Vec::with_capacity(TICKS);
    for tick in 0..TICKS {
        let request = asked.binary_search(&tick).is_ok();
        let wants = if request { 1.0 + page * random.unit() } else { boots };
        high = f64::max(high * keeps + (1.0 - keeps) * boots, wants);
        used.push(high + 0.0005 * random.unit());
        high = if next.next_if_eq(&&tick).is_some() { boots } else { high };
    }
    meter.sized(Run { used, restarts: starts }, 1.0 + page, random)
}

/// The used heap of a JVM whose owner gave it all there is: a cycle begins when it is nearly full, so that its readings
/// are anywhere between what lives and that. Caches of soft references fill what is left.
fn heap_kept_full_on_purpose(random: &mut Random) -> Story {
    let load = load(random);
    let measure = store(random, "jvm_memory_used_bytes");
    let (meter, often) = (Meter::new(random, measure), random.within(0.0..2.0));
    let starts = deploys(random, 0..TICKS, often);
    let (begins, live) = (random.within(0.78..0.97), random.within(0.2..0.6));
    let (soft, every) = (random.within(0.0..0.8) * (begins - live), between(random, 0.3, 60.0) * HOUR as f64);
    let (learns, clears) = (between(random, 0.2, 6.0) * DAY as f64, random.within(0.0..0.15));
    let mut cached = if meter.age > 3 * DAY { soft } else { 0.0 };
    let clearing = at_random(random, clears);
    let (mut garbage, mut next, mut used) = (0.0, starts.iter().peekable(), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        cached += (soft - cached) * (rate / learns).min(1.0);
        if clearing.binary_search(&tick).is_ok() {
            cached *= random.unit();
        }
        let room = (begins - live - cached).max(0.02);
        garbage += (begins - live) / every * (0.1 + 0.9 * rate) * random.lognormal(0.3);
        let rest = random.unit();
        if garbage > room {
            garbage = if garbage > 2.0 * room { room * rest } else { 0.15 * room * rest };
        }
        used.push(live * random.within(0.985..1.0) + cached + garbage);
        if next.next_if_eq(&&tick).is_some() {
            (garbage, cached) = (0.0, 0.0);
        }
    }
    meter.calm(Run { used, restarts: starts })
}

/// A rented server with all that a shop of two people has: app, database, jobs at night, mail. Sometimes it boots.
fn one_server_for_everything(random: &mut Random) -> Story {
    let mut host = Host::new(random, |random| {
        let often = random.within(0.0..0.15);
        at_random(random, often)
    });
    let ssh = random.within(0.0..0.08);
    let people = at_random(random, 1.5);
    let mut here = 0.0;
    let consoles: Vec<f64> = (0..TICKS)
        .map(|tick| {
            here = if people.binary_search(&tick).is_ok() { ssh * random.unit() } else { 0.97 * here };
            here
        })
        .collect();
    host.used = plus(&host.used, &consoles);
    let run = Run { used: host.used, restarts: host.boots };
    host.meter.sized(run, 1.05 + ssh, random)
}
