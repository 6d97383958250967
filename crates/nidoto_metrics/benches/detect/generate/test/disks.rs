//! The test half's leaks on disks: what used to be removed stays.

use super::Family;
use super::meter::{Meter, level, volume, when};
use super::people::{deploys, load};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, Story};
use crate::detect::generate::third::parts::{TICKS, between, kept, power};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 3] = [
    Family { name: "deleted-but-held-open", tell: deleted_but_held_open },
    Family { name: "debug-level-left-on", tell: debug_level_left_on },
    Family { name: "partition-job-stopped", tell: partition_job_stopped },
];

/// What else is on a disk: about a level, with files that come and go, and a little more each week for some.
fn others(random: &mut Random, level: f64) -> Vec<f64> {
    let (lasts, shakes) = (between(random, 10.0, 900.0), power(random, -3.8..-1.8));
    let files = wander(random, TICKS, lasts, shakes);
    let grows = if random.chance(0.4) { random.within(0.0..0.03) } else { 0.0 };
    (0..TICKS)
        .map(|tick| (level * (1.0 + files[tick].clamp(-0.1, 0.1)) + grows * tick as f64 / TICKS as f64).min(0.96))
        .collect()
}

/// A log is rotated each night and some are kept. Since somebody took the reload out of the rotation, the process holds
/// the old file open: it is removed from the folder, not from the disk. A restart of the process frees all at once.
fn deleted_but_held_open(random: &mut Random) -> Story {
    let (load, keeps) = (load(random), random.pick(1..4));
    let when = when(random, 1.0..14.0, 2.5 * keeps as f64..25.0);
    let measure = volume(random, "node_filesystem_used_bytes");
    let meter = Meter::new(random, measure);
    let midnight = when.0 % DAY;
    let level = 0.8 * level(random);
    let base = others(random, level);
    let often = if random.chance(0.3) { between(random, 0.3, 2.0) } else { 0.0 };
    let starts = deploys(random, when.0 + DAY..when.0 + (when.1 - when.0) / 2, often);
    // Whole days that are kept, as if each were like the first, and the log of today.
    let first: f64 = load[..DAY].iter().sum();
    let mut days = vec![first; keeps];
    let mut today: f64 = first * (DAY - midnight) as f64 / DAY as f64;
    let (mut held, mut logs) = (0.0, Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        if tick % DAY == midnight && tick > 0 {
            days.push(today);
            let removed = days.remove(0);
            held += if tick >= when.0 { removed } else { 0.0 };
            today = 0.0;
        }
        if starts.binary_search(&tick).is_ok() {
            held = 0.0;
        }
        today += rate;
        logs.push(days.iter().sum::<f64>() + today + held);
    }
    meter.leak(when, |size| Run::of(base.iter().zip(&logs).map(|(base, logs)| base + size * logs).collect()))
}

/// Somebody looks for a bug and leaves the debug level on. Each midnight the log of the day is compressed, which helps
/// the less, the more there is in a day. Hours or some days.
fn debug_level_left_on(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.8..25.0, 0.3..6.0));
    let measure = volume(random, "node_filesystem_used_bytes");
    let meter = Meter::new(random, measure);
    let level = level(random);
    let mut base = others(random, level);
    let (packs, usual, midnight) = (random.within(0.05..0.4), power(random, -4.5..-2.0), random.pick(0..DAY));
    let packed = random.chance(0.7);
    let compress = |today: f64| if packed { packs * today } else { today };
    let (mut calm, mut debug, mut quiet_today, mut today) = (0.0, 0.0, 0.0, 0.0);
    let mut left = Vec::with_capacity(TICKS);
    for tick in 0..TICKS {
        if tick % DAY == midnight {
            (calm, quiet_today) = (0.85 * (calm + compress(quiet_today)), 0.0);
            (debug, today) = (debug + compress(today), 0.0);
        }
        quiet_today += usual / DAY as f64 * load[tick];
        today += if tick < when.0 { 0.0 } else { load[tick] };
        base[tick] = (base[tick] + calm + quiet_today).min(0.97);
        left.push(debug + today);
    }
    meter.leak(when, |leak| Run::of(base.iter().zip(&left).map(|(base, left)| base + leak * left).collect()))
}

/// Events in partitions of a day. A job drops the oldest each night, until it fails and nobody reads its mail: from the
/// first night without it, the table grows by a day each day.
fn partition_job_stopped(random: &mut Random) -> Story {
    let load = load(random);
    let when = when(random, 1.0..12.0, 2.0..26.0);
    let measure = volume(random, "aws_rds_storage_used_bytes");
    let meter = Meter::new(random, measure);
    // Nobody keeps so much that a few days more would not fit.
    let keeps = random.pick(2..22).min(3 * (when.1 - when.0) / DAY).max(2);
    let level = 0.7 * level(random);
    let base = others(random, level);
    let at = when.0 % DAY;
    let total = kept(&load, &[]);
    let indexes = random.within(0.0..0.02);
    // Before the record each tick was as the mean, which is 1.
    let until = |tick: isize| usize::try_from(tick).map_or(tick as f64, |tick| total[tick]);
    let rows: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let nights = (tick.min(when.0 - 1) + DAY - at) / DAY;
            let dropped = (nights * DAY + at) as isize - ((keeps + 1) * DAY) as isize;
            (until(tick as isize) - until(dropped)) * (1.0 + indexes * random.unit())
        })
        .collect();
    meter.leak(when, |size| Run::of(base.iter().zip(&rows).map(|(base, rows)| base + size * rows).collect()))
}
