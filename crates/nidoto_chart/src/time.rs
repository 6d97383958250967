//! Time spans, their columns, and where a clock would put its ticks.

use crate::model::UtcOffset;
use crate::style::Language;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

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
            false => Self {
                from_ms: from_ms.saturating_sub(500),
                to_ms: from_ms.saturating_add(500),
            },
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
}

/// The distance of ticks: a length of local time, or calendar months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Ms(i64),
    Months(i64),
}

const STEPS: [Step; 26] = [
    Step::Ms(SECOND),
    Step::Ms(2 * SECOND),
    Step::Ms(5 * SECOND),
    Step::Ms(10 * SECOND),
    Step::Ms(15 * SECOND),
    Step::Ms(30 * SECOND),
    Step::Ms(MINUTE),
    Step::Ms(2 * MINUTE),
    Step::Ms(5 * MINUTE),
    Step::Ms(10 * MINUTE),
    Step::Ms(15 * MINUTE),
    Step::Ms(30 * MINUTE),
    Step::Ms(HOUR),
    Step::Ms(2 * HOUR),
    Step::Ms(3 * HOUR),
    Step::Ms(6 * HOUR),
    Step::Ms(12 * HOUR),
    Step::Ms(DAY),
    Step::Ms(2 * DAY),
    Step::Ms(7 * DAY),
    Step::Ms(14 * DAY),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
];

impl Step {
    fn typical_ms(self) -> i64 {
        match self {
            Step::Ms(ms) => ms,
            Step::Months(months) => months.saturating_mul(30 * DAY),
        }
    }

    /// Columns that a label needs with air around it.
    fn label_room(self) -> f64 {
        match self {
            Step::Ms(ms) if ms < MINUTE => 12.0,
            Step::Ms(_) => 10.0,
            Step::Months(_) => 7.0,
        }
    }

    /// The finest step whose labels have room, on `columns` columns.
    fn for_columns(span: Span, columns: usize) -> Self {
        let columns_per_ms = columns as f64 / span.length_ms() as f64;
        let fits = |step: &Step| step.typical_ms() as f64 * columns_per_ms >= step.label_room();
        STEPS.into_iter().find(fits).unwrap_or_else(|| {
            let decades = (1..8).flat_map(|power| [2, 5, 10].map(|n| n * 10i64.pow(power - 1)));
            let mut years = decades.map(|years| Step::Months(12 * years));
            years.find(fits).unwrap_or(Step::Months(12_000_000))
        })
    }

    /// The first local time at or after another that lies on the step.
    fn ceil(self, local_ms: i64) -> i64 {
        match self {
            // The Unix epoch was a Thursday; weeks begin on Monday.
            Step::Ms(ms) if ms >= 7 * DAY => ceil_to(local_ms + 3 * DAY, ms) - 3 * DAY,
            Step::Ms(ms) => ceil_to(local_ms, ms),
            Step::Months(months) => {
                let (year, month, day) = civil(local_ms.div_euclid(DAY));
                let begun = day > 1 || local_ms.rem_euclid(DAY) > 0;
                month_start_ms(ceil_to(year * 12 + month - 1 + i64::from(begun), months))
            }
        }
    }
}

fn ceil_to(value: i64, step: i64) -> i64 {
    value + (-value).rem_euclid(step)
}

/// An instant with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    pub(crate) t_ms: i64,
    pub(crate) label: String,
}

/// Round local times within a span, as dense as their labels allow on `columns` columns.
pub(crate) fn ticks(
    span: Span,
    columns: usize,
    offset: &UtcOffset,
    language: Language,
) -> Vec<Tick> {
    // Some 30,000 years from now, where calendars have nothing to say.
    const END_MS: i64 = 1_000_000_000_000_000;
    if span.from_ms < -END_MS || span.to_ms > END_MS {
        return Vec::new();
    }
    let step = Step::for_columns(span, columns);
    let mut ticks = Vec::new();
    let mut local_ms = step.ceil(to_local_ms(span.from_ms, offset));
    // A day more than the span, for offsets that change within it.
    while local_ms <= span.to_ms + DAY {
        let t_ms = to_utc_ms(local_ms, offset);
        if t_ms > span.to_ms {
            break;
        }
        if t_ms >= span.from_ms {
            ticks.push(Tick {
                t_ms,
                label: label(local_ms, step, language),
            });
        }
        local_ms = step.ceil(local_ms + 1);
    }
    ticks
}

