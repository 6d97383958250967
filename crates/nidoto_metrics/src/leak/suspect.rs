//! `suspect`: over two days the floor rises more often than chance would have it. With no time left
//! for being unsure it is `slow`.

use super::found::{Found, HOLD_H_MAX, Tier, highest, is_gradual, reach, usual_high};
use super::history::{HOURS, History, USUAL};
use super::rise::Rise;

/// What rises by less in two days is of no interest.
const RISE_MIN: f64 = 4.0;
/// Usual peaks above this are close to the limit,
const FULL: f64 = 88.0;
/// and reach it within this many hours.
const FULL_WITHIN_H: f64 = 48.0;
/// Peaks from here on leave no room for a suspicion.
const NO_ROOM: f64 = 94.0;
/// Hours behind a start that are warm-up.
const WARM_UP: usize = 2;
/// The interval of the time to the limit, early and late.
const SPREAD: (f64, f64) = (0.47, 2.1);

/// Looks for a rise that may become a leak.
pub fn look(history: &History) -> Option<Found> {
    let rise = Rise::of(history, WARM_UP)?;
    let slope = rise.slope.mid;
    if slope * 48.0 <= RISE_MIN || !is_gradual(rise.floor(), slope) {
        return None;
    }
    // What the floor has reached before is no news.
    if usual_high(&history.floor[..rise.from]).is_some_and(|past| rise.settled[HOURS - 1] <= past) {
        return None;
    }
    let (_, now) = *rise.points.last()?;
    let is_full = is_nearly_full(history, &rise, now);
    Some(Found {
        tier: if is_full { Tier::Slow } else { Tier::Suspect },
        slope,
        floor: now,
        swing: history.swing(&rise.settled, USUAL),
        reach_h: reach(history, &rise.settled, now, slope, SPREAD),
        from: rise.from,
        lives: None,
        doubt: None,
    })
}

/// Whether there is no time left for being unsure: no room at all, or usual peaks stand where hardly
/// any stood before, close to the limit, and reach it within two days. Young processes and heaps that
/// are collected late come close while they are well.
fn is_nearly_full(history: &History, rise: &Rise, now: f64) -> bool {
    if !history.is_collected_often() {
        return false;
    }
    let has_no_room = history.peak[HOURS - HOLD_H_MAX..].iter().any(|peak| *peak >= NO_ROOM);
    if has_no_room || history.is_young() {
        return has_no_room;
    }
    let top = now + history.swing(&rise.settled, 0.75);
    let past = highest(&history.peak[..rise.from]).unwrap_or(0.0);
    top >= FULL && top >= past && history.head(now, top - now) / rise.slope.mid <= FULL_WITHIN_H
}
