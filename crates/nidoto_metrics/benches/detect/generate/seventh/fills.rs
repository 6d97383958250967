//! The seventh half's memory that fills and then is full.

use super::Family;
use super::app::{memory, times};
use super::clerk::{Clerk, bytes, counted, things};
use super::machine::Kind;
use super::town::{at_night, deploys, load};
use crate::detect::generate::PAGE_CACHE;
use crate::detect::generate::service::{DAY, HOUR, Measure, RESIDENT, Story};
use crate::detect::generate::third::parts::{TICKS, between, plus, poisson, power, served};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 4] = [
    Family { name: "plans-up-to-a-number", tell: plans_up_to_a_number },
    Family { name: "code-cache-warms", tell: code_cache_warms },
    Family { name: "two-caches-of-one-service", tell: two_caches_of_one_service },
    Family { name: PAGE_CACHE, tell: page_cache },
];

/// Plans or compiled templates that a server keeps, up to a number; when there are so many, a tenth or a half of them
/// goes at once. New ones become rarer.
fn plans_up_to_a_number(random: &mut Random) -> Story {
    let load = load(random);
    let (measure, limit) = things(random, "plan_cache_entries", &[1_000.0, 5_000.0, 20_000.0, 160_036.0], true);
    let clerk = Clerk::new(random, measure);
    let often = between(random, 0.05, 3.0);
    let starts = deploys(random, 0..TICKS, often);
    let (number, goes) = (random.within(0.3..0.97), random.within(0.02..0.5));
    let (fills, rarer) = (between(random, 0.1, 40.0) * DAY as f64, random.within(0.45..1.0));
    let seen = served(&load, clerk.age, &starts);
    let mut next = starts.iter().peekable();
    let (mut before, mut here, mut used) = (0.0, random.within(0.0..number), Vec::with_capacity(TICKS));
    for (tick, seen) in seen.iter().enumerate() {
        let all = (seen / fills).powf(rarer) * number;
        here += if tick == 0 { 0.0 } else { all - before };
        before = all;
        here = if here > number { number * (1.0 - goes) } else { here };
        used.push(here);
        if next.next_if_eq(&&tick).is_some() {
            (here, before) = (0.0, 0.0);
        }
    }
    clerk.calm(Run { used: counted(&used, limit), restarts: starts })
}

/// Compiled code of a JVM or of PHP: what is called often soon, what is called seldom later, up to all there is.
/// A release begins anew.
fn code_cache_warms(random: &mut Random) -> Story {
    let (load, often) = (load(random), between(random, 0.05, 4.0));
    let reserved = [48.0, 128.0, 240.0, 240.0, 256.0][random.pick(0..5)] * 1_048_576.0;
    let measure = Measure { metric: "jvm_memory_pool_code_cache_used_bytes", limit: Some(reserved), ..RESIDENT };
    let clerk = Clerk::new(random, measure);
    let starts = deploys(random, 0..TICKS, often);
    let (first, soon) = (random.within(0.1..0.5), between(random, 0.1, 30.0));
    let all = between(random, 100.0, 9_000.0);
    let (drops, shakes) = (power(random, -3.5..-1.5), power(random, -3.5..-2.3));
    let full = (1.0_f64 + all / soon).ln();
    let mut flushed = 0.0;
    let used = served(&load, clerk.age, &starts)
        .iter()
        .map(|calls| {
            // Code of a tier below is flushed once it is compiled again.
            flushed = 0.98 * flushed + if random.chance(drops) { 0.04 * random.unit() } else { 0.0 };
            let compiled = (1.0 + calls.min(all) / soon).ln() / full;
            (first + (1.0 - first) * compiled) * (1.0 - f64::min(flushed, 0.3)) + shakes * random.unit()
        })
        .collect();
    clerk.sized(Run { used, restarts: starts }, 1.01, random)
}

/// A service with a small cache that is full within hours, and a large one of seldom things that takes days or weeks,
/// each up to a size of its own. What is too old goes.
fn two_caches_of_one_service(random: &mut Random) -> Story {
    let (load, often) = (load(random), between(random, 0.03, 1.5));
    let clerk = Clerk::of_memory(random);
    let starts = deploys(random, 0..TICKS, often);
    let (kind, share) = (Kind::any(random), random.within(0.3..1.5));
    let needs = times(&memory(random, kind, &load, (clerk.age, &starts)), share);
    let (small, large) = (random.within(0.05..0.5), random.within(0.2..1.0));
    let (hours, weeks) = (between(random, 5.0, 60.0), between(random, 0.5, 15.0) * DAY as f64);
    let (misses, spread) = (random.within(0.3..1.0), random.within(0.0..0.4));
    let ages = if random.chance(0.5) { 1.0 / (between(random, 0.3, 20.0) * DAY as f64) } else { 0.0 };
    let old = clerk.age as f64;
    let (mut one, mut two) = (small * (old / hours).min(1.0), large * (old / weeks).min(1.0));
    let (mut next, mut cached) = (starts.iter().peekable(), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        let comes = rate * random.lognormal(spread);
        one = f64::min(one + small * comes / hours, small);
        // The fuller it is, the fewer are asked for that are not in it.
        two = f64::min(two + large * comes / weeks * (1.0 - misses * 0.9 * two / large) - ages * two, large);
        cached.push(one + two);
        if next.next_if_eq(&&tick).is_some() {
            (one, two) = (0.0, 0.0);
        }
    }
    clerk.sized(Run { used: plus(&needs, &cached), restarts: starts }, share + small + large, random)
}

/// A container that reads and writes files: the kernel keeps them until its limit is near, and then lets go of some, a
/// little at a time or much. Files that are removed go at once.
fn page_cache(random: &mut Random) -> Story {
    let (load, often) = (load(random), between(random, 0.1, 4.0));
    let measure = bytes(random, "container_memory_usage_bytes");
    let clerk = Clerk::new(random, measure).told_starts();
    let starts = deploys(random, 0..TICKS, often);
    let (kind, level) = (Kind::any(random), random.within(0.1..0.6));
    let own = times(&memory(random, kind, &load, (clerk.age, &starts)), level);
    let fills = (1.0 - level) / (between(random, 0.1, 25.0) * DAY as f64);
    let (top, lets_go) = (random.within(0.9..0.995), power(random, -3.0..-0.7));
    let (rotates, removed) = (random.chance(0.5), random.within(0.05..0.9));
    let (nights, reads) = (at_night(random, |_| true), random.within(0.0..0.5));
    let mut files = (fills * clerk.age as f64).min(0.9 - level);
    let (mut next, mut used) = (starts.iter().peekable(), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        files += fills * rate * (0.2 + 0.8 * poisson(random, 3.0) / 3.0);
        if nights.binary_search(&tick).is_ok() {
            files = if rotates { files * (1.0 - removed) } else { files + reads };
        }
        if own[tick] + files > top {
            files = ((top - own[tick]) * (1.0 - lets_go * random.unit())).max(0.0);
        }
        used.push(own[tick] + files);
        // A container that is started anew begins with few.
        files = if next.next_if_eq(&&tick).is_some() { f64::min(files, HOUR as f64 * fills) } else { files };
    }
    clerk.calm(Run { used, restarts: starts })
}
