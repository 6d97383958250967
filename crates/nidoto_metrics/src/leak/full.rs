//! `brink`, the slow kind: hardly anything is left, more is used than ever, and more than yesterday.
//! The last warning of what rose too slowly or too unevenly for any other look, such as a heap that
//! is collected late.

use super::brink::at_the_brink;
use super::found::{Found, highest, middle};
use super::history::{HOURS, History};

/// The lowest values of the last hours are above this.
const FULL: f64 = 88.0;
const LAST_H: usize = 3;
/// How far they stand above the peaks before the last day, but for the strangest.
const NEW_PEAK: f64 = 3.0;
const PEAKS: f64 = 0.995;
/// The least rise in a day,
const RISE_MIN: f64 = 3.0;
/// of which the later half must hold this share,
const LATE_MIN: f64 = 0.3;
/// and one jump at most this.
const JUMP_MAX: f64 = 0.65;
/// The limit is reached within this many hours.
const WITHIN_H: f64 = 36.0;
/// The hours that must be known, and those behind a start that are warm-up and a day.
const KNOWN_MIN: usize = 48;
const LIFE_MIN: usize = 26;

/// With peaks from here on nothing is waited for,
const LAST_PEAK: f64 = 97.0;
/// if so many hours are known
const LAST_KNOWN_MIN: usize = 72;
/// and the floor stands above all peaks but those of the last half day.
const LAST_GAP: usize = 12;

/// Looks for something that is nearly full.
pub fn look(history: &History) -> Option<Found> {
    filling(history).or_else(|| last_moment(history))
}

/// More than ever, and next to nothing left, however it came there. A heap that was never collected at
/// large says nothing by being full.
fn last_moment(history: &History) -> Option<Found> {
    let (now, peak) = (history.floor[HOURS - 1], history.peak[HOURS - 1]);
    let is_known = || history.known_hours() >= LAST_KNOWN_MIN && history.life() + LAST_GAP <= HOURS;
    if peak < LAST_PEAK || peak.is_nan() || history.rhythm.is_none() || !is_known() {
        return None;
    }
    let past = highest(&history.peak[..HOURS - LAST_GAP])?;
    let from = (HOURS - LAST_GAP..HOURS).find(|i| history.floor[*i].is_finite())?;
    let slope = (now - history.floor[from]) / (HOURS - from) as f64;
    (now >= past && slope > 0.0).then(|| at_the_brink(now, peak, slope, from))
}

/// Hardly anything is left, and it has been filling for a day.
fn filling(history: &History) -> Option<Found> {
    let last = &history.floor[HOURS - LAST_H..];
    let is_full = last.iter().all(|floor| *floor >= FULL);
    if !is_full || history.known_hours() < KNOWN_MIN || history.life() + LIFE_MIN > HOURS {
        return None;
    }
    let now = middle(last)?;
    let mut past: Vec<f64> = history.peak[..HOURS - 24].iter().copied().filter(|peak| peak.is_finite()).collect();
    let before = |hours: usize| middle(&history.floor[HOURS - hours - LAST_H..HOURS - hours]);
    let (rise, late) = (now - before(24)?, now - before(12)?);
    let is_news = now >= crate::stats::quantile(&mut past, PEAKS)? + NEW_PEAK;
    let day = &history.floor[HOURS - 24 - LAST_H..];
    if !is_news || rise < RISE_MIN || late < LATE_MIN * rise || largest_jump(day) > JUMP_MAX * rise {
        return None;
    }
    let found = at_the_brink(now, history.peak[HOURS - 1], rise / 24.0, HOURS - 24);
    found.reach_h.is_some_and(|(_, reach_h, _)| reach_h <= WITHIN_H).then_some(found)
}

/// How far some hours stand above as many before them, at most.
fn largest_jump(floor: &[f64]) -> f64 {
    let jump = |hours: &[f64]| Some(middle(&hours[LAST_H..])? - middle(&hours[..LAST_H])?);
    floor.windows(2 * LAST_H).filter_map(jump).fold(0.0, f64::max)
}
