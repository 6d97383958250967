//! The former test half's healthy services.

use crate::detect::generate::parts::{
    self, Load, bursty_noise, generations, level, moments, scaled, sum, two_peak_days, weekday,
};
use crate::detect::generate::service::{DAY, HOUR, Service, Story, ticks};
use crate::detect::generate::{Family, Half, PAGE_CACHE};
use crate::detect::random::Random;

pub const FAMILIES: [Family; 17] = [
    Family { name: "generations", tell: generations_only },
    Family { name: "two-peaks", tell: two_peaks },
    Family { name: "many-deploys", tell: many_deploys },
    Family { name: "long-tailed-cache", tell: long_tailed_cache },
    Family { name: "flags-on-and-off", tell: flags_on_and_off },
    Family { name: "walk-that-returns", tell: walk_that_returns },
    Family { name: "nights-and-sundays", tell: nights_and_sundays },
    Family { name: "crashes", tell: crashes },
    Family { name: "growing-with-users", tell: growing_with_users },
    Family { name: "compaction", tell: compaction },
    Family { name: "month-end", tell: month_end },
    Family { name: "blind-days", tell: blind_days },
    Family { name: "sessions-by-age", tell: sessions_by_age },
    Family { name: "bursts", tell: bursts },
    Family { name: "scaled-out-and-in", tell: scaled_out_and_in },
    Family { name: "old-generation", tell: old_generation },
    Family { name: PAGE_CACHE, tell: page_cache },
];

/// Healthy services have their highest there, as shares of the limit.
const SIZED: std::ops::Range<f64> = 0.3..0.98;
const TICKS: usize = ticks(Half::Former);

fn core(random: &mut Random, load: &Load, calm: f64) -> Vec<f64> {
    let (height, length) = (random.within(0.015..0.2) * calm, random.within(3.0..140.0));
    let sigma = random.within(0.001..0.009);
    let (collections, noise) = (generations(random, load, height, length), bursty_noise(random, TICKS, sigma));
    sum(&[&level(TICKS, random.within(0.1..0.5)), &collections, &noise])
}

/// The core and a season of its load.
fn usual(random: &mut Random, calm: f64, season: std::ops::Range<f64>) -> (Load, Vec<f64>) {
    let load = two_peak_days(random, TICKS);
    let needs = sum(&[&core(random, &load, calm), &scaled(&load, random.within(season))]);
    (load, needs)
}

fn steady(random: &mut Random, needs: Vec<f64>) -> Story {
    let age = random.pick(0..30 * DAY);
    Story::healthy(&Service { age, ..Service::steady(needs) }, SIZED, random)
}

fn generations_only(random: &mut Random) -> Story {
    let (_, needs) = usual(random, 1.3, 0.0..0.05);
    steady(random, needs)
}

fn two_peaks(random: &mut Random) -> Story {
    let (_, needs) = usual(random, 0.3, 0.1..0.4);
    steady(random, needs)
}

fn logistic(age: usize, tau: f64, amount: f64) -> f64 {
    let rise = |age: f64| 1.0 / (1.0 + (-(age - 2.0 * tau) / (0.5 * tau)).exp());
    amount * (rise(age as f64) - rise(0.0)) / (1.0 - rise(0.0))
}

/// Deployed in office hours, up to twelve times; warm-up has the shape of an S.
fn many_deploys(random: &mut Random) -> Story {
    let (_, needs) = usual(random, 0.8, 0.0..0.14);
    let count = random.pick(3..13);
    let mut restarts: Vec<usize> = (0..count)
        .map(|_| random.pick(0..TICKS / DAY) * DAY + random.pick(10 * HOUR..18 * HOUR))
        .filter(|tick| weekday(*tick) < 5)
        .collect();
    restarts.sort_unstable();
    let warm_by = (random.within(1.0..20.0) * HOUR as f64, random.within(0.08..0.35));
    let age = random.pick(0..10 * DAY);
    let service = Service { restarts, warm: logistic, warm_by, age, ..Service::steady(needs) };
    Story::healthy(&service, SIZED, random)
}

/// Rare keys keep coming in for days: the fill has a long tail.
fn long_tailed_cache(random: &mut Random) -> Story {
    let (_, needs) = usual(random, 0.5, 0.0..0.1);
    let service = Service {
        restarts: vec![random.pick(0..4 * DAY)],
        warm: |age, tau, amount| amount * (1.0 - (1.0 + age as f64 / tau).powf(-0.9)),
        warm_by: (random.within(2.0..20.0) * HOUR as f64, random.within(0.12..0.4)),
        ..Service::steady(needs)
    };
    Story::healthy(&service, SIZED, random)
}

