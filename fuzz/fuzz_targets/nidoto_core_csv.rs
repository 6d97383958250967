//! Any bytes as CSV.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use nidoto_core::evidence::{Naming, parse_series};

fuzz_target!(|bytes: &[u8]| {
    let naming = Naming { name: "m".into(), labels: vec![("a".into(), "b".into())], zone: TimeZone::UTC };
    for series in parse_series("a.csv", bytes, &naming).series {
        assert!(series.samples.timestamps_ms.windows(2).all(|pair| pair[0] < pair[1]));
    }
});
