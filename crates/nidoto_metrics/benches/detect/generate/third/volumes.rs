//! Volumes of the third test half, and databases that live in their buffers.

use super::Family;
use super::memory::{bytes, counted, resident, volume};
use super::parts::{
    Customers, TICKS, anyones, between, days, demand, dumps, kept, poisson, power, releases, traffic, window, with,
};
use super::telling::{Recorder, Run};
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::random::Random;

pub const LEAKS: [Family; 1] = [Family { name: "images-of-every-release", tell: images_of_every_release }];

pub const HEALTHY: [Family; 3] = [
    Family { name: "retention-of-blocks", tell: retention_of_blocks },
    Family { name: "pruned-when-full", tell: pruned_when_full },
    Family { name: "managed-database", tell: managed_database },
];

/// A VPS that is deployed to: each release pulls an image, and nobody prunes. Logs and uploads beside them are small.
fn images_of_every_release(random: &mut Random) -> Story {
    let (load, (onset, incident)) = (anyones(random), window(random, 0.2..7.0, 5.0..27.0));
    let measure = volume(random, "node_filesystem_used_bytes");
    let recorder = Recorder::new(random, measure);
    let (often, sizes) = (between(random, 4.0, 25.0), random.within(0.02..0.5));
    let mut rate = vec![0.0; TICKS];
    for at in releases(random, onset as f64 / DAY as f64..28.0, often).into_iter().chain([onset, incident]) {
        rate[at] += random.lognormal(sizes);
    }
    let (images, level, logs) = (kept(&rate, &[]), random.within(0.2..0.7), random.within(0.0..0.04));
    let rotated = rotations(random, &load, 1.0);
    let needs: Vec<f64> = rotated.iter().map(|log| level + logs * log).collect();
    recorder.leak((onset, incident), random, |leak, _| Run::of(with(&needs, &images, leak)))
}

/// Files that are rotated when one has reached its size, of which so many are kept; the highest is about 1. `every`
/// is the time in days in which average traffic fills one.
fn rotations(random: &mut Random, load: &[f64], every: f64) -> Vec<f64> {
    let (keeps, packs) = (random.pick(1..6), random.within(0.05..0.4));
    let size = every * DAY as f64;
    let (mut now, mut out) = (size * random.unit(), Vec::with_capacity(TICKS));
    for rate in load {
        now += rate;
        // Rotation looks every hour or so, not at each line.
        if now > size && random.chance(0.15) {
            now = 0.0;
        }
        out.push((now / size + packs * keeps as f64) / (1.0 + packs * keeps as f64));
    }
    out
}

/// A store of metrics, traces or logs with a retention of two days to a week, which writes blocks and merges them: it
/// grows until its first blocks are old enough. A third of them began within the record.
fn retention_of_blocks(random: &mut Random) -> Story {
    let load = anyones(random);
    let (keeps, block) = (days(random.within(1.5..7.0)), [2 * HOUR, 6 * HOUR, 24 * HOUR][random.pick(0..3)]);
    let began = if random.chance(0.35) { random.pick(0..5 * DAY) as i64 } else { -(20 * DAY as i64) };
    let (packs, follows, other) = (random.within(0.3..0.8), random.within(0.1..0.9), random.within(0.1..1.2));
    let came = |tick: i64| {
        let rate = load[tick.rem_euclid(21 * DAY as i64) as usize];
        if tick < began { 0.0 } else { 1.0 - follows + follows * rate }
    };
    let (mut blocks, mut open, mut used) = (std::collections::VecDeque::new(), 0.0, Vec::with_capacity(TICKS));
    let whole = keeps as f64 * packs;
    for tick in -(10 * DAY as i64)..TICKS as i64 {
        open += came(tick);
        if tick.rem_euclid(block as i64) == 0 {
            blocks.push_back((tick, open * packs));
            open = 0.0;
            while blocks.front().is_some_and(|(closed, _)| *closed < tick - keeps as i64) {
                blocks.pop_front();
            }
        }
        if tick >= 0 {
            used.push(other * whole + open + blocks.iter().map(|block| block.1).sum::<f64>());
        }
    }
    let measure = volume(random, "node_filesystem_used_bytes");
    let recorder = Recorder::new(random, measure);
    recorder.healthy(Run::of(used), 0.35..0.9, random)
}

/// A build machine: layers and workspaces come with each build, and a job that looks every hour or night removes most
/// of them when the disk is fuller than so much.
fn pruned_when_full(random: &mut Random) -> Story {
    let (load, threshold) = (traffic(random, Customers::Business), random.within(0.65..0.82));
    let (base, fills) = (random.within(0.15..0.45), between(random, 1.5, 14.0));
    let looks = [HOUR, 24 * HOUR][random.pick(0..2)];
    // In one day, not even a busy one, nobody builds more than what is left above the threshold.
    let per_tick = (threshold - base) / (fills.max(if looks > HOUR { 6.0 } else { 1.5 }) * DAY as f64);
    let (leaves, builds, hour) = (random.within(0.05..0.5), between(random, 0.05, 3.0), random.pick(0..24 * HOUR));
    let (mut there, mut used) = ((threshold - base) * random.unit(), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        there += per_tick * poisson(random, builds * rate) / builds * random.lognormal(0.3);
        if tick % looks == hour % looks && base + there > threshold {
            there *= leaves * random.within(0.7..1.3);
        }
        used.push(base + there);
    }
    let measure = if random.chance(0.3) {
        let inodes = counted(random, "node_filesystem_files_used", &[655_360.0, 1_310_720.0, 6_553_600.0]);
        Measure { started: None, ..inodes }
    } else {
        volume(random, "node_filesystem_used_bytes")
    };
    let recorder = Recorder::new(random, measure);
    // Nobody was ever seen above this.
    let top = super::parts::highest(&used);
    if top > 0.97 {
        recorder.healthy(Run::of(used), 0.9..0.97, random)
    } else {
        recorder.as_told(Run::of(used), random)
    }
}

/// A managed database, total less freeable: its buffers take what they were given, within hours or five days after a
/// failover, and stay. It is meant to be nearly full. A dump each night needs a little more.
fn managed_database(random: &mut Random) -> Story {
    let load = anyones(random);
    let measure = Measure { started: None, ..bytes(random, "aws_rds_memory_used_bytes") };
    let recorder = Recorder::new(random, measure);
    let (buffers, fills) = (random.within(0.5..0.8), between(random, 0.1, 3.5) * DAY as f64);
    let failover = if random.chance(0.4) { vec![random.pick(DAY..14 * DAY)] } else { vec![] };
    let pages = super::parts::served(&load, 30 * DAY, &failover);
    let returns = power(random, -2.5..-0.5);
    let rest = resident(&demand(random, &load, 1.0 - buffers), returns, &failover);
    let mut used: Vec<f64> =
        rest.iter().zip(&pages).map(|(rest, pages)| rest + buffers * (1.0 - (-pages / fills).exp())).collect();
    dumps(random, &mut used, 0.005..0.05);
    recorder.healthy(Run::of(used), 0.7..0.97, random)
}
