//! `brink`: higher than ever, and hours from the limit. The last warning of what nothing else saw
//! coming, such as a leak that takes an afternoon.

use super::found::{Found, Tier, highest, usual_high};
use super::history::{HOURS, History};

/// The rises that are tried, in hours. Nothing is told further ahead than four fifths of them.
const WINDOWS: [usize; 2] = [3, 5];
const AHEAD: f64 = 0.8;
/// The hours that must be known before.
const BEFORE_MIN: usize = 48;
/// What rises by less is noise.
const RISE_MIN: f64 = 5.0;
/// Of the rise, one hour may hold so much, or it is a jump;
const JUMP_MAX: f64 = 0.65;
/// so much may be taken back;
const FALL_MAX: f64 = 0.1;
/// and the later half must hold half of its share, or it ends.
const LATE_MIN: f64 = 0.5;
/// How far the floor must stand above the usual peaks
const NEW_PEAK: f64 = 3.0;
/// or, where peaks say nothing, above the usual floors.
const NEW_HIGH: f64 = 10.0;
/// Peaks below this are not near the limit, however fast they rise.
const PEAK_MIN: f64 = 85.0;
/// The interval of the time to the limit, early and late, and what an hour's grain adds.
const SPREAD: (f64, f64) = (0.5, 2.0);
const GRAIN_H: f64 = 1.0;

/// Looks for a rise of the last hours that is about to end at the limit.
pub fn look(history: &History) -> Option<Found> {
    let peak = history.peak[HOURS - 1];
    let is_near = peak >= PEAK_MIN && history.known_hours() >= BEFORE_MIN + WINDOWS[0];
    is_near.then(|| WINDOWS.into_iter().find_map(|hours| within(history, hours, peak))).flatten()
}

fn within(history: &History, hours: usize, peak: f64) -> Option<Found> {
    let from = HOURS - 1 - hours;
    let now = history.floor[HOURS - 1];
    if history.life() > from || !is_steady(&history.floor[from..]) || !is_new_high(history, from, now) {
        return None;
    }
    let slope = (now - history.floor[from]) / hours as f64;
    let reach_h = (100.0 - peak).max(0.0) / slope;
    (reach_h <= AHEAD * hours as f64).then_some(Found {
        tier: Tier::Brink,
        slope,
        floor: now,
        swing: peak - now,
        reach_h: Some((SPREAD.0 * reach_h, reach_h, SPREAD.1 * reach_h + GRAIN_H)),
        from,
        lives: None,
    })
}

/// Hour by hour, neither one jump nor an end in sight. False with a gap.
fn is_steady(floor: &[f64]) -> bool {
    let rises: Vec<f64> = floor.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let rise: f64 = rises.iter().sum();
    let late = &rises[rises.len().div_ceil(2)..];
    let fallen: f64 = rises.iter().filter(|rise| **rise < 0.0).sum();
    rise >= RISE_MIN
        && highest(&rises).is_some_and(|largest| largest <= JUMP_MAX * rise)
        && -fallen <= FALL_MAX * rise
        && late.iter().sum::<f64>() >= LATE_MIN * rise * late.len() as f64 / rises.len() as f64
}

fn is_new_high(history: &History, from: usize, now: f64) -> bool {
    let peaks = history.usual_peak(0..from, 0.995).map(|peak| peak + NEW_PEAK);
    // An hour's lowest value is a floor only where something is collected each hour.
    let is_floor = history.rhythm.is_some_and(|rhythm| rhythm <= WINDOWS[0]);
    let floors = usual_high(&history.floor[..from]).filter(|_| is_floor).map(|floor| floor + NEW_HIGH);
    peaks.or(floors).is_some_and(|past| now >= past)
}
