//! The test half's leaks of things that are counted.

use super::Family;
use super::app::present;
use super::meter::{Meter, level, things, when, whole_things};
use super::people::{at_random, deploys, load, once_a_day};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, kept, poisson, power, since, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 5] = [
    Family { name: "sockets-to-a-flaky-mail-server", tell: sockets_to_a_flaky_mail_server },
    Family { name: "sessions-of-frozen-functions", tell: sessions_of_frozen_functions },
    Family { name: "flows-behind-a-silent-firewall", tell: flows_behind_a_silent_firewall },
    Family { name: "semaphores-of-crashed-workers", tell: semaphores_of_crashed_workers },
    Family { name: "outbox-rows-never-marked", tell: outbox_rows_never_marked },
];

/// Descriptors: since a deploy, a socket stays open whenever the mail server hangs up. It has good days and bad hours.
/// Another deploy frees all.
fn sockets_to_a_flaky_mail_server(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.9..18.0, 0.5..24.0));
    let (measure, limit) = things(random, "process_open_fds", &[1_024.0, 1_024.0, 2_048.0, 4_096.0, 16_384.0], true);
    let meter = Meter::new(random, measure);
    let often = between(random, 0.2, 6.0);
    let mut starts = deploys(random, 0..when.0, often);
    starts.push(when.0);
    if when.1 - when.0 > 4 * DAY && random.chance(0.5) {
        starts.extend(deploys(random, when.0 + DAY..when.0 + (when.1 - when.0) / 2, often));
    }
    let (base, clients, stay) = (random.within(8.0..120.0) / limit, level(random), between(random, 1.0, 20.0));
    let (there, shakes) = (present(&load, stay), power(random, -2.3..-1.0));
    let needs: Vec<f64> =
        there.iter().map(|there| (base + clients * there * random.lognormal(shakes)).min(0.93)).collect();
    let (turns, calm) = (between(random, 6.0, 200.0), random.within(0.02..0.6));
    let (many, mut is_bad) = (4.0 * limit / (when.1 - when.0) as f64, true);
    let fails = since(when.0, |tick| {
        is_bad ^= random.chance(1.0 / turns);
        poisson(random, many * load[tick] * if is_bad { 1.0 } else { calm }) / limit
    });
    let left = kept(&fails, &starts);
    meter.leak(when, |leak| Run { used: whole_things(&with(&needs, &left, leak), limit), restarts: starts.clone() })
}

/// Connections of a small database. Functions run as often as there are requests at once and are frozen afterwards;
/// since a change of their pool, some that never thaw leave their session behind.
fn sessions_of_frozen_functions(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.9..18.0, 0.5..22.0));
    let limits = [60.0, 87.0, 97.0, 100.0, 112.0, 200.0, 450.0];
    let (measure, limit) = things(random, "pg_stat_activity_count", &limits, false);
    let meter = Meter::new(random, measure);
    let (idle, at_once, level) = (random.within(3.0..15.0), between(random, 1.0, 20.0), level(random));
    let mut warm = 0.0;
    let mut news = vec![0.0; TICKS];
    let functions: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let wanted = poisson(random, at_once * load[tick]);
            news[tick] = f64::max(wanted - warm, 0.0);
            warm = f64::max(wanted, warm - warm / idle);
            warm
        })
        .collect();
    let most = functions.iter().copied().fold(1.0, f64::max);
    let base = random.within(2.0..9.0) / limit;
    let needs: Vec<f64> = functions.iter().map(|warm| base + (level - 0.05) * warm / most).collect();
    let often = random.within(0.05..1.0);
    let left = kept(&since(when.0, |tick| news[tick] * f64::from(random.chance(often))), &[]);
    meter.leak(when, |leak| Run::of(whole_things(&with(&needs, &left, leak), limit)))
}

