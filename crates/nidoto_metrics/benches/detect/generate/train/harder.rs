//! More of the training half: what real services do to a detector that has only seen tidy ones.

use std::ops::Range;

use crate::detect::generate::parts::{
    self, gauss_noise, level, moments, ramps, scaled, sine_days, sum, wander, weekday,
};
use crate::detect::generate::service::{DAY, HOUR, Service, Story, ticks};
use crate::detect::generate::{Family, Half};
use crate::detect::random::Random;

pub const LEAKS: [Family; 5] = [
    Family { name: "noisy-drip", tell: noisy_drip },
    Family { name: "gains-pace", tell: gains_pace },
    Family { name: "late-collections-leak", tell: late_collections_leak },
    Family { name: "redeployed", tell: redeployed },
    Family { name: "moody-traffic", tell: moody_traffic },
];

pub const HEALTHY: [Family; 9] = [
    Family { name: "near-the-limit", tell: near_the_limit },
    Family { name: "late-collections", tell: late_collections },
    Family { name: "cache-filled-evenly", tell: cache_filled_evenly },
    Family { name: "weekly-job", tell: weekly_job },
    Family { name: "moods", tell: moods },
    Family { name: "weeks-that-grow", tell: weeks_that_grow },
    Family { name: "slow-warm-up", tell: slow_warm_up },
    Family { name: "campaigns", tell: campaigns },
    Family { name: "new-keys-become-rare", tell: new_keys_become_rare },
];

/// Healthy services have their highest there, as shares of the limit.
const SIZED: Range<f64> = 0.35..0.97;
/// Those that are sized tightly.
const TIGHT: Range<f64> = 0.75..0.97;
const TICKS: usize = ticks(Half::Train);

/// Each day has a strength of its own, some last for days.
fn moody(random: &mut Random, load: &[f64]) -> Vec<f64> {
    let days: Vec<f64> =
        wander(random, TICKS / DAY + 1, 2.0, 0.25).into_iter().map(|mood| (1.0 + mood).max(0.2)).collect();
    load.iter().enumerate().map(|(tick, load)| load * days[tick / DAY]).collect()
}

/// Requests of an hour or three that hold a lot.
fn heaps(random: &mut Random, height: f64) -> Vec<f64> {
    let mut out = level(TICKS, 0.0);
    for _ in 0..random.pick(5..60) {
        let (from, length) = (random.pick(0..TICKS), random.pick(4..36));
        let height = height * random.within(0.3..1.0);
        out[from..(from + length).min(TICKS)].iter_mut().for_each(|value| *value += height);
    }
    out
}

/// Base, collections, season, noise and large requests.
fn restless(random: &mut Random, base: Range<f64>, season: Range<f64>) -> Vec<f64> {
    let load = sine_days(random, TICKS);
    let load = moody(random, &load);
    let (height, length, sigma) = (random.within(0.02..0.15), random.within(4.0..140.0), random.within(0.003..0.025));
    let (collections, noise) = (ramps(random, TICKS, height, length), gauss_noise(random, TICKS, sigma));
    let (heaps, season) = (heaps(random, 0.15), scaled(&load, random.within(season)));
    sum(&[&level(TICKS, random.within(base)), &collections, &season, &noise, &heaps])
}

fn healthy(random: &mut Random, sized: Range<f64>, needs: Vec<f64>) -> Story {
    let age = random.pick(0..10 * DAY);
    Story::healthy(&Service { age, ..Service::steady(needs) }, sized, random)
}

fn leak(random: &mut Random, needs: Vec<f64>, lasts: Range<f64>, rate: impl Fn(usize) -> f64) -> Story {
    let onset = (random.within(0.5..6.0) * DAY as f64) as usize;
    let incident = (onset + (random.within(lasts) * DAY as f64) as usize).min(TICKS - 2);
    let age = random.pick(0..10 * DAY);
    let service = Service { leaks: parts::from(TICKS, onset, rate), age, ..Service::steady(needs) };
    Story::leak(&service.reaching_limit_at(incident), onset, random)
}

