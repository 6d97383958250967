//! This hour against the same hour of the weeks before.

use jiff::ToSpan;
use jiff::tz::TimeZone;
use nidoto_core::when;

use super::peak::WEEKS_MIN;
use super::watch::{HOLD_H, WEEKS};
use crate::fold::{HOUR_MS, Row};
use crate::stats::median;

/// One hour and what the weeks before were like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// The mean of the hour.
    pub value: f64,
    /// The median of the means of the same local hour of the weeks before.
    pub usual: f64,
}

impl Compared {
    /// The change as a share of what is usual.
    #[must_use]
    pub fn change(&self) -> f64 {
        (self.value - self.usual) / self.usual
    }
}

/// Compares the last hours before an hour, the newest first. An hour without a value, or with fewer
/// than three weeks before it, has none.
#[must_use]
pub fn compare(row: &Row, now_h: i64, zone: &TimeZone) -> Vec<Option<Compared>> {
    (1..=HOLD_H).map(|back| hour(row, now_h - back, zone)).collect()
}

fn hour(row: &Row, at_h: i64, zone: &TimeZone) -> Option<Compared> {
    let mean = |at_h: i64| row.between(at_h, at_h + 1).next().map(crate::fold::Hour::mean);
    let value = mean(at_h)?;
    let at = when::zoned(at_h * HOUR_MS, zone);
    // By the clock of the wall: it may have been changed since.
    let same = (1..=WEEKS).filter_map(|n| at.checked_sub(n.weeks()).ok());
    let hours = same.map(|at| when::ms(at.timestamp()).div_euclid(HOUR_MS));
    let mut before: Vec<f64> = hours.filter_map(mean).collect();
    let enough = before.len() >= WEEKS_MIN;
    let usual = median(&mut before).filter(|usual| enough && *usual > 0.0)?;
    Some(Compared { value, usual }).filter(|compared| compared.change().is_finite())
}
