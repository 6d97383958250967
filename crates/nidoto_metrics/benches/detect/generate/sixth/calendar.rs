//! What the calendar brings to the services of the sixth half: jobs, payrolls, campaigns, tenants, releases.

use super::Family;
use super::crowd::{SHOPPERS, STAFF, anybody, deploys, jobs, requests};
use super::engine::{Engine, times};
use super::scribe::{Scribe, counted, per_cent, rows};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::memory::{bytes, volume};
use crate::detect::generate::third::parts::{TICKS, between, days, expiring, plus, power, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 8] = [
    Family { name: "payroll-days", tell: payroll_days },
    Family { name: "reindex-on-sundays", tell: reindex_on_sundays },
    Family { name: "ten-dumps-kept", tell: ten_dumps_kept },
    Family { name: "a-week-of-advertising", tell: a_week_of_advertising },
    Family { name: "tenants-moved-in-waves", tell: tenants_moved_in_waves },
    Family { name: "one-release-needs-more", tell: one_release_needs_more },
    Family { name: "full-collection-at-ninety", tell: full_collection_at_ninety },
    Family { name: "queue-with-nightly-import", tell: queue_with_nightly_import },
];

/// A service of offices. On two to four days of the month salaries are reckoned, which needs more memory, a little
/// more each of these days.
fn payroll_days(random: &mut Random) -> Story {
    let load = requests(random, STAFF);
    let scribe = Scribe::memory(random);
    let starts = deploys(random, 0.0..28.0, 0.7);
    let engine = Engine::any(random);
    let mut used = engine.memory(random, &load, (scribe.age, &starts));
    let (first, lasts, more) = (random.pick(8..25), random.pick(2..5), random.within(0.2..1.0));
    let (fades, eager) = (between(random, 3.0, 300.0), random.within(0.0..0.3));
    let mut held = 0.0;
    for (tick, used) in used.iter_mut().enumerate() {
        let nth = (tick / DAY).wrapping_sub(first);
        let now = if nth < lasts { (load[tick] / 2.5).min(1.0) * (1.0 + eager * nth as f64) } else { 0.0 };
        held = f64::max(now, held * (-1.0 / fades).exp());
        *used += more * held;
    }
    scribe.healthy(Run { used, restarts: starts }, random)
}

/// A database's volume: tables that hardly grow, logs between two archivings, and on Sundays a second copy of the
/// largest index, for an hour or some.
fn reindex_on_sundays(random: &mut Random) -> Story {
    let load = anybody(random);
    let measure = if random.chance(0.5) {
        per_cent(random, "rds_storage_used_percent")
    } else {
        volume(random, "node_filesystem_used_bytes")
    };
    let scribe = Scribe::new(random, measure);
    let (copy, lasts, grows) = (random.within(0.05..0.9), random.pick(3..10 * HOUR), random.within(0.0..0.02));
    let (logs, archives) = (power(random, -3.0..-1.3), random.pick(6..DAY));
    let mut used: Vec<f64> = (0..TICKS)
        .map(|tick| {
            1.0 + grows * tick as f64 / TICKS as f64 + logs * load[tick] * (tick % archives) as f64 / archives as f64
        })
        .collect();
    for at in jobs(random, |day| day % 7 == 6) {
        let lasts = (lasts as f64 * random.lognormal(0.1)) as usize + 1;
        for (done, used) in used[at..(at + lasts).min(TICKS)].iter_mut().enumerate() {
            *used += copy * done as f64 / lasts as f64;
        }
    }
    scribe.healthy(Run::of(used), random)
}

/// A volume with a dump each night: so many are kept, and the oldest goes when the new one is whole. Some records
/// begin when there are only few.
fn ten_dumps_kept(random: &mut Random) -> Story {
    let measure = volume(random, "node_filesystem_used_bytes");
    let scribe = Scribe::new(random, measure);
    let (keeps, lasts) = (random.pick(3..15), random.pick(2..3 * HOUR));
    let (spread, grows) = (random.within(0.0..0.05), random.within(0.0..0.003));
    let few = if random.chance(0.5) { keeps } else { random.pick(1..keeps + 1) };
    let mut dumps: Vec<f64> = (0..few).map(|_| random.lognormal(spread)).collect();
    let base = keeps as f64 * random.within(0.05..1.0);
    let shakes = power(random, -3.0..-1.5);
    let at = jobs(random, |_| true);
    let (mut written, mut done, mut used) = (0.0, usize::MAX, Vec::with_capacity(TICKS));
    let mut size = 1.0;
    for tick in 0..TICKS {
        if at.binary_search(&tick).is_ok() {
            (done, size) = (0, (1.0 + grows * (tick / DAY) as f64) * random.lognormal(spread));
        }
        if done < lasts {
            written += size / lasts as f64;
            done += 1;
        } else if written > 0.0 {
            dumps.push(written);
            written = 0.0;
            dumps.drain(..dumps.len().saturating_sub(keeps));
        }
        used.push(base + written + dumps.iter().sum::<f64>() + shakes * random.unit());
    }
    scribe.healthy(Run::of(used), random)
}

