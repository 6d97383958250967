//! Restarts of the third test half that come by themselves, over leaks and over none.

use super::Family;
use super::memory::{bytes, container, resident};
use super::parts::{TICKS, anyones, between, days, demand, kept, power, releases, served, since, some_day, with};
use super::telling::{Recorder, Run};
use crate::detect::generate::service::{DAY, HOUR, Measure, RESIDENT, Story};
use crate::detect::random::Random;

pub const LEAKS: [Family; 3] = [
    Family { name: "spot-instances-replace-it", tell: spot_instances_replace_it },
    Family { name: "throttled-before-killed", tell: throttled_before_killed },
    Family { name: "dynos-cycle-over-it", tell: dynos_cycle_over_it },
];

pub const HEALTHY: [Family; 4] = [
    Family { name: "dynos-cycle", tell: dynos_cycle },
    Family { name: "average-of-tasks", tell: average_of_tasks },
    Family { name: "spot-instances", tell: spot_instances },
    Family { name: "modules-loaded-late", tell: modules_loaded_late },
];

/// What is warm after so much was served: `amount` of it with the scale `tau` in ticks.
fn warm(served: &[f64], amount: f64, tau: f64) -> impl Iterator<Item = f64> {
    served.iter().map(move |served| amount * (1.0 - (-served / tau).exp()))
}

fn warmed(random: &mut Random, load: &[f64], level: f64, age: usize, restarts: &[usize]) -> Vec<f64> {
    let (share, tau) = (random.within(0.05..0.35), between(random, 0.01, 0.6) * DAY as f64);
    let (needs, served) = (demand(random, load, level * (1.0 - share)), served(load, age, restarts));
    needs.iter().zip(warm(&served, level * share, tau)).map(|(need, warm)| need + warm).collect()
}

/// Ticks at which a spot instance is taken away: at any time, after `mean` days.
fn taken_away(random: &mut Random, mean: f64, until: usize) -> Vec<usize> {
    let (mut all, mut tick) = (vec![], 0);
    loop {
        tick += days(mean * random.wait().max(0.08));
        if tick >= until {
            return all;
        }
        all.push(tick);
    }
}

/// Spot instances: the provider takes each away after hours or days, and with it what leaked. Until one may stay.
fn spot_instances_replace_it(random: &mut Random) -> Story {
    let (load, onset, mean) = (anyones(random), some_day(random, 0.0..6.0), between(random, 0.5, 2.5));
    let measure = Measure { started: Some("node_boot_time_seconds"), ..bytes(random, "node_memory_used_bytes") };
    let recorder = Recorder::new(random, measure);
    let until = some_day(random, 11.0..20.0);
    let restarts = taken_away(random, mean, until);
    let begins = std::iter::once(0).chain(restarts.iter().copied());
    let longest = begins.zip(&restarts).map(|(from, to)| to - from).max().unwrap_or(DAY);
    let last = restarts.last().copied().unwrap_or(0).max(onset);
    let lasts = (random.within(1.2..1.7) * longest as f64) as usize;
    let incident = (last + lasts.max(8 * HOUR)).min(TICKS - 3);
    let level = random.within(0.2..0.6);
    let needs = warmed(random, &load, level, recorder.age, &restarts);
    let by_clock = random.within(0.1..1.0);
    let keeps = kept(&since(onset, |tick| by_clock + (1.0 - by_clock) * load[tick]), &restarts);
    recorder
        .leak((onset, incident), random, |leak, _| Run { used: with(&needs, &keeps, leak), restarts: restarts.clone() })
}

/// systemd with `MemoryHigh` below `MemoryMax`: growth slows down where the kernel reclaims and swaps, the service gets
/// slow, and hours later its watchdog or the limit ends it. Again and again.
fn throttled_before_killed(random: &mut Random) -> Story {
    let (load, onset) = (anyones(random), some_day(random, 0.0..8.0));
    let measure = Measure { started: RESIDENT.started, ..bytes(random, "systemd_unit_memory_current_bytes") };
    let recorder = Recorder::new(random, measure).young(random);
    let (high, level) = (random.within(0.8..0.93), random.within(0.2..0.55));
    let (lives, patience) = (between(random, 0.35, 5.0) * DAY as f64, between(random, 1.0, 10.0) * HOUR as f64);
    let (needs, slows) = (demand(random, &load, level), random.within(0.03..0.2));
    let (mut leaked, mut suffers, mut used, mut restarts) = (0.0, 0.0, Vec::with_capacity(TICKS), vec![]);
    let mut may_suffer = patience * random.lognormal(0.4);
    for tick in 0..TICKS {
        leaked += if tick < onset { 0.0 } else { (high - level) / lives * load[tick] };
        let wants = needs[tick] + leaked;
        let above = (wants - high).max(0.0);
        // What is over the mark goes to swap, except for a part of it.
        used.push((wants.min(high) + above * slows + 0.002 * random.normal()).min(0.995));
        suffers += if above > 0.0 { 1.0 } else { 0.0 };
        if suffers > may_suffer || above > 0.35 {
            (leaked, suffers, may_suffer) = (0.0, 0.0, patience * random.lognormal(0.4));
            restarts.push(tick);
        }
    }
    Story { onset: Some(onset), ..recorder.as_told(Run { used, restarts }, random) }
}

