//! `brink`: higher than ever, and hours from the limit. The last warning of what nothing else saw
//! coming, such as a leak that takes an afternoon.

use super::found::{COMES_AGAIN_H, Found, Tier, highest, usual_high};
use super::history::{HOURS, History};

/// A rise that is tried. Levels are percent of the limit.
struct Window {
    hours: usize,
    /// What rises by less is noise.
    rise_min: f64,
    /// Of the rise, one hour may hold so much, or it is a jump;
    jump_max: f64,
    /// so much may be taken back.
    fall_max: f64,
    /// Hours behind a start that are warm-up.
    warm_up: usize,
}

const fn short(hours: usize) -> Window {
    Window { hours, rise_min: 5.0, jump_max: 0.65, fall_max: 0.1, warm_up: 0 }
}

/// More hours are less even, and leave more room for what is none.
const fn long(hours: usize) -> Window {
    Window { hours, rise_min: 8.0, jump_max: 0.35, fall_max: 0.25, warm_up: 3 }
}

const WINDOWS: [Window; 5] = [short(3), short(5), long(8), long(12), long(24)];
/// Nothing is told further ahead than this share of the hours that rose.
const AHEAD: f64 = 0.8;
/// The hours that must be known before.
const BEFORE_MIN: usize = 48;
/// The later half must hold half of its share of the rise, or it ends.
const LATE_MIN: f64 = 0.5;
/// How far the floor must stand above the usual peaks
const NEW_PEAK: f64 = 3.0;
/// or, where peaks say nothing, above the usual floors,
const NEW_HIGH: f64 = 10.0;
/// which an hour's lowest value is where something is collected as often as this, in hours.
const RHYTHM_MAX: usize = 3;
/// Peaks below this are not near the limit, however fast they rise.
const PEAK_MIN: f64 = 88.0;

/// Looks for a rise of the last hours that is about to end at the limit.
pub fn look(history: &History) -> Option<Found> {
    let peak = history.peak[HOURS - 1];
    if peak.is_nan() || peak < PEAK_MIN {
        return None;
    }
    let is_known = |window: &&Window| history.known_hours() >= BEFORE_MIN + window.hours;
    WINDOWS.iter().filter(is_known).find_map(|window| within(history, window, peak))
}

fn within(history: &History, window: &Window, peak: f64) -> Option<Found> {
    let from = HOURS - 1 - window.hours;
    let now = history.floor[HOURS - 1];
    let is_warming_up = history.life() + window.warm_up > from;
    if is_warming_up || !is_steady(&history.floor[from..], window) || !is_new_high(history, from, now) {
        return None;
    }
    let slope = (now - history.floor[from]) / window.hours as f64;
    let found = at_the_brink(now, peak, slope, from);
    found.reach_h.is_some_and(|(_, reach_h, _)| reach_h <= AHEAD * window.hours as f64).then_some(found)
}

/// What is found where the floor stands so high and rises by so much an hour since `from`.
pub fn at_the_brink(now: f64, peak: f64, slope: f64, from: usize) -> Found {
    const EARLY: f64 = 0.5;
    const LATE: f64 = 2.0;
    let reach_h = (100.0 - peak).max(0.0) / slope;
    Found {
        tier: Tier::Brink,
        slope,
        floor: now,
        swing: peak - now,
        reach_h: Some((EARLY * reach_h, reach_h, LATE * reach_h + COMES_AGAIN_H)),
        from,
        lives: None,
        doubt: None,
    }
}

/// Hour by hour, neither one jump nor an end in sight. A quarter of the hours may be missing.
fn is_steady(floor: &[f64], window: &Window) -> bool {
    let known: Vec<f64> = floor.iter().copied().filter(|floor| floor.is_finite()).collect();
    let has_ends = floor.first().is_some_and(|first| first.is_finite()) && floor[floor.len() - 1].is_finite();
    if !has_ends || 4 * known.len() < 3 * floor.len() {
        return false;
    }
    let rises: Vec<f64> = known.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let rise: f64 = rises.iter().sum();
    let late = &rises[rises.len().div_ceil(2)..];
    let fallen: f64 = rises.iter().filter(|rise| **rise < 0.0).sum();
    rise >= window.rise_min
        && highest(&rises).is_some_and(|largest| largest <= window.jump_max * rise)
        && -fallen <= window.fall_max * rise
        && late.iter().sum::<f64>() >= LATE_MIN * rise * late.len() as f64 / rises.len() as f64
}

fn is_new_high(history: &History, from: usize, now: f64) -> bool {
    let peaks = history.usual_peak(0..from, 0.995).map(|peak| peak + NEW_PEAK);
    let is_floor = history.rhythm.is_some_and(|rhythm| rhythm <= RHYTHM_MAX);
    let floors = usual_high(&history.floor[..from]).filter(|_| is_floor).map(|floor| floor + NEW_HIGH);
    peaks.or(floors).is_some_and(|past| now >= past)
}