/// A shop is advertised for some days: twice to four times as many come, some of whom stay customers.
fn a_week_of_advertising(random: &mut Random) -> Story {
    let mut load = requests(random, SHOPPERS);
    let (from, lasts) = (days(random.within(4.0..20.0)), days(random.within(2.0..9.0)));
    let (more, stay, builds) = (random.within(0.7..3.0), random.within(0.0..0.25), between(random, 6.0, 400.0));
    for (tick, rate) in load.iter_mut().enumerate().skip(from) {
        let since = (tick - from) as f64;
        let ends = if tick < from + lasts { 1.0 } else { (-((tick - from - lasts) as f64) / 150.0).exp() };
        *rate *= 1.0 + more * (1.0 - (-since / builds).exp()) * (stay + (1.0 - stay) * ends);
    }
    let scribe = Scribe::memory(random);
    let starts = deploys(random, 0.0..28.0, 1.0);
    let (engine, follows) = (Engine::any(random), random.within(0.1..1.0));
    let carts = times(&expiring(&load, 2 * HOUR), 0.2);
    let needs = engine.memory(random, &load, (scribe.age, &starts));
    scribe.healthy(Run { used: with(&needs, &carts, follows), restarts: starts }, random)
}

/// Customers of an old system are moved to this one, some at a time on some evenings of two or three weeks. Each has a
/// cache of its own here. Then all are moved.
fn tenants_moved_in_waves(random: &mut Random) -> Story {
    let load = anybody(random);
    let scribe = Scribe::memory(random);
    let (first, last, count) = (random.within(1.5..8.0), random.within(12.0..21.0), random.pick(3..9));
    let waves: Vec<(usize, f64)> =
        (0..count).map(|_| (days(random.within(first..last)), random.lognormal(0.4))).collect();
    let all: f64 = waves.iter().map(|wave| wave.1).sum();
    let (own, fills) = (random.within(0.15..1.5), between(random, 3.0, 200.0));
    let engine = Engine::any(random);
    let needs = engine.memory(random, &load, (scribe.age, &[]));
    let tenants = |tick: usize| {
        let moved = waves.iter().filter(|wave| wave.0 < tick);
        moved.map(|(at, size)| size / all * (1.0 - (-((tick - at) as f64) / fills).exp())).sum()
    };
    let tenants: Vec<f64> = (0..TICKS).map(tenants).collect();
    scribe.healthy(Run::of(with(&needs, &tenants, own)), random)
}

/// One deploy brings a model, a dictionary or a library that needs so much more, at once or when it is first used.
fn one_release_needs_more(random: &mut Random) -> Story {
    let (load, per_week) = (anybody(random), between(random, 0.3, 5.0));
    let scribe = Scribe::memory(random);
    let release = days(random.within(2.0..24.0));
    let mut starts = deploys(random, 0.0..28.0, per_week);
    starts.push(release);
    starts.sort_unstable();
    starts.dedup();
    let engine = Engine::any(random);
    let mut used = engine.memory(random, &load, (scribe.age, &starts));
    let (more, first_use) = (random.within(0.08..0.7), between(random, 0.5, 100.0));
    let mut asked = 0.0;
    for (tick, used) in used.iter_mut().enumerate().skip(release + 1) {
        asked = if starts.binary_search(&(tick - 1)).is_ok() { 0.0 } else { asked + load[tick] };
        *used += more * (1.0 - (-asked / first_use).exp());
    }
    scribe.healthy(Run { used, restarts: starts }, random)
}

/// The used heap of a JVM that collects its old generation when it is nearly full, once in hours or days; what lives
/// is a third or half of that.
fn full_collection_at_ninety(random: &mut Random) -> Story {
    let load = anybody(random);
    let measure = bytes(random, "jvm_memory_used_bytes");
    let scribe = Scribe::new(random, measure);
    let starts = deploys(random, 0.0..28.0, 0.5);
    let (top, lives) = (random.within(0.6..0.93), random.within(0.15..0.5));
    let (every, shakes) = (between(random, 0.2, 8.0) * DAY as f64, random.within(0.005..0.08));
    let eden = random.within(0.01..0.06);
    let (mut old, mut floor, mut used) = (lives, lives, Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        old += (top - lives) / every * rate * random.lognormal(0.2);
        if old > top - eden {
            floor = lives * random.lognormal(shakes);
            old = floor;
        }
        used.push((old + eden * random.unit()).min(top));
        if starts.binary_search(&tick).is_ok() {
            old = floor * 0.7;
        }
    }
    scribe.calm(Run { used, restarts: starts })
}

/// Jobs that wait: a nightly import puts in very many and they are worked off by the morning, on most days.
fn queue_with_nightly_import(random: &mut Random) -> Story {
    let load = anybody(random);
    let (measure, limit) = rows(random, "sidekiq_queue_size", &[5_000.0, 50_000.0, 200_000.0]);
    let scribe = Scribe::new(random, measure);
    let (size, spread) = (random.within(0.1..0.45), random.within(0.02..0.3));
    let (lasts, works) = (random.pick(1..HOUR), size / (between(random, 0.5, 14.0) * HOUR as f64));
    let mut comes = times(&load, 0.3 * works);
    let large: Vec<usize> = jobs(random, |_| true);
    for at in large {
        let share = (size * random.lognormal(spread)).min(0.8) / lasts as f64;
        comes[at..(at + lasts).min(TICKS)].iter_mut().for_each(|came| *came += share);
    }
    let mut waits: f64 = 0.0;
    let mut see = |came: &f64| {
        // More than this and the import itself waits.
        waits = (waits + came - works).clamp(0.0, 0.95);
        waits
    };
    let waits: Vec<f64> = comes.iter().map(&mut see).collect();
    let few = times(&load, 0.2 / limit);
    scribe.calm(Run::of(counted(&plus(&waits, &few), limit)))
}
