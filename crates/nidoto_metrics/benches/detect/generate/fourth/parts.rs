//! What the test half is made of: customers, outages, processes of four runtimes, days at which people release.

use std::ops::Range;

use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR};
pub use crate::detect::generate::third::parts::{
    DAYS, TICKS, between, days, expiring, highest, kept, plus, poisson, power, since, with,
};
use crate::detect::random::Random;

/// Whose requests they are.
#[derive(Clone, Copy, Debug)]
pub enum From {
    /// Some companies, each with its own size, zone, opening hours and holidays.
    Companies,
    /// People at home, with a morning, a lunch break and an evening.
    Homes,
    /// Programs that poll, more at each full hour.
    Programs,
}

/// Traffic of any of them.
pub fn some_traffic(random: &mut Random) -> Vec<f64> {
    let from = [From::Companies, From::Companies, From::Homes, From::Homes, From::Programs][random.pick(0..5)];
    traffic(random, from)
}

/// Requests by tick, 1 on average.
pub fn traffic(random: &mut Random, from: From) -> Vec<f64> {
    let mut load = match from {
        From::Companies => companies(random),
        From::Homes => homes(random),
        From::Programs => programs(random),
    };
    let (mood, hourly) = (random.within(0.02..0.1), random.within(0.02..0.1));
    let (moods, hours) = (wander(random, TICKS, 1.3 * DAY as f64, mood), wander(random, TICKS, 9.0, hourly));
    let at_full_hours = if random.chance(0.4) { random.within(0.1..1.0) } else { 0.0 };
    for (tick, rate) in load.iter_mut().enumerate() {
        *rate *= (moods[tick] + hours[tick]).exp();
        *rate += if tick % HOUR == 0 { at_full_hours } else { 0.0 };
    }
    outages(random, &mut load);
    let mean = load.iter().sum::<f64>() / TICKS as f64;
    let per_tick = 10_f64.powf(random.within(0.8..4.0));
    load.into_iter().map(|rate| poisson(random, rate / mean * per_tick) / per_tick).collect()
}

fn companies(random: &mut Random) -> Vec<f64> {
    let (count, home) = (random.pick(1..25), random.within(0.0..24.0));
    let mut load = vec![random.within(0.01..0.15); TICKS];
    for _ in 0..count {
        let size = random.lognormal(1.0) / count as f64;
        // Most are at home, some are abroad.
        let zone = if random.chance(0.75) { home } else { random.within(0.0..24.0) };
        let (opens, open, lunch) = (random.within(7.0..10.0), random.within(7.0..11.0), random.within(0.0..0.5));
        let weekend = if random.chance(0.2) { random.within(0.2..0.8) } else { 0.02 };
        let holiday = random.pick(0..3 * DAYS);
        for (tick, rate) in load.iter_mut().enumerate() {
            let local = tick + (zone * HOUR as f64) as usize;
            let (day, hour) = (local / DAY, (local % DAY) as f64 / HOUR as f64);
            let edge = |at: f64| 1.0 / (1.0 + (-(hour - at) * 2.5).exp());
            let at_lunch = (-((hour - 12.7) / 0.6).powi(2)).exp();
            let here = (edge(opens) - edge(opens + open)) * (1.0 - lunch * at_lunch);
            let rest = if day == holiday {
                0.05
            } else if day % 7 >= 5 {
                weekend
            } else {
                1.0
            };
            *rate += size * here.max(0.0) * rest;
        }
    }
    load
}

fn homes(random: &mut Random) -> Vec<f64> {
    let (zone, night, late) = (random.pick(0..DAY), random.within(0.04..0.3), random.within(0.0..2.0));
    let (morning, lunch, weekend) = (random.within(0.1..0.7), random.within(0.1..0.6), random.within(0.8..1.5));
    let rate = |tick: usize| {
        let (day, hour) = ((tick + zone) / DAY, ((tick + zone) % DAY) as f64 / HOUR as f64);
        let rises = |centre: f64, width: f64| {
            let apart = (hour - centre + 36.0) % 24.0 - 12.0;
            1.0 / (1.0 + (apart / width).powi(4))
        };
        let free = day % 7 >= 5;
        let (wakes, times) = if free { (2.0, weekend) } else { (0.0, 1.0) };
        times * (night + morning * rises(7.5 + wakes, 1.2) + lunch * rises(12.5, 1.0 + wakes) + rises(20.0 + late, 3.0))
    };
    (0..TICKS).map(rate).collect()
}

fn programs(random: &mut Random) -> Vec<f64> {
    let (peak, hour, lasts) = (random.within(0.0..4.0), random.pick(0..DAY), random.pick(1..2 * HOUR));
    let rate = |tick: usize| 1.0 + if (tick + hour) % DAY < lasts { peak } else { 0.0 };
    (0..TICKS).map(rate).collect()
}

