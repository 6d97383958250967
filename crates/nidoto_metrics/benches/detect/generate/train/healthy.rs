//! The training half's healthy services.

use crate::detect::generate::parts::{
    self, daily, gauss_noise, level, moments, ramps, scaled, sine_days, sum, wander, weekday,
};
use crate::detect::generate::service::{DAY, HOUR, Service, Story, ticks};
use crate::detect::generate::{Family, Half, PAGE_CACHE};
use crate::detect::random::Random;

pub const FAMILIES: [Family; 14] = [
    Family { name: "sawtooth", tell: sawtooth },
    Family { name: "day-and-week", tell: day_and_week },
    Family { name: "deploys-that-warm-up", tell: deploys_that_warm_up },
    Family { name: "cache-that-saturates", tell: cache_that_saturates },
    Family { name: "steps-after-deploys", tell: steps_after_deploys },
    Family { name: "wandering", tell: wandering },
    Family { name: "nightly-batch", tell: nightly_batch },
    Family { name: "nightly-restart", tell: nightly_restart },
    Family { name: "organic-growth", tell: organic_growth },
    Family { name: "weekly-rotation", tell: weekly_rotation },
    Family { name: "scrape-gaps", tell: scrape_gaps },
    Family { name: "bounded-sessions", tell: bounded_sessions },
    Family { name: "lazy-collections", tell: lazy_collections },
    Family { name: PAGE_CACHE, tell: page_cache },
];

/// Healthy services have their highest there, as shares of the limit.
const SIZED: std::ops::Range<f64> = 0.35..0.97;
const TICKS: usize = ticks(Half::Train);

/// Base, collections and noise; the season is each family's own.
fn core(random: &mut Random, calm: f64) -> Vec<f64> {
    let (height, length) = (random.within(0.02..0.16) * calm, random.within(4.0..96.0));
    let sigma = random.within(0.0015..0.012);
    let (collections, noise) = (ramps(random, TICKS, height, length), gauss_noise(random, TICKS, sigma));
    sum(&[&level(TICKS, random.within(0.15..0.45)), &collections, &noise])
}

fn season(random: &mut Random, amount: std::ops::Range<f64>) -> Vec<f64> {
    let load = sine_days(random, TICKS);
    scaled(&load, random.within(amount))
}

fn steady(random: &mut Random, needs: Vec<f64>) -> Story {
    let age = random.pick(0..10 * DAY);
    Story::healthy(&Service { age, ..Service::steady(needs) }, SIZED, random)
}

fn saturating(age: usize, tau: f64, amount: f64) -> f64 {
    amount * (1.0 - (-(age as f64) / tau).exp())
}

fn sawtooth(random: &mut Random) -> Story {
    let needs = sum(&[&core(random, 1.0), &season(random, 0.0..0.12)]);
    steady(random, needs)
}

fn day_and_week(random: &mut Random) -> Story {
    let needs = sum(&[&core(random, 0.3), &season(random, 0.05..0.36)]);
    steady(random, needs)
}

fn deploys_that_warm_up(random: &mut Random) -> Story {
    let count = random.pick(2..7);
    let service = Service {
        restarts: moments(random, HOUR..TICKS, count),
        warm: saturating,
        warm_by: (random.within(1.0..36.0) * HOUR as f64, random.within(0.1..0.35)),
        age: random.pick(0..5 * DAY),
        ..Service::steady(sum(&[&core(random, 1.0), &season(random, 0.0..0.12)]))
    };
    Story::healthy(&service, SIZED, random)
}

fn cache_that_saturates(random: &mut Random) -> Story {
    let service = Service {
        warm: saturating,
        warm_by: (random.within(8.0..48.0) * HOUR as f64, random.within(0.15..0.4)),
        restarts: vec![random.pick(0..3 * DAY)],
        ..Service::steady(sum(&[&core(random, 0.5), &season(random, 0.0..0.1)]))
    };
    Story::healthy(&service, SIZED, random)
}

/// A deploy changes what is needed, mostly upwards.
fn steps_after_deploys(random: &mut Random) -> Story {
    let count = random.pick(1..4);
    let restarts = moments(random, DAY..TICKS, count);
    let mut needs = sum(&[&core(random, 1.0), &season(random, 0.0..0.12)]);
    for at in &restarts {
        let step = random.within(-0.03..0.14);
        for need in &mut needs[*at..] {
            *need += step;
        }
    }
    let restarts = if random.chance(0.7) { restarts } else { vec![] };
    Story::healthy(&Service { restarts, age: DAY, ..Service::steady(needs) }, SIZED, random)
}

