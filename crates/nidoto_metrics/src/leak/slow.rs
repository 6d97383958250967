//! `slow`: the floor is higher than a day ago, hour by hour and day after day.

use super::found::{Found, Tier, highest, middle, reach, swing};
use super::history::{HOURS, History};

/// How many days are compared, the least rise in a day, and how much of its pace the rise must have
/// kept. The more days agree, the less rise is asked for.
const WINDOWS: [(usize, f64, f64); 4] = [(2, 12.0, 0.85), (3, 4.0, 0.7), (5, 1.2, 0.6), (7, 0.7, 0.5)];
/// Of the hours, this share must have risen by a third of the median rise.
const AGREE_MIN: f64 = 0.75;
/// Interval of the time to the limit, as a factor.
const SPREAD: f64 = 1.6;

/// Looks for a slow leak that reaches the limit within so many hours.
pub fn look(history: &History, within_h: f64) -> Option<Found> {
    let known = HOURS - history.begin();
    if known < 72 {
        return None;
    }
    let floor = history.settled(history.rhythm?);
    let days = (known / 24 - 1).min(7);
    let rises: Vec<Vec<f64>> = (0..days).map(|day| day_over_day(&floor, day)).collect();
    WINDOWS.into_iter().take_while(|(n, ..)| *n <= days).find_map(|(n, rise_min, pace_min)| {
        let rise = steady_rise(&rises[..n], rise_min)?;
        let pace = pace(&rises[..n])?;
        (pace >= pace_min && holds_against_last_week(&floor, known, rise, n)).then_some(())?;
        found(history, &floor, rise, pace, n, within_h)
    })
}

/// How much each hour of a day stands above the same hour of the day before; day 0 is the last one.
fn day_over_day(floor: &[f64], day: usize) -> Vec<f64> {
    let end = HOURS - 24 * day;
    (end - 24..end).map(|i| floor[i] - floor[i - 24]).collect()
}

/// The median rise in a day, if most hours agree.
fn steady_rise(rises: &[Vec<f64>], rise_min: f64) -> Option<f64> {
    let known: Vec<f64> = rises.iter().flatten().copied().filter(|rise| rise.is_finite()).collect();
    if known.len() < 12 * rises.len() {
        return None;
    }
    let rise = middle(&known).filter(|rise| *rise >= rise_min)?;
    let agreeing = known.iter().filter(|one| **one > 0.3 * rise).count();
    (agreeing as f64 >= AGREE_MIN * known.len() as f64).then_some(rise)
}

/// The rise of the newer days in proportion to that of the older ones: below one, it slows down.
fn pace(rises: &[Vec<f64>]) -> Option<f64> {
    let days: Vec<f64> = rises.iter().filter_map(|day| middle(day)).collect();
    let half = (days.len() / 2).max(1);
    let mean = |days: &[f64]| days.iter().sum::<f64>() / days.len() as f64;
    (days.len() >= 2).then(|| mean(&days[..half]) / mean(&days[days.len() - half..]).max(1e-9))
}

/// A rise that every week shows, and every week takes back, is none.
fn holds_against_last_week(floor: &[f64], known: usize, rise: f64, days: usize) -> bool {
    if known < 24 * 8 {
        return true;
    }
    let today = middle(&floor[HOURS - 24..]);
    let last_week = middle(&floor[HOURS - 24 - 168..HOURS - 168]);
    match (today, last_week) {
        (Some(today), Some(last_week)) => today - last_week >= 0.4 * rise * days as f64,
        _ => true,
    }
}

fn found(history: &History, floor: &[f64], rise: f64, pace: f64, days: usize, within_h: f64) -> Option<Found> {
    let swing = swing(&history.peak[HOURS - 24..], &history.floor[HOURS - 24..]);
    let now = highest(&floor[HOURS - 24..])?;
    let head = history.head(now, swing);
    // A slowing rise is a geometric row: where it ends below the limit, it is no leak.
    let steps = (days - (days / 2).max(1)).max(1) as f64;
    let keeps = pace.powf(1.0 / steps).min(1.0);
    let ends_at = if keeps >= 0.97 { f64::INFINITY } else { rise * keeps / (1.0 - keeps) };
    let slope = rise / 24.0;
    (ends_at >= head && head / slope <= within_h).then(|| Found {
        tier: Tier::Slow,
        slope: (slope / SPREAD, slope, slope * SPREAD),
        floor: now,
        swing,
        reach_h: reach(head, slope, SPREAD),
        from: HOURS - 24 * (days + 1),
        lives: None,
    })
}
