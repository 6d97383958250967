//! The test half's services with which nothing happens: most of what is watched.

use super::Family;
use super::process::{Lives, Runtime, process, scaled, whole};
use super::record::{Witness, count, per_cent, things};
use super::traffic::{OFFICE, anyone, releases, traffic};
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::generate::third::memory::{bytes, volume};
use crate::detect::generate::third::parts::{TICKS, between, expiring, plus, poisson, power};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 7] = [
    Family { name: "task-with-its-deploys", tell: task_with_its_deploys },
    Family { name: "host-behind-nginx", tell: host_behind_nginx },
    Family { name: "v8-at-ease", tell: v8_at_ease },
    Family { name: "php-fpm-children", tell: php_fpm_children },
    Family { name: "temporary-files-of-sorts", tell: temporary_files_of_sorts },
    Family { name: "descriptors-of-keepalive", tell: descriptors_of_keepalive },
    Family { name: "connections-of-a-fleet", tell: connections_of_a_fleet },
];

/// A task of any runtime, deployed never, weekly or all day long.
fn task_with_its_deploys(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), [0.0, 0.5, 2.0, 5.0, 15.0][random.pick(0..5)]);
    let witness = Witness::of_memory(random);
    let starts = releases(random, 0..TICKS, often);
    let used = process(random, &load, Lives { age: witness.age, starts: &starts });
    witness.healthy(Run { used, restarts: starts }, 0.3..0.97, random)
}

/// A VPS with its application, a database, a cache, and what runs at night. It is rebooted for a kernel now and then.
fn host_behind_nginx(random: &mut Random) -> Story {
    let load = anyone(random);
    let metric = "node_memory_used_bytes";
    let measure = Measure { started: Some("node_boot_time_seconds"), ..bytes(random, metric) };
    let witness = Witness::new(random, measure);
    let reboots = if random.chance(0.35) { vec![random.pick(DAY..TICKS - DAY)] } else { vec![] };
    let mut used = vec![random.within(0.05..0.5); TICKS];
    for _ in 0..random.pick(2..5) {
        let size = random.lognormal(0.6);
        let one = process(random, &load, Lives { age: witness.age, starts: &reboots });
        used = plus(&used, &scaled(&one, size));
    }
    for _ in 0..random.pick(1..4) {
        let (hour, lasts, size) = (random.pick(0..DAY), random.pick(1..2 * HOUR), random.within(0.02..0.6));
        for night in (hour..TICKS).step_by(DAY) {
            let tonight = size * random.lognormal(0.1);
            used[night..(night + lasts).min(TICKS)].iter_mut().for_each(|used| *used += tonight);
        }
    }
    witness.healthy(Run { used, restarts: reboots }, 0.35..0.95, random)
}

/// A Node.js service that does its work: what lives is nearly even, and sweeps come as they come.
fn v8_at_ease(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), random.within(0.0..4.0));
    let measure = bytes(random, "nodejs_heap_size_used_bytes");
    let witness = Witness::new(random, measure);
    let starts = releases(random, 0..TICKS, often);
    let used = Runtime::Node.process(random, &load, Lives { age: witness.age, starts: &starts });
    witness.healthy(Run { used, restarts: starts }, 0.3..0.93, random)
}

/// Children of PHP-FPM: as many as there are requests, with some to spare, up to `pm.max_children`. Each grows to its
/// size with its first requests and ends after some hundreds.
fn php_fpm_children(random: &mut Random) -> Story {
    let load = anyone(random);
    let witness = Witness::of_memory(random);
    let (most, spare) = (random.pick(8..80) as f64, random.pick(1..6) as f64);
    let (busy, master) = (random.within(0.15..0.7), random.within(0.02..0.3));
    let (grows, lasts) = (random.within(0.1..0.9), between(random, 6.0, 200.0));
    let (mut children, mut mean_age, mut used) = (spare, lasts / 2.0, Vec::with_capacity(TICKS));
    for rate in &load {
        let wanted = (poisson(random, busy * most * rate) + spare).min(most);
        let goes = f64::max(children - wanted, 0.0).min(1.0 + children / 8.0);
        let comes = f64::max(wanted - children, 0.0);
        children += comes - goes.floor();
        // Those that come are young, and so are those that take the place of the oldest.
        mean_age = (mean_age + rate) * (1.0 - comes / children.max(1.0) - 1.0 / lasts).max(0.0);
        let each = 1.0 - grows * (-6.0 * mean_age / lasts).exp();
        used.push(master + children * each / most);
    }
    witness.sized(Run::of(used), master + 1.0, 0.4..0.96, random)
}