/// Far-out times are cut to those that have a calendar.
fn to_local_ms(t_ms: i64, offset: &UtcOffset) -> i64 {
    t_ms.saturating_add(offset.seconds_at(t_ms) * SECOND)
}

/// The instant of a local time. Where clocks go back, either one of two.
fn to_utc_ms(local_ms: i64, offset: &UtcOffset) -> i64 {
    let near_ms = local_ms - offset.seconds_at(local_ms) * SECOND;
    local_ms - offset.seconds_at(near_ms) * SECOND
}

fn label(local_ms: i64, step: Step, language: Language) -> String {
    let (year, month, _) = civil(local_ms.div_euclid(DAY));
    match step {
        Step::Months(months) if months % 12 == 0 || month == 1 => match language {
            Language::English => format!("{year}"),
            Language::Japanese => format!("{year}年"),
        },
        Step::Months(_) => match language {
            Language::English => MONTHS[month as usize - 1].to_owned(),
            Language::Japanese => format!("{month}月"),
        },
        Step::Ms(_) if local_ms.rem_euclid(DAY) == 0 => date(local_ms, language),
        Step::Ms(ms) if ms < MINUTE => time_of_day(local_ms, true),
        Step::Ms(_) => time_of_day(local_ms, false),
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn date(local_ms: i64, language: Language) -> String {
    let (_, month, day) = civil(local_ms.div_euclid(DAY));
    match language {
        Language::English => format!("{day} {}", MONTHS[month as usize - 1]),
        Language::Japanese => format!("{month}/{day}"),
    }
}

fn time_of_day(local_ms: i64, seconds: bool) -> String {
    let second = local_ms.rem_euclid(DAY) / SECOND;
    let minutes = format!("{:02}:{:02}", second / 3600, second / 60 % 60);
    if seconds {
        format!("{minutes}:{:02}", second % 60)
    } else {
        minutes
    }
}

/// A moment within a span, as short as the span allows.
pub(crate) fn moment(t_ms: i64, span: Span, offset: &UtcOffset, language: Language) -> String {
    let local_ms = to_local_ms(t_ms, offset);
    let seconds = span.length_ms() < 10 * MINUTE as u64;
    match span.length_ms() {
        length if length > 400 * DAY as u64 => iso_date(local_ms),
        length if length > DAY as u64 => format!(
            "{} {}",
            date(local_ms, language),
            time_of_day(local_ms, false)
        ),
        _ => time_of_day(local_ms, seconds),
    }
}

/// A span with its year and offset: `2021-07-03 02:00 – 09:00 +09:00`. What the end shares with
/// the beginning is left out, and the times of longer spans.
pub(crate) fn span_label(span: Span, offset: &UtcOffset, dash: &str) -> String {
    let [from_ms, to_ms] = [span.from_ms, span.to_ms].map(|t_ms| to_local_ms(t_ms, offset));
    let [from_date, to_date] = [from_ms, to_ms].map(iso_date);
    let seconds = span.length_ms() < 10 * MINUTE as u64;
    let [from_time, to_time] = [from_ms, to_ms].map(|local_ms| time_of_day(local_ms, seconds));
    let zone = zone_label(offset.seconds_at(span.from_ms));
    if from_date == to_date {
        return format!("{from_date} {from_time} {dash} {to_time} {zone}");
    }
    let [(from_year, _), (to_year, to_day)] =
        [&from_date, &to_date].map(|date| date.split_once('-').unwrap_or_default());
    let to_date = if from_year == to_year {
        to_day
    } else {
        &to_date
    };
    match span.length_ms() > 4 * DAY as u64 {
        true => format!("{from_date} {dash} {to_date} {zone}"),
        false => format!("{from_date} {from_time} {dash} {to_date} {to_time} {zone}"),
    }
}

fn iso_date(local_ms: i64) -> String {
    let (year, month, day) = civil(local_ms.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

fn zone_label(seconds: i64) -> String {
    match seconds {
        0 => "UTC".to_owned(),
        _ => {
            let sign = if seconds < 0 { '-' } else { '+' };
            format!(
                "{sign}{:02}:{:02}",
                seconds.abs() / 3600,
                seconds.abs() / 60 % 60
            )
        }
    }
}

/// Year, month and day of a day counted from the Unix epoch, after Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms".
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The local time at which a month begins; months count from year 0. Source as for [`civil`].
fn month_start_ms(months: i64) -> i64 {
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let year = year - i64::from(month <= 2);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month_from_march + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) * DAY
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2021-03-28 00:00 UTC; clocks in Paris go from 02:00 to 03:00 an hour later.
    const SPRING: i64 = 1_616_889_600_000;

    fn paris() -> UtcOffset {
        UtcOffset::new(|t_ms| if t_ms < SPRING + HOUR { 3600 } else { 7200 })
    }

    fn labels(from_ms: i64, length_ms: i64, columns: usize, offset: &UtcOffset) -> String {
        let span = Span::new(from_ms, from_ms + length_ms);
        let ticks = ticks(span, columns, offset, Language::English);
        ticks
            .into_iter()
            .map(|tick| tick.label)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn ticks_lie_on_the_local_clock() {
        let tokyo = UtcOffset::fixed(9 * 3600);
        assert_eq!(labels(SPRING, DAY, 60, &tokyo), "12:00 18:00 29 Mar 06:00");
        assert_eq!(
            labels(SPRING, 30 * DAY, 60, &tokyo),
            "29 Mar 5 Apr 12 Apr 19 Apr 26 Apr",
            "Mondays"
        );
        assert_eq!(
            labels(SPRING, 300 * DAY, 80, &tokyo),
            "Apr May Jun Jul Aug Sep Oct Nov Dec 2022"
        );
        assert_eq!(
            labels(SPRING, 4000 * DAY, 60, &tokyo),
            "2022 2024 2026 2028 2030 2032"
        );
        assert_eq!(
            labels(SPRING, 40 * SECOND, 60, &tokyo),
            "09:00:00 09:00:10 09:00:20 09:00:30 09:00:40"
        );
        assert_eq!(labels(SPRING, 900, 60, &tokyo), "09:00:00");
    }

    #[test]
    fn ticks_follow_a_change_of_the_clock() {
        let span = Span::new(SPRING - HOUR, SPRING + 23 * HOUR);
        let ticks = ticks(span, 60, &paris(), Language::Japanese);
        let hours: Vec<i64> = ticks
            .iter()
            .map(|tick| (tick.t_ms - SPRING) / HOUR)
            .collect();
        assert_eq!(hours, [-1, 4, 10, 16, 22], "the night is an hour shorter");
        assert_eq!(ticks[0].label, "3/28");
        assert_eq!(ticks[1].label, "06:00");
    }

    #[test]
    fn spans_say_what_they_must() {
        let label =
            |from_ms, to_ms| span_label(Span::new(from_ms, to_ms), &UtcOffset::fixed(-12_600), "-");
        assert_eq!(
            label(SPRING, SPRING + HOUR),
            "2021-03-27 20:30 - 21:30 -03:30"
        );
        assert_eq!(
            label(SPRING, SPRING + DAY),
            "2021-03-27 20:30 - 03-28 20:30 -03:30"
        );
        assert_eq!(label(SPRING, SPRING + 9 * DAY), "2021-03-27 - 04-05 -03:30");
        assert_eq!(
            label(SPRING, SPRING + 400 * DAY),
            "2021-03-27 - 2022-05-01 -03:30"
        );
        assert_eq!(
            label(SPRING, SPRING),
            "2021-03-27 20:29:59 - 20:30:00 -03:30"
        );
    }

    proptest! {
        #[test]
        fn months_begin_on_their_first_day(months in -200_000i64..200_000) {
            let (year, month, day) = civil(month_start_ms(months).div_euclid(DAY));
            prop_assert_eq!((year * 12 + month - 1, day), (months, 1));
        }

        #[test]
        fn ticks_rise_and_are_few(from_ms: i64, length_ms: i64, columns in 1usize..300, seconds: i32) {
            for scale in [1, 1_000, 1_000_000, 1_000_000_000] {
                let from_ms = from_ms / scale;
                let span = Span::new(from_ms, from_ms.saturating_add(length_ms / scale));
                let ticks = ticks(span, columns, &UtcOffset::fixed(seconds), Language::English);
                prop_assert!(ticks.len() <= columns);
                prop_assert!(ticks.is_sorted_by(|a, b| a.t_ms < b.t_ms));
                prop_assert!(ticks.iter().all(|tick| span.column(tick.t_ms, columns).is_some()));
            }
        }
    }
}
