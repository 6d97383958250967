//! `slow`: the floor is higher than a day ago, hour by hour and day after day.

use super::found::{Found, Tier, highest, known, middle, reach, usual_high};
use super::history::{HOURS, History, USUAL};
use crate::stats::{quantile, theil_sen};

/// How many days are compared, the least rise in a day, and how much of its pace the rise must have
/// kept. The more days agree, the less rise is asked for.
const WINDOWS: [(usize, f64, f64); 4] = [(2, 12.0, 0.85), (3, 5.0, 0.75), (5, 2.5, 0.6), (7, 1.8, 0.5)];
/// Of the hours, this share must have risen by a third of the median rise.
const AGREE_MIN: f64 = 0.75;
/// The last day must have risen by this share of the rise in a day.
const NEWEST_MIN: f64 = 0.3;
/// How far above all that was usual before the floor must stand.
const NEW_HIGH: f64 = 3.0;
/// The interval of the time to the limit, early and late.
const SPREAD: (f64, f64) = (0.78, 2.1);

/// Looks for a slow leak that reaches the limit within so many hours.
pub fn look(history: &History, within_h: f64) -> Option<Found> {
    let known = HOURS - history.begin();
    if known < 72 {
        return None;
    }
    let floor = history.settled(history.rhythm?);
    let trend = by_hours(&floor, known).or_else(|| by_days(&floor, known))?;
    (trend.pace >= trend.pace_min && holds_against_last_week(&floor, known, trend.rise, trend.days)).then_some(())?;
    // What fell again on the last day has risen enough.
    let newest = middle(&day_over_day(&floor, 0)).unwrap_or(trend.rise);
    if newest < NEWEST_MIN * trend.rise {
        return None;
    }
    // Too early to know what is usual: only what is urgent.
    let within_h = if history.is_young() { within_h.min(YOUNG_WITHIN_H) } else { within_h };
    // Nothing is told further ahead than was seen.
    let within_h = within_h.min(24.0 * trend.days as f64);
    found(history, &floor, &trend, within_h)
}

/// What is urgent, in hours.
const YOUNG_WITHIN_H: f64 = 36.0;

/// A rise that days agree on.
struct Trend {
    /// In a day.
    rise: f64,
    /// The rise of the newer days in proportion to that of the older ones: below one, it slows down.
    pace: f64,
    pace_min: f64,
    days: usize,
}

/// Hours that stand above the same hour of the day before.
fn by_hours(floor: &[f64], known: usize) -> Option<Trend> {
    let days = (known / 24 - 1).min(7);
    let rises: Vec<Vec<f64>> = (0..days).map(|day| day_over_day(floor, day)).collect();
    WINDOWS.into_iter().take_while(|(n, ..)| *n <= days).find_map(|(n, rise_min, pace_min)| {
        let rise = steady_rise(&rises[..n], rise_min)?;
        let days: Vec<f64> = rises[..n].iter().filter_map(|day| middle(day)).collect();
        Some(Trend { rise, pace: pace(&days)?, pace_min, days: n })
    })
}

/// How many days are compared where hours are too restless, from the fewest.
const DAYS: [usize; 3] = [5, 6, 7];
/// Of all pairs of days, this share must have risen.
const RISING_MIN: f64 = 0.9;
/// All days together must have risen by this.
const DAYS_RISE_MIN: f64 = 12.0;

/// Days whose lower quarter stands above that of the days before.
fn by_days(floor: &[f64], known_h: usize) -> Option<Trend> {
    let level = |day: usize| {
        let end = HOURS - 24 * day;
        let mut hours: Vec<f64> = floor[end - 24..end].iter().copied().filter(|floor| floor.is_finite()).collect();
        (hours.len() >= 12).then(|| quantile(&mut hours, 0.25)).flatten()
    };
    DAYS.into_iter().take_while(|days| 24 * (days + 1) <= known_h).find_map(|n| {
        let levels: Vec<f64> = (0..=n).rev().map(level).collect::<Option<_>>()?;
        let slope = theil_sen(&known(&levels), 1.28)?;
        let pairs =
            levels.iter().enumerate().flat_map(|(i, level)| levels[i + 1..].iter().map(move |later| later > level));
        let (rising, all) = pairs.fold((0.0, 0.0), |(rising, all), up| (rising + f64::from(u8::from(up)), all + 1.0));
        let mut rises: Vec<f64> = levels.windows(2).map(|pair| pair[1] - pair[0]).collect();
        rises.reverse();
        let is_rise = rising >= RISING_MIN * all && slope.low > 0.0 && slope.mid * n as f64 >= DAYS_RISE_MIN;
        is_rise.then_some(Trend { rise: slope.mid, pace: pace(&rises)?, pace_min: 0.5, days: n })
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

/// From the rises of days, the newest first.
fn pace(rises: &[f64]) -> Option<f64> {
    let half = (rises.len() / 2).max(1);
    let mean = |days: &[f64]| days.iter().sum::<f64>() / days.len() as f64;
    (rises.len() >= 2).then(|| mean(&rises[..half]) / mean(&rises[rises.len() - half..]).max(1e-9))
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

fn found(history: &History, floor: &[f64], trend: &Trend, within_h: f64) -> Option<Found> {
    let Trend { rise, pace, days, .. } = *trend;
    let swing = history.swing(floor, USUAL);
    let now = highest(&floor[HOURS - 24..])?;
    let settled = middle(&floor[HOURS - 6..]);
    let is_above = |past: f64| settled.is_some_and(|settled| settled > past);
    // What the floor has reached before is no news, and what rested there in a life before fills up again.
    let past = usual_high(&floor[..HOURS - 24 * (days + 1)]).map(|past| past + NEW_HIGH);
    let refilled = rested(history).map(|past| past + REFILLED);
    if ![past, refilled].into_iter().flatten().all(is_above) {
        return None;
    }
    let head = history.head(now, swing);
    // A slowing rise is a geometric row: where it ends below the limit, it is no leak.
    let steps = (days - (days / 2).max(1)).max(1) as f64;
    let keeps = pace.powf(1.0 / steps).min(1.0);
    let ends_at = if keeps >= 0.97 { f64::INFINITY } else { rise * keeps / (1.0 - keeps) };
    let slope = rise / 24.0;
    (ends_at >= head && head / slope <= within_h).then(|| Found {
        tier: Tier::Slow,
        slope,
        floor: now,
        swing,
        reach_h: reach(history, floor, now, slope, SPREAD),
        from: HOURS - 24 * (days + 1),
        lives: None,
        doubt: None,
    })
}

/// How far above where a life came to rest is still there.
const REFILLED: f64 = 1.0;
/// The last hours of a life, which rise by no more when it has come to rest.
const REST_H: usize = 24;
const REST_RISE_MAX: f64 = 2.0;

/// The highest level at which a life that has ended had come to rest.
fn rested(history: &History) -> Option<f64> {
    let level = |(from, to): (usize, usize)| {
        let last = &history.floor[from.max(to.saturating_sub(REST_H))..to];
        let (before, end) = (middle(&last[..last.len() / 2])?, middle(&last[last.len() / 2..])?);
        (last.len() == REST_H && end - before <= REST_RISE_MAX).then_some(end)
    };
    history.ended_lives().into_iter().filter_map(level).max_by(f64::total_cmp)
}
