//! Any bytes as the log of a garbage collector.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_metrics::gc::line::{Event, read};

fuzz_target!(|bytes: &[u8]| {
    for line in String::from_utf8_lossy(bytes).lines() {
        if let Some(Ok(line)) = read(line)
            && let Event::Full(bytes) | Event::Part(bytes) | Event::Limit(bytes) = line.event
        {
            assert!(bytes.is_finite() && bytes >= 0.0);
        }
    }
});
