//! Calendar functions: UTC, the proleptic Gregorian calendar.

const DAY_S: i64 = 86_400;

/// The calendar function of that name, from seconds since 1970.
pub(crate) fn field(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "day_of_month" => |v| of(v, |t| t.date().2),
        "day_of_week" => |v| of(v, |t| (t.days() + 4).rem_euclid(7)),
        "day_of_year" => |v| of(v, Time::day_of_year),
        "days_in_month" => |v| of(v, Time::days_in_month),
        "hour" => |v| of(v, |t| t.0.rem_euclid(DAY_S) / 3600),
        "minute" => |v| of(v, |t| t.0.rem_euclid(3600) / 60),
        "month" => |v| of(v, |t| t.date().1),
        "year" => |v| of(v, |t| t.date().0),
        _ => return None,
    })
}

fn of(value: f64, field: impl Fn(Time) -> i64) -> f64 {
    if value.is_finite() { field(Time(value as i64)) as f64 } else { f64::NAN }
}

/// Seconds since 1970.
#[derive(Clone, Copy)]
struct Time(i64);

impl Time {
    fn days(self) -> i64 {
        self.0.div_euclid(DAY_S)
    }

    /// Year, month and day. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    fn date(self) -> (i64, i64, i64) {
        let shifted = self.days() + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }

    fn is_leap_year(self) -> bool {
        let year = self.date().0;
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    fn days_in_month(self) -> i64 {
        match self.date().1 {
            2 => 28 + i64::from(self.is_leap_year()),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    fn day_of_year(self) -> i64 {
        const DAYS_BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
        let (_, month, day) = self.date();
        DAYS_BEFORE[month as usize - 1] + day + i64::from(month > 2 && self.is_leap_year())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        for (time_s, year, month, day, week_day, year_day) in [
            (0.0, 1970.0, 1.0, 1.0, 4.0, 1.0),
            (-1.0, 1969.0, 12.0, 31.0, 3.0, 365.0),
            (951_782_400.0, 2000.0, 2.0, 29.0, 2.0, 60.0),
            (1_625_270_400.0, 2021.0, 7.0, 3.0, 6.0, 184.0),
        ] {
            let ask = |name: &str| field(name).unwrap()(time_s);
            assert_eq!(
                (ask("year"), ask("month"), ask("day_of_month"), ask("day_of_week"), ask("day_of_year")),
                (year, month, day, week_day, year_day)
            );
        }
        assert!(field("year").unwrap()(f64::NAN).is_nan());
        field("year").unwrap()(f64::MAX);
    }
}
