//! The training half's leaks.

use crate::detect::generate::parts::{self, daily, from, gauss_noise, level, ramps, sine_days, sum, weekday};
use crate::detect::generate::service::{DAY, HOUR, Service, Story, ticks};
use crate::detect::generate::{Family, Half};
use crate::detect::random::Random;

pub const FAMILIES: [Family; 11] = [
    Family { name: "drip", tell: drip },
    Family { name: "follows-traffic", tell: follows_traffic },
    Family { name: "slab", tell: slab },
    Family { name: "fast", tell: fast },
    Family { name: "restarted-at-limit", tell: restarted_at_limit },
    Family { name: "restarted-nightly", tell: restarted_nightly },
    Family { name: "steps", tell: steps },
    Family { name: "after-a-deploy", tell: after_a_deploy },
    Family { name: "bending", tell: bending },
    Family { name: "daily-job", tell: daily_job },
    Family { name: "under-lazy-collections", tell: under_lazy_collections },
];

/// What a leaking service needs without its leak: its highest, as shares of the limit.
const SIZED: std::ops::Range<f64> = 0.3..0.75;
const TICKS: usize = ticks(Half::Train);

/// Needs of a usual service; `calm` makes its collections small.
fn needs(random: &mut Random, load: &parts::Load, calm: f64) -> Vec<f64> {
    let (height, length) = (random.within(0.02..0.16) * calm, random.within(4.0..96.0));
    let season = parts::scaled(load, random.within(0.0..0.12));
    let sigma = random.within(0.0015..0.012);
    let (collections, noise) = (ramps(random, TICKS, height, length), gauss_noise(random, TICKS, sigma));
    sum(&[&level(TICKS, random.within(0.15..0.45)), &season, &collections, &noise])
}

/// Onset and incident in ticks, from days.
fn times(random: &mut Random, onset: std::ops::Range<f64>, lasts: std::ops::Range<f64>) -> (usize, usize) {
    let onset = (random.within(onset) * DAY as f64) as usize;
    (onset, (onset + (random.within(lasts) * DAY as f64) as usize).min(TICKS - 2))
}

fn plain(random: &mut Random, calm: f64, times: (usize, usize), rate: impl Fn(&parts::Load, usize) -> f64) -> Story {
    let load = sine_days(random, TICKS);
    let (onset, incident) = times;
    let leaks = from(TICKS, onset, |since| rate(&load, since));
    let age = random.pick(0..10 * DAY);
    let service = Service { leaks, age, ..Service::steady(needs(random, &load, calm)) };
    Story::leak(&service.sized(random.within(SIZED)).reaching_limit_at(incident), onset, random)
}

fn drip(random: &mut Random) -> Story {
    let times = times(random, 0.5..6.0, 2.0..12.0);
    plain(random, 1.0, times, |_, _| 1.0)
}

fn follows_traffic(random: &mut Random) -> Story {
    let times = times(random, 0.5..6.0, 3.0..12.0);
    plain(random, 1.0, times, |load, since| load[times.0 + since])
}

/// What a kernel keeps: hardly a sawtooth, weeks to the limit.
fn slab(random: &mut Random) -> Story {
    let times = times(random, 0.0..1.0, 12.0..20.0);
    plain(random, 0.15, times, |_, _| 1.0)
}

fn fast(random: &mut Random) -> Story {
    let times = times(random, 3.0..16.0, 0.25..1.5);
    plain(random, 1.0, times, |_, _| 1.0)
}

/// It slows down, and gets there all the same.
fn bending(random: &mut Random) -> Story {
    let times = times(random, 0.5..5.0, 3.0..12.0);
    plain(random, 1.0, times, |_, since| ((since + HOUR) as f64).powf(-0.3))
}

/// Something is kept now and then.
fn steps(random: &mut Random) -> Story {
    let times = times(random, 0.5..4.0, 3.0..12.0);
    let every = random.within(3.0..24.0) * HOUR as f64;
    let sizes: Vec<f64> =
        (0..TICKS).map(|_| if random.chance(1.0 / every) { random.within(0.5..1.5) } else { 0.0 }).collect();
    plain(random, 1.0, times, |_, since| sizes[since])
}

