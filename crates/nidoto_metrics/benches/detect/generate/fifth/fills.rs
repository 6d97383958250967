//! The test half's stores that fill and are full: by size, by age, by number, with all that there is.

use std::collections::VecDeque;

use super::Family;
use super::process::{Lives, process, scaled, whole};
use super::record::{Witness, count, things};
use super::traffic::{anyone, releases, spells};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::generate::third::memory::{bytes, volume};
use crate::detect::generate::third::parts::{TICKS, between, days, highest, plus, poisson, served};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 6] = [
    Family { name: "redis-evicts-at-maxmemory", tell: redis_evicts_at_maxmemory },
    Family { name: "catalogue-in-memory", tell: catalogue_in_memory },
    Family { name: "tokens-live-two-weeks", tell: tokens_live_two_weeks },
    Family { name: "binlogs-of-seven-days", tell: binlogs_of_seven_days },
    Family { name: "five-releases-kept", tell: five_releases_kept },
    Family { name: "dead-letters-expire", tell: dead_letters_expire },
];

/// Redis as a cache: it fills within hours or weeks, some after a flush, and from `maxmemory` on each key takes the
/// place of another. The host has more.
fn redis_evicts_at_maxmemory(random: &mut Random) -> Story {
    let load = anyone(random);
    let measure = Measure { started: None, ..bytes(random, "redis_memory_used_rss_bytes") };
    let witness = Witness::new(random, measure);
    let flush = if random.chance(0.5) { days(random.within(0.5..10.0)) } else { 0 };
    let (fills, dies) = (between(random, 0.25, 13.0) * DAY as f64, random.within(0.0..0.6));
    let (cap, clients) = (random.within(0.35..0.9), random.within(0.0..0.05));
    let mut keys = if flush > 0 { 1.0 } else { random.unit() };
    let mut used = Vec::with_capacity(TICKS);
    for (tick, rate) in load.iter().enumerate() {
        keys = if tick == flush && flush > 0 { 0.02 } else { keys };
        keys = f64::min(keys + (rate - dies * keys) / (fills * (1.0 - 0.5 * dies)), 1.0);
        used.push(cap * keys + clients * rate.min(2.0) / 2.0 + 0.001 * random.unit());
    }
    witness.calm(Run::of(used))
}

/// All products, users or places are kept once somebody asked for them, and there are only so many. Those that are in
/// demand are there within the hour, the last ones after a week or never.
fn catalogue_in_memory(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), [0.0, 0.3, 1.0][random.pick(0..3)]);
    let mut witness = Witness::of_memory(random);
    let starts = releases(random, 0..days(14.0), often);
    if starts.is_empty() {
        witness.age = random.pick(0..2 * DAY);
    }
    let share = random.within(0.3..0.8);
    let (items, steep) = (10_f64.powf(random.within(2.5..6.0)), random.within(0.5..1.1));
    let rank = |class: usize| items.powf((class as f64 + 0.5) / 40.0);
    let many = |class: usize| items.powf((class as f64 + 1.0) / 40.0) - items.powf(class as f64 / 40.0);
    // Nearly all of them were asked for after so many ticks.
    let (nearly, last) = (between(random, 1.0, 12.0) * DAY as f64, rank(39).powf(-steep));
    let asked = |served: f64| {
        let there =
            |class: usize| many(class) * (1.0 - (-2.5 * served / nearly * rank(class).powf(-steep) / last).exp());
        (0..40).map(there).sum::<f64>() / items
    };
    let quiet = scaled(&process(random, &load, Lives { age: witness.age, starts: &starts }), 1.0 - share);
    let all: Vec<f64> = served(&load, witness.age, &starts).into_iter().map(|served| share * asked(served)).collect();
    witness.sized(Run { used: plus(&quiet, &all), restarts: starts }, 1.0, 0.5..0.95, random)
}

/// A new store of tokens, or an old one whose tokens now live three to fourteen days instead of one: it grows for just
/// so long, nearly in a straight line, and then as many go as come.
fn tokens_live_two_weeks(random: &mut Random) -> Story {
    let load = anyone(random);
    let metric = ["redis_memory_used_bytes", "mysql_table_size_bytes"][random.pick(0..2)];
    let measure = Measure { started: None, ..bytes(random, metric) };
    let witness = Witness::new(random, measure);
    let (since, long) = (days(random.within(0.0..8.0)), days([3.0, 7.0, 7.0, 10.0, 14.0][random.pick(0..5)]));
    let short = if random.chance(0.5) { DAY } else { 1 };
    let (mut there, mut tokens) = (short as f64, Vec::with_capacity(TICKS));
    let came = |tick: isize| if tick < 0 { 1.0 } else { load[tick as usize] };
    let (mut oldest, mut stays) = (-(short as isize), short);
    for (tick, rate) in load.iter().enumerate() {
        there += rate;
        stays = if tick < since { short } else { (stays + 1).min(long) };
        while oldest < tick as isize - stays as isize {
            there -= came(oldest);
            oldest += 1;
        }
        tokens.push(f64::max(there, 0.0));
    }
    let base = random.within(0.02..0.5) * highest(&tokens);
    let used = tokens.iter().map(|tokens| base + tokens).collect();
    witness.healthy(Run::of(used), 0.4..0.95, random)
}

