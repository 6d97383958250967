//! Points in time as people write them, read in the team's zone.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Reads RFC 3339, or a date and time without an offset in `zone` (`2021-02-06 16:55`, seconds
/// optional, `T` or a space between, `/` for `-`). `None` if it is no time.
#[must_use]
pub fn parse(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let mut text = text.replace('/', "-");
    // `2021-02-06 16:55 +09:00`: a space before the offset is common and means the same.
    if let Some(i) = text.rfind(" +").or_else(|| text.rfind(" -")) {
        text.remove(i);
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(at);
        }
    }
    local(&text, zone)
}

fn local(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let at: DateTime = text.parse().ok()?;
    let at = zone.to_ambiguous_zoned(at).compatible().ok()?;
    Some(at.timestamp())
}

/// Milliseconds since the epoch.
#[must_use]
pub fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The time at so many milliseconds since the epoch, held within what a calendar can show.
#[must_use]
pub fn at_ms(ms: i64) -> Timestamp {
    let fallback = if ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(ms).unwrap_or(fallback)
}

/// The time in a zone.
#[must_use]
pub fn zoned(ms: i64, zone: &TimeZone) -> Zoned {
    at_ms(ms).to_zoned(zone.clone())
}

/// `2021-02-06 16:55`, in a zone.
#[must_use]
pub fn short(ms: i64, zone: &TimeZone) -> String {
    zoned(ms, zone).strftime("%Y-%m-%d %H:%M").to_string()
}

/// RFC 3339 with the zone's offset, in whole seconds: how nidoto writes times into files.
#[must_use]
pub fn rfc3339(ms: i64, zone: &TimeZone) -> String {
    zoned(ms, zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_with_and_without_an_offset() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let want: Timestamp = "2021-02-06T07:55:00Z".parse().unwrap();
        for text in [
            "2021-02-06T16:55:00+09:00",
            "2021-02-06T16:55+09:00",
            "2021-02-06 16:55",
            "2021/02/06 16:55:00",
            "2021-02-06 16:55 +09:00",
        ] {
            assert_eq!(parse(text, &tokyo), Some(want), "{text}");
        }
        for text in ["", "yesterday", "14.43", "2021-13-06 16:55", "2021-02-30 16:55"] {
            assert_eq!(parse(text, &tokyo), None, "{text}");
        }
        assert_eq!(rfc3339(ms(want), &tokyo), "2021-02-06T16:55:00+09:00");
    }
}