/// One hour of every day leaks.
fn daily_job(random: &mut Random) -> Story {
    let times = times(random, 0.5..4.0, 5.0..14.0);
    let hour = random.pick(0..24);
    plain(random, 1.0, times, |_, since| f64::from((times.0 + since) % DAY / HOUR == hour))
}

/// A heap that is collected only when it has grown much; its floor rises.
fn under_lazy_collections(random: &mut Random) -> Story {
    let load = sine_days(random, TICKS);
    let (onset, incident) = times(random, 0.5..5.0, 4.0..14.0);
    let (height, length) = (random.within(0.15..0.35), random.within(1.0..36.0) * HOUR as f64);
    let needs = sum(&[&needs(random, &load, 0.2), &ramps(random, TICKS, height, length)]);
    let service = Service { leaks: from(TICKS, onset, |_| 1.0), age: DAY, ..Service::steady(needs) };
    Story::leak(&service.sized(random.within(SIZED)).reaching_limit_at(incident), onset, random)
}

/// Warm-up that saturates: `amount` of it with the time scale `tau`.
fn saturating(age: usize, tau: f64, amount: f64) -> f64 {
    amount * (1.0 - (-(age as f64) / tau).exp())
}

/// A process manager with a memory limit.
fn restarted_at_limit(random: &mut Random) -> Story {
    let load = sine_days(random, TICKS);
    let mean = load.iter().sum::<f64>() / TICKS as f64;
    let onset = (random.within(0.0..5.0) * DAY as f64) as usize;
    let (ceiling, cycle) = (random.within(0.65..0.92), random.within(6.0..40.0) * HOUR as f64);
    let needs = Service::steady(needs(random, &load, 1.0)).sized(random.within(0.3..0.55)).needs;
    let room = ceiling - needs.iter().sum::<f64>() / TICKS as f64;
    let service = Service {
        leaks: from(TICKS, onset, |since| room.max(0.1) / cycle * load[onset + since] / mean),
        warm: saturating,
        warm_by: (random.within(3.0..18.0), random.within(0.03..0.12)),
        age: random.pick(0..3 * DAY),
        restart_above: Some(|_, ceiling| ceiling),
        ceiling,
        ..Service::steady(needs)
    };
    Story::leak(&service, onset, random)
}

/// Restarts on weekday nights hide it until nobody restarts over some holidays.
fn restarted_nightly(random: &mut Random) -> Story {
    let load = sine_days(random, TICKS);
    let (holiday, hour) = (random.pick(10..16), random.within(2.0..6.0));
    let holidays = holiday..holiday + random.pick(5..7);
    let restarts = daily(TICKS, hour, |day| weekday(day * DAY) < 5 && !holidays.contains(&day));
    let last = restarts.iter().rfind(|restart| **restart < holidays.start * DAY).copied().unwrap_or(0);
    let onset = (random.within(0.0..4.0) * DAY as f64) as usize;
    let incident = last + (random.within(3.3..4.8) * DAY as f64) as usize;
    let warm_by = (random.within(3.0..18.0), random.within(0.03..0.12));
    let service = Service {
        leaks: from(TICKS, onset, |since| load[onset + since]),
        warm: saturating,
        warm_by,
        restarts,
        age: DAY,
        ..Service::steady(needs(random, &load, 1.0))
    };
    Story::leak(&service.sized(random.within(SIZED)).reaching_limit_at(incident), onset, random)
}

/// The last of a few deploys brought it.
fn after_a_deploy(random: &mut Random) -> Story {
    let load = sine_days(random, TICKS);
    let (onset, incident) = times(random, 2.0..8.0, 2.0..10.0);
    let before = random.pick(0..3);
    let mut restarts = parts::moments(random, DAY / 2..onset - DAY, before);
    restarts.push(onset);
    let warm_by = (random.within(12.0..144.0), random.within(0.03..0.12));
    let service = Service {
        leaks: from(TICKS, onset, |_| 1.0),
        warm: saturating,
        warm_by,
        restarts,
        age: random.pick(0..5 * DAY),
        ..Service::steady(needs(random, &load, 1.0))
    };
    Story::leak(&service.sized(random.within(SIZED)).reaching_limit_at(incident), onset, random)
}
