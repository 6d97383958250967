//! The test half's leaks of stores: volumes, inodes, keys.

use super::Family;
use super::parts::{
    From, TICKS, between, days, kept, poisson, power, since, some_traffic, staying, times, traffic, when, whole, with,
};
use super::told::{Teller, things};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::generate::third::memory::{bytes, volume};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 4] = [
    Family { name: "slot-nobody-reads", tell: slot_nobody_reads },
    Family { name: "sessions-never-collected", tell: sessions_never_collected },
    Family { name: "keys-without-expiry", tell: keys_without_expiry },
    Family { name: "exports-left-in-tmp", tell: exports_left_in_tmp },
];

/// A database writes ahead, and recycles between two checkpoints, until somebody stops the only reader of a replication
/// slot: from then on it keeps all that is written, most of it in the nightly batch of some.
fn slot_nobody_reads(random: &mut Random) -> Story {
    let (mut load, when) = (some_traffic(random), when(random, 1.0..22.0, 0.8..10.0));
    let metric = ["aws_rds_storage_used_bytes", "node_filesystem_used_bytes"][random.pick(0..2)];
    let measure = volume(random, metric);
    let teller = Teller::new(random, measure);
    let (batch, hour, lasts) = (random.within(0.0..12.0), random.pick(0..DAY), random.pick(4..3 * HOUR));
    load.iter_mut().enumerate().for_each(|(tick, rate)| *rate += if (tick + hour) % DAY < lasts { batch } else { 0.0 });
    let (level, swings) = (random.within(0.25..0.8), random.within(0.005..0.06));
    // Large queries sort on the volume.
    let (spills, large, mut sorts) = (power(random, -3.5..-1.0), random.within(0.0..0.08), 0.0);
    let mut written = 0.0;
    let recycles = between(random, 6.0, 100.0);
    let needs: Vec<f64> = load
        .iter()
        .map(|rate| {
            written = if written > recycles { 0.0 } else { written + rate.min(recycles) };
            sorts = if random.chance(spills) { large * random.unit() } else { sorts * 0.7 };
            level + swings * written / (2.0 * recycles) + sorts
        })
        .collect();
    let ahead = kept(&since(when.0, |tick| 0.05 + load[tick]), &[]);
    teller.leak(when, |leak| Run::of(with(&needs, &ahead, leak)))
}

/// PHP keeps a file for each session, and a job of the distribution removes old ones. An upgrade moves the folder, and
/// the job looks in the old place. What is used up is inodes.
fn sessions_never_collected(random: &mut Random) -> Story {
    let (load, when) = (some_traffic(random), when(random, 0.5..10.0, 4.0..26.0));
    let (measure, _) = things(random, "node_filesystem_files_used", &[655_360.0, 1_310_720.0, 2_621_440.0]);
    let teller = Teller::new(random, Measure { started: None, ..measure });
    let (looks, stay) = ([6, HOUR, 24 * HOUR][random.pick(0..3)], between(random, 6.0, 200.0));
    let alive = staying(&load, stay);
    let (mut old, mut there) = (0.0, Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        old = if tick % looks == 0 { 0.0 } else { old + rate };
        there.push(alive[tick] * stay + old);
    }
    let (level, share) = (random.within(0.1..0.75), random.within(0.02..0.5));
    let removed = whole(&there);
    let still = removed[when.0];
    // Those that were there stay; what came is added to them.
    let files = (0..TICKS).map(|tick| if tick < when.0 { removed[tick] } else { still });
    let needs: Vec<f64> = files.map(|files| level * (1.0 - share + share * files)).collect();
    let left = kept(&since(when.0, |tick| load[tick]), &[]);
    teller.leak(when, |leak| Run::of(with(&needs, &left, leak)))
}

/// Redis without eviction. What has a time to live fills for days after a flush, and stands; one kind of key was given
/// none, from the beginning or since a release.
fn keys_without_expiry(random: &mut Random) -> Story {
    let (load, flush) = (some_traffic(random), if random.chance(0.5) { days(random.within(0.0..4.0)) } else { 0 });
    let (mut onset, incident) = when(random, 0.0..12.0, 5.0..26.0);
    if onset < flush + DAY {
        onset = flush;
    }
    let measure = Measure { started: None, ..bytes(random, "redis_memory_used_bytes") };
    let teller = Teller::new(random, measure);
    let (stay, level) = (between(random, 0.1, 5.0) * DAY as f64, random.within(0.2..0.8));
    let (mut there, full) = (0.0, random.chance(0.6));
    let keys = load.iter().enumerate().map(|(tick, rate)| {
        there = if tick == flush && flush > 0 { 0.0 } else { there };
        there = if tick == 0 && (full || flush > 0) { stay } else { there };
        there += rate - there / stay;
        there
    });
    let keys = whole(&keys.collect::<Vec<f64>>());
    let (fixed, jitter) = (random.within(0.02..0.4), power(random, -3.5..-2.0));
    let slow = wander(random, TICKS, 40.0, jitter);
    let needs: Vec<f64> =
        keys.iter().zip(&slow).map(|(keys, slow)| level * (fixed + (1.0 - fixed) * keys + slow)).collect();
    let left = kept(&since(onset, |tick| load[tick]), &[]);
    teller.leak((onset, incident.max(onset + 2 * DAY).min(TICKS - 3)), |leak| Run::of(with(&needs, &left, leak)))
}

/// Whoever closes the page before an export is done leaves its file behind: some a day, few of them large, none at the
/// weekend.
fn exports_left_in_tmp(random: &mut Random) -> Story {
    let (load, when) = (traffic(random, From::Companies), when(random, 0.0..9.0, 5.0..26.0));
    let measure = volume(random, "node_filesystem_used_bytes");
    let teller = Teller::new(random, measure);
    let (often, spread) = (between(random, 3.0, 80.0) / DAY as f64, random.within(0.2..1.1));
    let mut file =
        |tick: usize| (0..poisson(random, often * load[tick]) as usize).map(|_| random.lognormal(spread)).sum();
    let left = kept(&since(when.0, &mut file), &[]);
    let (level, busy) = (random.within(0.15..0.75), random.within(0.0..0.08));
    let needs: Vec<f64> = times(&whole(&staying(&load, 5.0)), busy).iter().map(|busy| level + busy).collect();
    teller.leak(when, |leak| Run::of(with(&needs, &left, leak)))
}
