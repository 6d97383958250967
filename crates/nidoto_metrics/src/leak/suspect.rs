//! `suspect`: over two days the floor rises more often than chance would have it.

use super::found::{Found, Tier, is_gradual, known, reach, usual_high};
use super::history::{HOURS, History, USUAL};
use crate::stats::{mann_kendall, theil_sen};

/// The hours that are looked at.
const WINDOW: usize = 48;
/// Of them, so many must be known.
const KNOWN_MIN: usize = 36;
/// One in a thousand by chance (two-sided), hours being independent, which they are not: hence low severity.
const Z_MIN: f64 = 3.29;
/// What rises by less is of no interest.
const RISE_MIN: f64 = 4.0;
/// Hours behind a start that are warm-up.
const WARM_UP: usize = 2;
/// The interval of the time to the limit, early and late.
const SPREAD: (f64, f64) = (0.55, 1.8);

/// Looks for a rise that may become a leak.
pub fn look(history: &History) -> Option<Found> {
    let life = history.life();
    let from = (if life > 0 { life + WARM_UP } else { 0 }).max(HOURS - WINDOW);
    let settled = history.settled(history.rhythm?);
    let floor = settled.get(from..)?;
    let points = known(floor);
    let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    if values.len() < KNOWN_MIN || mann_kendall(&values) <= Z_MIN {
        return None;
    }
    let slope = theil_sen(&points, 1.28)?;
    if slope.mid * WINDOW as f64 <= RISE_MIN || !is_gradual(floor, slope.mid) {
        return None;
    }
    // What the floor has reached before is no news.
    if usual_high(&history.floor[..from]).is_some_and(|past| settled[HOURS - 1] <= past) {
        return None;
    }
    let swing = history.swing(&settled, USUAL);
    let now = *values.last()?;
    Some(Found {
        tier: Tier::Suspect,
        slope: slope.mid,
        floor: now,
        swing,
        reach_h: reach(history, &settled, now, slope.mid, SPREAD),
        from,
        lives: None,
    })
}
