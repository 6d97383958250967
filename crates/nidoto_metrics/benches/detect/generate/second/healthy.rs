//! The second test half's healthy services: caches, warm-up, collectors, releases. Their weeks are in `seasons`.

use super::memory::{Memory, jvm, old_after, resident, runtime};
use super::parts::{DAYS, TICKS, days, neighbours, nights, releases, somebody, traffic};
use super::process::{Fill, Process, following};
use crate::detect::generate::Family;
use crate::detect::generate::service::{DAY, HOUR, Measure, RESIDENT, Story};
use crate::detect::random::Random;

pub const FAMILIES: [Family; 11] = [
    Family { name: "cache-by-count", tell: cache_by_count },
    Family { name: "cache-by-bytes", tell: cache_by_bytes },
    Family { name: "warm-after-releases", tell: warm_after_releases },
    Family { name: "database-buffers", tell: database_buffers },
    Family { name: "releases-change-the-level", tell: releases_change_the_level },
    Family { name: "high-sawtooth", tell: high_sawtooth },
    Family { name: "rare-full-collections", tell: rare_full_collections },
    Family { name: "restarted-daily", tell: restarted_daily },
    Family { name: "two-levels", tell: two_levels },
    Family { name: "many-on-a-host", tell: many_on_a_host },
    Family { name: "monitoring-away", tell: monitoring_away },
];

/// Where healthy services have their highest: teams do run close to the limit.
pub const TOP: std::ops::Range<f64> = 0.2..0.97;

/// A service of some users.
fn usual(random: &mut Random) -> Process {
    let users = somebody(random);
    let (load, runtime) = (traffic(random, users), runtime(random));
    Process::usual(random, load, runtime)
}

/// From so many days to so many, short ones as often as long ones; in ticks.
fn over(random: &mut Random, from: f64, to: f64) -> f64 {
    from * (to / from).powf(random.unit()) * DAY as f64
}

/// How old it is when the record begins, or when it is restarted within it: a cache fills before somebody's eyes.
fn begun(random: &mut Random, process: &mut Process) {
    process.age = random.pick(0..DAY);
    if random.chance(0.5) {
        process.restarts = vec![random.pick(1..12 * DAY)];
        process.age += random.pick(0..20 * DAY);
    }
}

/// An LRU of so many entries: new keys get rare, then one goes for each that comes. Full after hours or ten days.
fn cache_by_count(random: &mut Random) -> Story {
    let mut process = usual(random).sized(random.within(0.08..0.3));
    begun(random, &mut process);
    let amount = random.within(0.06..0.35);
    process.fill = Fill::Keys { amount, over: over(random, 0.2, 10.0) };
    process.healthy(TOP, random)
}

/// Redis with `maxmemory`, Caffeine by weight: each miss adds, evenly, until the bound.
fn cache_by_bytes(random: &mut Random) -> Story {
    let users = somebody(random);
    let load = traffic(random, users);
    let top = random.within(0.05..0.4);
    let needs = following(random, &load, top, 0.02..0.4);
    let (measure, memory) = resident(random);
    let mut process = Process { memory, ..Process::new(random, measure, load, needs) };
    begun(random, &mut process);
    process.fill = Fill::ToBound { amount: random.within(0.1..0.6), over: over(random, 0.2, 10.0) };
    process.healthy(0.35..0.97, random)
}

/// Classes, compiled code, templates, pools: each release warms up for minutes or a day. One to ten releases.
fn warm_after_releases(random: &mut Random) -> Story {
    let (mut process, often) = (usual(random), random.within(0.3..2.5));
    process.restarts = releases(random, 0.0..DAYS as f64, often);
    let amount = random.within(0.05..0.3);
    process.fill = Fill::Keys { amount, over: over(random, 0.02, 1.2) };
    process.healthy(TOP, random)
}

/// A database whose buffers are touched one by one after a restart, and stay; sessions above them.
fn database_buffers(random: &mut Random) -> Story {
    let users = somebody(random);
    let load = traffic(random, users);
    let top = random.within(0.1..0.35);
    let needs = following(random, &load, top, 0.1..0.8);
    let memory = Memory::Resident { returns: 10_f64.powf(random.within(-2.5..-0.5)) };
    let mut process = Process { memory, ..Process::new(random, RESIDENT, load, needs) };
    begun(random, &mut process);
    let amount = random.within(0.2..0.6);
    process.fill = if random.chance(0.5) {
        Fill::ToBound { amount, over: over(random, 0.5, 10.0) }
    } else {
        Fill::Keys { amount, over: over(random, 0.5, 12.0) }
    };
    process.healthy(0.4..0.97, random)
}

