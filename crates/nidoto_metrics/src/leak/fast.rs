//! `fast`: the limit is reached within a day.

use super::found::{COMES_AGAIN_H, Found, Tier, highest, is_gradual, known, middle, reach, usual_high};
use super::history::{HOURS, History};
use crate::stats::{Slope, theil_sen};

/// A day from now is tomorrow's problem.
const WITHIN_H: f64 = 24.0;
/// The hours that must be known before anything is unusual.
const KNOWN_MIN: usize = 72;
/// What is left of time when a short history is no excuse.
const SOON_H: f64 = 4.0;
/// The windows that are tried, in hours.
const WINDOWS: [usize; 2] = [12, 24];
/// What rises by less within its window is noise.
const RISE_MIN: f64 = 5.0;
/// Hours behind a start that are warm-up.
const WARM_UP: usize = 2;
/// The days whose same hours are compared.
const DAYS_BACK: [usize; 4] = [1, 2, 3, 7];
/// Of the slope, this share must be more than on those days.
const EXCESS_MIN: f64 = 0.6;
/// How far above the floors of the last week the floor must stand,
const NEW_HIGH: f64 = 5.0;
/// and above their peaks.
const NEW_PEAK: f64 = 1.0;
/// The interval of the time to the limit, early and late.
const SPREAD: (f64, f64) = (0.5, 1.3);

/// Looks for a fast leak.
pub fn look(history: &History) -> Option<Found> {
    let rhythm = history.rhythm?;
    // Where nothing rises by this much there is nothing to compute.
    let floor = &history.floor;
    let now = middle(&floor[HOURS - 3..])?;
    let lowest = super::found::lowest(&floor[HOURS - 24..])?;
    if now - lowest < RISE_MIN / 2.0 {
        return None;
    }
    // A rise between two collections is none of the floor.
    WINDOWS.into_iter().filter(|hours| rhythm <= *hours).find_map(|hours| within(history, hours))
}

fn within(history: &History, hours: usize) -> Option<Found> {
    let life = history.life();
    let from = if life > 0 { life + WARM_UP } else { 0 }.max(HOURS - hours);
    let floor = history.floor.get(from..)?;
    if floor.len() < 6 || history.known_hours() < KNOWN_MIN {
        return None;
    }
    let slope = slope_of(floor).filter(|slope| is_gradual(floor, slope.mid))?;
    if slope.low <= 0.0 || slope.mid * (floor.len() as f64) < RISE_MIN || !is_unusual(history, from, slope.mid) {
        return None;
    }
    let swing = swing(history, from);
    let now = highest(&floor[floor.len() - 3..])?;
    let head = history.head(now, swing);
    let is_near = is_usual_known(history, slope.mid, head)
        && head / slope.mid <= WITHIN_H
        && carries_on(floor, head)
        && is_new_high(history, from, floor);
    is_near.then(|| Found {
        tier: Tier::Fast,
        slope: slope.mid,
        floor: now,
        swing,
        reach_h: reach(history, &history.floor, now, slope.mid, SPREAD)
            .map(|(early, mid, late)| (early, mid, late + COMES_AGAIN_H)),
        from,
        lives: None,
        doubt: None,
    })
}

/// How far the peaks of the rise itself stand above its floor.
fn swing(history: &History, from: usize) -> f64 {
    let swings = history.peak[from..].iter().zip(&history.floor[from..]).map(|(peak, floor)| peak - floor);
    let mut swings: Vec<f64> = swings.filter(|swing| swing.is_finite()).collect();
    crate::stats::quantile(&mut swings, 0.9).unwrap_or(0.0)
}

fn slope_of(floor: &[f64]) -> Option<Slope> {
    theil_sen(&known(floor), 1.96)
}

/// Steeper than in the same hours of earlier days. With no such day a longer rise is asked for.
fn is_unusual(history: &History, from: usize, slope: f64) -> bool {
    let earlier = DAYS_BACK.iter().filter_map(|days| {
        let start = from.checked_sub(24 * days)?;
        slope_of(&history.floor[start..HOURS - 24 * days]).map(|slope| slope.mid)
    });
    match earlier.max_by(f64::total_cmp) {
        Some(usual) => slope - usual >= EXCESS_MIN * slope,
        None => HOURS - from >= 18,
    }
}

/// What happens on one day of the week is not known before a week has passed: a rise may be its
/// report, unless the limit is hours away.
fn is_usual_known(history: &History, slope: f64, head: f64) -> bool {
    history.knows_a_week() || head <= SOON_H * slope
}

/// A curve that flattens like a filling cache ends below the limit: its rises form a geometric row.
fn carries_on(floor: &[f64], head: f64) -> bool {
    let half = floor.len() / 2;
    let (Some(first), Some(second)) = (slope_of(&floor[..=half]), slope_of(&floor[half..])) else { return false };
    if second.mid <= 0.0 {
        return false;
    }
    let keeps = if first.mid > 0.0 { (second.mid / first.mid).min(1.0) } else { 1.0 };
    keeps >= 0.97 || second.mid * half as f64 * keeps / (1.0 - keeps) >= head
}

fn is_new_high(history: &History, from: usize, floor: &[f64]) -> bool {
    let week = HOURS.saturating_sub(168 + 1)..from;
    let past = &history.floor[week.clone()];
    let known = past.iter().filter(|value| value.is_finite()).count();
    match (middle(&floor[floor.len() - 3..]), usual_high(past)) {
        (Some(now), Some(past)) => {
            let peaks = history.usual_peak(week, 0.97).unwrap_or(0.0);
            known < 20 || (now > past + NEW_HIGH && now > peaks + NEW_PEAK)
        }
        (now, None) => now.is_some(),
        (None, _) => false,
    }
}