/// Days and noise that move more than the leak does in a day.
fn noisy_drip(random: &mut Random) -> Story {
    let needs = restless(random, 0.15..0.4, 0.1..0.25);
    leak(random, needs, 5.0..14.0, |_| 1.0)
}

fn gains_pace(random: &mut Random) -> Story {
    let needs = restless(random, 0.15..0.45, 0.0..0.1);
    let power = random.within(0.4..1.5);
    leak(random, needs, 3.0..14.0, |since| (since as f64).powf(power))
}

/// A collector that waits for a day or two, over a live set that grows.
fn late_collections_leak(random: &mut Random) -> Story {
    let (height, length) = (random.within(0.15..0.4), random.within(10.0..50.0) * HOUR as f64);
    let sigma = random.within(0.002..0.012);
    let (collections, noise) = (ramps(random, TICKS, height, length), gauss_noise(random, TICKS, sigma));
    let needs = sum(&[&level(TICKS, random.within(0.15..0.35)), &collections, &noise]);
    leak(random, needs, 5.0..14.0, |_| 1.0)
}

/// Traffic of every day differs, and so does what leaks.
fn moody_traffic(random: &mut Random) -> Story {
    let needs = restless(random, 0.15..0.4, 0.02..0.12);
    let load = sine_days(random, TICKS);
    let load = moody(random, &load);
    leak(random, needs, 4.0..14.0, |since| load[since])
}

/// Deploys at odd times restart it, until a week without any.
fn redeployed(random: &mut Random) -> Story {
    let mut restarts = Vec::new();
    let mut tick = random.pick(0..DAY);
    while tick < 13 * DAY {
        restarts.push(tick);
        tick += (random.within(0.7..3.0) * DAY as f64) as usize;
    }
    let last = restarts.last().copied().unwrap_or(0);
    let onset = random.pick(0..3 * DAY);
    let incident = (last + (random.within(3.5..7.0) * DAY as f64) as usize).min(TICKS - 2);
    let service = Service {
        leaks: parts::from(TICKS, onset, |_| 1.0),
        warm: |age, tau, amount| amount * (1.0 - (-(age as f64) / tau).exp()),
        warm_by: (random.within(6.0..60.0), random.within(0.03..0.15)),
        restarts,
        age: DAY,
        ..Service::steady(restless(random, 0.15..0.35, 0.0..0.1))
    };
    Story::leak(&service.reaching_limit_at(incident), onset, random)
}

/// Sized tightly: a buffer pool, a store in memory, a heap that was cut to what is needed.
fn near_the_limit(random: &mut Random) -> Story {
    let (height, length, sigma) = (random.within(0.01..0.1), random.within(4.0..96.0), random.within(0.001..0.008));
    let (collections, noise) = (ramps(random, TICKS, height, length), gauss_noise(random, TICKS, sigma));
    let season = sine_days(random, TICKS);
    let season = scaled(&season, random.within(0.0..0.06));
    let needs = sum(&[&level(TICKS, random.within(0.68..0.85)), &collections, &season, &noise]);
    healthy(random, TIGHT, needs)
}

/// A collector that waits until the heap is nearly full.
fn late_collections(random: &mut Random) -> Story {
    let base = random.within(0.15..0.4);
    let (height, length) = (random.within(0.8..0.92) - base, random.within(8.0..70.0) * HOUR as f64);
    let sigma = random.within(0.002..0.012);
    let (collections, noise) = (ramps(random, TICKS, height, length), gauss_noise(random, TICKS, sigma));
    let needs = sum(&[&level(TICKS, base), &collections, &noise]);
    healthy(random, TIGHT, needs)
}

/// Entries of even size come at an even pace until the cache is full.
fn cache_filled_evenly(random: &mut Random) -> Story {
    let count = random.pick(1..3);
    let service = Service {
        warm: |age, tau, amount| amount * (age as f64 / tau).min(1.0),
        warm_by: (random.within(6.0..60.0) * HOUR as f64, random.within(0.15..0.4)),
        restarts: moments(random, 0..10 * DAY, count),
        age: random.pick(0..5 * DAY),
        ..Service::steady(restless(random, 0.15..0.4, 0.0..0.1))
    };
    Story::healthy(&service, SIZED, random)
}

