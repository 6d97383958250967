//! The sixth half's leaks of volumes, databases and stores in memory.

use super::Family;
use super::crowd::{anybody, jobs};
use super::scribe::{Scribe, per_cent};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::memory::{bytes, volume};
use crate::detect::generate::third::parts::{TICKS, between, kept, plus, power, since, window, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 4] = [
    Family { name: "wal-under-a-long-reader", tell: wal_under_a_long_reader },
    Family { name: "dumps-the-pruning-misses", tell: dumps_the_pruning_misses },
    Family { name: "bloat-behind-a-prepared-transaction", tell: bloat_behind_a_prepared_transaction },
    Family { name: "stream-never-trimmed", tell: stream_never_trimmed },
];

/// The log of an embedded database is set back when nobody reads any more: within the hour, until a process keeps a
/// read transaction open for good.
fn wal_under_a_long_reader(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..18.0, 1.0..20.0));
    let measure = volume(random, "node_filesystem_used_bytes");
    let scribe = Scribe::new(random, measure);
    let (level, swings, every) = (random.within(0.15..0.8), power(random, -3.0..-1.2), between(random, 1.0, 24.0));
    let (mut written, mut log) = (0.0, Vec::with_capacity(TICKS));
    for rate in &load {
        written = if written > every { 0.0 } else { written + rate };
        log.push(level + swings * (written / every).min(1.0));
    }
    let held = kept(&since(when.0, |tick| load[tick]), &[]);
    scribe.leak(when, |leak| Run::of(with(&log, &held, leak)))
}

/// A volume of nightly dumps: each is written within an hour or two and the oldest is removed. Since somebody renamed
/// them the script finds nothing to remove.
fn dumps_the_pruning_misses(random: &mut Random) -> Story {
    let when = window(random, 2.0..10.0, 6.0..22.0);
    let measure = volume(random, "node_filesystem_used_bytes");
    let scribe = Scribe::new(random, measure);
    let (level, begins, lasts) = (random.within(0.2..0.7), random.pick(0..20 * HOUR), random.pick(1..2 * HOUR));
    let (spread, grows) = (random.within(0.0..0.06), random.within(0.0..0.01));
    let sizes: Vec<f64> = (0..=TICKS / DAY).map(|day| (1.0 + grows * day as f64) * random.lognormal(spread)).collect();
    let shakes = power(random, -4.0..-2.5);
    let others = wander(random, TICKS, 200.0, shakes);
    let (mut stored, mut dumps) = (0.0, Vec::with_capacity(TICKS));
    for tick in 0..TICKS {
        let (day, since) = (tick / DAY, (tick % DAY).wrapping_sub(begins));
        if since < lasts {
            stored += sizes[day] / lasts as f64;
        } else if since == lasts && tick < when.0 {
            stored = 0.0;
        }
        dumps.push(stored);
    }
    let needs: Vec<f64> = others.iter().map(|other| level + other).collect();
    scribe.leak(when, |leak| Run::of(with(&needs, &dumps, leak)))
}

/// Storage of a managed database. Updates leave dead rows, which a vacuum makes free for others; a transaction that
/// was prepared and never committed keeps it from all of them.
fn bloat_behind_a_prepared_transaction(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..14.0, 3.0..22.0));
    let measure = per_cent(random, "rds_storage_used_percent");
    let scribe = Scribe::new(random, measure);
    let (level, new_rows) = (random.within(0.25..0.75), random.within(0.0..0.04));
    let (logs, keeps) = (power(random, -3.0..-1.5), random.pick(DAY / 2..3 * DAY));
    let made = kept(&load, &[]);
    let needs: Vec<f64> = (0..TICKS)
        .map(|tick| level + new_rows * made[tick] / TICKS as f64 + logs * (tick % keeps) as f64 / keeps as f64)
        .collect();
    let (job, updates) = (random.within(0.0..60.0), random.within(0.3..1.0));
    let mut nightly = vec![0.0; TICKS];
    for at in jobs(random, |_| true) {
        nightly[at..(at + 6).min(TICKS)].fill(job);
    }
    let rows = since(when.0, |tick| updates * load[tick] + nightly[tick]);
    scribe.leak(when, |leak| Run::of(with(&needs, &kept(&rows, &[]), leak)))
}

/// Memory of a Redis that evicts nothing: keys with a time to live, and a stream to which events are added and from
/// which nobody removes any.
fn stream_never_trimmed(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..16.0, 1.5..22.0));
    let measure = bytes(random, "redis_memory_used_bytes");
    let scribe = Scribe::new(random, measure);
    let (level, follows, stays) = (random.within(0.1..0.6), random.within(0.02..0.2), between(random, 3.0, 300.0));
    let (mut held, mut needs) = (stays, Vec::with_capacity(TICKS));
    for rate in &load {
        held += rate - held / stays;
        needs.push(level + follows * (held / stays).min(2.5) / 2.5);
    }
    let (often, forks) = (between(random, 0.2, 24.0), random.within(0.0..0.04));
    let saves: Vec<f64> =
        (0..TICKS).map(|_| if random.chance(often / DAY as f64) { forks * random.unit() } else { 0.0 }).collect();
    let added = kept(&since(when.0, |tick| load[tick] * random.lognormal(0.2)), &[]);
    scribe.leak(when, |leak| Run::of(with(&plus(&needs, &saves), &added, leak)))
}
