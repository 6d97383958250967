//! The test half's leaks of what is stored: rows, backlogs, core dumps.

use super::Family;
use super::record::{Witness, per_cent, things, when};
use super::traffic::{DEVICES, HOMES, KITCHENS, anyone, traffic};
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::generate::third::memory::{bytes, volume};
use crate::detect::generate::third::parts::{TICKS, between, days, expiring, highest, kept, poisson, since};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 3] = [
    Family { name: "audit-rows-without-retention", tell: audit_rows_without_retention },
    Family { name: "consumers-too-slow", tell: consumers_too_slow },
    Family { name: "a-core-dump-each-crash", tell: a_core_dump_each_crash },
];

/// A release writes a row for each change into a table that nobody empties. The volume of the database has temporary
/// files by day, a backup's snapshot at night, and was even before.
fn audit_rows_without_retention(random: &mut Random) -> Story {
    let (load, when) = (anyone(random), when(random, 2.0..12.0, 5.0..24.5));
    let measure = match random.pick(0..2) {
        0 => per_cent(random, "aws_rds_storage_used_percent"),
        _ => volume(random, "node_filesystem_used_bytes"),
    };
    let witness = Witness::new(random, measure);
    let (level, sorts, logs) = (random.within(0.2..0.85), random.within(0.0..0.03), random.within(0.0..0.04));
    let (backup, lasts) = (random.pick(0..DAY), random.pick(2..3 * HOUR));
    let needs: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let sorting = if random.chance(0.02 * load[tick].min(5.0)) { sorts * random.unit() } else { 0.0 };
            level + sorting + if (tick + backup) % DAY < lasts { logs } else { 0.0 }
        })
        .collect();
    let rows = kept(&since(when.0, |tick| load[tick]), &[]);
    witness.adds_up(when, &needs, &rows, &[])
}

/// Since the work got harder the consumers manage less a day than comes. By night they catch up with a part of it, so
/// the backlog rises and falls with the day, and each morning more is left of it.
fn consumers_too_slow(random: &mut Random) -> Story {
    let crowd = [HOMES, KITCHENS, DEVICES][random.pick(0..3)];
    let (load, when) = (traffic(random, crowd), when(random, 2.0..18.0, 3.0..22.0));
    let measure = match random.pick(0..2) {
        0 => bytes(random, "redis_memory_used_bytes"),
        _ => things(random, "rabbitmq_queue_messages_ready", &[20_000.0, 100_000.0, 500_000.0, 2_000_000.0]).0,
    };
    let witness = Witness::new(random, Measure { started: None, ..measure });
    let base = if measure.step > 1.0 { random.within(0.05..0.5) } else { 0.0 };
    let enough = highest(&expiring(&load, HOUR)) * random.within(0.85..1.2);
    let manages = random.within(0.5..0.8);
    let mut waits = 0.0;
    let mut see = |tick: usize| {
        let capacity = if tick < when.0 { enough } else { manages };
        waits = f64::max(waits + load[tick] - capacity, 0.0);
        waits
    };
    let backlog: Vec<f64> = (0..TICKS).map(&mut see).collect();
    witness.leak(when, |leak| Run::of(backlog.iter().map(|waits| base + leak * waits).collect()))
}

/// A release crashes now and then, and each crash leaves a core dump of even size on the volume: some an hour or some
/// a day, until it is full.
fn a_core_dump_each_crash(random: &mut Random) -> Story {
    let (load, when) = (anyone(random), when(random, 2.0..24.0, 0.4..7.0));
    let measure = volume(random, "node_filesystem_used_bytes");
    let witness = Witness::new(random, measure);
    let fills = between(random, 8.0, 120.0);
    let often = fills / (when.1 - when.0) as f64;
    let (level, logs, by_load) = (random.within(0.15..0.75), random.within(0.0..0.06), random.unit());
    let rotates = random.within(0.2..3.0);
    let mut written = random.unit();
    let journal: Vec<f64> = (0..TICKS)
        .map(|tick| {
            written = (written + load[tick] / days(rotates) as f64) % 1.0;
            level + logs * written
        })
        .collect();
    let dumps = kept(&since(when.0, |tick| poisson(random, often * (1.0 - by_load + by_load * load[tick]))), &[]);
    witness.adds_up(when, &journal, &dumps, &[])
}
