//! Time stamps at the beginning of log lines, in the forms that web teams meet.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// Only this much of a line is searched for its time stamp.
const HEAD_BYTES: usize = 200;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The time of a log line in milliseconds since the epoch. `zone` is for stamps without an offset,
/// `near_ms` (any time around the log's end) for those without a year.
///
/// Forms: ISO 8601 and `2020/09/29 09:40:02`, with fractions and offsets; `29/Sep/2020:09:40:02
/// +0900`; `Sep 29 09:40:02`; seconds or milliseconds in a JSON field named time, ts or timestamp.
#[must_use]
pub fn stamp_ms(line: &str, zone: &TimeZone, near_ms: i64) -> Option<i64> {
    let mut end = line.len().min(HEAD_BYTES);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let head = &line[..end];
    let bytes = head.as_bytes();
    for i in 0..bytes.len() {
        let first_of_word = i == 0 || !bytes[i - 1].is_ascii_alphanumeric();
        if !first_of_word {
            continue;
        }
        let rest = &bytes[i..];
        let found = if rest[0].is_ascii_digit() {
            numeric(rest, zone).or_else(|| common_log(rest, zone)).or_else(|| epoch(bytes, i))
        } else {
            syslog(rest, zone, near_ms)
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// A cursor over ASCII bytes.
struct Cursor<'b>(&'b [u8]);

impl Cursor<'_> {
    fn number(&mut self, digits: std::ops::RangeInclusive<usize>) -> Option<i16> {
        let n = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if !digits.contains(&n) {
            return None;
        }
        let value = self.0[..n].iter().fold(0_i16, |v, b| v * 10 + i16::from(b - b'0'));
        self.0 = &self.0[n..];
        Some(value)
    }

    fn any(&mut self, of: &[u8]) -> Option<u8> {
        let first = *self.0.first().filter(|b| of.contains(b))?;
        self.0 = &self.0[1..];
        Some(first)
    }

    fn skip(&mut self, byte: u8) {
        let n = self.0.iter().take_while(|b| **b == byte).count();
        self.0 = &self.0[n..];
    }

    fn month(&mut self) -> Option<i8> {
        let name = self.0.get(..3)?;
        let month = MONTHS.iter().position(|m| m.as_bytes() == name)?;
        self.0 = &self.0[3..];
        i8::try_from(month + 1).ok()
    }

    fn clock(&mut self) -> Option<Time> {
        let hour = self.number(1..=2)?;
        self.any(b":")?;
        let minute = self.number(2..=2)?;
        self.any(b":")?;
        let second = self.number(2..=2)?;
        let mut nanos = 0;
        if self.any(b".,").is_some() {
            let n = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
            for place in 0..9 {
                nanos = nanos * 10 + self.0[..n].get(place).map_or(0, |b| i32::from(b - b'0'));
            }
            self.0 = &self.0[n..];
        }
        Time::new(hour.try_into().ok()?, minute.try_into().ok()?, second.min(59).try_into().ok()?, nanos).ok()
    }

    /// `Z`, `+09:00`, `+0900` or nothing, a space before it allowed.
    fn offset_s(&mut self) -> Option<i64> {
        let rest = self.0.strip_prefix(b" ").unwrap_or(self.0);
        match rest.first()? {
            b'Z' => Some(0),
            sign @ (b'+' | b'-') => {
                let mut cursor = Cursor(&rest[1..]);
                let hours = cursor.number(2..=2).or_else(|| {
                    let four = cursor.number(4..=4)?;
                    Some(four)
                })?;
                let minutes = if hours > 99 || rest.get(3).is_some_and(u8::is_ascii_digit) {
                    i64::from(hours / 100) * 60 + i64::from(hours % 100)
                } else {
                    cursor.any(b":");
                    i64::from(hours) * 60 + i64::from(cursor.number(2..=2).unwrap_or(0))
                };
                Some(if *sign == b'-' { -minutes * 60 } else { minutes * 60 })
            }
            _ => None,
        }
    }
}

fn resolve(at: DateTime, offset_s: Option<i64>, zone: &TimeZone) -> Option<i64> {
    match offset_s {
        Some(offset_s) => {
            let utc = at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
            Some(utc - offset_s * 1_000)
        }
        None => Some(zone.to_ambiguous_zoned(at).compatible().ok()?.timestamp().as_millisecond()),
    }
}

/// `2020-09-29T09:40:02.123Z`, `2020/09/29 09:40:02`.
fn numeric(bytes: &[u8], zone: &TimeZone) -> Option<i64> {
    let mut cursor = Cursor(bytes);
    let year = cursor.number(4..=4)?;
    let separator = cursor.any(b"-/")?;
    let month = cursor.number(2..=2)?;
    cursor.any(&[separator])?;
    let day = cursor.number(2..=2)?;
    cursor.any(b"T ")?;
    cursor.skip(b' ');
    let time = cursor.clock()?;
    let date = Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    resolve(date.to_datetime(time), cursor.offset_s(), zone)
}

/// `29/Sep/2020:09:40:02 +0900`, of nginx's and Apache's access logs.
fn common_log(bytes: &[u8], zone: &TimeZone) -> Option<i64> {
    let mut cursor = Cursor(bytes);
    let day = cursor.number(2..=2)?;
    cursor.any(b"/")?;
    let month = cursor.month()?;
    cursor.any(b"/")?;
    let year = cursor.number(4..=4)?;
    cursor.any(b": ")?;
    let time = cursor.clock()?;
    let date = Date::new(year, month, day.try_into().ok()?).ok()?;
    resolve(date.to_datetime(time), cursor.offset_s(), zone)
}

/// `Sep 29 09:40:02`, of syslog; the year is the one that puts it nearest.
fn syslog(bytes: &[u8], zone: &TimeZone, near_ms: i64) -> Option<i64> {
    let mut cursor = Cursor(bytes);
    let month = cursor.month()?;
    cursor.any(b" ")?;
    cursor.skip(b' ');
    let day = i8::try_from(cursor.number(1..=2)?).ok()?;
    cursor.any(b" ")?;
    let time = cursor.clock()?;
    let near = Timestamp::from_millisecond(near_ms).ok()?.to_zoned(zone.clone()).year();
    let years = [near - 1, near, near + 1];
    let times = years.iter().filter_map(|year| {
        let date = Date::new(*year, month, day).ok()?;
        resolve(date.to_datetime(time), None, zone)
    });
    times.min_by_key(|ms| (ms - near_ms).abs())
}

/// `"ts":1600000000.123` or `time=1600000000123`: the field's name must say that it is a time.
fn epoch(bytes: &[u8], at: usize) -> Option<i64> {
    let before = std::str::from_utf8(&bytes[..at]).ok()?.trim_end_matches([' ', '"', ':', '=']);
    let named = ["time", "ts", "timestamp", "Time", "@timestamp", "epoch", "t"]
        .iter()
        .any(|name| before.strip_suffix(name).is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_alphanumeric())));
    let end = bytes[at..].iter().position(|b| !b.is_ascii_digit() && *b != b'.').map_or(bytes.len(), |n| at + n);
    let number: f64 = std::str::from_utf8(&bytes[at..end]).ok().filter(|_| named)?.parse().ok()?;
    match number {
        s if (1e8..1e11).contains(&s) => Some((s * 1_000.0).round() as i64),
        ms if (1e11..1e14).contains(&ms) => Some(ms as i64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_web_teams_meet() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let near = crate::when::parse("2020-10-01 00:00", &tokyo).unwrap().as_millisecond();
        for line in [
            "2020/09/29 09:40:02 [error] 31#31: *1203 no live upstreams",
            "2020-09-29T00:40:02Z start",
            "2020-09-29T09:40:02.000+09:00 INFO x",
            "[2020-09-29 09:40:02,000] WARN x",
            "2020-09-29 00:40:02 +0000 [info]",
            "192.168.0.1 - - [29/Sep/2020:09:40:02 +0900] \"GET / HTTP/1.1\" 200",
            "Sep 29 09:40:02 host systemd[1]: Started",
            "{\"level\":30,\"time\":1601340002000,\"msg\":\"x\"}",
            "{\"ts\":1601340002.0,\"msg\":\"x\"}",
            "START 2020-09-29 09:40:02 障害",
        ] {
            let at = stamp_ms(line, &tokyo, near).map(|ms| crate::when::at_ms(ms).to_string());
            assert_eq!(at.as_deref(), Some("2020-09-29T00:40:02Z"), "{line}");
        }
        for line in ["", "    at foo (bar.js:1:2)", "id=1601340002", "2020-99-29 09:40:02", "10.0.0.1 GET"] {
            assert_eq!(stamp_ms(line, &tokyo, near), None, "{line}");
        }
    }
}
