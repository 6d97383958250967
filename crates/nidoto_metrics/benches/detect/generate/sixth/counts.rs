//! The sixth half's leaks of things that are counted.

use super::Family;
use super::crowd::{anybody, deploys, jobs};
use super::scribe::{Scribe, counted, rows, things};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{
    TICKS, between, expiring, highest, kept, plus, poisson, power, since, window, with,
};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 5] = [
    Family { name: "handles-of-broken-uploads", tell: handles_of_broken_uploads },
    Family { name: "idle-in-transaction", tell: idle_in_transaction },
    Family { name: "selector-thread-per-client", tell: selector_thread_per_client },
    Family { name: "ids-of-a-full-resync", tell: ids_of_a_full_resync },
    Family { name: "queue-of-a-removed-consumer", tell: queue_of_a_removed_consumer },
];

/// Descriptors of a process: clients that come and go, and the temporary file of each upload that broke off.
fn handles_of_broken_uploads(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..17.0, 1.0..22.0));
    let (measure, limit) = things(random, "process_open_fds", &[1_024.0, 1_024.0, 4_096.0, 65_536.0]);
    let scribe = Scribe::new(random, measure);
    let often = random.within(0.2..3.0);
    let mut starts = deploys(random, 0.0..19.0, often);
    starts.retain(|at| *at < when.0);
    starts.push(when.0);
    let (base, clients) = (random.within(20.0..120.0) / limit, power(random, -2.5..-0.6));
    let open: Vec<f64> =
        load.iter().map(|rate| base + clients * (rate * random.lognormal(0.15)).min(3.0) / 3.0).collect();
    let many = limit / (when.1 - when.0) as f64;
    let broken = kept(&since(when.0, |tick| poisson(random, many * load[tick]) / limit), &starts);
    scribe.leak(when, |leak| Run { used: counted(&with(&open, &broken, leak), limit), restarts: starts.clone() })
}

/// Connections of a managed database: pools of some services, and those that a worker leaves behind in a transaction
/// each time that it is killed by its deadline.
fn idle_in_transaction(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..15.0, 2.0..22.0));
    let (measure, limit) = rows(random, "pg_stat_activity_count", &[83.0, 100.0, 170.0, 410.0, 500.0]);
    let scribe = Scribe::new(random, measure);
    let (pools, swings) = (random.within(0.1..0.5), random.within(0.02..0.25));
    let busy: Vec<f64> = load.iter().map(|rate| (rate * random.lognormal(0.1)).min(3.0) / 3.0).collect();
    let open: Vec<f64> = busy.iter().map(|busy| pools + swings * busy).collect();
    // Killed workers come in groups.
    let (mut until, often) = (0, between(random, 0.5, 6.0) / DAY as f64);
    let left = since(when.0, |tick| {
        if random.chance(often) {
            until = tick + random.pick(1..4 * HOUR);
        }
        poisson(random, if tick < until { 0.3 * load[tick] } else { 0.004 })
    });
    let left = kept(&left, &[]);
    scribe.leak(when, |leak| Run::of(counted(&with(&open, &left, leak), limit)))
}

/// Threads of a JVM or a .NET service: a nightly or hourly job makes a client of its own for each customer, and none
/// of them is closed.
fn selector_thread_per_client(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..12.0, 5.0..22.0));
    let (measure, limit) = things(random, "jvm_threads_current", &[512.0, 1_024.0, 2_048.0, 4_096.0]);
    let scribe = Scribe::new(random, measure);
    let (base, pool) = (random.within(0.05..0.3), random.within(0.02..0.2));
    let busy = expiring(&load, 2);
    let most = highest(&busy);
    let open: Vec<f64> = busy.iter().map(|busy| base + pool * (busy / most).sqrt() + 0.002 * random.normal()).collect();
    let mut runs = vec![0.0; TICKS];
    if random.chance(0.5) {
        for at in jobs(random, |_| true) {
            let lasts = random.pick(1..HOUR);
            runs[at..(at + lasts).min(TICKS)].fill(random.lognormal(0.1) / lasts as f64);
        }
    } else {
        let minute = random.pick(0..HOUR);
        runs.iter_mut().skip(minute).step_by(HOUR).for_each(|run| *run = 1.0);
    }
    let held = kept(&since(when.0, |tick| runs[tick]), &[]);
    scribe.leak(when, |leak| Run::of(counted(&with(&open, &held, leak), limit)))
}

/// The last value of a sequence of 32 bits. Rows that users make hardly move it; since a release a job deletes and
/// inserts a whole table each time that it synchronizes.
fn ids_of_a_full_resync(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..12.0, 4.0..22.0));
    let (measure, limit) = rows(random, "pg_sequence_last_value", &[2_147_483_647.0]);
    let scribe = Scribe::new(random, measure);
    let (begins, slowly) = (random.within(0.05..0.85), power(random, -4.5..-2.5));
    let users: Vec<f64> = kept(&load, &[]).iter().map(|made| begins + slowly * made / TICKS as f64).collect();
    let every = [HOUR, 3 * HOUR, DAY][random.pick(0..3)];
    let (at, lasts, grows) = (random.pick(0..every), random.pick(1..HOUR), random.within(0.0..0.02));
    let syncs = since(when.0, |tick| {
        let runs = (tick + every - at) % every < lasts;
        if runs { 1.0 + grows * (tick - when.0) as f64 / DAY as f64 } else { 0.0 }
    });
    let ids = kept(&syncs, &[]);
    scribe.leak(when, |leak| Run::of(counted(&with(&users, &ids, leak), limit)))
}

/// Messages in a queue that stayed bound when its consumer was removed: all that is published stays, for hours or
/// some days. Before, the queue was worked off at once, or within an hour after an import.
fn queue_of_a_removed_consumer(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..22.0, 0.4..8.0));
    let (measure, limit) = rows(random, "rabbitmq_queue_messages_ready", &[10_000.0, 100_000.0, 500_000.0, 2e6]);
    let scribe = Scribe::new(random, measure);
    let (imports, size, drains) = (random.within(0.0..1.5), random.within(0.02..0.3), random.within(0.003..0.05));
    let mut waits = 0.0;
    let few: Vec<f64> = wander(random, TICKS, 3.0, 0.5).iter().map(|x| 0.0005 * x.exp()).collect();
    let ready: Vec<f64> = (0..TICKS)
        .map(|tick| {
            if tick < when.0 && random.chance(imports / DAY as f64) {
                waits = f64::min(waits + size * random.within(0.3..1.0), 0.6);
            }
            waits = if tick < when.0 { f64::max(waits - drains, 0.0) } else { waits };
            waits
        })
        .collect();
    let ready = plus(&ready, &few);
    let published = kept(&since(when.0, |tick| load[tick]), &[]);
    scribe.leak(when, |leak| Run::of(counted(&with(&ready, &published, leak), limit)))
}
