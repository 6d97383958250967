//! The test half's disks that are cleaned by size, by week, by quota.

use std::collections::VecDeque;

use super::Family;
use super::meter::{Meter, volume};
use super::people::{Audience, deploys, load};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{DAYS, TICKS, between, highest, power};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 3] = [
    Family { name: "logs-rotated-by-size", tell: logs_rotated_by_size },
    Family { name: "builds-pruned-on-sundays", tell: builds_pruned_on_sundays },
    Family { name: "recordings-up-to-a-quota", tell: recordings_up_to_a_quota },
];

/// Logs of several containers, each with files of a size of which some are kept. On a young host they fill up first, one
/// container after another; then each has its own teeth.
fn logs_rotated_by_size(random: &mut Random) -> Story {
    let load = load(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let meter = Meter::new(random, measure);
    let (base, spread) = (random.within(0.5..6.0), random.within(0.0..0.4));
    let there = if random.chance(0.4) { random.within(0.0..0.5) } else { 1.0 };
    // Of each: size of a file, how many are kept, what it writes in a tick, what is full, what is written.
    let mut logs: Vec<(f64, f64, f64, f64, f64)> = (0..random.pick(1..7))
        .map(|_| {
            let (size, keeps) = (between(random, 0.02, 0.6), random.pick(1..8) as f64);
            let writes = size / (between(random, 0.1, 12.0) * DAY as f64);
            (size, keeps, writes, (keeps * there).floor(), size * random.unit())
        })
        .collect();
    let most = base + logs.iter().map(|log| log.0 * (log.1 + 1.0)).sum::<f64>();
    let (lasts, shakes) = (between(random, 5.0, 500.0), power(random, -3.5..-1.8));
    let others = wander(random, TICKS, lasts, shakes);
    let used: Vec<f64> = (0..TICKS)
        .map(|tick| {
            for (size, keeps, writes, full, written) in &mut logs {
                *written += *writes * load[tick] * random.lognormal(spread);
                if *written > *size {
                    (*full, *written) = (f64::min(*full + 1.0, *keeps), 0.0);
                }
            }
            base * (1.0 + others[tick].clamp(-0.08, 0.08)) + logs.iter().map(|log| log.0 * log.3 + log.4).sum::<f64>()
        })
        .collect();
    meter.sized(Run::of(used), most + 0.08 * base, random)
}

/// The disk of a builder: each merge leaves layers and caches, and once a week a job removes what is older than a week or
/// all that nobody uses. Now and then it fails, and the disk, which was chosen for that, has two weeks on it.
fn builds_pruned_on_sundays(random: &mut Random) -> Story {
    let measure = volume(random, "node_filesystem_used_bytes");
    let meter = Meter::new(random, measure);
    let (base, often) = (random.within(0.5..8.0), between(random, 5.0, 80.0));
    let builds = deploys(random, 0..TICKS, often);
    let (spread, works, removes) = (random.within(0.2..0.9), random.within(0.0..0.5), random.within(0.7..1.0));
    let (weekday, hour, fails) = (random.pick(5..8) % 7, random.pick(0..DAY), random.within(0.0..0.12));
    let mut pruned: Vec<bool> = (0..DAYS).map(|day| day % 7 == weekday && !random.chance(fails)).collect();
    // Twice in a row somebody would have seen it.
    for day in 7..DAYS {
        pruned[day] |= day % 7 == weekday && !pruned[day - 7];
    }
    let mut layers = random.within(0.1..1.0);
    let mut at_work = 0.0;
    let used: Vec<f64> = (0..TICKS)
        .map(|tick| {
            at_work *= 0.6;
            if builds.binary_search(&tick).is_ok() {
                let size = random.lognormal(spread).min(6.0) / often;
                layers += size;
                at_work = works * size * 3.0;
            }
            if pruned[tick / DAY] && tick % DAY == hour {
                layers *= 1.0 - removes * random.within(0.85..1.0);
            }
            base + layers + at_work
        })
        .collect();
    let most = (base + 2.6).max(1.1 * highest(&used));
    meter.sized(Run::of(used), most, random)
}

/// Recordings of calls or cameras. Above a quota the oldest go, an hour of them or a day at a time; a recorder that was
/// set up in the record, or not long before it, fills its disk first, as it should.
fn recordings_up_to_a_quota(random: &mut Random) -> Story {
    let load =
        [Audience::Clinics, Audience::Devices, Audience::Devices, Audience::Shops][random.pick(0..4)].load(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let meter = Meter::new(random, measure);
    let (base, quota) = (random.within(0.03..0.25), random.within(0.7..0.965));
    let piece = [HOUR, HOUR, 6 * HOUR, DAY][random.pick(0..4)];
    let fills = between(random, 3.0, 40.0) * DAY as f64;
    let (is_young, spread) = (random.chance(0.35), random.within(0.0..0.3));
    let there = if is_young { random.within(0.0..0.6) } else { 1.0 } * (quota - base);
    let size = (quota - base) / fills;
    let mut pieces: VecDeque<f64> = VecDeque::new();
    while pieces.iter().sum::<f64>() < there - size * piece as f64 {
        pieces.push_back(size * piece as f64 * random.lognormal(0.1));
    }
    let (mut now, looks) = (0.0, random.pick(1..HOUR));
    let used: Vec<f64> = (0..TICKS)
        .map(|tick| {
            now += size * load[tick] * random.lognormal(spread);
            if tick % piece == piece - 1 {
                pieces.push_back(now);
                now = 0.0;
            }
            while tick % looks == 0 && base + now + pieces.iter().sum::<f64>() > quota && pieces.pop_front().is_some() {
            }
            (base + now + pieces.iter().sum::<f64>()).min(0.985)
        })
        .collect();
    meter.calm(Run::of(used))
}