/// One day of the week works for hours.
fn weekly_job(random: &mut Random) -> Story {
    let (day, hour, hours) = (random.pick(0..7), random.pick(0..16), random.within(4.0..16.0));
    let height = random.within(0.2..0.45);
    let job = |tick: usize| {
        let since = (tick % DAY) as f64 / HOUR as f64 - hour as f64;
        if weekday(tick) == day && (0.0..hours).contains(&since) { height * (since / hours).sqrt() } else { 0.0 }
    };
    let job: Vec<f64> = (0..TICKS).map(job).collect();
    let needs = sum(&[&restless(random, 0.15..0.4, 0.0..0.1), &job]);
    healthy(random, SIZED, needs)
}

/// Good and bad days in a row.
fn moods(random: &mut Random) -> Story {
    let needs = restless(random, 0.2..0.45, 0.1..0.3);
    healthy(random, SIZED, needs)
}

/// From Monday to Friday a little more, on Saturday all is tidied up.
fn weeks_that_grow(random: &mut Random) -> Story {
    let (rise, first) = (random.within(0.02..0.07), random.pick(0..7));
    let kept: Vec<f64> = (0..TICKS).map(|tick| rise * ((tick + first * DAY) % (7 * DAY)) as f64 / DAY as f64).collect();
    let needs = sum(&[&restless(random, 0.15..0.35, 0.0..0.08), &kept]);
    healthy(random, SIZED, needs)
}

/// Slower and slower, and never quite done.
fn logarithmic(age: usize, tau: f64, amount: f64) -> f64 {
    let whole = (1.0 + (7 * DAY) as f64 / tau).ln();
    amount * (1.0 + age as f64 / tau).ln() / whole
}

/// Deploys every day or few, each of them warms up for longer than it lives.
fn slow_warm_up(random: &mut Random) -> Story {
    let every = random.within(0.9..4.0);
    let mut restarts = Vec::new();
    let mut tick = random.pick(0..DAY);
    while tick < TICKS {
        restarts.push(tick);
        tick += (every * random.within(0.8..1.2) * DAY as f64) as usize;
    }
    let service = Service {
        warm: logarithmic,
        warm_by: (random.within(2.0..60.0), random.within(0.15..0.5)),
        restarts,
        age: DAY,
        ..Service::steady(restless(random, 0.15..0.35, 0.0..0.12))
    };
    Story::healthy(&service, SIZED, random)
}

/// For some days more people come every day, and then they stay away.
fn campaigns(random: &mut Random) -> Story {
    let mut surge = level(TICKS, 0.0);
    for _ in 0..random.pick(1..4) {
        let (from, grows, stays) = (random.pick(0..TICKS), random.within(1.0..4.0), random.within(0.5..3.0));
        let (grows, stays) = ((grows * DAY as f64) as usize, (stays * DAY as f64) as usize);
        let height = random.within(0.08..0.3);
        for (since, value) in surge[from..].iter_mut().enumerate().take(grows + stays + DAY / 2) {
            let leaves = since.saturating_sub(grows + stays) as f64 / (DAY / 2) as f64;
            *value += height * (since as f64 / grows as f64).min(1.0) * (1.0 - leaves);
        }
    }
    let needs = sum(&[&restless(random, 0.15..0.4, 0.0..0.12), &surge]);
    healthy(random, SIZED, needs)
}

/// A table of all keys ever seen.
fn new_keys_become_rare(random: &mut Random) -> Story {
    let restart = random.pick(0..5 * DAY);
    let service = Service {
        warm: logarithmic,
        warm_by: (random.within(12.0..400.0), random.within(0.2..0.45)),
        restarts: vec![restart],
        age: random.pick(0..10 * DAY),
        ..Service::steady(restless(random, 0.15..0.35, 0.0..0.1))
    };
    Story::healthy(&service, SIZED, random)
}