/// Binary logs beside the tables of MySQL: files of one size, removed when they are so many days old. On some hosts
/// they were turned on, or a restore began them anew, in the first days of the record.
fn binlogs_of_seven_days(random: &mut Random) -> Story {
    let load = anyone(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let witness = Witness::new(random, measure);
    let stays = days([2.0, 3.0, 7.0, 7.0, 10.0][random.pick(0..5)]);
    let begins = if random.chance(0.6) { days(random.within(0.0..9.0)) } else { 0 };
    let is_old = begins == 0;
    let (size, tables) = (between(random, 0.3, 30.0) * HOUR as f64, random.within(0.3..1.5));
    let (mut files, mut now, mut used) = (VecDeque::new(), 0.0, Vec::with_capacity(TICKS));
    let from = if is_old { -(stays as isize) } else { begins as isize };
    for tick in from.min(0)..TICKS as isize {
        now += if tick >= from { load[tick.rem_euclid(7 * DAY as isize).max(tick) as usize] } else { 0.0 };
        if now > size {
            files.push_back((tick, now));
            now = 0.0;
        }
        while files.front().is_some_and(|(closed, _)| closed + stays as isize <= tick) {
            files.pop_front();
        }
        if tick >= 0 {
            used.push(files.iter().map(|(_, size)| size).sum::<f64>() + now);
        }
    }
    let grows = wander(random, TICKS, 5.0 * DAY as f64, 0.004);
    let used = whole(&used).iter().zip(&grows).map(|(logs, grows)| tables + logs + grows).collect();
    witness.healthy(Run::of(used), 0.4..0.96, random)
}

/// Capistrano keeps five releases, each with all of its packages: a new host takes a step up with each deploy until
/// there are five, from then on the oldest goes when one comes. Logs are rotated beside them.
fn five_releases_kept(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), between(random, 2.0, 10.0));
    let measure = volume(random, "node_filesystem_used_bytes");
    let witness = Witness::new(random, measure);
    let (keeps, spread) = ([3, 5, 5, 10][random.pick(0..4)], random.within(0.0..0.12));
    let there = if random.chance(0.5) { keeps } else { random.pick(1..keeps) };
    let mut kept: VecDeque<f64> = (0..there).map(|_| random.lognormal(spread)).collect();
    let releases = releases(random, 0..TICKS, often);
    let (logs, rotates) = (random.within(0.0..0.6), days(random.within(0.3..3.0)) as f64);
    let (mut written, mut used) = (0.0, Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        if releases.binary_search(&tick).is_ok() {
            kept.push_back(random.lognormal(spread));
        }
        if kept.len() > keeps {
            kept.pop_front();
        }
        written = (written + rate / rotates) % 1.0;
        used.push(kept.iter().sum::<f64>() + logs * written);
    }
    let base = random.within(0.2..1.5) * keeps as f64;
    let used = used.iter().map(|used| base + used).collect();
    // There is room for as many as are kept, and one more while it is unpacked.
    let most = base + logs + (keeps as f64 + 1.0) * (1.0 + 2.0 * spread);
    witness.sized(Run::of(used), most, 0.4..0.95, random)
}

/// Messages that failed wait for four days and are gone: few on most days, many since a partner changed something,
/// until it is mended, if it is.
fn dead_letters_expire(random: &mut Random) -> Story {
    let load = anyone(random);
    let (measure, limit) = things(random, "aws_sqs_messages_visible", &[2_000.0, 10_000.0, 120_000.0]);
    let witness = Witness::new(random, Measure { started: None, ..measure });
    let stays = days([1.0, 4.0, 4.0, 7.0][random.pick(0..4)]);
    let (breaks, lasts) = (days(random.within(0.5..14.0)), days(between(random, 1.0, 28.0)));
    let (few, many, often) = (random.within(0.01..0.2), between(random, 0.05, 30.0), random.within(0.05..0.8));
    let bad = spells(random, often, 0.3..6.0);
    let mut waiting: VecDeque<f64> = (0..stays).map(|tick| poisson(random, many * few * load[tick])).collect();
    let mut there: f64 = waiting.iter().sum();
    let mut see = |tick: usize| {
        let fails = if (breaks..breaks + lasts).contains(&tick) { 1.0 } else { few + 0.5 * bad[tick] };
        let came = poisson(random, many * fails * load[tick]);
        waiting.push_back(came);
        there += came - waiting.pop_front().unwrap_or(0.0);
        there
    };
    let letters: Vec<f64> = (0..TICKS).map(&mut see).collect();
    let fits = random.within(0.3..0.93) * limit / highest(&letters);
    witness.calm(Run::of(letters.iter().map(|letters| count((letters * fits).floor(), limit)).collect()))
}