/// Flows that a kernel tracks. A firewall begins to drop idle ones without a word; neither side closes them any more, and
/// each stays for five days. The table is full before the first of them goes.
fn flows_behind_a_silent_firewall(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.8..23.0, 0.4..4.8));
    let limits = [8_192.0, 16_384.0, 32_768.0, 65_536.0, 65_536.0, 131_072.0, 262_144.0];
    let (measure, limit) = things(random, "node_nf_conntrack_entries", &limits, false);
    let meter = Meter::new(random, measure);
    let (stay, level, floor) = (between(random, 1.0, 24.0), level(random), random.within(0.02..0.5));
    let there = present(&load, stay);
    let (lasts, shakes) = (between(random, 3.0, 100.0), power(random, -2.3..-0.9));
    let moods = wander(random, TICKS, lasts, shakes);
    let needs: Vec<f64> =
        (0..TICKS).map(|tick| (level * (floor + (1.0 - floor) * there[tick]) * moods[tick].exp()).min(0.94)).collect();
    let always = random.within(0.0..0.6);
    let left = kept(&since(when.0, |tick| always + (1.0 - always) * load[tick]), &[]);
    meter.leak(when, |leak| Run::of(whole_things(&with(&needs, &left, leak), limit)))
}

/// Arrays of semaphores: a worker that crashes leaves its own behind, and since an update they crash. Few and uneven
/// steps; the rest comes and goes with a few daemons.
fn semaphores_of_crashed_workers(random: &mut Random) -> Story {
    let when = when(random, 0.8..16.0, 1.5..25.0);
    let (measure, limit) =
        things(random, "node_ipc_semaphore_arrays", &[128.0, 128.0, 250.0, 1_024.0, 32_000.0], false);
    let meter = Meter::new(random, measure);
    let (level, moves) = (0.85 * level(random), random.within(0.0..2.5));
    let daemons = at_random(random, moves);
    let mut now = level;
    let needs: Vec<f64> = (0..TICKS)
        .map(|tick| {
            if daemons.binary_search(&tick).is_ok() {
                now = (level * random.within(0.75..1.0)).max(3.0 / limit);
            }
            now
        })
        .collect();
    let (crashes, uneven) = (between(random, 8.0, 150.0) / (when.1 - when.0) as f64, random.within(0.0..0.6));
    let mut stays: Vec<f64> = since(when.0, |_| poisson(random, crashes) * random.lognormal(uneven));
    // The first and the last of the story.
    stays[when.0] += 1.0;
    stays[when.1 - random.pick(0..HOUR)] += 1.0;
    let left = kept(&stays, &[]);
    meter.leak(when, |leak| Run::of(whole_things(&with(&needs, &left, leak), limit)))
}

/// Rows that wait in an outbox. They are gone within minutes, after an import within hours; since a deploy those of one
/// kind are never marked as sent. The limit is what the table was built for, far above a usual day.
fn outbox_rows_never_marked(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.9..18.0, 0.6..24.0));
    let limits = [5_000.0, 10_000.0, 50_000.0, 100_000.0, 500_000.0];
    let (measure, limit) = things(random, "outbox_rows_waiting", &limits, false);
    let meter = Meter::new(random, measure);
    let (usual, import) = (power(random, -3.0..-1.2), random.within(0.0..0.6));
    let (drains, some) = (random.within(0.03..0.5), random.within(0.2..1.0));
    let imports = once_a_day(random, |day| day % 7 < 5);
    let mut waits = 0.0;
    let needs: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let comes = imports.binary_search(&tick).is_ok() && random.chance(some);
            waits = f64::min(waits * (1.0 - drains) + if comes { import * random.lognormal(0.3) } else { 0.0 }, 0.8);
            waits + usual * load[tick].min(3.0)
        })
        .collect();
    let kind = random.within(0.0..0.5);
    let left = kept(&since(when.0, |tick| load[tick] * random.lognormal(kind)), &[]);
    meter.leak(when, |leak| Run::of(whole_things(&with(&needs, &left, leak), limit)))
}
