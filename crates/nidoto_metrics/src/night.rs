//! The team's next night, and times as people tell them.

use jiff::Zoned;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use nidoto_core::folder::Night;
use nidoto_core::{Words, when};

/// The night that has begun or comes next, in milliseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// When sleep begins.
    pub bed_ms: i64,
    /// When it ends.
    pub wake_ms: i64,
    /// When the sleep after it begins.
    pub next_bed_ms: i64,
}

/// The night that has begun at an instant or comes next.
#[must_use]
pub fn ahead(at_ms: i64, zone: &TimeZone, night: Night) -> Option<Ahead> {
    let today = when::zoned(at_ms, zone).date();
    let at = |date: Date, minute: u16| {
        let time = jiff::civil::time((minute / 60) as i8, (minute % 60) as i8, 0, 0);
        let at = zone.to_ambiguous_zoned(DateTime::from_parts(date, time)).compatible().ok()?;
        Some(when::ms(at.timestamp()))
    };
    let of = |date: Date| {
        let morning = if night.to_min <= night.from_min { date.tomorrow().ok()? } else { date };
        let (bed_ms, wake_ms) = (at(date, night.from_min)?, at(morning, night.to_min)?);
        Some(Ahead { bed_ms, wake_ms, next_bed_ms: at(date.tomorrow().ok()?, night.from_min)? })
    };
    [today.yesterday().ok()?, today, today.tomorrow().ok()?]
        .into_iter()
        .filter_map(of)
        .find(|night| night.wake_ms > at_ms)
}

/// A time as one would say it at an instant: `tonight 02:00`, `tomorrow 14:00`, `Sat 02:00`, `12 Mar`.
#[must_use]
pub fn moment(ms: i64, now_ms: i64, zone: &TimeZone) -> Words {
    let (at, now) = (when::zoned(ms, zone), when::zoned(now_ms, zone));
    let (day, clock) = (day(&at, &now), at.strftime("%H:%M").to_string());
    match day {
        Day::Near(day) => Words::new(format!("{} {clock}", day.en), format!("{} {clock}", day.ja)),
        Day::Far(date) => date,
    }
}

/// An interval as one would say it at an instant: `tonight between 02:00 and 04:00`.
#[must_use]
pub fn interval(from_ms: i64, to_ms: i64, now_ms: i64, zone: &TimeZone) -> Words {
    let [from, to, now] = [from_ms, to_ms, now_ms].map(|ms| when::zoned(ms, zone));
    if let (Day::Near(day), Day::Near(other)) = (day(&from, &now), day(&to, &now))
        && day == other
    {
        let (from, to) = (from.strftime("%H:%M"), to.strftime("%H:%M"));
        return Words::new(
            format!("{} between {from} and {to}", day.en),
            format!("{} {from} から {to} のあいだ", day.ja),
        );
    }
    let (from, to) = (moment(from_ms, now_ms, zone), moment(to_ms, now_ms, zone));
    if from == to {
        return Words::new(format!("on {}", from.en), from.ja);
    }
    Words::new(format!("between {} and {}", from.en, to.en), format!("{} から {} のあいだ", from.ja, to.ja))
}

enum Day {
    /// So near that its time of day is told.
    Near(Words),
    Far(Words),
}

/// Hours before this belong to the night before.
const MORNING_H: i8 = 6;
/// From this on it is tonight.
const EVENING_H: i8 = 18;

fn day(at: &Zoned, now: &Zoned) -> Day {
    let days = now.date().until(at.date()).map_or(i32::MAX, |span| span.get_days());
    let is_small_hours = at.hour() < MORNING_H;
    let words = match days {
        0 if is_small_hours || at.hour() >= EVENING_H => Words::new("tonight", "今夜"),
        0 => Words::new("today", "今日"),
        1 if is_small_hours && now.hour() >= MORNING_H => Words::new("tonight", "今夜"),
        1 => Words::new("tomorrow", "明日"),
        2..=6 => weekday(at.date()),
        _ => return Day::Far(date(at, now)),
    };
    Day::Near(words)
}

fn date(at: &Zoned, now: &Zoned) -> Words {
    match at.year() == now.year() {
        true => Words::new(at.strftime("%-d %b").to_string(), format!("{}月{}日", at.month(), at.day())),
        false => {
            Words::new(at.strftime("%-d %b %Y").to_string(), format!("{}年{}月{}日", at.year(), at.month(), at.day()))
        }
    }
}

/// The day of the week.
#[must_use]
pub fn weekday(date: Date) -> Words {
    let ja = ["月曜", "火曜", "水曜", "木曜", "金曜", "土曜", "日曜"];
    Words::new(date.strftime("%a").to_string(), ja[date.weekday().to_monday_zero_offset() as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokyo() -> TimeZone {
        TimeZone::get("Asia/Tokyo").unwrap()
    }

    fn ms(text: &str) -> i64 {
        when::ms(when::parse(text, &tokyo()).unwrap())
    }

    #[test]
    fn the_next_night_is_found() {
        let night = Night::parse("23:00-07:00").unwrap();
        let at = |text: &str| {
            let ahead = ahead(ms(text), &tokyo(), night).unwrap();
            format!("{} {}", when::short(ahead.bed_ms, &tokyo()), when::short(ahead.wake_ms, &tokyo()))
        };
        assert_eq!(at("2021-07-02 21:00"), "2021-07-02 23:00 2021-07-03 07:00");
        assert_eq!(at("2021-07-03 03:00"), "2021-07-02 23:00 2021-07-03 07:00", "it has begun");
        assert_eq!(at("2021-07-03 07:00"), "2021-07-03 23:00 2021-07-04 07:00");
        let siesta = Night::parse("01:00-09:00").unwrap();
        assert_eq!(ahead(ms("2021-07-03 03:00"), &tokyo(), siesta).unwrap().bed_ms, ms("2021-07-03 01:00"));
    }

    #[test]
    fn times_are_told_as_one_would_say_them() {
        let told = |from: &str, to: &str| interval(ms(from), ms(to), ms("2021-07-02 21:00"), &tokyo());
        assert_eq!(told("2021-07-03 02:00", "2021-07-03 04:00").en, "tonight between 02:00 and 04:00");
        assert_eq!(told("2021-07-03 02:00", "2021-07-03 04:00").ja, "今夜 02:00 から 04:00 のあいだ");
        assert_eq!(told("2021-07-02 22:00", "2021-07-03 09:00").en, "between tonight 22:00 and tomorrow 09:00");
        assert_eq!(told("2021-07-04 02:00", "2021-07-15 09:00").ja, "日曜 02:00 から 7月15日 のあいだ");
        assert_eq!(told("2021-08-04 02:00", "2022-07-15 09:00").en, "between 4 Aug and 15 Jul 2022");
        assert_eq!(told("2021-08-04 02:00", "2021-08-04 09:00").en, "on 4 Aug");
    }
}
