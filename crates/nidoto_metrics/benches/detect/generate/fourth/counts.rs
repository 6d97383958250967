//! The test half's leaks of what is counted: handles, connections, control groups, jobs.

use super::Family;
use super::parts::{
    DAYS, From, TICKS, between, days, deploys, kept, plus, poisson, power, since, some_traffic, staying, times,
    traffic, when, whole, with,
};
use super::told::{Teller, counted, things};
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 4] = [
    Family { name: "handle-per-rotation", tell: handle_per_rotation },
    Family { name: "pool-of-twenty", tell: pool_of_twenty },
    Family { name: "control-groups-pinned", tell: control_groups_pinned },
    Family { name: "jobs-that-always-fail", tell: jobs_that_always_fail },
];

/// Whole things of a story in shares.
fn whole_things(used: &[f64], limit: f64) -> Vec<f64> {
    used.iter().map(|used| counted((used * limit).floor(), limit)).collect()
}

/// A logger opens the next file and never closes the last: some handles with each rotation, by the clock or by size,
/// below the sockets of everybody who is there.
fn handle_per_rotation(random: &mut Random) -> Story {
    let (load, when) = (some_traffic(random), when(random, 0.0..8.0, 5.0..26.0));
    let (measure, limit) = things(random, "process_open_fds", &[256.0, 1_024.0, 1_024.0, 4_096.0]);
    let teller = Teller::new(random, measure);
    let (level, swings, stay) = (random.within(0.1..0.7), random.within(0.05..0.9), between(random, 1.0, 24.0));
    let sockets = whole(&staying(&load, stay));
    let at_once = level * swings * limit;
    let needs: Vec<f64> = sockets
        .iter()
        .map(|open| level * (1.0 - swings) + (poisson(random, open * at_once) / limit).min(level * swings * 1.2))
        .collect();
    let every = [HOUR, HOUR, 6 * HOUR, 24 * HOUR][random.pick(0..4)];
    let by_size = random.chance(0.4);
    let mut written = 0.0;
    let rotates = since(when.0, |tick| {
        written += if by_size { load[tick] } else { 1.0 };
        let is_full = written >= every as f64;
        written -= if is_full { every as f64 } else { 0.0 };
        if is_full { 1.0 } else { 0.0 }
    });
    let handles = kept(&rotates, &[]);
    teller.leak(when, |leak| Run::of(whole_things(&with(&needs, &handles, leak), limit)))
}

/// A pool of few connections: an error path returns none. One after the other is gone; deploys give them back, and then
/// there is a time without deploys.
fn pool_of_twenty(random: &mut Random) -> Story {
    let load = some_traffic(random);
    let onset = days(random.within(0.0..9.0));
    let (measure, limit) = things(random, "hikaricp_connections_active", &[10.0, 16.0, 20.0, 20.0, 32.0, 50.0, 100.0]);
    let teller = Teller::new(random, measure);
    let often = random.within(0.0..4.0);
    let quiet = days(random.within(6.0..18.0)).max(onset);
    let restarts = deploys(random, 0..quiet, often);
    let begins = std::iter::once(&onset).chain(restarts.iter().filter(|at| **at > onset));
    let longest = begins.zip(restarts.iter().filter(|at| **at > onset)).map(|(from, to)| to - from).max().unwrap_or(0);
    let last = restarts.last().copied().unwrap_or(0).max(onset);
    let lasts = ((longest as f64 * random.within(1.1..1.8)) as usize).max(days(between(random, 1.0, 9.0)));
    let (at_once, most) = (random.within(0.05..0.3) * limit, random.within(0.4..0.75) * limit);
    let active: Vec<f64> = load.iter().map(|rate| poisson(random, rate * at_once).min(most.floor())).collect();
    let fails = power(random, -2.5..0.0);
    let mut lose = |tick: usize| poisson(random, fails * load[tick]) * (1.0 + tick as f64 * 1e-6);
    let lost = kept(&since(onset, &mut lose), &restarts);
    let incident = (last + lasts).min(DAYS * DAY - 3);
    teller.leak((onset, incident), |leak| Run {
        used: active.iter().zip(&lost).map(|(active, lost)| counted(active + (leak * lost).floor(), limit)).collect(),
        restarts: restarts.clone(),
    })
}

/// Containers that run for a minute leave control groups behind. What only waits goes when the host needs memory, but
/// some are held by pages of a shared log, for ever. The kernel has numbers for so many.
fn control_groups_pinned(random: &mut Random) -> Story {
    let (load, when) = (some_traffic(random), when(random, 0.0..8.0, 5.0..26.0));
    let (measure, limit) = things(random, "cgroup_memory_dying", &[8_192.0, 65_535.0, 65_535.0]);
    let measure = Measure { started: Some("node_boot_time_seconds"), ..measure };
    let teller = Teller::new(random, measure);
    let (by_load, every) = (random.within(0.0..1.0), between(random, 0.25, 3.0) * DAY as f64);
    let (mut waits, mut until, mut there) = (0.0, every * random.unit(), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        waits += 1.0 - by_load + by_load * rate;
        if tick as f64 > until {
            (waits, until) = (waits * random.within(0.0..0.4), tick as f64 + every * random.within(0.3..2.0));
        }
        there.push(waits);
    }
    let (level, base) = (random.within(0.08..0.5), random.within(0.02..0.3));
    let needs: Vec<f64> = whole(&there).iter().map(|there| base + level * there).collect();
    let held = kept(&since(when.0, |tick| poisson(random, 3.0 * (1.0 - by_load + by_load * load[tick]))), &[]);
    teller.leak(when, |leak| Run::of(whole_things(&with(&needs, &held, leak), limit)))
}

/// Since a partner changed its interface, one kind of job fails each time and is tried again for weeks. The queue is
/// otherwise empty, or full for an hour after an import. It holds so many.
fn jobs_that_always_fail(random: &mut Random) -> Story {
    let from = [From::Companies, From::Homes, From::Programs][random.pick(0..3)];
    let (load, when) = (traffic(random, from), when(random, 0.5..16.0, 1.2..20.0));
    let (measure, limit) = things(random, "rabbitmq_queue_messages", &[10_000.0, 50_000.0, 100_000.0, 1_000_000.0]);
    let teller = Teller::new(random, Measure { started: None, ..measure });
    let (mut waits, mut imports) = (0.0, vec![0.0; TICKS]);
    let (often, size, drains) = (random.within(0.2..3.0), random.within(0.02..0.5), random.within(0.005..0.05));
    for import in &mut imports {
        if random.chance(often / DAY as f64) {
            waits = f64::min(waits + size * random.within(0.3..1.0), 0.7);
        }
        waits = f64::max(waits - drains, 0.0);
        *import = waits;
    }
    let few = times(&load, random.within(0.0005..0.02));
    let needs: Vec<f64> = plus(&imports, &few).iter().map(|waits| waits.min(0.85)).collect();
    let fails = power(random, -1.5..1.5);
    let failed = kept(&since(when.0, |tick| poisson(random, fails * load[tick])), &[]);
    teller.leak(when, |leak| Run::of(whole_things(&with(&needs, &failed, leak), limit)))
}
