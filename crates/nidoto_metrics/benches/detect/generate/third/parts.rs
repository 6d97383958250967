//! What the third test half is made of: traffic, requests under way, what processes keep. Apart from the others' parts.

use std::f64::consts::TAU;
use std::ops::Range;

use crate::detect::generate::Half;
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, ticks};
use crate::detect::random::Random;

pub const TICKS: usize = ticks(Half::Third);
pub const DAYS: usize = TICKS / DAY;

/// Who comes.
#[derive(Clone, Copy, Debug)]
pub enum Customers {
    /// Companies: few at night and at weekends.
    Business,
    /// People at home: evenings and weekends.
    Consumers,
    /// Machines and people of all zones.
    World,
}

/// Traffic of any of them.
pub fn anyones(random: &mut Random) -> Vec<f64> {
    let customers = [Customers::Business, Customers::Consumers, Customers::World][random.pick(0..3)];
    traffic(random, customers)
}

/// Requests by tick, 1 on average: a smooth day, a factor for each weekday, moods of days and hours, crawlers, chance.
pub fn traffic(random: &mut Random, customers: Customers) -> Vec<f64> {
    let (day, half_day, peak, weekend) = match customers {
        Customers::Business => (1.2..2.0, 0.1..0.5, 13.0..15.0, 0.08..0.3),
        Customers::Consumers => (0.6..1.3, 0.1..0.4, 18.5..21.0, 0.9..1.4),
        Customers::World => (0.05..0.4, 0.0..0.1, 0.0..24.0, 0.85..1.02),
    };
    let (day, half_day, peak) = (random.within(day), random.within(half_day), random.within(peak));
    let (weekend, late) = (random.within(weekend), random.within(-3.0..3.0));
    let zone = [0, 5, 8, 15, 23][random.pick(0..5)] * HOUR;
    let week: Vec<f64> =
        (0..7).map(|weekday| if weekday >= 5 { weekend } else { 1.0 } * random.lognormal(0.06)).collect();
    let spread = random.within(0.03..0.12);
    let moods = wander(random, DAYS + 2, 1.5, spread);
    let (lasts, spread) = (random.within(4.0..30.0), random.within(0.02..0.12));
    let hours = wander(random, TICKS, lasts, spread);
    let mut load: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let (local, hour) = (tick + zone, ((tick + zone) % DAY) as f64 / HOUR as f64);
            let wave = day * ((hour - peak) / 24.0 * TAU).cos() + half_day * ((hour - peak + late) / 12.0 * TAU).cos();
            (wave + moods[local / DAY] + hours[tick]).exp() * week[local / DAY % 7]
        })
        .collect();
    let crawls = random.pick(0..16);
    for (crawl, rate) in crawls_of(random, crawls as f64 / TICKS as f64).iter().zip(&mut load) {
        *rate += 0.5 * crawl;
    }
    let mean = load.iter().sum::<f64>() / TICKS as f64;
    let per_tick = 10_f64.powf(random.within(1.2..4.5));
    load.into_iter().map(|rate| poisson(random, rate / mean * per_tick) / per_tick).collect()
}

/// Crawlers and scanners: they come so often a tick, for half an hour to five hours, some of them greedy.
pub fn crawls_of(random: &mut Random, often: f64) -> Vec<f64> {
    let mut crawls = vec![0.0; TICKS];
    for from in 0..TICKS {
        if random.chance(often) {
            let (lasts, size) = (random.pick(HOUR / 2..5 * HOUR), random.lognormal(0.7));
            crawls[from..(from + lasts).min(TICKS)].iter_mut().for_each(|crawl| *crawl += size);
        }
    }
    crawls
}

/// How often something of this mean happened (Knuth; from twenty on about normal).
pub fn poisson(random: &mut Random, mean: f64) -> f64 {
    if mean > 20.0 {
        return (mean + mean.sqrt() * random.normal()).round().max(0.0);
    }
    let (least, mut product, mut count) = ((-mean).exp(), random.unit(), 0.0);
    while product > least {
        product *= random.unit();
        count += 1.0;
    }
    count
}

/// Ten to a power within a range: small ones as often as large ones.
pub fn power(random: &mut Random, range: Range<f64>) -> f64 {
    10_f64.powf(random.within(range))
}

/// From so much to so much, by factors even.
pub fn between(random: &mut Random, from: f64, to: f64) -> f64 {
    from * (to / from).powf(random.unit())
}

/// A tick within some days.
pub fn some_day(random: &mut Random, within: Range<f64>) -> usize {
    days(random.within(within))
}

/// Ticks of so many days.
pub fn days(count: f64) -> usize {
    (count * DAY as f64) as usize
}

/// What expires a fixed time after it came, on average of that time: a session, an idle connection.
pub fn expiring(load: &[f64], stay: usize) -> Vec<f64> {
    // Before the record it was as in its first day.
    let before: f64 = load[..DAY].iter().sum::<f64>() / DAY as f64;
    let (mut sum, stay) = (before * stay as f64, stay.max(1));
    let mut next = |tick: usize| {
        sum += load[tick] - if tick >= stay { load[tick - stay] } else { before };
        (sum / stay as f64).max(0.0)
    };
    (0..TICKS).map(&mut next).collect()
}

