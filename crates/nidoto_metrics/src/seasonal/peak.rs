//! What an ordinary day foretells of the week's peak.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use nidoto_core::when;

use crate::fold::{HOUR_MS, Hour};
use crate::stats::{median, quantile, student_t};

/// One local day of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    pub date: Date,
    /// The 95th percentile of its hours' highest values.
    pub level: f64,
    /// The 99th percentile.
    pub peak: f64,
    /// The local hour of its highest value.
    pub peak_hour: i8,
}

/// A day with fewer known hours is not counted.
const HOURS_MIN: usize = 18;

/// The days of some hours, in order of time.
pub fn days<'h>(hours: impl Iterator<Item = &'h Hour>, zone: &TimeZone) -> Vec<Day> {
    let mut by_day: Vec<(Date, Vec<(i8, f64)>)> = Vec::new();
    for hour in hours {
        let at = when::zoned(hour.at_h * HOUR_MS, zone);
        match by_day.last_mut() {
            Some((date, values)) if *date == at.date() => values.push((at.hour(), hour.max)),
            _ => by_day.push((at.date(), vec![(at.hour(), hour.max)])),
        }
    }
    by_day.retain(|(_, values)| values.len() >= HOURS_MIN);
    let day = |(date, values): (Date, Vec<(i8, f64)>)| {
        let mut highest: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        let (peak_hour, _) = values.into_iter().reduce(|best, hour| if hour.1 > best.1 { hour } else { best })?;
        Some(Day { date, level: quantile(&mut highest, 0.95)?, peak: quantile(&mut highest, 0.99)?, peak_hour })
    };
    by_day.into_iter().filter_map(day).collect()
}

/// What is foretold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Foretold {
    /// The level of today: the lower of the last two ordinary days, the one that runs included as soon as
    /// it is known well enough.
    pub level: f64,
    /// The ratio of the coming peak to it: the lower end of its 80 % interval, middle, upper end.
    pub ratio: (f64, f64, f64),
    /// The ratio that it exceeds with the probability that was asked for.
    pub sure: f64,
    /// How many weeks know it.
    pub weeks_n: usize,
    /// The first day of the coming peak, or of the one that has begun.
    pub date: Date,
    /// The usual local hour of the peak.
    pub hour: i8,
}

/// Fewer weeks tell nothing.
pub const WEEKS_MIN: usize = 3;
/// A level older than this is not of today.
const LEVEL_DAYS_MAX: i64 = 5;
/// A week's ratio needs as many ordinary days before its peak.
const ORDINARY_MIN: usize = 3;

/// What the days up to `today` foretell. `None` where fewer than three weeks are known, or no
/// ordinary day of late.
#[must_use]
pub fn foretell(days: &[Day], today: Date, peak_days: Option<&[Weekday]>, sure: f64) -> Option<Foretold> {
    let learned;
    let peak_days = match peak_days {
        Some(days) => days,
        None => {
            learned = learn(days)?;
            &learned
        }
    };
    let is_peak = |date: Date| peak_days.contains(&date.weekday());
    let weeks = ratios(days, today, is_peak);
    if weeks.len() < WEEKS_MIN {
        return None;
    }
    let late = today.checked_sub(LEVEL_DAYS_MAX.days()).ok()?;
    let mut ordinary = days.iter().rev().filter(|day| !is_peak(day.date) && day.date >= late).map(|day| day.level);
    let level =
        ordinary.next().zip(ordinary.next()).map(|(last, before)| last.min(before)).filter(|level| *level > 0.0)?;
    let logs: Vec<f64> = weeks.iter().map(|(ratio, _)| ratio.ln()).collect();
    let at = |share: f64| log_quantile(&logs, share).exp();
    let mut hours: Vec<f64> = weeks.iter().map(|(_, hour)| f64::from(*hour)).collect();
    Some(Foretold {
        level,
        ratio: (at(0.1), at(0.5), at(0.9)),
        sure: at(1.0 - sure),
        weeks_n: weeks.len(),
        date: coming(today, is_peak)?,
        hour: median(&mut hours)? as i8,
    })
}

/// The two days of the week with the highest peaks.
fn learn(days: &[Day]) -> Option<Vec<Weekday>> {
    let all = Weekday::Monday.cycle_forward().take(7);
    let mut by_height: Vec<(f64, Weekday)> = all
        .filter_map(|weekday| {
            let mut peaks: Vec<f64> =
                days.iter().filter(|day| day.date.weekday() == weekday).map(|day| day.peak).collect();
            Some((median(&mut peaks)?, weekday))
        })
        .collect();
    by_height.sort_by(|a, b| b.0.total_cmp(&a.0));
    let learned: Vec<Weekday> = by_height.into_iter().take(2).map(|(_, weekday)| weekday).collect();
    (learned.len() == 2).then_some(learned)
}

/// The ratio of each peak to the ordinary days of the week before it, and the hour of the peak.
fn ratios(days: &[Day], today: Date, is_peak: impl Fn(Date) -> bool) -> Vec<(f64, i8)> {
    let mut ratios = Vec::new();
    let yesterday = today.yesterday().unwrap_or(today);
    for (i, first) in days.iter().enumerate() {
        let begins = first.date.yesterday().is_ok_and(|before| is_peak(first.date) && !is_peak(before));
        if !begins {
            continue;
        }
        let run: Vec<&Day> = days[i..].iter().take_while(|day| is_peak(day.date)).collect();
        // A peak that may still rise tells no ratio.
        let goes_on = is_peak(today) && run.last().is_some_and(|last| last.date >= yesterday);
        let highest = run.into_iter().reduce(|best, day| if day.peak > best.peak { day } else { best });
        let Some(highest) = highest.filter(|_| !goes_on) else { continue };
        let Ok(week) = first.date.checked_sub(7.days()) else { continue };
        let before = days[..i].iter().filter(|day| day.date > week && !is_peak(day.date));
        let mut levels: Vec<f64> = before.map(|day| day.level).collect();
        let enough = levels.len() >= ORDINARY_MIN;
        match median(&mut levels) {
            Some(level) if enough && level > 0.0 && highest.peak > 0.0 && (highest.peak / level).is_finite() => {
                ratios.push((highest.peak / level, highest.peak_hour));
            }
            _ => {}
        }
    }
    ratios
}

/// The quantile of the next of some values that scatter normally: Student's t.
fn log_quantile(logs: &[f64], share: f64) -> f64 {
    let n = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (n - 1.0);
    mean + student_t(share, n - 1.0) * (variance * (1.0 + 1.0 / n)).sqrt()
}

/// The first day of the peak that has begun or comes next.
fn coming(today: Date, is_peak: impl Fn(Date) -> bool) -> Option<Date> {
    if is_peak(today) {
        return Some(today);
    }
    (1..=7).filter_map(|n: i64| today.checked_add(n.days()).ok()).find(|date| is_peak(*date))
}
