//! Now, and times given on the command line.

use anyhow::{Result, bail};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use nidoto_core::{Words, when};

/// A time given by hand: a time of today (`12:20`) or whatever [`when::parse`] reads; now if none
/// is given.
///
/// # Errors
/// When it is no time.
pub fn read(given: Option<&str>, zone: &TimeZone) -> Result<Timestamp> {
    let Some(given) = given else { return Ok(Timestamp::now()) };
    if let Some(at) = when::parse(given, zone) {
        return Ok(at);
    }
    if let Ok(time) = given.trim().parse::<civil::Time>() {
        let today = Timestamp::now().to_zoned(zone.clone()).date();
        return Ok(today.to_datetime(time).to_zoned(zone.clone())?.timestamp());
    }
    bail!(Words::new(
        format!("`{given}` is no time: write it like 12:20 or \"2026-11-20 12:20\""),
        format!("`{given}` は日時ではありません: 12:20 や \"2026-11-20 12:20\" のように書いてください")
    ))
}

/// The name of whoever is at the keyboard.
#[must_use]
pub fn user() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
}