/// Memory of requests that are under way when it is read: `at_once` on average, each of its own size, at most `most`.
pub fn under_way(random: &mut Random, load: &[f64], at_once: f64, most: f64) -> Vec<f64> {
    let mut held = |rate: &f64| {
        let count = poisson(random, rate * at_once).min(most);
        if count > 12.0 {
            return count * random.lognormal(0.15);
        }
        (0..count as usize).map(|_| random.lognormal(0.6)).sum()
    };
    load.iter().map(&mut held).collect()
}

/// What an ordinary service needs, with its highest at about `level`: code and pools, sessions, requests, unrest.
pub fn demand(random: &mut Random, load: &[f64], level: f64) -> Vec<f64> {
    let (follows, open) = (random.within(0.0..0.35), power(random, -2.5..-0.9));
    let (shakes, at_once) = (power(random, -3.3..-2.1), power(random, -0.7..0.8));
    let stay = power(random, 0.0..1.9) as usize;
    let sessions = expiring(load, stay);
    let most = highest(&sessions);
    let requests = under_way(random, load, at_once, 40.0);
    let lasts = between(random, 6.0, 400.0);
    let unrest = wander(random, TICKS, lasts, shakes);
    let share = |tick: usize| {
        let requests = (open * requests[tick] / (4.0 * at_once + 2.0)).min(1.5 * open);
        (1.0 - follows - open) + follows * sessions[tick] / most + requests + unrest[tick]
    };
    (0..TICKS).map(|tick| level * (share(tick) + 0.4 * shakes * random.normal())).collect()
}

/// What is served since the last start, in ticks of mean traffic.
pub fn served(load: &[f64], age: usize, restarts: &[usize]) -> Vec<f64> {
    summed(load, age as f64, restarts)
}

/// What is never given back, until a restart.
pub fn kept(rate: &[f64], restarts: &[usize]) -> Vec<f64> {
    summed(rate, 0.0, restarts)
}

fn summed(rate: &[f64], before: f64, restarts: &[usize]) -> Vec<f64> {
    let (mut sum, mut next) = (before, restarts.iter().peekable());
    let mut out = Vec::with_capacity(rate.len());
    for (tick, rate) in rate.iter().enumerate() {
        sum += rate;
        out.push(sum);
        if next.next_if_eq(&&tick).is_some() {
            sum = 0.0;
        }
    }
    out
}

/// `rate` by tick from a tick on, before it nothing.
pub fn since(onset: usize, rate: impl FnMut(usize) -> f64) -> Vec<f64> {
    std::iter::repeat_n(0.0, onset).chain((onset..TICKS).map(rate)).collect()
}

/// Releases on weekdays between nine and seven of the team's zone, fewer on Fridays, so many a week within some days.
pub fn releases(random: &mut Random, within: Range<f64>, per_week: f64) -> Vec<usize> {
    let (zone, mut all) = (random.within(0.0..14.0), Vec::new());
    for day in (0..DAYS).filter(|day| day % 7 < 5) {
        let often = per_week / if day % 7 == 4 { 9.0 } else { 4.6 };
        for _ in 0..poisson(random, often) as usize {
            all.push(day * DAY + (random.within(zone..zone + 10.0) * HOUR as f64) as usize);
        }
    }
    all.retain(|at| (days(within.start).max(1)..days(within.end).min(TICKS - 2)).contains(at));
    all.sort_unstable();
    all.dedup();
    all
}

/// Onset and incident in ticks of a leak that lasts so many days. A fifth was there from the beginning, and so was what
/// lasts too long to begin later.
pub fn window(random: &mut Random, onset: Range<f64>, lasts: Range<f64>) -> (usize, usize) {
    let lasts = between(random, lasts.start, lasts.end);
    let latest = f64::min(onset.end, DAYS as f64 - 0.2 - lasts);
    let is_old = random.chance(0.2) && onset.start < 1.0 && lasts > 2.0;
    let onset = if is_old || latest <= onset.start { 0 } else { days(random.within(onset.start..latest)) };
    // Even a fast one has a day before its incident.
    let onset = if lasts > 2.0 { onset } else { onset.max(DAY + HOUR) };
    (onset, (onset + days(lasts)).min(TICKS - 3))
}

pub fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(1e-9, f64::max)
}

/// Sums of parts, tick by tick.
pub fn plus(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// Needs and `leak` times what is kept.
pub fn with(needs: &[f64], kept: &[f64], leak: f64) -> Vec<f64> {
    needs.iter().zip(kept).map(|(need, kept)| need + leak * kept).collect()
}

/// A dump or vacuum each night, of about even size and length.
pub fn dumps(random: &mut Random, needs: &mut [f64], size: Range<f64>) {
    let (size, begin, lasts) = (random.within(size), random.pick(0..20 * HOUR), random.within(0.2..3.0));
    for day in 0..DAYS {
        let (from, lasts) = (day * DAY + begin, (lasts * random.lognormal(0.1) * HOUR as f64) as usize + 1);
        let amount = size * random.lognormal(0.1);
        needs[from..(from + lasts).min(TICKS)].iter_mut().for_each(|need| *need += amount);
    }
}