/// Features come and go with releases, a flag changes something without one: the level is another for good.
fn releases_change_the_level(random: &mut Random) -> Story {
    let (mut process, often) = (usual(random), random.within(0.5..2.0));
    let changes = releases(random, 0.5..DAYS as f64, often);
    for at in &changes {
        let factor = random.within(0.8..1.3);
        process.needs[*at + 1..].iter_mut().for_each(|need| *need = f64::min(*need * factor, need.max(0.5)));
    }
    process.restarts = changes.into_iter().filter(|_| random.chance(0.85)).collect();
    let amount = random.within(0.0..0.06);
    process.fill = Fill::Keys { amount, over: over(random, 0.02, 0.5) };
    process.healthy(TOP, random)
}

/// A JVM that uses the heap it was given: to three quarters and more of the limit, and back, minutes or hours later.
fn high_sawtooth(random: &mut Random) -> Story {
    let users = somebody(random);
    let (load, (measure, _)) = (traffic(random, users), jvm(random));
    let (waits, young) = (10_f64.powf(random.within(-1.5..0.6)), random.within(0.3..0.6));
    let memory = old_after(random, waits, young, 0.8..0.98);
    Process::usual(random, load, (measure, memory)).healthy(0.75..0.98, random)
}

/// What is promoted too early waits one to six days for a full collection.
fn rare_full_collections(random: &mut Random) -> Story {
    let users = somebody(random);
    let (load, (measure, _)) = (traffic(random, users), jvm(random));
    let (waits, young) = (random.within(1.0..6.0), random.within(0.03..0.2));
    let memory = old_after(random, waits, young, 0.6..0.95);
    Process::usual(random, load, (measure, memory)).healthy(0.3..0.97, random)
}

/// Restarted each night, or on weekdays; warm within minutes, or only by the evening.
fn restarted_daily(random: &mut Random) -> Story {
    let (mut process, hour, is_weekdays) = (usual(random), random.within(0.0..24.0), random.chance(0.3));
    process.restarts = nights(hour, |day| !is_weekdays || day % 7 < 5);
    process.age = random.pick(0..DAY);
    let amount = random.within(0.03..0.3);
    process.fill = Fill::Keys { amount, over: over(random, 0.03, 1.5) };
    process.healthy(TOP, random)
}

/// Leader or follower, worker on or off: two levels, hours or days each.
fn two_levels(random: &mut Random) -> Story {
    let (mut process, lasts) = (usual(random), over(random, 0.1, 4.0));
    let (mut until, mut is_high) = (0.0, random.chance(0.5));
    let amount = random.within(0.1..0.4) * process.needs.iter().sum::<f64>() / TICKS as f64;
    for (tick, need) in process.needs.iter_mut().enumerate() {
        if tick as f64 >= until {
            (is_high, until) = (!is_high, tick as f64 + lasts * random.wait().max(0.05));
        }
        *need += if is_high { amount } else { 0.0 };
    }
    process.healthy(TOP, random)
}

/// A VPS on which containers come and go: what all of them use.
fn many_on_a_host(random: &mut Random) -> Story {
    const HOST: Measure =
        Measure { metric: "node_memory_used_bytes", started: Some("node_boot_time_seconds"), ..RESIDENT };
    let users = somebody(random);
    let (load, count) = (traffic(random, users), random.pick(3..10));
    let others = neighbours(random, count, 0.02..0.15);
    let mut needs = following(random, &load, 0.35, 0.05..0.5);
    needs.iter_mut().zip(&others).for_each(|(need, other)| *need += other);
    Process::new(random, HOST, load, needs).healthy(TOP, random)
}

/// The monitoring itself is away for hours, a day, a weekend; and loses a scrape in some.
fn monitoring_away(random: &mut Random) -> Story {
    let (mut process, often) = (usual(random), random.within(0.0..1.5));
    process.restarts = releases(random, 0.0..DAYS as f64, often);
    let amount = random.within(0.0..0.15);
    process.fill = Fill::Keys { amount, over: over(random, 0.05, 1.0) };
    let mut story = process.healthy(TOP, random);
    for _ in 0..random.pick(4..16) {
        let (from, lasts) = (random.pick(1..TICKS), random.pick(HOUR / 2..20 * HOUR));
        story.lost.push(from..(from + lasts).min(TICKS));
    }
    let weekend = random.pick(0..4) * 7 * DAY + days(4.5);
    story.lost.push(weekend..weekend + days(random.within(1.0..2.6)));
    let often = random.within(0.0..0.15);
    let single: Vec<usize> = (1..TICKS).filter(|_| random.chance(often)).collect();
    story.lost.extend(single.into_iter().map(|tick| tick..tick + 1));
    story
}
