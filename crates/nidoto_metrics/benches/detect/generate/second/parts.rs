//! What the second test half is made of: its users, its noise, its days. Apart from the parts of the other halves.

use std::f64::consts::TAU;
use std::ops::Range;

use crate::detect::generate::Half;
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, ticks};
use crate::detect::random::Random;

pub const TICKS: usize = ticks(Half::Second);
pub const DAYS: usize = TICKS / DAY;

/// Whose service it is.
#[derive(Clone, Copy, Debug)]
pub enum Users {
    /// At work: hardly anybody at night and at weekends.
    Office,
    /// At home in the evening, more at weekends.
    Evening,
    /// On the way to work, at lunch, on the way back.
    Commuters,
    /// All over the world.
    Everywhere,
}

/// Any of them.
pub fn somebody(random: &mut Random) -> Users {
    [Users::Office, Users::Evening, Users::Commuters, Users::Everywhere][random.pick(0..4)]
}

fn hour_load(users: Users, hour: f64) -> f64 {
    let bump = |centre: f64, width: f64| {
        let apart = (hour - centre + 36.0) % 24.0 - 12.0;
        (-(apart / width).powi(2) / 2.0).exp()
    };
    match users {
        Users::Office => 0.06 + bump(10.5, 1.8) + bump(15.0, 2.2),
        Users::Evening => 0.12 + 0.5 * bump(12.5, 2.5) + bump(21.0, 2.3),
        Users::Commuters => 0.1 + bump(8.0, 1.2) + 0.6 * bump(12.3, 1.0) + 0.9 * bump(18.5, 1.8),
        Users::Everywhere => 1.0 + 0.35 * (hour / 24.0 * TAU).sin(),
    }
}

/// Requests by tick, 1 on average: hours in the users' own zone, weekends, better and worse days, chance.
pub fn traffic(random: &mut Random, users: Users) -> Vec<f64> {
    let zone = [0, 1, 8, 9, 19][random.pick(0..5)] * HOUR;
    let weekend = match users {
        Users::Office => random.within(0.04..0.35),
        Users::Evening => random.within(0.9..1.7),
        Users::Commuters => random.within(0.3..0.8),
        Users::Everywhere => random.within(0.75..1.0),
    };
    let spread = random.within(0.03..0.12);
    let moods: Vec<f64> = wander(random, DAYS + 2, 2.0, spread).into_iter().map(f64::exp).collect();
    let spread = random.within(0.03..0.15);
    let wobble = wander(random, TICKS, 8.0, spread);
    let per_tick = 10_f64.powf(random.within(1.5..4.5));
    let mut load = |tick: usize| {
        let local = tick + zone;
        let week = if local / DAY % 7 >= 5 { weekend } else { 1.0 };
        let hour = (local % DAY) as f64 / HOUR as f64;
        let mean = hour_load(users, hour) * week * moods[local / DAY] * wobble[tick].exp();
        (mean + random.normal() * (mean / per_tick).sqrt()).max(0.0)
    };
    let load: Vec<f64> = (0..TICKS).map(&mut load).collect();
    let mean = load.iter().sum::<f64>() / TICKS as f64;
    load.into_iter().map(|now| now / mean).collect()
}

/// What stays for a while after each request: sessions, open work. `stay` in ticks.
pub fn lagged(load: &[f64], stay: f64) -> Vec<f64> {
    let keep = (-1.0 / stay).exp();
    let mut held = load[0];
    let mut next = |now: &f64| {
        held = keep * held + (1.0 - keep) * now;
        held
    };
    load.iter().map(&mut next).collect()
}

/// Users that come within minutes and leave within `fade` ticks.
pub fn surge(load: &mut [f64], at: usize, size: f64, fade: f64) {
    for (since, now) in load[at..].iter_mut().enumerate() {
        *now += size * (since as f64 / 3.0).min(1.0) * (-(since as f64) / fade).exp();
    }
}

/// What a reading adds and multiplies by chance, by tick.
#[derive(Clone, Debug)]
pub struct Noise {
    pub adds: Vec<f64>,
    pub times: Vec<f64>,
}