fn wandering(random: &mut Random) -> Story {
    let (tau, sigma) = (random.within(6.0..36.0) * HOUR as f64, random.within(0.03..0.07));
    let walk = wander(random, TICKS, tau, sigma);
    let needs = sum(&[&core(random, 0.5), &season(random, 0.0..0.12), &walk, &level(TICKS, 0.1)]);
    steady(random, needs)
}

fn nightly_batch(random: &mut Random) -> Story {
    let (hour, lasts) = (random.pick(1..5) * HOUR, random.pick(6..36));
    let amount = random.within(0.2..0.45);
    let batch: Vec<f64> = (0..TICKS)
        .map(|tick| match (tick % DAY).checked_sub(hour) {
            Some(since) if since < lasts => amount * f64::min(since as f64 / 6.0 + 0.2, 1.0),
            _ => 0.0,
        })
        .collect();
    let needs = sum(&[&core(random, 0.5), &season(random, 0.0..0.12), &batch]);
    steady(random, needs)
}

fn nightly_restart(random: &mut Random) -> Story {
    let service = Service {
        restarts: daily(TICKS, random.within(2.0..6.0), |day| weekday(day * DAY) < 5),
        warm: saturating,
        warm_by: (random.within(0.3..5.0) * HOUR as f64, random.within(0.08..0.3)),
        age: DAY,
        ..Service::steady(sum(&[&core(random, 1.0), &season(random, 0.0..0.12)]))
    };
    Story::healthy(&service, SIZED, random)
}

/// Users come, and memory with them, far below the limit.
fn organic_growth(random: &mut Random) -> Story {
    let growth = random.within(0.02..0.06);
    let trend: Vec<f64> = (0..TICKS).map(|tick| growth * tick as f64 / TICKS as f64).collect();
    let season = season(random, 0.02..0.12);
    let grown: Vec<f64> =
        season.iter().enumerate().map(|(i, load)| load * (1.0 + 0.6 * i as f64 / TICKS as f64)).collect();
    let needs = sum(&[&core(random, 0.7), &grown, &trend]);
    steady(random, needs)
}

/// A log or an index grows for a week and is rotated.
fn weekly_rotation(random: &mut Random) -> Story {
    let (amount, shift) = (random.within(0.08..0.25), random.pick(0..7 * DAY));
    let log: Vec<f64> =
        (0..TICKS).map(|tick| amount * ((tick + shift) % (7 * DAY)) as f64 / (7 * DAY) as f64).collect();
    let needs = sum(&[&core(random, 0.4), &season(random, 0.0..0.1), &log]);
    steady(random, needs)
}

/// Nothing but gaps; the recording adds more of them.
fn scrape_gaps(random: &mut Random) -> Story {
    let needs = sum(&[&core(random, 1.0), &season(random, 0.05..0.25)]);
    let mut story = steady(random, needs);
    for _ in 0..random.pick(5..15) {
        let at = random.pick(0..TICKS);
        let to = (at + random.pick(HOUR..DAY)).min(TICKS);
        story.lost.push(at..to);
    }
    story
}

/// Sessions fill a store up to its bound, then the oldest goes.
fn bounded_sessions(random: &mut Random) -> Story {
    let count = random.pick(1..4);
    let service = Service {
        restarts: moments(random, DAY..TICKS, count),
        warm: |age, tau, amount| amount * f64::min(age as f64 / tau, 1.0),
        warm_by: (random.within(0.3..2.0) * DAY as f64, random.within(0.08..0.25)),
        age: random.pick(0..4 * DAY),
        ..Service::steady(sum(&[&core(random, 0.5), &season(random, 0.0..0.12)]))
    };
    Story::healthy(&service, SIZED, random)
}

/// A heap that is collected only when it is full: hours and days of rise, and back to the same floor.
fn lazy_collections(random: &mut Random) -> Story {
    let (height, length) = (random.within(0.2..0.6), random.within(2.0..72.0) * HOUR as f64);
    let needs = sum(&[&core(random, 0.2), &season(random, 0.0..0.06), &ramps(random, TICKS, height, length)]);
    steady(random, needs)
}

/// "Used" memory that counts the page cache: it fills up and stays.
fn page_cache(random: &mut Random) -> Story {
    let mut small = core(random, 0.1);
    let fill = random.within(0.3..2.5) * DAY as f64;
    let full = random.within(0.86..0.92);
    for (tick, need) in small.iter_mut().enumerate() {
        *need = f64::min(*need + (full - *need) * tick as f64 / fill, full);
    }
    let noise = parts::gauss_noise(random, TICKS, 0.003);
    let needs = sum(&[&small, &noise]);
    steady(random, needs)
}
