//! The test half's teams that change something, machines that change places, and what is counted meanwhile.

use super::Family;
use super::app::{memory, present, times};
use super::engine::Runtime;
use super::meter::{Meter, per_cent, things, whole_things};
use super::people::{deploys, load, once_a_day};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, days, highest, poisson, power};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 4] = [
    Family { name: "each-version-a-little-different", tell: each_version_a_little_different },
    Family { name: "replica-is-promoted", tell: replica_is_promoted },
    Family { name: "pool-that-grows-on-demand", tell: pool_that_grows_on_demand },
    Family { name: "pictures-queued-in-the-evening", tell: pictures_queued_in_the_evening },
];

/// Each deploy changes what a process needs: hardly, as a rule; an update of a framework adds much, and somebody takes
/// some of it away again. On the whole a little more than before.
fn each_version_a_little_different(random: &mut Random) -> Story {
    let (load, meter, often) = (load(random), Meter::of_memory(random), between(random, 0.5, 9.0));
    let starts = deploys(random, 0..TICKS, often);
    let (usual, seldom, large) = (power(random, -2.5..-1.2), random.within(0.03..0.25), random.within(0.05..0.5));
    let runtime = Runtime::any(random);
    let own = memory(random, runtime, &load, (meter.age, &starts));
    let (mut level, mut next) = (1.0_f64, starts.iter().peekable());
    let used: Vec<f64> = own
        .iter()
        .enumerate()
        .map(|(tick, own)| {
            let used = own * level;
            if next.next_if_eq(&&tick).is_some() {
                level *= 1.0 + usual * (random.normal() + 0.15);
                if random.chance(seldom) {
                    level *= if level > 1.25 { 1.0 - 0.6 * large } else { 1.0 + large * random.unit() };
                }
                level = level.clamp(0.5, 2.2);
            }
            used
        })
        .collect();
    let most = 1.05 * highest(&used);
    meter.sized(Run { used, restarts: starts }, most, random)
}

/// A database of two: this one follows, until the other fails or is updated; then it leads, fills its buffers and has all
/// the connections. After hours or weeks it is the other's turn again.
fn replica_is_promoted(random: &mut Random) -> Story {
    let load = load(random);
    let measure = per_cent(random, "database_memory_used_percent", None);
    let meter = Meter::new(random, measure);
    let (idle, buffers) = (random.within(0.2..0.6), random.within(0.05..0.4));
    let (leads_more, stay) = (random.within(0.1..0.6), between(random, 1.0, 30.0));
    let (warms, there) = (between(random, 6.0, 3.0 * DAY as f64), present(&load, stay));
    let (lasts, shakes) = (between(random, 5.0, 200.0), power(random, -3.3..-2.0));
    let moves = wander(random, TICKS, lasts, shakes);
    let mut turns = vec![days(random.within(0.5..24.0))];
    if random.chance(0.6) {
        turns.push(turns[0] + days(between(random, 0.05, 12.0)));
    }
    let (mut leads, mut warm) = (random.chance(0.3), 0.5);
    let used: Vec<f64> = (0..TICKS)
        .map(|tick| {
            leads ^= turns.contains(&tick);
            warm += ((if leads { 1.0 } else { 0.4 }) - warm) * (load[tick] / warms).min(1.0);
            let connections = if leads { leads_more * (0.5 + 0.5 * there[tick]) } else { 0.0 };
            idle + buffers * warm + connections + moves[tick]
        })
        .collect();
    meter.sized(Run::of(used), idle + buffers + leads_more + 3.0 * shakes, random)
}

/// Connections of a pool: as many as are asked for at once, up to its maximum; idle ones go after some minutes. A console
/// and a few jobs have theirs beside.
fn pool_that_grows_on_demand(random: &mut Random) -> Story {
    let load = load(random);
    let limits = [40.0, 60.0, 87.0, 97.0, 100.0, 150.0, 300.0];
    let (measure, limit) = things(random, "postgres_connections", &limits, false);
    let meter = Meter::new(random, measure);
    let (least, most) = (random.within(0.02..0.25), random.within(0.4..0.9));
    let (at_once, slow) = (between(random, 0.02, 0.5) * limit, power(random, -3.3..-1.5));
    let (idle, worse) = (random.within(0.05..0.9), random.within(1.5..6.0));
    let (mut open, mut slowed) = (least * limit, 1.0);
    let jobs = once_a_day(random, |_| true);
    let (job, runs) = (random.pick(0..6) as f64, random.pick(2..3 * HOUR));
    let mut used: Vec<f64> = (0..TICKS)
        .map(|tick| {
            // A slow query or a lock: for minutes or an hour, all wait longer.
            slowed = if random.chance(slow) { worse } else { 1.0 + 0.7 * (slowed - 1.0) };
            let wanted = poisson(random, at_once * load[tick] * slowed).clamp(least * limit, most * limit);
            open = if wanted > open { wanted } else { open - (open - wanted) * idle };
            (open + f64::from(random.chance(0.2))) / limit
        })
        .collect();
    for at in jobs {
        used[at..(at + runs).min(TICKS)].iter_mut().for_each(|used| *used = f64::min(*used + job / limit, 0.96));
    }
    meter.calm(Run::of(whole_things(&used, limit)))
}

/// Pictures of the day wait for a worker: in the evening or after an import more come than it can do, and by the morning,
/// or the second, it is through. The limit is what the broker's memory holds.
fn pictures_queued_in_the_evening(random: &mut Random) -> Story {
    let load = load(random);
    let (measure, limit) = things(random, "queue_messages_ready", &[2_000.0, 10_000.0, 50_000.0, 200_000.0], false);
    let meter = Meter::new(random, measure);
    let (capacity, import) = (between(random, 1.2, 3.5), between(random, 2.0, 0.9 * DAY as f64));
    let (spread, weekend, breaks) = (random.within(0.1..0.7), random.within(0.0..1.0), power(random, -4.0..-2.5));
    let imports = once_a_day(random, |_| true);
    let (mut waits, mut down) = (0.0, 0);
    let used: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let size = import * random.lognormal(spread) * if tick / DAY % 7 >= 5 { weekend } else { 1.0 };
            let comes = if imports.binary_search(&tick).is_ok() { size } else { 0.0 };
            if down == 0 && random.chance(breaks) {
                down = random.pick(1..4 * HOUR);
            }
            let does = if down > 0 { 0.0 } else { capacity * random.lognormal(0.15) };
            down = down.saturating_sub(1);
            // Senders are told to wait when it is long.
            waits = f64::clamp(waits + load[tick] + comes - does, 0.0, 3.0 * import + 60.0);
            waits + load[tick].min(3.0) * 0.3
        })
        .collect();
    let top = random.within(0.1..0.85);
    let shares = times(&used, top / highest(&used));
    meter.calm(Run::of(whole_things(&shares, limit)))
}
