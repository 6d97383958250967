//! The seventh half's leaks of databases and queues: what is not archived, not taken, not frozen.

use super::Family;
use super::clerk::{Clerk, counted, level, things, volume, when};
use super::town::{at_night, load, moments};
use crate::detect::generate::service::{HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, days, power, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 3] = [
    Family { name: "archiving-falls-behind", tell: archiving_falls_behind },
    Family { name: "oldest-message-grows-old", tell: oldest_message_grows_old },
    Family { name: "freezing-is-held-back", tell: freezing_is_held_back },
];

/// Logs of a database wait on its volume until they are archived. Since the archive takes fewer of them than are
/// written by day, they wait until night; since it takes fewer than are written in all, ever more do.
fn archiving_falls_behind(random: &mut Random) -> Story {
    let (mut load, (onset, incident)) = (load(random), when(random, 1.3..22.0, 0.5..18.0));
    let measure = volume(random, "node_filesystem_used_bytes");
    let clerk = Clerk::new(random, measure);
    let (job, lasts) = (random.within(0.0..6.0), random.pick(2..2 * HOUR));
    for at in at_night(random, |_| true) {
        load[at..(at + lasts).min(TICKS)].iter_mut().for_each(|rate| *rate += job);
    }
    let (level, tables, waits) = (level(random), random.within(0.0..0.04), power(random, -3.5..-1.5));
    let since = &load[onset..incident];
    let slow = random.within(0.1..0.9) * since.iter().sum::<f64>() / since.len() as f64;
    let fast = between(random, 1.5, 8.0);
    let (mut behind, mut backlog) = (0.0, 0.0_f64);
    let (mut needs, mut left) = (Vec::with_capacity(TICKS), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        // Before, as much as a job wrote at once was behind for a while.
        behind = f64::max(behind + rate - fast, 0.0);
        backlog = if tick < onset { 0.0 } else { f64::max(backlog + rate * random.lognormal(0.1) - slow, 0.0) };
        let grown = tables * tick as f64 / TICKS as f64;
        needs.push((level + grown + f64::min(waits * (rate.min(2.0) + behind / 4.0), 0.2)).min(0.9));
        left.push(backlog);
    }
    clerk.leak((onset, incident), |leak| Run::of(with(&needs, &left, leak)))
}

/// The age of a queue's oldest message. Batches and bad hours of a partner make it old for a while. Then there is one
/// that no consumer can take, which is put back each time; at the end of the retention it would be lost.
fn oldest_message_grows_old(random: &mut Random) -> Story {
    let load = load(random);
    let limits = [43_200.0, 86_400.0, 345_600.0, 345_600.0, 604_800.0, 1_209_600.0];
    let (measure, limit) = things(random, "sqs_approximate_age_of_oldest_message_seconds", &limits, false);
    let clerk = Clerk::new(random, measure);
    let latest = (26.5 - limit / 86_400.0).min(23.0);
    let onset = days(random.within(1.2..latest));
    let ages = ages(random, &load, limit);
    let used: Vec<f64> =
        (0..TICKS).map(|tick| ages[tick].max(tick.saturating_sub(onset) as f64 * 300.0 / limit)).collect();
    clerk.ends(onset, Run::of(counted(&used, limit)))
}

/// The age of a queue's oldest message as a share of a limit, where nothing is wrong: some seconds or minutes, and with
/// a batch or when a consumer is away the time since it began, until all is worked off.
pub fn ages(random: &mut Random, load: &[f64], limit: f64) -> Vec<f64> {
    let (usual, spread) = (between(random, 1.0, 600.0), random.within(0.2..1.0));
    let mut ages: Vec<f64> =
        load.iter().map(|rate| usual * (0.3 + 0.7 * rate.min(4.0)) * random.lognormal(spread).min(5.0)).collect();
    let longest = (0.75 * limit / 300.0).min(10.0 * HOUR as f64);
    let lasts = between(random, 4.0, longest);
    let per_day = random.within(0.05..1.2);
    let mut begins = moments(random, per_day);
    if random.chance(0.5) {
        begins.extend(at_night(random, |_| true));
    }
    for at in begins {
        let lasts = (lasts * random.lognormal(0.3)).clamp(2.0, longest) as usize;
        for (since, age) in ages[at..(at + lasts).min(TICKS)].iter_mut().enumerate() {
            *age = age.max(since as f64 * 300.0);
        }
    }
    ages.iter().map(|age| (age / limit).min(0.9)).collect()
}

/// The age of a database's oldest transaction id, under what the team takes for too much. Old rows are frozen when it
/// is two hundred millions; somewhere a forgotten replica or a transaction holds that back.
fn freezing_is_held_back(random: &mut Random) -> Story {
    let (load, (onset, incident)) = (load(random), when(random, 1.3..15.0, 2.5..24.0));
    let (measure, limit) = things(random, "pg_database_frozen_age", &[4e8, 5e8, 6e8, 1e9], false);
    let clerk = Clerk::new(random, measure);
    let top = 2e8 / limit;
    let (floor, phase) = (top * random.within(0.0..0.4), random.within(0.0..0.95));
    let (job, lasts) = (random.within(0.0..10.0), random.pick(1..HOUR));
    let mut burns: Vec<f64> = load.iter().map(|rate| rate * random.lognormal(0.1)).collect();
    for at in at_night(random, |_| true) {
        burns[at..(at + lasts).min(TICKS)].iter_mut().for_each(|rate| *rate += job);
    }
    let at_onset = floor + phase * (top - floor);
    let pace = (1.0 - at_onset) / burns[onset..=incident].iter().sum::<f64>();
    let before: f64 = burns[..onset].iter().sum();
    let (mut burnt, mut used) = (0.0, Vec::with_capacity(TICKS));
    for (tick, burns) in burns.iter().enumerate() {
        let age = at_onset + pace * (burnt - before);
        used.push(if tick < onset { floor + (age - floor).rem_euclid(top - floor) } else { age });
        burnt += burns;
    }
    clerk.ends(onset, Run::of(counted(&used, limit)))
}
