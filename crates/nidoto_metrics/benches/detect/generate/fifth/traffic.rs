//! Who comes to the services of the test half, and when their teams release.

use std::ops::Range;

use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR};
use crate::detect::generate::third::parts::{DAYS, TICKS, between, poisson, power};
use crate::detect::random::Random;

/// Requests by the hour of a working day, 100 at the busiest, and how a day of the weekend compares.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    hours: [f64; 24],
    weekend: (f64, f64),
}

/// An office: its morning, its lunch, its afternoon.
pub const OFFICE: Crowd = Crowd {
    hours: [
        1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 4.0, 12.0, 38.0, 70.0, 88.0, 92.0, 64.0, 80.0, 100.0, 93.0, 84.0, 60.0, 30.0,
        16.0, 10.0, 6.0, 3.0, 2.0,
    ],
    weekend: (0.04, 0.25),
};

/// Homes: a little all day, most in the evening.
pub const HOMES: Crowd = Crowd {
    hours: [
        18.0, 9.0, 5.0, 4.0, 4.0, 6.0, 14.0, 28.0, 36.0, 38.0, 42.0, 48.0, 55.0, 52.0, 48.0, 50.0, 56.0, 66.0, 80.0,
        94.0, 100.0, 96.0, 74.0, 42.0,
    ],
    weekend: (0.95, 1.35),
};

/// Orders of meals: noon and evening, Saturdays above all.
pub const KITCHENS: Crowd = Crowd {
    hours: [
        4.0, 2.0, 1.0, 1.0, 1.0, 2.0, 6.0, 14.0, 16.0, 20.0, 42.0, 88.0, 100.0, 70.0, 32.0, 28.0, 46.0, 84.0, 98.0,
        80.0, 50.0, 28.0, 14.0, 7.0,
    ],
    weekend: (1.1, 1.7),
};

/// Devices that report by the clock.
pub const DEVICES: Crowd = Crowd { hours: [80.0; 24], weekend: (0.85, 1.0) };

/// Traffic of one of them.
pub fn anyone(random: &mut Random) -> Vec<f64> {
    let all = [OFFICE, OFFICE, OFFICE, HOMES, HOMES, HOMES, KITCHENS, DEVICES, DEVICES];
    let crowd = all[random.pick(0..all.len())];
    traffic(random, crowd)
}

/// Requests by tick, 1 on average: a crowd, some of another kind beside it, a trend, moods, robots, chance.
pub fn traffic(random: &mut Random, crowd: Crowd) -> Vec<f64> {
    let other = [OFFICE, HOMES, DEVICES][random.pick(0..3)];
    let (beside, zone, trend) = (random.within(0.0..0.3), random.pick(0..DAY), random.within(-0.1..0.12));
    let abroad = zone + random.pick(0..8 * HOUR);
    let (one, two) = (week(random, crowd, zone), week(random, other, abroad));
    let (moves, shakes, rough) = (random.within(0.02..0.12), random.within(0.01..0.08), power(random, -2.2..-0.7));
    let days = wander(random, TICKS, 1.8 * DAY as f64, moves);
    let hours = wander(random, TICKS, 14.0, shakes);
    let mut load: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let grown = 1.0 + trend * tick as f64 / TICKS as f64;
            ((1.0 - beside) * one[tick] + beside * two[tick]) * grown * (days[tick] + hours[tick]).exp()
        })
        .collect();
    let mean = load.iter().sum::<f64>() / TICKS as f64;
    for _ in 0..random.pick(0..9) {
        let (from, lasts) = (random.pick(0..TICKS), random.pick(2..3 * HOUR));
        let more = mean * random.lognormal(0.6) * 0.6;
        load[from..(from + lasts).min(TICKS)].iter_mut().for_each(|rate| *rate += more);
    }
    let many = between(random, 10.0, 20_000.0);
    load.iter().map(|rate| poisson(random, rate / mean * many) / many * random.lognormal(rough)).collect()
}

/// A crowd's weeks: hour by hour with straight lines between, each weekday a little its own, a public holiday in some.
fn week(random: &mut Random, crowd: Crowd, zone: usize) -> Vec<f64> {
    let (sharp, weekend) = (random.within(0.75..1.4), random.within(crowd.weekend.0..crowd.weekend.1));
    let weekdays: Vec<f64> = (0..7).map(|day| if day >= 5 { weekend } else { 1.0 } * random.lognormal(0.05)).collect();
    let holiday = random.pick(0..3 * DAYS);
    let at = |tick: usize| {
        let (day, minute) = ((tick + zone) / DAY, (tick + zone) % DAY);
        let (hour, part) = (minute / HOUR, (minute % HOUR) as f64 / HOUR as f64);
        let here = crowd.hours[hour] * (1.0 - part) + crowd.hours[(hour + 1) % 24] * part;
        (here / 100.0).powf(sharp) * if day == holiday { weekend } else { weekdays[day % 7] }
    };
    (0..TICKS).map(at).collect()
}

/// Ticks of releases within some ticks, so many a week: of a team with a fixed day, or whenever something is done.
pub fn releases(random: &mut Random, within: Range<usize>, per_week: f64) -> Vec<usize> {
    let (zone, fixed) = (random.pick(0..12 * HOUR), random.chance(0.3).then(|| random.pick(0..4)));
    let often = |weekday: usize| match fixed {
        Some(day) if day == weekday => per_week.min(1.5),
        Some(_) => 0.1 * per_week,
        None => per_week / 5.0,
    };
    let mut all = vec![];
    for day in (0..DAYS).filter(|day| day % 7 < 5) {
        let mut at = day * DAY + zone;
        for _ in 0..poisson(random, often(day % 7)) as usize {
            at += random.pick(3..5 * HOUR);
            all.push(at);
        }
    }
    all.retain(|at| within.contains(at) && (1..TICKS - 3).contains(at));
    all.sort_unstable();
    all.dedup();
    all
}

/// What stands for how hard it is to get through: a share of the ticks in spells of so many hours, 1 within them.
pub fn spells(random: &mut Random, often: f64, hours: Range<f64>) -> Vec<f64> {
    let mut bad = vec![0.0; TICKS];
    for from in 0..TICKS {
        if random.chance(often / DAY as f64) {
            let lasts = (between(random, hours.start, hours.end) * HOUR as f64) as usize + 1;
            bad[from..(from + lasts).min(TICKS)].fill(1.0);
        }
    }
    bad
}
