//! The third test half's healthy services over the days of a team: customers, terms, imports, payments, rollouts.

use super::Family;
use super::healthy::TOP;
use super::memory::{bytes, collected, container, resident};
use super::parts::{
    Customers, DAYS, TICKS, anyones, between, days, demand, expiring, highest, poisson, power, releases, traffic,
};
use super::telling::{Recorder, Run};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::random::Random;

pub const HEALTHY: [Family; 6] = [
    Family { name: "swept-each-night", tell: swept_each_night },
    Family { name: "import-once-a-week", tell: import_once_a_week },
    Family { name: "rolled-out-by-percent", tell: rolled_out_by_percent },
    Family { name: "customers-are-won", tell: customers_are_won },
    Family { name: "term-begins", tell: term_begins },
    Family { name: "days-of-payment", tell: days_of_payment },
];

/// Memory of which this share follows the load, with sessions that last for `stay` ticks.
fn following(random: &mut Random, load: &[f64], share: f64, stay: usize) -> Vec<f64> {
    let (held, quiet) = (expiring(load, stay), demand(random, load, 1.0 - share));
    let most = highest(&held);
    quiet.iter().zip(&held).map(|(quiet, held)| quiet + share * held / most).collect()
}

/// Sessions and carts in memory: what has expired goes in one sweep, once a night or every six hours.
fn swept_each_night(random: &mut Random) -> Story {
    let (load, often) = (anyones(random), random.within(0.0..2.0));
    let measure = bytes(random, "nodejs_heap_size_used_bytes");
    let recorder = Recorder::new(random, measure);
    let restarts = releases(random, 0.0..28.0, often);
    let (every, hour) = ([24 * HOUR, 24 * HOUR, 6 * HOUR][random.pick(0..3)], random.pick(0..24 * HOUR));
    let (lives, share) = (random.pick(HOUR..12 * HOUR), random.within(0.15..0.6));
    let (mut there, mut held, mut next) = (0.0, Vec::with_capacity(TICKS), restarts.iter().peekable());
    let mut born = 0;
    for tick in 0..TICKS {
        there += load[tick];
        if tick % every == hour % every {
            // Only those of the last hours are still alive.
            there = load[tick.saturating_sub(lives).max(born)..=tick].iter().sum();
        }
        held.push(there);
        if next.next_if_eq(&&tick).is_some() {
            (there, born) = (0.0, tick + 1);
        }
    }
    let most = highest(&held);
    let quiet = demand(random, &load, 1.0 - share);
    let live: Vec<f64> = quiet.iter().zip(&held).map(|(quiet, held)| quiet + share * held / most).collect();
    let (grows, allocates) = (random.within(0.03..0.3), power(random, -3.0..-0.5));
    let used = collected(random, &live, &load, grows, allocates);
    recorder.healthy(Run { used, restarts }, TOP, random)
}

/// A catalogue, a price list, an index: each week it is read in whole, beside the old one, for hours; the allocator
/// gives the rest back over hours or two days. Now and then one fails and is repeated the next day.
fn import_once_a_week(random: &mut Random) -> Story {
    let (load, often) = (anyones(random), random.within(0.0..1.0));
    let recorder = Recorder::of(random, container);
    let restarts = releases(random, 0.0..28.0, often);
    let level = random.within(0.4..0.8);
    let mut live = demand(random, &load, level);
    let (weekday, hour) = (random.pick(0..7), random.within(0.0..20.0));
    let (lasts, size) = (random.within(1.0..12.0), random.within(0.2..1.0) * level);
    for week in 0..DAYS / 7 {
        let failed = if random.chance(0.2) { DAY } else { 0 };
        for late in [0, failed] {
            let from = (week * 7 + weekday) * DAY + (hour * HOUR as f64) as usize + late;
            let length = (lasts * HOUR as f64 * random.lognormal(0.15)) as usize + 1;
            for (since, live) in live.iter_mut().skip(from).take(length).enumerate() {
                *live +=
                    size * ((since + 1) as f64 / (0.6 * length as f64)).min(1.0) / if late > 0 { 2.0 } else { 1.0 };
            }
        }
    }
    let returns = 1.0 / (between(random, 0.5, 40.0) * HOUR as f64);
    let used = resident(&live, returns, &restarts);
    recorder.healthy(Run { used, restarts }, TOP, random)
}