/// One of four kinds about a level: its deviation is a share of it.
pub fn noise(random: &mut Random, level: f64, share: f64) -> Noise {
    let sigma = level * share;
    let tau = random.within(0.5..12.0) * HOUR as f64;
    let slow = wander(random, TICKS, tau, sigma);
    let (mut adds, mut times) = (slow.clone(), vec![1.0; TICKS]);
    match random.pick(0..4) {
        0 => adds.iter_mut().for_each(|add| *add += 0.7 * sigma * random.normal()),
        1 => adds.iter_mut().for_each(|add| *add = 0.6 * *add + 0.5 * sigma * random.student().clamp(-9.0, 9.0)),
        2 => {
            adds.fill(0.0);
            times = slow.iter().map(|slow| (1.5 * slow / level + 1.5 * share * random.normal()).exp()).collect();
        }
        _ => {
            let (often, fade) = (random.within(0.001..0.03), random.within(0.3..0.85));
            let mut burst = 0.0;
            for add in &mut adds {
                burst *= fade;
                if random.chance(often) {
                    burst += 3.0 * sigma * random.lognormal(0.7);
                }
                *add = 0.4 * *add + burst;
            }
        }
    }
    Noise { adds, times }
}

/// Others on the same host: each takes its memory for hours or days, and leaves.
pub fn neighbours(random: &mut Random, count: usize, amount: Range<f64>) -> Vec<f64> {
    let mut sum = vec![0.0; TICKS];
    for _ in 0..count {
        let size = random.within(amount.clone());
        let (stays, away) = (random.within(0.1..2.0) * DAY as f64, random.within(0.1..2.0) * DAY as f64);
        let (mut is_there, mut until, mut now) = (random.chance(0.5), 0.0, size);
        for (tick, sum) in sum.iter_mut().enumerate() {
            if tick as f64 >= until {
                is_there = !is_there;
                now = size * random.lognormal(0.15);
                until = tick as f64 + if is_there { stays } else { away } * random.wait();
            }
            *sum += if is_there { now } else { 0.0 };
        }
    }
    sum
}

/// Releases at irregular working hours of weekdays within some days, so many a week.
pub fn releases(random: &mut Random, days: Range<f64>, per_week: f64) -> Vec<usize> {
    let (from, to) = ((days.start * DAY as f64) as usize, (days.end * DAY as f64) as usize);
    let mut all = Vec::new();
    for day in (0..DAYS).filter(|day| day % 7 < 5) {
        for _ in 0..2 {
            let at = day * DAY + (random.within(1.0..10.0) * HOUR as f64) as usize;
            if random.chance(per_week / 10.0) && (from.max(1)..to.min(TICKS)).contains(&at) {
                all.push(at);
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Onset and incident in ticks of a leak that lasts so many days, as often short as long.
pub fn lasting(random: &mut Random, onset: Range<f64>, lasts: Range<f64>) -> (usize, usize) {
    let lasts = lasts.start * (lasts.end / lasts.start).powf(random.unit());
    let latest = f64::min(onset.end, DAYS as f64 - 0.1 - lasts);
    let onset = if latest > onset.start { random.within(onset.start..latest) } else { latest.max(0.0) };
    let onset = (onset * DAY as f64) as usize;
    (onset, (onset + (lasts * DAY as f64) as usize).min(TICKS - 2))
}

/// About so many ticks, moved to an hour of a weekday at which people release.
pub fn at_work(random: &mut Random, tick: usize) -> usize {
    let day = match tick / DAY {
        day if day % 7 < 5 => day,
        day if day + 2 < DAYS => day + 2,
        day => day - 2,
    };
    day * DAY + (random.within(1.0..10.0) * HOUR as f64) as usize
}

/// One tick of each of some days, at an hour.
pub fn nights(hour: f64, on: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..DAYS).filter(|day| on(*day)).map(|day| (day as f64 * DAY as f64 + hour * HOUR as f64) as usize).collect()
}

/// Ticks from some days on.
pub fn days(count: f64) -> usize {
    (count * DAY as f64) as usize
}
