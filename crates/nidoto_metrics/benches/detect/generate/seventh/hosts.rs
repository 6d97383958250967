//! The seventh half's leaks that are seen on a host: what old processes hold, what went to swap, what builds leave.

use super::Family;
use super::app::{memory, present, times, whole};
use super::clerk::{Clerk, bytes, level, of_host, volume, when};
use super::machine::Kind;
use super::town::{at_night, deploys, load, moments};
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::generate::third::parts::{TICKS, between, kept, plus, power, since, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 3] = [
    Family { name: "old-workers-linger", tell: old_workers_linger },
    Family { name: "swap-of-a-small-server", tell: swap_of_a_small_server },
    Family { name: "layers-the-prune-keeps", tell: layers_the_prune_keeps },
];

/// Each reload of a proxy's configuration leaves old workers that end when their last client has gone: within hours,
/// until something keeps its web sockets open for good. Reloads come with deploys and certificates.
fn old_workers_linger(random: &mut Random) -> Story {
    let (load, (onset, incident)) = (load(random), when(random, 1.2..17.0, 2.0..22.0));
    let measure = of_host(random, "node_memory_used_percent");
    let clerk = Clerk::new(random, measure);
    let often = between(random, 4.0, 40.0) / ((incident - onset) as f64 / DAY as f64);
    let mut reloads = moments(random, often);
    let third = (incident - onset) / 3;
    reloads.extend([onset + third, onset + 2 * third, incident - random.pick(HOUR..third)]);
    reloads.sort_unstable();
    reloads.dedup();
    let (size, spread, fades) = (random.within(0.005..0.06), random.within(0.1..0.6), between(random, 6.0, 120.0));
    let (mut lingers, mut forever) = (vec![0.0; TICKS], vec![0.0; TICKS]);
    for at in reloads {
        let worker = random.lognormal(spread);
        for (age, held) in lingers[at..].iter_mut().enumerate().take(1_500) {
            *held += size * worker * (-(age as f64) / fades).exp();
        }
        forever[at] += if at < onset { 0.0 } else { worker };
    }
    let level = level(random);
    let kind = Kind::any(random);
    let apps = times(&memory(random, kind, &load, (clerk.age, &[])), level);
    let needs: Vec<f64> = plus(&apps, &lingers).iter().map(|used| used.min(0.9)).collect();
    let left = kept(&forever, &[]);
    clerk.leak((onset, incident), |leak| Run::of(with(&needs, &left, leak)))
}

/// Swap of a small server. What is not in use goes there when memory is short: some after each nightly job, of which
/// some comes back. A daemon leaks, and nobody ever reads what it has leaked: it goes to swap in such hours, for good.
fn swap_of_a_small_server(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 1.5..16.0, 2.0..24.0));
    let measure = Measure { started: Some("node_boot_time_seconds"), ..bytes(random, "node_memory_swap_used_bytes") };
    let clerk = Clerk::new(random, measure);
    let (level, returns) = (random.within(0.0..0.5), power(random, -3.5..-1.8));
    let (job, short) = (random.within(0.0..0.3), power(random, -3.0..-0.8));
    let nights = at_night(random, |_| true);
    let (mut idle, mut needs) = (0.0, Vec::with_capacity(TICKS));
    let (mut in_memory, mut swapped, mut left) = (0.0, 0.0, Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        idle -= idle * returns * rate.min(4.0);
        in_memory += if tick < when.0 { 0.0 } else { 0.3 + 0.7 * rate };
        let night = nights.binary_search(&tick).is_ok();
        if night || random.chance((short * rate).min(0.8)) {
            let goes = random.within(0.3..1.0);
            idle += (1.0 - idle) * goes * if night { 0.5 } else { 0.05 };
            swapped += in_memory * goes;
            in_memory -= in_memory * goes;
        }
        needs.push(level + job * idle);
        left.push(swapped);
    }
    clerk.leak(when, |leak| Run::of(with(&needs, &left, leak)))
}

/// The disk of a host that builds images. Each build leaves layers; a job prunes them each night or week. Since all of
/// them got a tag it finds only a few that it may remove.
fn layers_the_prune_keeps(random: &mut Random) -> Story {
    let when = when(random, 2.0..14.0, 2.5..24.0);
    let measure = volume(random, "node_filesystem_used_bytes");
    let clerk = Clerk::new(random, measure);
    let weekly = random.chance(0.4);
    let prunes = at_night(random, |day| !weekly || day % 7 == 6);
    let (often, spread) = (between(random, 8.0, 120.0), random.within(0.2..1.0));
    let mut sizes = vec![0.0; TICKS];
    for at in deploys(random, 0..TICKS, often) {
        sizes[at] += random.lognormal(spread);
    }
    // Whoever works at the weekend builds as well.
    for at in moments(random, 0.4) {
        sizes[at] += random.lognormal(spread);
    }
    let removes = random.within(0.0..0.35);
    let (mut waits, mut layers) = (0.0, Vec::with_capacity(TICKS));
    for (tick, size) in sizes.iter().enumerate() {
        // The layers of a tag stay for good; those without one go at each prune, as before.
        waits += if tick < when.0 { *size } else { removes * size };
        waits = if prunes.binary_search(&tick).is_ok() { 0.0 } else { waits };
        layers.push(waits);
    }
    let (level, others) = (level(random), present(&sizes, 200.0));
    let swings = random.within(0.05..0.9) * (0.92 - level).min(0.5);
    let needs = times(&whole(&layers), swings);
    let needs: Vec<f64> = (0..TICKS).map(|tick| level * (0.97 + 0.03 * others[tick]) + needs[tick]).collect();
    let left = kept(&since(when.0, |tick| sizes[tick] * (1.0 - removes)), &[]);
    clerk.leak(when, |leak| Run::of(with(&needs, &left, leak)))
}
