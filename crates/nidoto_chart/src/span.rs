//! Time spans: their columns and what they are called.

use crate::calendar::{DAY_MS, MINUTE_MS, date, iso_date, time_of_day, to_local_ms};
use crate::model::UtcOffset;
use crate::style::Language;

/// A time span with at least one millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
}

impl Span {
    pub(crate) fn new(from_ms: i64, to_ms: i64) -> Self {
        match from_ms < to_ms {
            true => Self { from_ms, to_ms },
            false => Self { from_ms: from_ms.saturating_sub(500), to_ms: from_ms.saturating_add(500) },
        }
    }

    pub(crate) fn length_ms(self) -> u64 {
        self.to_ms.abs_diff(self.from_ms)
    }

    /// Which of `columns` equal parts an instant falls into; the end belongs to the last.
    pub(crate) fn column(self, t_ms: i64, columns: usize) -> Option<usize> {
        if t_ms < self.from_ms || t_ms > self.to_ms || columns == 0 {
            return None;
        }
        let share = t_ms.abs_diff(self.from_ms) as f64 / self.length_ms() as f64;
        Some(((share * columns as f64) as usize).min(columns - 1))
    }

    /// An instant within the span, as short as the span allows.
    pub(crate) fn moment(self, t_ms: i64, offset: &UtcOffset, language: Language) -> String {
        let local_ms = to_local_ms(t_ms, offset);
        let seconds = self.length_ms() < 10 * MINUTE_MS as u64;
        match self.length_ms() {
            length if length > 400 * DAY_MS as u64 => iso_date(local_ms),
            length if length > DAY_MS as u64 => {
                format!("{} {}", date(local_ms, language), time_of_day(local_ms, false))
            }
            _ => time_of_day(local_ms, seconds),
        }
    }

    /// The span with its year and offset: `2021-07-03 02:00 – 09:00 +09:00`. What the end shares with
    /// the beginning is left out, and the times of longer spans.
    pub(crate) fn label(self, offset: &UtcOffset, dash: &str) -> String {
        let [from_ms, to_ms] = [self.from_ms, self.to_ms].map(|t_ms| to_local_ms(t_ms, offset));
        let [from_date, to_date] = [from_ms, to_ms].map(iso_date);
        let seconds = self.length_ms() < 10 * MINUTE_MS as u64;
        let [from_time, to_time] = [from_ms, to_ms].map(|local_ms| time_of_day(local_ms, seconds));
        let zone = zone_label(offset.seconds_at(self.from_ms));
        if from_date == to_date {
            return format!("{from_date} {from_time} {dash} {to_time} {zone}");
        }
        let [(from_year, _), (to_year, to_day)] =
            [&from_date, &to_date].map(|date| date.split_once('-').unwrap_or_default());
        let to_date = if from_year == to_year { to_day } else { &to_date };
        match self.length_ms() > 4 * DAY_MS as u64 {
            true => format!("{from_date} {dash} {to_date} {zone}"),
            false => format!("{from_date} {from_time} {dash} {to_date} {to_time} {zone}"),
        }
    }
}

fn zone_label(seconds: i64) -> String {
    match seconds {
        0 => "UTC".to_owned(),
        _ => {
            let sign = if seconds < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", seconds.abs() / 3600, seconds.abs() / 60 % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::HOUR_MS;

    /// 2021-03-28 00:00 UTC.
    const SPRING: i64 = 1_616_889_600_000;

    #[test]
    fn spans_say_what_they_must() {
        let label = |from_ms, to_ms| Span::new(from_ms, to_ms).label(&UtcOffset::fixed(-12_600), "-");
        assert_eq!(label(SPRING, SPRING + HOUR_MS), "2021-03-27 20:30 - 21:30 -03:30");
        assert_eq!(label(SPRING, SPRING + DAY_MS), "2021-03-27 20:30 - 03-28 20:30 -03:30");
        assert_eq!(label(SPRING, SPRING + 9 * DAY_MS), "2021-03-27 - 04-05 -03:30");
        assert_eq!(label(SPRING, SPRING + 400 * DAY_MS), "2021-03-27 - 2022-05-01 -03:30");
        assert_eq!(label(SPRING, SPRING), "2021-03-27 20:29:59 - 20:30:00 -03:30");
    }
}
