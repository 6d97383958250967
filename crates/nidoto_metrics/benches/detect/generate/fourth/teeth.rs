//! The test half's long teeth: what is removed by size, by day, by week, or when a report is done.

use super::Family;
use super::parts::{DAYS, TICKS, between, days, expiring, highest, poisson, some_traffic, times};
use super::told::{Teller, counted, things};
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::generate::third::memory::volume;
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 4] = [
    Family { name: "wal-within-bounds", tell: wal_within_bounds },
    Family { name: "chain-of-incrementals", tell: chain_of_incrementals },
    Family { name: "purge-after-reports", tell: purge_after_reports },
    Family { name: "retried-until-it-works", tell: retried_until_it_works },
];

/// A database's log between checkpoints. A slow reader of its slot holds it for hours, in some each night, in some for
/// a weekend; `max_slot_wal_keep_size` cuts off one that never comes back.
fn wal_within_bounds(random: &mut Random) -> Story {
    let load = some_traffic(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let teller = Teller::new(random, measure);
    let (level, swings, keeps) = (random.within(0.2..0.7), random.within(0.01..0.06), random.within(0.1..0.2));
    let (recycles, often) = (between(random, 4.0, 80.0), between(random, 0.1, 1.2));
    let (longest, fills) = (between(random, 0.1, 3.0), between(random, 0.3, 4.0) * DAY as f64);
    let (mut written, mut held, mut until, mut used) = (0.0, 0.0, 0, Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        written = if written > recycles { 0.0 } else { written + rate.min(recycles) };
        if tick > until && random.chance(often / DAY as f64) {
            until = tick + days(longest * random.within(0.2..1.0));
        }
        held = if tick < until { f64::min(held + keeps * rate / fills, keeps) } else { held * 0.6 };
        used.push(level + swings * written / (2.0 * recycles) + held);
    }
    teller.calm(Run::of(used), random)
}

/// A volume of backups: one whole on a certain day of the week, what changed in the other nights, and what is older
/// than a chain or two goes after the next whole one is done: teeth as long as a week or a fortnight.
fn chain_of_incrementals(random: &mut Random) -> Story {
    let load = some_traffic(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let teller = Teller::new(random, measure);
    let (period, keeps) = ([7, 7, 14][random.pick(0..3)], random.pick(1..3));
    let (changes, spread) = (random.within(0.02..0.25), random.within(0.02..0.3));
    let (first, hour, lasts) = (random.pick(0..period), random.pick(0..DAY - 5 * HOUR), random.pick(1..4 * HOUR));
    let mut chains: Vec<f64> = vec![];
    // The record begins somewhere in a chain; the ones before it are there.
    let mut size = |day: usize| {
        let rate = load[day % DAYS * DAY..][..DAY].iter().sum::<f64>() / DAY as f64;
        if (day + first).is_multiple_of(period) { 1.0 } else { changes * rate * random.lognormal(spread) }
    };
    let mut used = Vec::with_capacity(TICKS);
    for day in 0..3 * period + DAYS {
        let (is_whole, size) = ((day + first).is_multiple_of(period), size(day));
        if is_whole || chains.is_empty() {
            chains.push(0.0);
        }
        for tick in 0..DAY {
            let done = (tick + 1).saturating_sub(hour).min(lasts) as f64 / lasts as f64;
            if day >= 3 * period {
                used.push(chains.iter().sum::<f64>() + size * done);
            }
            if is_whole && tick == hour + lasts + 6 && chains.len() > keeps {
                chains.drain(..chains.len() - keeps);
            }
        }
        if let Some(last) = chains.last_mut() {
            *last += size;
        }
    }
    let base = random.within(0.0..0.5) * highest(&used);
    let used = used.iter().map(|used| base + used).collect();
    teller.healthy(Run::of(used), 0.4..0.96, random)
}

/// Old versions of rows wait while a report reads: an hour, a night, for a few a whole weekend. Then the purge takes
/// them, faster than they came. A report that takes too long is ended.
fn purge_after_reports(random: &mut Random) -> Story {
    let load = some_traffic(random);
    let (measure, limit) = things(random, "mysql_innodb_history_list_length", &[1e5, 1e6, 5e6]);
    let teller = Teller::new(random, Measure { started: None, ..measure });
    let (often, lasts, purges) = (between(random, 0.1, 2.0), between(random, 0.02, 1.5), random.within(1.5..12.0));
    let longest = days(2.0 * lasts) + 1;
    let (mut waits, mut until, mut rows) = (0.0, 0, Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        if tick > until && random.chance(often / DAY as f64) {
            until = tick + days(lasts * random.lognormal(0.5)).min(longest);
        }
        waits = if tick < until { waits + rate } else { f64::max(waits - purges, 0.0) };
        rows.push(waits + 0.3 * rate * random.lognormal(0.5));
    }
    let most = highest(&rows).max(highest(&expiring(&load, longest)) * longest as f64);
    let rows = times(&rows, random.within(0.2..0.93) / most);
    let used = rows.iter().map(|rows| counted((rows * limit).floor(), limit)).collect();
    teller.calm(Run::of(used), random)
}

/// Jobs for a partner fail while it is away, and are tried again ever more rarely: when it is back the queue empties
/// over hours. What failed for two days is given up, so that even a partner that never returns fills no more than that.
fn retried_until_it_works(random: &mut Random) -> Story {
    let load = some_traffic(random);
    let (measure, limit) = things(random, "sidekiq_retry_jobs", &[1_000.0, 10_000.0, 100_000.0]);
    let teller = Teller::new(random, Measure { started: None, ..measure });
    let (gives_up, top) = (2 * DAY, random.within(0.3..0.93));
    let mut away = vec![false; TICKS];
    for _ in 0..random.pick(1..8) {
        let (from, lasts) = (random.pick(0..TICKS), days(between(random, 0.03, 5.0)));
        away[from..(from + lasts).min(TICKS)].fill(true);
    }
    let many = 10_f64.powf(random.within(-1.5..1.0));
    let mut queue = std::collections::VecDeque::new();
    let (mut waits, mut seen) = (0.0, Vec::with_capacity(TICKS));
    let stays = between(random, 6.0, 80.0);
    for (tick, rate) in load.iter().enumerate() {
        let came = poisson(random, many * rate);
        queue.push_back(if away[tick] { came } else { 0.02 * came });
        waits += queue.back().copied().unwrap_or(0.0);
        if queue.len() > gives_up {
            waits -= queue.pop_front().unwrap_or(0.0);
        }
        if !away[tick] {
            queue.iter_mut().for_each(|left| *left *= 1.0 - 1.0 / stays);
            waits *= 1.0 - 1.0 / stays;
        }
        seen.push(f64::max(waits, 0.0));
    }
    // There is room for two days in which all of it fails.
    let two_days = highest(&expiring(&load, gives_up)) * many * gives_up as f64;
    let most = highest(&seen).max(two_days);
    let used = times(&seen, top / most).iter().map(|used| counted((used * limit).floor(), limit)).collect();
    teller.calm(Run::of(used), random)
}
