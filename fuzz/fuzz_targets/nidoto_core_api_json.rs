//! Any bytes as an answer of Prometheus or CloudWatch.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use nidoto_core::evidence::{Answer, Naming, parse_series};

fuzz_target!(|bytes: &[u8]| {
    let naming = Naming { name: "m".into(), labels: Vec::new(), zone: TimeZone::UTC };
    for series in parse_series("a.json", bytes, &naming).series {
        assert!(series.samples.timestamps_ms.windows(2).all(|pair| pair[0] < pair[1]));
    }
    if let Ok(answer) = Answer::read(bytes, 0) {
        let _ = answer.json();
    }
});