/// Dynos are cycled once a day, up to 216 minutes late, and with each release.
fn cycles(random: &mut Random) -> Vec<usize> {
    let often = random.within(0.0..3.0);
    let (mut all, planned, mut tick) = (vec![], releases(random, 0.0..28.0, often), random.pick(0..DAY));
    while tick < TICKS {
        all.push(tick);
        let next = tick + 24 * HOUR + random.pick(0..43);
        tick = planned.iter().copied().find(|release| (tick + 1..next).contains(release)).unwrap_or(next);
    }
    all
}

/// A platform that restarts everything daily hides a leak: each day ends higher than it began, never at the limit.
fn dynos_cycle_over_it(random: &mut Random) -> Story {
    let (load, onset, restarts) = (anyones(random), some_day(random, 0.0..10.0), cycles(random));
    let measure = bytes(random, "heroku_dyno_memory_rss_bytes");
    let recorder = Recorder::new(random, measure).young(random);
    let (level, share) = (random.within(0.2..0.6), random.within(0.3..0.97));
    let needs = warmed(random, &load, level, recorder.age, &restarts);
    let by_clock = random.within(0.0..1.0);
    let keeps = kept(&since(onset, |tick| by_clock + (1.0 - by_clock) * load[tick]), &restarts);
    recorder
        .hidden(onset, share, random, |leak, _| Run { used: with(&needs, &keeps, leak), restarts: restarts.clone() })
}

/// The same platform: each dyno is warm after minutes or half a day, and stays there until it is cycled.
fn dynos_cycle(random: &mut Random) -> Story {
    let (load, restarts) = (anyones(random), cycles(random));
    let measure = bytes(random, "heroku_dyno_memory_rss_bytes");
    let recorder = Recorder::new(random, measure).young(random);
    let needs = warmed(random, &load, 0.5, recorder.age, &restarts);
    let returns = power(random, -3.0..0.0);
    let used = resident(&needs, returns, &restarts);
    recorder.healthy(Run { used, restarts }, 0.3..0.95, random)
}

/// A service of some tasks: the provider tells their average in per cent of the limit, and no start. A release replaces
/// one after the other by one that is still cold.
fn average_of_tasks(random: &mut Random) -> Story {
    let (load, often) = (anyones(random), random.within(0.3..4.0));
    let measure =
        Measure { metric: "aws_ecs_memory_utilization_percent", started: None, limit: Some(100.0), step: 1.0 / 64.0 };
    let recorder = Recorder::new(random, measure);
    let (tasks, apart) = (random.pick(2..7), random.pick(1..5));
    let begins = releases(random, 0.0..27.5, often);
    let (tau, share) = (between(random, 0.03, 1.5) * DAY as f64, random.within(0.1..0.5));
    let mut used = demand(random, &load, 1.0 - share);
    for task in 0..tasks {
        let replaced: Vec<usize> = begins.iter().map(|begin| begin + task * apart).filter(|at| *at < TICKS).collect();
        let served = served(&load, recorder.age, &replaced);
        used.iter_mut().zip(warm(&served, share / tasks as f64, tau)).for_each(|(used, warm)| *used += warm);
    }
    recorder.healthy(Run::of(used), 0.3..0.95, random)
}

/// Spot instances whose service fills its caches each time, for minutes or a day, and is full.
fn spot_instances(random: &mut Random) -> Story {
    let (load, mean) = (anyones(random), between(random, 0.5, 6.0));
    let measure = Measure { started: Some("node_boot_time_seconds"), ..bytes(random, "node_memory_used_bytes") };
    let recorder = Recorder::new(random, measure);
    let restarts = taken_away(random, mean, TICKS - 2);
    let served = served(&load, recorder.age, &restarts);
    let (share, fills) = (random.within(0.1..0.6), between(random, 0.05, 1.2) * DAY as f64);
    let needs = demand(random, &load, 1.0 - share);
    let used = needs.iter().zip(&served).map(|(need, served)| need + share * (served / fills).min(1.0)).collect();
    recorder.healthy(Run { used, restarts }, 0.35..0.95, random)
}

/// Modules, templates, translations and models are loaded when they are first used, once in a life: most within the
/// hour, the rarest after a week or two. All of them fit.
fn modules_loaded_late(random: &mut Random) -> Story {
    let (load, often) = (anyones(random), random.within(0.0..1.0));
    let mut recorder = Recorder::of(random, container);
    let restarts = releases(random, 0.0..20.0, often);
    if restarts.is_empty() {
        recorder.age = random.pick(0..DAY);
    }
    let modules: Vec<(f64, f64)> =
        (0..random.pick(15..90)).map(|_| (between(random, 0.01, 5.0) * DAY as f64, random.lognormal(1.0))).collect();
    let whole: f64 = modules.iter().map(|module| module.1).sum();
    let (share, level) = (random.within(0.1..0.5), random.within(0.3..0.8));
    let mut used = demand(random, &load, level);
    let served = served(&load, recorder.age, &restarts);
    let mut from = 0;
    for to in restarts.iter().map(|restart| restart + 1).chain([TICKS]) {
        // When each of them is first used in this life.
        let firsts: Vec<(f64, f64)> = modules.iter().map(|(rare, size)| (rare * random.wait(), *size)).collect();
        for tick in from..to {
            let loaded: f64 = firsts.iter().filter(|first| first.0 <= served[tick]).map(|first| first.1).sum();
            used[tick] += share * loaded / whole;
        }
        from = to;
    }
    recorder.healthy(Run { used, restarts }, 0.3..0.95, random)
}
