//! What series are made of. The training half uses the first of each pair, the former test half the second.

use std::f64::consts::TAU;

use super::service::{DAY, HOUR};
use crate::detect::random::Random;

/// Load by tick, 0 to 1.
pub type Load = Vec<f64>;

fn hour_of(tick: usize) -> f64 {
    (tick % DAY) as f64 / HOUR as f64
}

/// 0 is Monday.
pub fn weekday(tick: usize) -> usize {
    tick / DAY % 7
}

/// A day like a sine above a floor; weekends are weaker.
pub fn sine_days(random: &mut Random, ticks: usize) -> Load {
    let (shift, weekend) = (random.within(-3.0..3.0), random.within(0.3..1.0));
    let load = |tick| {
        let wave = ((hour_of(tick) - 8.0 + shift) / 24.0 * TAU).sin().clamp(0.0, 1.0);
        (0.35 + 0.65 * wave) * if weekday(tick) >= 5 { weekend } else { 1.0 }
    };
    (0..ticks).map(load).collect()
}

/// A day with two peaks of unequal height and width; each day has a mood, holidays happen.
pub fn two_peak_days(random: &mut Random, ticks: usize) -> Load {
    let peaks =
        [(random.within(10.0..14.0), random.within(1.5..3.5)), (random.within(18.0..22.5), random.within(1.0..2.5))];
    let (second, night, weekend) = (random.within(0.4..1.4), random.within(0.05..0.25), random.within(0.15..1.3));
    let moods: Vec<f64> =
        (0..=ticks / DAY).map(|_| if random.chance(0.03) { weekend } else { random.lognormal(0.08) }).collect();
    let raw = |tick: usize| {
        let bump = |(centre, width): (f64, f64)| {
            let apart = (hour_of(tick) - centre + 36.0) % 24.0 - 12.0;
            (-(apart / width).powi(2) / 2.0).exp()
        };
        let week = if weekday(tick) >= 5 { weekend } else { 1.0 };
        (night + bump(peaks[0]) + second * bump(peaks[1])) * week * moods[tick / DAY]
    };
    let raw: Vec<f64> = (0..ticks).map(raw).collect();
    let top = raw.iter().copied().fold(0.0, f64::max);
    raw.into_iter().map(|load| load / top).collect()
}

/// Collections free everything at once: ramps of even height and unsteady length.
pub fn ramps(random: &mut Random, ticks: usize, height: f64, length: f64) -> Vec<f64> {
    let (mut phase, mut now) = (0.0, length);
    let mut out = Vec::with_capacity(ticks);
    for _ in 0..ticks {
        out.push(height * phase / now);
        phase += 1.0;
        if phase >= now {
            (phase, now) = (0.0, f64::max(2.0, length * random.within(0.6..1.4)));
        }
    }
    out
}

/// Two generations: small collections leave something behind, rare large ones free it. Allocation follows the load.
pub fn generations(random: &mut Random, load: &Load, height: f64, length: f64) -> Vec<f64> {
    let mean = load.iter().sum::<f64>() / load.len() as f64;
    let (promoted, mut young, mut old) = (random.within(0.1..0.5), 0.0, 0.0);
    let young_size = height * random.within(0.15..0.4);
    let mut full = height * random.lognormal(0.15);
    let per_tick = young_size * 4.0 / length;
    let mut out = Vec::with_capacity(load.len());
    for now in load {
        young += per_tick * (0.3 + 0.7 * now / mean) * random.lognormal(0.5);
        while young > young_size {
            young -= young_size;
            old += promoted * young_size;
        }
        if old + young > full {
            (old, young) = (0.0, 0.0);
            full = height * random.lognormal(0.15);
        }
        out.push(old + young);
    }
    out
}

/// White and slowly varying Gaussian noise.
pub fn gauss_noise(random: &mut Random, ticks: usize, sigma: f64) -> Vec<f64> {
    let slow = wander(random, ticks, 24.0, sigma);
    slow.into_iter().map(|slow| slow + sigma * random.normal()).collect()
}

/// Heavy tails, and bursts that fade within the hour, as of a large request.
pub fn bursty_noise(random: &mut Random, ticks: usize, sigma: f64) -> Vec<f64> {
    let (per_tick, fade) = (random.within(0.002..0.02), random.within(0.4..0.9));
    let (mut burst, mut slow) = (0.0, 0.0);
    let mut out = Vec::with_capacity(ticks);
    for _ in 0..ticks {
        burst *= fade;
        if random.chance(per_tick) {
            burst += sigma * 4.0 * random.lognormal(0.8);
        }
        slow = 0.97 * slow + 0.25 * sigma * random.student();
        out.push(burst + slow + 0.5 * sigma * random.student());
    }
    out
}

/// A random walk that returns (Ornstein and Uhlenbeck), by its time scale in ticks and its deviation.
pub fn wander(random: &mut Random, ticks: usize, tau: f64, sigma: f64) -> Vec<f64> {
    let keep = (-1.0 / tau).exp();
    let kick = sigma * (1.0 - keep * keep).sqrt();
    let mut x = sigma * random.normal();
    let mut out = Vec::with_capacity(ticks);
    for _ in 0..ticks {
        x = keep * x + kick * random.normal();
        out.push(x);
    }
    out
}

/// Ticks of restarts: on the given days at about an hour.
pub fn daily(ticks: usize, hour: f64, on: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..ticks / DAY).filter(|day| on(*day)).map(|day| day * DAY + (hour * HOUR as f64) as usize).collect()
}

/// Some ticks at random, in order.
pub fn moments(random: &mut Random, ticks: std::ops::Range<usize>, count: usize) -> Vec<usize> {
    let mut all: Vec<usize> = (0..count).map(|_| random.pick(ticks.clone())).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Sums of parts, tick by tick.
pub fn sum(parts: &[&[f64]]) -> Vec<f64> {
    (0..parts[0].len()).map(|tick| parts.iter().map(|part| part[tick]).sum()).collect()
}

/// A part as many times as large.
pub fn scaled(part: &[f64], factor: f64) -> Vec<f64> {
    part.iter().map(|value| value * factor).collect()
}

/// A level at every tick.
pub fn level(ticks: usize, value: f64) -> Vec<f64> {
    vec![value; ticks]
}

/// `rate` from a tick on, before it nothing.
pub fn from(ticks: usize, onset: usize, rate: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..ticks).map(|tick| if tick < onset { 0.0 } else { rate(tick - onset) }).collect()
}