/// Levels come and go with feature flags, without a restart.
fn flags_on_and_off(random: &mut Random) -> Story {
    let (_, mut needs) = usual(random, 0.8, 0.0..0.14);
    for _ in 0..random.pick(1..5) {
        let (at, step) = (random.pick(DAY..TICKS), random.within(0.02..0.2));
        let to = if random.chance(0.6) { (at + random.pick(DAY / 2..8 * DAY)).min(TICKS) } else { TICKS };
        for need in &mut needs[at..to] {
            *need += step;
        }
    }
    steady(random, needs)
}

/// A walk with inertia: it drifts for days and turns.
fn walk_that_returns(random: &mut Random) -> Story {
    let (_, needs) = usual(random, 0.5, 0.0..0.14);
    let tau = random.within(4.0..20.0) * HOUR as f64;
    let (once, sigma) = (parts::wander(random, TICKS, tau, 1.0), random.within(0.02..0.06));
    let mut smooth = 0.0;
    let walk: Vec<f64> = once
        .iter()
        .map(|x| {
            smooth += (x - smooth) / (0.5 * tau);
            1.6 * sigma * smooth
        })
        .collect();
    let needs = sum(&[&needs, &walk, &level(TICKS, 0.1)]);
    steady(random, needs)
}

/// A job every night, a larger one on Sundays; what they leave in memory goes slowly.
fn nights_and_sundays(random: &mut Random) -> Story {
    let (_, needs) = usual(random, 0.5, 0.0..0.14);
    let (hour, lasts, fade) = (random.pick(0..6) * HOUR, random.pick(4..40), random.within(0.9..0.99));
    let (nightly, weekly) = (random.within(0.05..0.3), random.within(0.1..0.35));
    let mut job = 0.0;
    let jobs: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let is_sunday = weekday(tick) == 6;
            let runs = (hour..hour + if is_sunday { 2 * lasts } else { lasts }).contains(&(tick % DAY));
            let aim = if is_sunday { nightly + weekly } else { nightly };
            job = if runs { job + (aim - job) * 0.15 } else { job * fade };
            job
        })
        .collect();
    steady(random, sum(&[&needs, &jobs]))
}

/// It crashes at random for reasons of its own and fills up to the same plateau each time.
fn crashes(random: &mut Random) -> Story {
    let (_, needs) = usual(random, 0.8, 0.0..0.12);
    let mean = random.within(6.0..72.0) * HOUR as f64;
    let mut restarts = Vec::new();
    let mut at = mean * random.wait();
    while (at as usize) < TICKS {
        restarts.push(at as usize);
        at += (mean * random.wait()).max(1.0);
    }
    let warm_by = (random.within(0.2..6.0) * HOUR as f64, random.within(0.08..0.3));
    let age = random.pick(0..DAY);
    Story::healthy(&Service { restarts, warm: logistic, warm_by, age, ..Service::steady(needs) }, SIZED, random)
}

/// Each week has a few per cent more users.
fn growing_with_users(random: &mut Random) -> Story {
    let (load, needs) = usual(random, 0.7, 0.0..0.05);
    let (season, per_week) = (random.within(0.05..0.2), random.within(0.02..0.09));
    let users = |tick: usize| (1.0 + per_week).powf(tick as f64 / (7 * DAY) as f64);
    let grown: Vec<f64> = (0..TICKS).map(|tick| (season * load[tick] + 0.15) * users(tick)).collect();
    steady(random, sum(&[&needs, &grown]))
}

/// A store grows for some days and is compacted; no two periods are alike.
fn compaction(random: &mut Random) -> Story {
    let (_, needs) = usual(random, 0.4, 0.0..0.12);
    let (days, amount) = (random.within(1.0..6.0), random.within(0.06..0.25));
    let (mut phase, mut length) = (random.unit(), days * DAY as f64);
    let mut store = Vec::with_capacity(TICKS);
    for _ in 0..TICKS {
        phase += 1.0 / length;
        if phase >= 1.0 {
            (phase, length) = (0.0, (days * random.lognormal(0.25)).min(8.0) * DAY as f64);
        }
        store.push(amount * phase);
    }
    steady(random, sum(&[&needs, &store]))
}

