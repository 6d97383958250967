//! The former test half's leaks.

use crate::detect::generate::parts::{
    self, Load, bursty_noise, daily, from, generations, level, moments, sum, two_peak_days, weekday,
};
use crate::detect::generate::service::{DAY, HOUR, Service, Story, ticks};
use crate::detect::generate::{Family, Half};
use crate::detect::random::Random;

pub const FAMILIES: [Family; 12] = [
    Family { name: "uneven-drip", tell: uneven_drip },
    Family { name: "busy-hours-only", tell: busy_hours_only },
    Family { name: "kernel-with-reclaim", tell: kernel_with_reclaim },
    Family { name: "runaway", tell: runaway },
    Family { name: "killed-and-deployed", tell: killed_and_deployed },
    Family { name: "deployed-by-people", tell: deployed_by_people },
    Family { name: "night-jobs", tell: night_jobs },
    Family { name: "pushes", tell: pushes },
    Family { name: "one-bad-deploy", tell: one_bad_deploy },
    Family { name: "decelerating", tell: decelerating },
    Family { name: "accelerating", tell: accelerating },
    Family { name: "collections-under-pressure", tell: collections_under_pressure },
];

/// What a leaking service needs without its leak: its highest, as shares of the limit.
const SIZED: std::ops::Range<f64> = 0.25..0.8;
const TICKS: usize = ticks(Half::Former);

fn needs(random: &mut Random, load: &Load, calm: f64) -> Vec<f64> {
    let (height, length) = (random.within(0.015..0.2) * calm, random.within(3.0..140.0));
    let season = parts::scaled(load, random.within(0.0..0.14));
    let sigma = random.within(0.001..0.009);
    let (collections, noise) = (generations(random, load, height, length), bursty_noise(random, TICKS, sigma));
    sum(&[&level(TICKS, random.within(0.1..0.5)), &season, &collections, &noise])
}

fn times(random: &mut Random, onset: std::ops::Range<f64>, lasts: std::ops::Range<f64>) -> (usize, usize) {
    let onset = (random.within(onset) * DAY as f64) as usize;
    (onset, (onset + (random.within(lasts) * DAY as f64) as usize).min(TICKS - 2))
}

fn plain(random: &mut Random, load: &Load, calm: f64, times: (usize, usize), leaks: Vec<f64>) -> Story {
    let age = random.pick(0..30 * DAY);
    let service = Service { leaks, age, ..Service::steady(needs(random, load, calm)) };
    Story::leak(&service.sized(random.within(SIZED)).reaching_limit_at(times.1), times.0, random)
}

/// Some days leak several times as much as others.
fn uneven_drip(random: &mut Random) -> Story {
    let (load, times) = (two_peak_days(random, TICKS), times(random, 1.0..8.0, 1.5..16.0));
    let days: Vec<f64> = (0..=TICKS / DAY).map(|_| random.lognormal(0.5)).collect();
    let leaks = from(TICKS, times.0, |since| days[(times.0 + since) / DAY]);
    plain(random, &load, 1.0, times, leaks)
}

/// More than in proportion to the load, hardly anything at night.
fn busy_hours_only(random: &mut Random) -> Story {
    let (load, times) = (two_peak_days(random, TICKS), times(random, 1.0..8.0, 4.0..18.0));
    let leaks = from(TICKS, times.0, |since| load[times.0 + since].powf(1.6));
    plain(random, &load, 1.0, times, leaks)
}

/// Weeks to the limit; now and then a part is given back.
fn kernel_with_reclaim(random: &mut Random) -> Story {
    let (load, times) = (two_peak_days(random, TICKS), times(random, 0.5..3.0, 12.0..24.0));
    let mut leaks = from(TICKS, times.0, |_| 1.0);
    for at in moments(random, times.0..TICKS, 6) {
        leaks[at] = -random.within(0.03..0.15);
    }
    plain(random, &load, 0.1, times, leaks)
}

