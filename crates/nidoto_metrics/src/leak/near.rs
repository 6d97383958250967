//! `slow`, the near kind: a rise of two days that reaches the limit within a day and a half.

use super::found::{Found, Tier, highest, is_gradual, middle, reach, usual_high};
use super::history::{HOURS, History, USUAL};
use super::rise::Rise;
use crate::stats::theil_sen;

/// Hours behind a start that are warm-up.
const WARM_UP: usize = 3;
/// The limit is reached within this many hours.
const WITHIN_H: f64 = 36.0;
/// Or within so many while it is too early to know what is usual.
const YOUNG_WITHIN_H: f64 = 24.0;
/// What rises by less is left to the slower looks.
const RISE_MIN: f64 = 10.0;
/// How much of its pace the rise must have kept from the first half to the second.
const PACE_MIN: f64 = 0.7;
/// So many hours before the window must be known: a rise since the beginning may be a rhythm.
const BEFORE_MIN: usize = 24;
/// How far above all of the time before the floor must stand.
const NEW_HIGH: f64 = 5.0;
/// The interval of the time to the limit, early and late.
const SPREAD: (f64, f64) = (0.78, 2.1);

/// Looks for a rise that is still young and will not wait.
pub fn look(history: &History) -> Option<Found> {
    let rise = Rise::of(history, WARM_UP)?;
    let (floor, slope) = (rise.floor(), rise.slope.mid);
    let is_much = rise.slope.low > 0.0 && slope * floor.len() as f64 >= RISE_MIN;
    if !is_much || !is_gradual(floor, slope) || !is_new_high(history, &rise) {
        return None;
    }
    let swing = history.swing(&rise.settled, USUAL);
    let now = highest(&floor[floor.len() - 3..])?;
    let head = history.head(now, swing);
    let within_h = if history.is_young() { YOUNG_WITHIN_H } else { WITHIN_H };
    let is_near = head / slope <= within_h && carries_on(&rise.points, head);
    is_near.then(|| Found {
        tier: Tier::Slow,
        slope,
        floor: now,
        swing,
        reach_h: reach(history, &rise.settled, now, slope, SPREAD),
        from: rise.from,
        lives: None,
        doubt: None,
    })
}

fn is_new_high(history: &History, rise: &Rise) -> bool {
    let before = history.known_hours().saturating_sub(HOURS - rise.from);
    let past = usual_high(&history.floor[..rise.from.saturating_sub(WARM_UP)]);
    let now = middle(&rise.settled[HOURS - 3..]);
    before >= BEFORE_MIN && now.zip(past).is_some_and(|(now, past)| now > past + NEW_HIGH)
}

/// The rise keeps its pace, and would not end below the limit if it slowed as it did.
fn carries_on(points: &[(f64, f64)], head: f64) -> bool {
    let half = points.len() / 2;
    let slope = |points: &[(f64, f64)]| theil_sen(points, 1.28).map(|slope| slope.mid);
    let (Some(first), Some(second)) = (slope(&points[..half]), slope(&points[half..])) else { return false };
    if first <= 0.0 || second <= 0.0 {
        return false;
    }
    let keeps = (second / first).min(1.0);
    keeps >= PACE_MIN && (keeps >= 0.97 || second * half as f64 * keeps / (1.0 - keeps) >= head)
}
