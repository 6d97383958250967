//! Local dates and times of day, counted and written.

use crate::model::UtcOffset;
use crate::style::Language;

pub(crate) const SECOND_MS: i64 = 1000;
pub(crate) const MINUTE_MS: i64 = 60 * SECOND_MS;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// Far-out times are cut to those that have a calendar.
pub(crate) fn to_local_ms(t_ms: i64, offset: &UtcOffset) -> i64 {
    t_ms.saturating_add(offset.seconds_at(t_ms) * SECOND_MS)
}

/// The instant of a local time. Where clocks go back, either one of two.
pub(crate) fn to_utc_ms(local_ms: i64, offset: &UtcOffset) -> i64 {
    let near_ms = local_ms - offset.seconds_at(local_ms) * SECOND_MS;
    local_ms - offset.seconds_at(near_ms) * SECOND_MS
}

pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(crate) fn date(local_ms: i64, language: Language) -> String {
    let (_, month, day) = civil(local_ms.div_euclid(DAY_MS));
    match language {
        Language::English => format!("{day} {}", MONTHS[month as usize - 1]),
        Language::Japanese => format!("{month}/{day}"),
    }
}

pub(crate) fn time_of_day(local_ms: i64, seconds: bool) -> String {
    let second = local_ms.rem_euclid(DAY_MS) / SECOND_MS;
    let minutes = format!("{:02}:{:02}", second / 3600, second / 60 % 60);
    if seconds { format!("{minutes}:{:02}", second % 60) } else { minutes }
}

pub(crate) fn iso_date(local_ms: i64) -> String {
    let (year, month, day) = civil(local_ms.div_euclid(DAY_MS));
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a day counted from the Unix epoch, after Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms".
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The local time at which a month begins; months count from year 0. Source as for [`civil`].
pub(crate) fn month_start_ms(months: i64) -> i64 {
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let year = year - i64::from(month <= 2);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month_from_march + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) * DAY_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn months_begin_on_their_first_day(months in -200_000i64..200_000) {
            let (year, month, day) = civil(month_start_ms(months).div_euclid(DAY_MS));
            prop_assert_eq!((year * 12 + month - 1, day), (months, 1));
        }
    }
}