/// The more there is, the more is added.
fn runaway(random: &mut Random) -> Story {
    let (load, times) = (two_peak_days(random, TICKS), times(random, 2.0..22.0, 0.25..2.0));
    let doubles = (times.1 - times.0) as f64 / random.within(1.5..4.0);
    let leaks = from(TICKS, times.0, |since| (since as f64 / doubles).min(30.0).exp2());
    plain(random, &load, 1.0, times, leaks)
}

/// Jobs between one and five o'clock, each night another amount.
fn night_jobs(random: &mut Random) -> Story {
    let (load, times) = (two_peak_days(random, TICKS), times(random, 1.0..6.0, 5.0..18.0));
    let nights: Vec<f64> = (0..=TICKS / DAY).map(|_| random.lognormal(0.4)).collect();
    let hours = HOUR..random.pick(2..6) * HOUR;
    let leaks = from(TICKS, times.0, |since| {
        let tick = times.0 + since;
        if hours.contains(&(tick % DAY)) { nights[tick / DAY] } else { 0.0 }
    });
    plain(random, &load, 1.0, times, leaks)
}

/// Each push to all users leaves something behind, seldom and of very different size.
fn pushes(random: &mut Random) -> Story {
    let (load, times) = (two_peak_days(random, TICKS), times(random, 1.0..6.0, 7.0..20.0));
    let per_tick = random.within(2.0..7.0) / (7 * DAY) as f64;
    let mut leaks = from(TICKS, times.0, |_| 0.0);
    for leak in &mut leaks[times.0..] {
        if random.chance(per_tick) {
            *leak = random.lognormal(0.6);
        }
    }
    leaks[times.0] = 1.0;
    leaks[times.1] = 1.0;
    plain(random, &load, 1.0, times, leaks)
}

/// Like a square root: half of it in the first quarter of the time.
fn decelerating(random: &mut Random) -> Story {
    let (load, times) = (two_peak_days(random, TICKS), times(random, 1.0..7.0, 4.0..16.0));
    let leaks = from(TICKS, times.0, |since| ((since + 2 * HOUR) as f64).powf(-0.5));
    plain(random, &load, 1.0, times, leaks)
}

/// Like a square: three quarters of it in the second half of the time.
fn accelerating(random: &mut Random) -> Story {
    let (load, times) = (two_peak_days(random, TICKS), times(random, 1.0..8.0, 3.0..16.0));
    let leaks = from(TICKS, times.0, |since| since as f64 + 1.0);
    plain(random, &load, 1.0, times, leaks)
}

fn logistic(age: usize, tau: f64, amount: f64) -> f64 {
    let rise = |age: f64| 1.0 / (1.0 + (-(age - 2.0 * tau) / (0.5 * tau)).exp());
    amount * (rise(age as f64) - rise(0.0)) / (1.0 - rise(0.0))
}

/// Killed somewhere near its limit, and deployed in between: no two lives end alike.
fn killed_and_deployed(random: &mut Random) -> Story {
    let load = two_peak_days(random, TICKS);
    let mean = load.iter().sum::<f64>() / TICKS as f64;
    let onset = (random.within(0.0..8.0) * DAY as f64) as usize;
    let (ceiling, cycle) = (random.within(0.75..0.95), random.within(8.0..60.0) * HOUR as f64);
    let needs = Service::steady(needs(random, &load, 0.8)).sized(random.within(0.25..0.6)).needs;
    let room = ceiling - needs.iter().sum::<f64>() / TICKS as f64;
    let (deploy_share, hour) = (random.within(0.1..0.45), random.within(10.0..17.0));
    let is_deployed: Vec<bool> = (0..=TICKS / DAY).map(|day| day % 7 < 5 && random.chance(deploy_share)).collect();
    let service = Service {
        leaks: from(TICKS, onset, |since| room.max(0.1) / cycle * (0.3 + 0.7 * load[onset + since] / mean)),
        warm: logistic,
        warm_by: (random.within(3.0..24.0), random.within(0.03..0.15)),
        age: random.pick(0..5 * DAY),
        restarts: daily(TICKS, hour, |day| is_deployed[day]),
        restart_above: Some(|random, ceiling| (ceiling + 0.02 * random.normal()).min(0.985)),
        ceiling,
        ..Service::steady(needs)
    };
    Story::leak(&service, onset, random)
}

