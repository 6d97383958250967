//! The seventh half's volumes that somebody cleans, or something.

use std::collections::VecDeque;

use super::Family;
use super::clerk::{Clerk, volume};
use super::town::{at_night, deploys, load, moments};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, highest, power};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 4] = [
    Family { name: "images-collected-above-a-mark", tell: images_collected_above_a_mark },
    Family { name: "compressed-at-midnight", tell: compressed_at_midnight },
    Family { name: "base-backup-each-week", tell: base_backup_each_week },
    Family { name: "segments-are-merged", tell: segments_are_merged },
];

/// A node's disk. Each deploy brings an image; when a mark is passed, the oldest that nobody uses are removed down to
/// another mark. Weeks may go by between.
fn images_collected_above_a_mark(random: &mut Random) -> Story {
    let measure = volume(random, "node_filesystem_used_bytes");
    let clerk = Clerk::new(random, measure);
    let often = between(random, 3.0, 40.0);
    let brought = deploys(random, 0..TICKS, often);
    let (mark, down) = (random.within(0.75..0.9), random.within(0.03..0.2));
    let (base, size) = (random.within(0.15..0.5), between(random, 0.003, 0.07));
    let (spread, checks, shakes) = (random.within(0.1..0.5), random.pick(1..HOUR), power(random, -3.8..-2.0));
    let others: f64 = random.within(0.0..mark - base);
    let mut images: VecDeque<f64> = VecDeque::new();
    while images.iter().sum::<f64>() < others {
        images.push_back(size * random.lognormal(spread).min(1.6));
    }
    let mut used = Vec::with_capacity(TICKS);
    for tick in 0..TICKS {
        if brought.binary_search(&tick).is_ok() {
            images.push_back(size * random.lognormal(spread).min(1.6));
        }
        if tick % checks == 0 && base + images.iter().sum::<f64>() > mark {
            while images.len() > 2 && base + images.iter().sum::<f64>() > mark - down {
                images.pop_front();
            }
        }
        used.push((base + images.iter().sum::<f64>() + shakes * random.unit()).min(0.985));
    }
    clerk.calm(Run::of(used))
}

/// Logs: today's as they are, those of the days before compressed each midnight, removed after one to three weeks. A
/// third of the hosts are younger than that. A day of many errors is a large one.
fn compressed_at_midnight(random: &mut Random) -> Story {
    let load = load(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let clerk = Clerk::new(random, measure);
    let (keeps, midnight, packs) = (random.pick(5..22), random.pick(0..DAY), random.within(0.03..0.25));
    let (spells, worse) = (random.within(0.0..0.3), between(random, 2.0, 12.0));
    let (errors, spread) = (moments(random, spells), random.within(0.0..0.3));
    let there = if random.chance(0.35) { random.pick(0..keeps) } else { keeps };
    let mut days: VecDeque<f64> = (0..there).map(|_| packs * DAY as f64 * random.lognormal(0.15)).collect();
    let base = DAY as f64 * between(random, 0.3, 15.0);
    let (mut today, mut bad, mut used) = (random.within(0.0..DAY as f64), 0.0, Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        bad = if errors.binary_search(&tick).is_ok() { worse } else { 0.97 * bad };
        today += rate * (1.0 + bad) * random.lognormal(spread);
        used.push(base + today + days.iter().sum::<f64>());
        if tick % DAY == midnight {
            days.push_back(today * packs);
            today = 0.0;
            days.drain(..days.len().saturating_sub(keeps));
        }
    }
    // A young host will have as much as an old one.
    let most = highest(&used) + (keeps - there) as f64 * packs * DAY as f64;
    clerk.sized(Run::of(used), most, random)
}

/// A volume of backups: the base of a week and the logs since then. When a new base is whole, what is older than so many
/// of them goes.
fn base_backup_each_week(random: &mut Random) -> Story {
    let load = load(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let clerk = Clerk::new(random, measure);
    let (keeps, weekday, begins) = (random.pick(1..4), random.pick(0..7), random.pick(0..DAY));
    let (base, lasts) = (between(random, 0.05, 3.0), random.pick(3..5 * HOUR));
    let (grows, job) = (random.within(-0.005..0.02), random.within(0.0..8.0));
    let mut logs: Vec<f64> = load.iter().map(|rate| rate / (7 * DAY) as f64).collect();
    for at in at_night(random, |_| true) {
        logs[at..(at + 6).min(TICKS)].iter_mut().for_each(|log| *log += job / (7 * DAY) as f64);
    }
    let week: f64 = logs[..7 * DAY].iter().sum();
    let since = (weekday * DAY + begins) as f64 / (7 * DAY) as f64;
    let mut weeks: VecDeque<f64> = (0..keeps).map(|_| base + week).collect();
    let (mut now, mut size, mut written) = (base + week * (1.0 - since), base, 0.0);
    let mut used = Vec::with_capacity(TICKS);
    for (tick, log) in logs.iter().enumerate() {
        now += log;
        let into = (tick + 7 * DAY - weekday * DAY - begins) % (7 * DAY);
        if into < lasts {
            written = size * (into + 1) as f64 / lasts as f64;
        }
        if into == lasts && written > 0.0 {
            weeks.push_back(now);
            weeks.pop_front();
            (now, written, size) = (written, 0.0, size * (1.0 + grows));
        }
        used.push(now + written + weeks.iter().sum::<f64>());
    }
    clerk.healthy(Run::of(used), random)
}

/// The data of a search engine: documents that are replaced leave dead ones behind until their segment is merged, for
/// which there is a second copy for a while. Large segments are merged seldom.
fn segments_are_merged(random: &mut Random) -> Story {
    let load = load(random);
    let measure = volume(random, "elasticsearch_filesystem_data_used_bytes");
    let clerk = Clerk::new(random, measure);
    let (base, dead) = (random.within(0.5..3.0), between(random, 0.05, 0.6));
    let tiers: Vec<(f64, f64)> = [1.0, 0.35, 0.12][..random.pick(2..4)]
        .iter()
        .map(|size| (dead * size, between(random, 1.0, 9.0) * DAY as f64 * size * size))
        .collect();
    let (spread, copies) = (random.within(0.05..0.4), random.within(0.2..1.0));
    let new = random.within(0.0..0.04);
    let mut waits: Vec<f64> = tiers.iter().map(|tier| tier.0 * random.unit()).collect();
    let mut full: Vec<f64> = tiers.iter().map(|tier| tier.0).collect();
    let (mut copy, mut used) = (0.0, Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        copy *= 0.85;
        for (nth, (size, every)) in tiers.iter().enumerate() {
            waits[nth] += size / every * rate;
            if waits[nth] > full[nth] {
                copy += copies * size;
                (waits[nth], full[nth]) = (0.15 * size * random.unit(), size * random.lognormal(spread).min(1.5));
            }
        }
        used.push(base + new * tick as f64 / TICKS as f64 + copy + waits.iter().sum::<f64>());
    }
    let most = base + new + tiers.iter().map(|tier| tier.0 * (1.3 + copies)).sum::<f64>();
    clerk.sized(Run::of(used), most, random)
}