/// Now and then nobody gets through for minutes or hours; then all come at once.
fn outages(random: &mut Random, load: &mut [f64]) {
    for _ in 0..random.pick(0..3) {
        let (from, lasts) = (random.pick(0..TICKS - DAY), random.pick(2..30));
        let held: f64 = load[from..from + lasts].iter().sum();
        load[from..from + lasts].iter_mut().for_each(|rate| *rate *= 0.03);
        let after = random.pick(2..8);
        load[from + lasts..from + lasts + after].iter_mut().for_each(|rate| *rate += 0.2 * held / after as f64);
    }
}

/// Onset and incident in ticks of a leak that lasts so many days; short ones as often as long ones.
pub fn when(random: &mut Random, onset: Range<f64>, lasts: Range<f64>) -> (usize, usize) {
    let lasts = between(random, lasts.start, lasts.end);
    let latest = onset.end.min(DAYS as f64 - 0.3 - lasts);
    let onset = if latest > onset.start { random.within(onset.start..latest) } else { latest.max(0.0) };
    (days(onset), (days(onset) + days(lasts)).min(TICKS - 3))
}

/// Ticks of deploys within some days: so many a week, in working hours of weekdays, some followed by a hasty second.
pub fn deploys(random: &mut Random, within: Range<usize>, per_week: f64) -> Vec<usize> {
    let (zone, mut all) = (random.pick(0..14 * HOUR), vec![]);
    for day in (0..DAYS).filter(|day| day % 7 < 5) {
        for _ in 0..poisson(random, per_week / 5.0) as usize {
            let at = day * DAY + zone + random.pick(0..9 * HOUR);
            all.push(at);
            if random.chance(0.15) {
                all.push(at + random.pick(2..HOUR));
            }
        }
    }
    all.retain(|at| within.contains(at) && (1..TICKS - 3).contains(at));
    all.sort_unstable();
    all.dedup();
    all
}

/// Part of what was there leaves in each tick: what stays for `stay` ticks on average.
pub fn staying(load: &[f64], stay: f64) -> Vec<f64> {
    let mut there = load[..DAY].iter().sum::<f64>() / DAY as f64;
    let mut next = |came: &f64| {
        there += (came - there) / stay.max(1.0);
        there
    };
    load.iter().map(&mut next).collect()
}

/// A part whose highest is 1.
pub fn whole(part: &[f64]) -> Vec<f64> {
    let most = highest(part);
    part.iter().map(|value| value / most).collect()
}

/// A part as many times as large.
pub fn times(part: &[f64], factor: f64) -> Vec<f64> {
    part.iter().map(|value| value * factor).collect()
}

/// Who gives memory back, and when.
#[derive(Clone, Copy, Debug)]
enum Runtime {
    /// A collector frees it when there is this much, about.
    Collects(f64),
    /// A collector frees it when it is this share of what lives (Go).
    Doubles(f64),
    /// Freed memory goes back to the system by this share in a tick (Python, Ruby, PHP).
    Keeps(f64),
}

/// Memory of a process without any leak, its highest at 1, by the runtime it happens to have. It is cold after each
/// start, `age` ticks before the record the first time.
pub fn process(random: &mut Random, load: &[f64], age: usize, starts: &[usize]) -> Vec<f64> {
    let runtime = match random.pick(0..4) {
        0 => Runtime::Collects(random.within(0.05..0.6)),
        1 => Runtime::Doubles([1.0, 1.0, 0.5, 0.25][random.pick(0..4)]),
        _ => Runtime::Keeps(power(random, -3.5..-0.5)),
    };
    let (cold, tau) = (random.within(0.02..0.35), between(random, 2.0, 250.0));
    let (follows, stay, open) = (random.within(0.02..0.4), between(random, 1.0, 80.0), random.within(0.0..0.12));
    let (lasts, moves) = (between(random, 10.0, 500.0), power(random, -3.0..-1.9));
    let (held, unrest) = (whole(&staying(load, stay)), wander(random, TICKS, lasts, moves));
    let (allocates, large) = (power(random, -2.8..0.2), random.within(0.0..0.02));
    let (mut age, mut garbage, mut resident) = (age as f64, 0.0, 0.0);
    let (mut used, mut next) = (Vec::with_capacity(TICKS), starts.iter().peekable());
    for tick in 0..TICKS {
        let request = open * (load[tick] * random.lognormal(0.4)).min(4.0) / 4.0;
        let large = if random.chance(large) { open * random.unit() } else { 0.0 };
        let warm = 1.0 - cold * (-age / tau).exp();
        let live = warm * (1.0 - follows + follows * held[tick] + unrest[tick]) + request + large;
        garbage += allocates * load[tick] * random.lognormal(0.2);
        used.push(match runtime {
            Runtime::Collects(room) | Runtime::Doubles(room) => {
                let room = if matches!(runtime, Runtime::Doubles(_)) { room * live } else { room };
                garbage =
                    if garbage > room { room * 0.9 * random.unit() * (allocates / room).min(1.0) } else { garbage };
                live + garbage
            }
            Runtime::Keeps(returns) => {
                resident = f64::max(live, resident - (resident - live) * returns);
                resident
            }
        });
        age += 1.0;
        if next.next_if_eq(&&tick).is_some() {
            (age, garbage, resident) = (0.0, 0.0, 0.0);
        }
    }
    whole(&used)
}
