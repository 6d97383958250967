//! Where a clock and a calendar put the ticks of a time axis.

use crate::calendar::{
    DAY_MS, HOUR_MS, MINUTE_MS, MONTHS, SECOND_MS, civil, date, month_start_ms, time_of_day, to_local_ms, to_utc_ms,
};
use crate::model::UtcOffset;
use crate::span::Span;
use crate::style::Language;

/// The distance of ticks: a length of local time, or calendar months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Ms(i64),
    Months(i64),
}

const STEPS: [Step; 26] = [
    Step::Ms(SECOND_MS),
    Step::Ms(2 * SECOND_MS),
    Step::Ms(5 * SECOND_MS),
    Step::Ms(10 * SECOND_MS),
    Step::Ms(15 * SECOND_MS),
    Step::Ms(30 * SECOND_MS),
    Step::Ms(MINUTE_MS),
    Step::Ms(2 * MINUTE_MS),
    Step::Ms(5 * MINUTE_MS),
    Step::Ms(10 * MINUTE_MS),
    Step::Ms(15 * MINUTE_MS),
    Step::Ms(30 * MINUTE_MS),
    Step::Ms(HOUR_MS),
    Step::Ms(2 * HOUR_MS),
    Step::Ms(3 * HOUR_MS),
    Step::Ms(6 * HOUR_MS),
    Step::Ms(12 * HOUR_MS),
    Step::Ms(DAY_MS),
    Step::Ms(2 * DAY_MS),
    Step::Ms(7 * DAY_MS),
    Step::Ms(14 * DAY_MS),
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
            Step::Months(months) => months.saturating_mul(30 * DAY_MS),
        }
    }

    /// Columns that a label needs with air around it.
    fn label_room(self) -> f64 {
        match self {
            Step::Ms(ms) if ms < MINUTE_MS => 12.0,
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
            Step::Ms(ms) if ms >= 7 * DAY_MS => ceil_to(local_ms + 3 * DAY_MS, ms) - 3 * DAY_MS,
            Step::Ms(ms) => ceil_to(local_ms, ms),
            Step::Months(months) => {
                let (year, month, day) = civil(local_ms.div_euclid(DAY_MS));
                let begun = day > 1 || local_ms.rem_euclid(DAY_MS) > 0;
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
pub(crate) fn ticks(span: Span, columns: usize, offset: &UtcOffset, language: Language) -> Vec<Tick> {
    // Some 30,000 years from now, where calendars have nothing to say.
    const END_MS: i64 = 1_000_000_000_000_000;
    if span.from_ms < -END_MS || span.to_ms > END_MS {
        return Vec::new();
    }
    let step = Step::for_columns(span, columns);
    let mut ticks = Vec::new();
    let mut local_ms = step.ceil(to_local_ms(span.from_ms, offset));
    // A day more than the span, for offsets that change within it.
    while local_ms <= span.to_ms + DAY_MS {
        let t_ms = to_utc_ms(local_ms, offset);
        if t_ms > span.to_ms {
            break;
        }
        if t_ms >= span.from_ms {
            ticks.push(Tick { t_ms, label: label(local_ms, step, language) });
        }
        local_ms = step.ceil(local_ms + 1);
    }
    ticks
}

fn label(local_ms: i64, step: Step, language: Language) -> String {
    let (year, month, _) = civil(local_ms.div_euclid(DAY_MS));
    match step {
        Step::Months(months) if months % 12 == 0 || month == 1 => match language {
            Language::English => format!("{year}"),
            Language::Japanese => format!("{year}年"),
        },
        Step::Months(_) => match language {
            Language::English => MONTHS[month as usize - 1].to_owned(),
            Language::Japanese => format!("{month}月"),
        },
        Step::Ms(_) if local_ms.rem_euclid(DAY_MS) == 0 => date(local_ms, language),
        Step::Ms(ms) if ms < MINUTE_MS => time_of_day(local_ms, true),
        Step::Ms(_) => time_of_day(local_ms, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2021-03-28 00:00 UTC; clocks in Paris go from 02:00 to 03:00 an hour later.
    const SPRING: i64 = 1_616_889_600_000;

    fn paris() -> UtcOffset {
        UtcOffset::new(|t_ms| if t_ms < SPRING + HOUR_MS { 3600 } else { 7200 })
    }

    fn labels(from_ms: i64, length_ms: i64, columns: usize, offset: &UtcOffset) -> String {
        let span = Span::new(from_ms, from_ms + length_ms);
        let ticks = ticks(span, columns, offset, Language::English);
        ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_lie_on_the_local_clock() {
        let tokyo = UtcOffset::fixed(9 * 3600);
        assert_eq!(labels(SPRING, DAY_MS, 60, &tokyo), "12:00 18:00 29 Mar 06:00");
        assert_eq!(labels(SPRING, 30 * DAY_MS, 60, &tokyo), "29 Mar 5 Apr 12 Apr 19 Apr 26 Apr", "Mondays");
        assert_eq!(labels(SPRING, 300 * DAY_MS, 80, &tokyo), "Apr May Jun Jul Aug Sep Oct Nov Dec 2022");
        assert_eq!(labels(SPRING, 4000 * DAY_MS, 60, &tokyo), "2022 2024 2026 2028 2030 2032");
        assert_eq!(labels(SPRING, 40 * SECOND_MS, 60, &tokyo), "09:00:00 09:00:10 09:00:20 09:00:30 09:00:40");
        assert_eq!(labels(SPRING, 900, 60, &tokyo), "09:00:00");
    }

    #[test]
    fn ticks_follow_a_change_of_the_clock() {
        let span = Span::new(SPRING - HOUR_MS, SPRING + 23 * HOUR_MS);
        let ticks = ticks(span, 60, &paris(), Language::Japanese);
        let hours: Vec<i64> = ticks.iter().map(|tick| (tick.t_ms - SPRING) / HOUR_MS).collect();
        assert_eq!(hours, [-1, 4, 10, 16, 22], "the night is an hour shorter");
        assert_eq!(ticks[0].label, "3/28");
        assert_eq!(ticks[1].label, "06:00");
    }

    proptest! {
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
