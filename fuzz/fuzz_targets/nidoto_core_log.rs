//! Any bytes as a log: time stamps of lines, and windows over them.
#![no_main]

use std::path::Path;

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use nidoto_core::evidence::{Log, stamp_ms};

fuzz_target!(|bytes: &[u8]| {
    let zone = TimeZone::get("America/New_York").unwrap_or(TimeZone::UTC);
    let mut log = Log::default();
    log.add(Path::new("a.log"), bytes, &zone, 1_600_000_000_000);
    log.sort();
    assert!(log.lines.windows(2).all(|pair| pair[0].at_ms <= pair[1].at_ms));
    let _ = log.window(1_500_000_000_000, 1_600_000_000_000);
    let _ = stamp_ms(&String::from_utf8_lossy(bytes), &zone, i64::MIN);
    let _ = stamp_ms(&String::from_utf8_lossy(bytes), &zone, i64::MAX);
});