/// The volume of a database whose rows are replaced rather than added: it is even, but for sorts and indexes that need
/// room for some minutes, as much as `temp_file_limit` gives.
fn temporary_files_of_sorts(random: &mut Random) -> Story {
    let load = traffic(random, OFFICE);
    let measure = match random.pick(0..3) {
        0 => per_cent(random, "aws_rds_storage_used_percent"),
        _ => volume(random, "node_filesystem_used_bytes"),
    };
    let witness = Witness::new(random, measure);
    let (level, most, often) = (random.within(0.3..0.75), random.within(0.03..0.2), between(random, 0.2, 20.0));
    let (mut sorts, spread, drifts) = (0.0, random.within(0.4..1.2), random.within(-0.01..0.015));
    let mut see = |tick: usize| {
        sorts *= random.within(0.0..0.8);
        for _ in 0..poisson(random, often * load[tick] / DAY as f64) as usize {
            sorts += 0.15 * most * random.lognormal(spread);
        }
        sorts = f64::min(sorts, most);
        level + sorts + drifts * (1.0 - (-(tick as f64) / (9 * DAY) as f64).exp())
    };
    let used = (0..TICKS).map(&mut see).collect();
    witness.calm(Run::of(used))
}

/// Descriptors of nginx: its files, its logs, and a socket for everybody whose time of keepalive is not over.
fn descriptors_of_keepalive(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), random.within(0.0..3.0));
    let (measure, limit) = things(random, "process_open_fds", &[1_024.0, 2_048.0, 8_192.0, 65_535.0]);
    let witness = Witness::new(random, measure);
    let starts = releases(random, 0..TICKS, often);
    let (top, fixed) = (random.within(0.3..0.9), random.within(0.05..0.5));
    let open = whole(&expiring(&load, random.pick(1..15)));
    let sockets = open.iter().map(|open| {
        let open = poisson(random, open * (1.0 - fixed) * top * limit);
        count((fixed * top * limit + open).min(0.96 * limit), limit)
    });
    let used = sockets.collect();
    witness.calm(Run { used, restarts: starts })
}

/// Connections to a database: tasks, which autoscaling adds in steps and takes away later, times what the pool of each
/// has open. During a deploy both generations are there.
fn connections_of_a_fleet(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), between(random, 0.3, 8.0));
    let (measure, limit) = things(random, "pg_stat_database_numbackends", &[83.0, 100.0, 177.0, 405.0, 900.0]);
    let witness = Witness::new(random, Measure { started: None, ..measure });
    let (least, most) = (random.pick(1..4) as f64, random.pick(4..13) as f64);
    let cools = random.pick(3..2 * HOUR);
    let (busy, idle) = (whole(&expiring(&load, 2)), random.within(0.3..1.0));
    let mut replaced = vec![1.0; TICKS];
    for at in releases(random, 0..TICKS, often) {
        replaced[at..(at + random.pick(1..4)).min(TICKS)].fill(1.0 + random.within(0.4..1.0));
    }
    let (mut tasks, mut quiet, mut held) = (least, 0, Vec::with_capacity(TICKS));
    for (tick, busy) in busy.iter().enumerate() {
        let wanted = (most * busy * 1.1).ceil().clamp(least, most);
        quiet = if wanted < tasks { quiet + 1 } else { 0 };
        if wanted > tasks || quiet > cools {
            (tasks, quiet) = (if wanted > tasks { wanted } else { tasks - 1.0 }, 0);
        }
        let each = (idle + (1.0 - idle) * (busy * most / tasks).min(1.0)).min(1.0);
        held.push(tasks * each * replaced[tick]);
    }
    let (top, people) = (random.within(0.35..0.93), power(random, -1.0..0.6));
    let shares = whole(&held).into_iter().map(|held| {
        let open = held * top * limit + poisson(random, people).min(4.0);
        count(open.min(0.95 * limit).floor(), limit)
    });
    let used = shares.collect();
    witness.calm(Run::of(used))
}