/// A feature for one per cent of the users, then ten, a quarter, all: each step needs some memory, and then it is
/// rolled out. Some are taken back.
fn rolled_out_by_percent(random: &mut Random) -> Story {
    let load = anyones(random);
    let recorder = Recorder::of(random, container);
    let (mut tick, mut share, needs) = (random.pick(DAY..10 * DAY), 0.0, random.within(0.1..0.45));
    let steps: &[f64] = [&[0.1, 0.25, 0.5, 1.0][..], &[0.05, 0.3, 1.0], &[0.01, 0.1, 0.5, 1.0]][random.pick(0..3)];
    let taken_back = if random.chance(0.3) { random.pick(1..steps.len()) } else { steps.len() };
    let mut shares = vec![0.0; TICKS];
    for (at, step) in steps.iter().chain([&1.0]).enumerate() {
        share = if at > taken_back { 0.0 } else { f64::max(share, *step) };
        if at == taken_back + 1 || at < steps.len() {
            shares[tick.min(TICKS - 1)..].fill(share);
        }
        tick += days(random.within(0.3..2.5));
    }
    let stay = random.pick(1..8 * HOUR);
    let (mut quiet, use_of) = (demand(random, &load, 1.0 - needs), expiring(&load, stay));
    let most = highest(&use_of);
    let follows = random.within(0.0..0.6);
    let users = plus_users(&shares, random);
    for tick in 0..TICKS {
        quiet[tick] += needs * users[tick] * (1.0 - follows + follows * use_of[tick] / most);
    }
    recorder.healthy(Run::of(quiet), 0.35..0.92, random)
}

/// Shares that users take up within minutes to hours.
fn plus_users(shares: &[f64], random: &mut Random) -> Vec<f64> {
    let (takes, mut now) = (1.0 / between(random, 1.0, 40.0), 0.0);
    let mut next = |share: &f64| {
        now += (share - now) * takes;
        now
    };
    shares.iter().map(&mut next).collect()
}

/// Software for companies, with a pool, a schema and a cache for each of them: some new ones a week, on working days.
/// One to four per cent a week, and the limit is months away.
fn customers_are_won(random: &mut Random) -> Story {
    let (load, growth) = (traffic(random, Customers::Business), random.within(0.01..0.04));
    let recorder = Recorder::of(random, container);
    let often = random.within(0.0..2.0);
    let restarts = releases(random, 0.0..28.0, often);
    let many = between(random, 2.0, 30.0);
    let (mut won, mut used) = (0.0, demand(random, &load, 1.0));
    for (tick, used) in used.iter_mut().enumerate() {
        if tick / DAY % 7 < 5 {
            won += growth * poisson(random, many / (5 * DAY) as f64) / many * random.lognormal(0.4);
        }
        *used += won;
    }
    recorder.healthy(Run { used, restarts }, 0.25..0.65, random)
}

/// School begins, the season opens: within a week or so there are twice or three times as many users, and they stay.
/// The team knew, and chose the limit for it.
fn term_begins(random: &mut Random) -> Story {
    let mut load = anyones(random);
    let (middle, lasts, more) = (random.within(5.0..17.0), random.within(0.6..2.2), random.within(0.5..2.0));
    for (tick, rate) in load.iter_mut().enumerate() {
        *rate *= 1.0 + more / (1.0 + (-(tick as f64 / DAY as f64 - middle) / lasts).exp());
    }
    let often = random.within(0.0..1.5);
    let restarts = releases(random, 0.0..28.0, often);
    let recorder = Recorder::of(random, container);
    let (share, stay) = (random.within(0.25..0.7), random.pick(2..12 * HOUR));
    let (live, returns) = (following(random, &load, share, stay), power(random, -2.5..0.0));
    recorder.healthy(Run { used: resident(&live, returns, &restarts), restarts }, 0.35..0.85, random)
}

/// Payments on every fifth day and at the end of the month, wages on the twenty-fifth: on these days twice to five
/// times as much to do as on others, from the morning on.
fn days_of_payment(random: &mut Random) -> Story {
    let mut load = traffic(random, Customers::Business);
    let (large, zone) = (random.within(0.8..4.0), [0, 9][random.pick(0..2)] * HOUR);
    let every = [5, 10][random.pick(0..2)];
    for (tick, rate) in load.iter_mut().enumerate() {
        // The record begins on the first of a month.
        let day = (tick + zone) / DAY + 1;
        let size = if day == 25 || day > 29 { 1.5 } else { 1.0 };
        if day.is_multiple_of(every) || day == 25 {
            *rate *= 1.0 + large * size;
        }
    }
    let often = random.within(0.0..1.5);
    let restarts = releases(random, 0.0..28.0, often);
    let recorder = Recorder::of(random, container);
    let (share, stay) = (random.within(0.15..0.7), random.pick(1..10 * HOUR));
    let (live, returns) = (following(random, &load, share, stay), power(random, -2.5..0.0));
    recorder.healthy(Run { used: resident(&live, returns, &restarts), restarts }, TOP, random)
}
