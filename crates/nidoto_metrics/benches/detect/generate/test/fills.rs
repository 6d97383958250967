//! The test half's caches and stores that fill and then are full.

use super::Family;
use super::app::memory;
use super::engine::Runtime;
use super::meter::{Meter, store};
use super::people::{at_random, deploys, load};
use crate::detect::generate::PAGE_CACHE;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, expiring, power, served, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 5] = [
    Family { name: "memcached-takes-what-it-was-given", tell: memcached_takes_what_it_was_given },
    Family { name: "map-tiles-up-to-a-size", tell: map_tiles_up_to_a_size },
    Family { name: "sessions-with-sliding-expiry", tell: sessions_with_sliding_expiry },
    Family { name: "seldom-routes-are-met", tell: seldom_routes_are_met },
    Family { name: PAGE_CACHE, tell: page_cache },
];

/// Different things among so many that were asked for: new ones become rare.
fn different(asked: f64, bends: f64) -> f64 {
    asked.max(0.0).powf(bends)
}

/// A cache of its own server, younger than the record or older: slab pages are taken as new keys come and never given
/// back. It ends a little below what it was given.
fn memcached_takes_what_it_was_given(random: &mut Random) -> Story {
    let load = load(random);
    let measure = store(random, "memcached_current_bytes");
    let mut meter = Meter::new(random, measure);
    meter.age = (between(random, 0.003, 40.0) * DAY as f64) as usize;
    let often = random.within(0.0..0.06);
    let restarts = at_random(random, often);
    let (full, bends) = (random.within(0.7..0.985), random.within(0.5..0.95));
    let (fills, page) = (between(random, 0.2, 18.0) * DAY as f64, power(random, -3.5..-1.7));
    // Items come and go within pages.
    let (loose, mut shakes) = (power(random, -3.0..-1.3), 0.0);
    let used = served(&load, meter.age, &restarts)
        .iter()
        .map(|asked| {
            let pages = (full * different(asked / fills, bends).min(1.0) / page).ceil() * page;
            shakes = 0.95 * shakes + 0.05 * random.unit();
            pages.min(full) * (1.0 - loose * shakes)
        })
        .collect();
    meter.calm(Run { used, restarts })
}

/// A service keeps pictures of the map in memory up to a size, and forgets the one that was not asked for the longest.
/// Each deploy begins anew; where deploys are many, it is never full.
fn map_tiles_up_to_a_size(random: &mut Random) -> Story {
    let (load, meter, often) = (load(random), Meter::of_memory(random), between(random, 0.05, 4.0));
    let starts = deploys(random, 0..TICKS, often);
    let runtime = [Runtime::Cycles, Runtime::Plain, Runtime::Arenas, Runtime::Generations][random.pick(0..4)];
    let base = memory(random, runtime, &load, (meter.age, &starts));
    let (size, bends, fills) = (random.within(0.2..3.0), random.within(0.45..0.95), between(random, 0.1, 15.0));
    let (tile, mut turns) = (power(random, -3.0..-1.7), 0.0);
    let tiles: Vec<f64> = served(&load, meter.age, &starts)
        .iter()
        .map(|asked| {
            turns = 0.9 * turns + 0.1 * random.unit();
            different(asked / (fills * DAY as f64), bends).min(1.0) * (1.0 - tile * turns)
        })
        .collect();
    meter.sized(Run { used: with(&base, &tiles, size), restarts: starts }, 1.0 + size, random)
}