/// The last days of a month are busier than all others, once in the record.
fn month_end(random: &mut Random) -> Story {
    let (load, needs) = usual(random, 0.6, 0.05..0.15);
    let (from, days, more) = (random.pick(8 * DAY..22 * DAY), random.within(2.0..5.0), random.within(0.08..0.3));
    let peak: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let through = (tick as f64 - from as f64) / (days * DAY as f64);
            if (0.0..1.0).contains(&through) {
                more * (0.3 + 0.7 * load[tick]) * (4.0 * through * (1.0 - through)).sqrt()
            } else {
                0.0
            }
        })
        .collect();
    steady(random, sum(&[&needs, &peak]))
}

/// Scraping fails for hours and days.
fn blind_days(random: &mut Random) -> Story {
    let (_, needs) = usual(random, 1.0, 0.05..0.25);
    let mut story = steady(random, needs);
    for _ in 0..random.pick(4..12) {
        let at = random.pick(0..TICKS);
        let to = (at + random.pick(HOUR..3 * DAY)).min(TICKS);
        story.lost.push(at..to);
    }
    story
}

/// Sessions live for some days: the store follows the traffic of those days.
fn sessions_by_age(random: &mut Random) -> Story {
    let (load, needs) = usual(random, 0.6, 0.0..0.1);
    let (live, amount) = ((random.within(0.5..6.0) * DAY as f64) as usize, random.within(0.08..0.3));
    let count = random.pick(0..3);
    let restarts = moments(random, DAY..TICKS, count);
    let (mut held, mut born) = (0.0, 0);
    let mut store = Vec::with_capacity(TICKS);
    let mean = load.iter().sum::<f64>() / TICKS as f64;
    for tick in 0..TICKS {
        held += load[tick];
        if tick >= live && tick - live >= born {
            held -= load[tick - live];
        }
        store.push(amount * held / (mean * live as f64) * 0.8);
        if restarts.contains(&tick) {
            (held, born) = (0.0, tick + 1);
        }
    }
    Story::healthy(&Service { restarts, ..Service::steady(sum(&[&needs, &store])) }, SIZED, random)
}

/// Large requests take much and give it back within hours.
fn bursts(random: &mut Random) -> Story {
    let (_, needs) = usual(random, 0.6, 0.0..0.14);
    let (per_tick, keep) = (random.within(0.3..4.0) / DAY as f64, random.within(0.93..0.995));
    let (size, mut held) = (random.within(0.03..0.12), 0.0);
    let held: Vec<f64> = (0..TICKS)
        .map(|_| {
            held *= keep;
            if random.chance(per_tick) {
                held = f64::min(held + size * random.lognormal(0.7), 0.4);
            }
            held
        })
        .collect();
    steady(random, sum(&[&needs, &held]))
}

/// One of several instances: its share falls when another one joins.
fn scaled_out_and_in(random: &mut Random) -> Story {
    let (load, needs) = usual(random, 0.6, 0.0..0.04);
    let (most, amount) = (random.within(1.5..6.0), random.within(0.1..0.35));
    let (mut instances, mut share) = (1.0, 0.0);
    let shares: Vec<f64> = load
        .iter()
        .map(|load| {
            let wanted = load * most;
            if wanted > 0.9 * instances {
                instances += 1.0;
            } else if instances > 1.0 && wanted < 0.5 * (instances - 1.0) {
                instances -= 1.0;
            }
            share += (wanted / instances - share) * 0.1;
            amount * share
        })
        .collect();
    steady(random, sum(&[&needs, &shares]))
}

/// What outlives the young collections waits for a full one, for hours or days, longer when there is less to do.
fn old_generation(random: &mut Random) -> Story {
    let (load, needs) = usual(random, 0.2, 0.0..0.06);
    let (height, length) = (random.within(0.2..0.65), random.within(10.0..200.0));
    let old = generations(random, &load, height, length);
    steady(random, sum(&[&needs, &old]))
}

/// "Used" memory that counts the page cache: backups and logs fill it, and somebody drops it now and then.
fn page_cache(random: &mut Random) -> Story {
    let load = two_peak_days(random, TICKS);
    let small = core(random, &load, 0.1);
    let (per_tick, full) = (random.within(0.1..0.6) / DAY as f64, random.within(0.84..0.92));
    let (nightly, drop) = (random.within(0.02..0.15), random.within(0.0..0.3) / DAY as f64);
    let mut cache = 0.0;
    let used: Vec<f64> = (0..TICKS)
        .map(|tick| {
            cache += per_tick * load[tick] + if tick % DAY < HOUR { nightly / HOUR as f64 } else { 0.0 };
            if random.chance(drop) {
                cache *= 0.2;
            }
            cache = f64::min(cache, full - small[tick]).max(0.0);
            small[tick] + cache
        })
        .collect();
    steady(random, used)
}
