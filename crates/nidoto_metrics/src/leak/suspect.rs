//! `suspect`: over two days the floor rises more often than chance would have it.

use super::found::{Found, Tier, is_gradual, reach, usual_high};
use super::history::{HOURS, History, USUAL};
use super::rise::Rise;

/// What rises by less in two days is of no interest.
const RISE_MIN: f64 = 4.0;
/// Hours behind a start that are warm-up.
const WARM_UP: usize = 2;
/// The interval of the time to the limit, early and late.
const SPREAD: (f64, f64) = (0.55, 1.8);

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
    let swing = history.swing(&rise.settled, USUAL);
    let (_, now) = *rise.points.last()?;
    Some(Found {
        tier: Tier::Suspect,
        slope,
        floor: now,
        swing,
        reach_h: reach(history, &rise.settled, now, slope, SPREAD),
        from: rise.from,
        lives: None,
    })
}