/// Keys of sessions, each kept for some days after the last visit. In some services sessions are new in the middle of the
/// record: more each day, for as many days, and then as many go as come.
fn sessions_with_sliding_expiry(random: &mut Random) -> Story {
    let load = load(random);
    let measure = store(random, "redis_memory_used_bytes");
    let meter = Meter::new(random, measure);
    let stays = (between(random, 0.5, 12.0) * DAY as f64) as usize;
    let begins = if random.chance(0.45) { random.pick(DAY..18 * DAY) } else { 0 };
    let (other, again) = (random.within(0.1..2.0), random.within(0.3..1.0));
    let all = expiring(&load, stays);
    let before: Vec<f64> =
        load.iter().enumerate().map(|(tick, rate)| if tick < begins { *rate } else { 0.0 }).collect();
    let old = expiring(&before, stays);
    let wave = power(random, -2.8..-1.2);
    let used: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let new = if begins == 0 { all[tick] } else { all[tick] - old[tick] };
            other + new.max(0.0).powf(again) + wave * load[tick].min(4.0) * random.lognormal(0.2)
        })
        .collect();
    meter.sized(Run::of(used), other + 1.1, random)
}

/// Modules, templates and plans that are loaded when a route is first asked for: much in the first hour, the last after
/// days, as of the report that is asked for on Fridays.
fn seldom_routes_are_met(random: &mut Random) -> Story {
    let (load, meter, often) = (load(random), Meter::of_memory(random), between(random, 0.1, 3.0));
    let starts = deploys(random, 0..TICKS, often);
    let runtime = Runtime::any(random);
    let base = memory(random, runtime, &load, (meter.age, &starts));
    let many = random.pick(8..120);
    let routes: Vec<(f64, f64)> =
        (0..many).map(|_| (between(random, 0.3, 9.0 * DAY as f64), random.lognormal(0.9))).collect();
    let all: f64 = routes.iter().map(|route| route.1).sum();
    let mut met: Vec<bool> =
        routes.iter().map(|route| random.chance(1.0 - (-(meter.age as f64) / route.0).exp())).collect();
    let (size, mut next, mut used) = (random.within(0.1..1.2), starts.iter().peekable(), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        for (nth, route) in routes.iter().enumerate() {
            met[nth] |= random.chance(1.0 - (-rate / route.0).exp());
        }
        let loaded: f64 = routes.iter().zip(&met).filter(|(_, met)| **met).map(|(route, _)| route.1).sum();
        used.push(base[tick] + size * loaded / all);
        if next.next_if_eq(&&tick).is_some() {
            met.fill(false);
        }
    }
    meter.sized(Run { used, restarts: starts }, 1.0 + size, random)
}

/// What a container uses together with the pages of files that the kernel keeps for it: they grow with all that is read
/// and written, up to close to the limit, where some are dropped; files that are removed take theirs along.
fn page_cache(random: &mut Random) -> Story {
    let (load, mut meter, often) = (load(random), Meter::of_told_memory(random), between(random, 0.05, 4.0));
    meter.age = random.pick(0..30 * DAY);
    let starts = deploys(random, 0..TICKS, often);
    let level = random.within(0.1..0.6);
    let runtime = Runtime::any(random);
    let own = memory(random, runtime, &load, (meter.age, &starts));
    let (mark, drops) = (random.within(0.9..0.99), power(random, -2.7..-0.7));
    let fills = between(random, 0.15, 25.0) * DAY as f64;
    let (removes, share) = (random.within(0.0..1.2), random.within(0.1..0.9));
    let removed = at_random(random, removes);
    let (job, every) = (random.within(0.0..0.3), random.pick(6 * HOUR..3 * DAY));
    let mut cache = f64::min(meter.age as f64 / fills, 1.0) * (mark - level);
    let (mut next, mut used) = (starts.iter().peekable(), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        let read = if tick % every == every - 1 { job } else { 0.0 };
        cache += rate / fills + read;
        if removed.binary_search(&tick).is_ok() {
            cache *= 1.0 - share * random.unit();
        }
        let room = mark - level * own[tick];
        if cache > room {
            cache = room * (1.0 - drops * random.unit());
        }
        used.push(level * own[tick] + cache);
        cache = if next.next_if_eq(&&tick).is_some() { 0.3 * random.unit() * cache } else { cache };
    }
    meter.calm(Run { used, restarts: starts })
}