/// Deploys on working days at any hour of the day, sometimes several; then a freeze over holidays.
fn deployed_by_people(random: &mut Random) -> Story {
    let load = two_peak_days(random, TICKS);
    let freeze = random.pick(12..18);
    let freeze = freeze..freeze + random.pick(6..11);
    let mut restarts = Vec::new();
    for day in (0..TICKS / DAY).filter(|day| weekday(day * DAY) < 5 && !freeze.contains(day)) {
        let count = if random.chance(0.15) { 0 } else { random.pick(1..4) };
        restarts.extend(moments(random, day * DAY + 10 * HOUR..day * DAY + 19 * HOUR, count));
    }
    let last = restarts.iter().rfind(|restart| **restart < freeze.start * DAY).copied().unwrap_or(0);
    let onset = (random.within(0.0..6.0) * DAY as f64) as usize;
    // Longer than the longest weekend with a day without deploys beside it.
    let incident = last + (random.within(4.6..f64::max(4.8, freeze.len() as f64 - 0.5)) * DAY as f64) as usize;
    let service = Service {
        leaks: from(TICKS, onset, |since| 0.2 + load[onset + since]),
        warm: logistic,
        warm_by: (random.within(3.0..24.0), random.within(0.03..0.15)),
        restarts,
        age: DAY,
        ..Service::steady(needs(random, &load, 0.8))
    };
    Story::leak(&service.sized(random.within(SIZED)).reaching_limit_at(incident), onset, random)
}

/// Many deploys that only warm up, then one that leaks.
fn one_bad_deploy(random: &mut Random) -> Story {
    let load = two_peak_days(random, TICKS);
    let (onset, incident) = times(random, 5.0..18.0, 1.0..8.0);
    let before = random.pick(2..8);
    let mut restarts = moments(random, DAY..onset - 6 * HOUR, before);
    restarts.push(onset);
    let service = Service {
        leaks: from(TICKS, onset, |since| 0.4 + load[onset + since]),
        warm: logistic,
        warm_by: (random.within(6.0..120.0), random.within(0.03..0.2)),
        restarts,
        age: random.pick(0..10 * DAY),
        ..Service::steady(needs(random, &load, 1.0))
    };
    Story::leak(&service.sized(random.within(SIZED)).reaching_limit_at(incident), onset, random)
}

/// A managed heap: collections always run at the same height, so that only the floor rises; the less room is left,
/// the more often they run, until they do nothing else.
fn collections_under_pressure(random: &mut Random) -> Story {
    let load = two_peak_days(random, TICKS);
    let (onset, incident) = times(random, 1.0..8.0, 2.0..16.0);
    let (base, top) = (random.within(0.12..0.4), random.within(0.8..0.97));
    let per_tick = random.within(0.004..0.06);
    let noise = bursty_noise(random, TICKS, 0.002);
    let (mut floor, mut young) = (base, 0.0);
    let mut used = Vec::new();
    for tick in 0..=incident {
        if tick >= onset {
            floor += (top - 0.02 - base) / (incident - onset) as f64 * (0.3 + 0.7 * load[tick]) / 0.55;
        }
        young += per_tick * (0.3 + load[tick]) * random.lognormal(0.4);
        let room = f64::max(top - floor, 0.0);
        if room < 0.02 {
            break;
        }
        young %= room;
        used.push((floor + young + noise[tick]).min(0.99));
    }
    let incident = used.len() - 1;
    let age = random.pick(0..10 * DAY);
    Story {
        used,
        age,
        restarts: vec![],
        onset: Some(onset),
        incident: Some(incident),
        lost: vec![],
        measure: crate::detect::generate::service::RESIDENT,
    }
}
