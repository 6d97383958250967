//! Any text is a unit file: assignments lie where they say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_config::systemd::{parse, timespan_us};

fuzz_target!(|text: &str| {
    for entry in parse(text) {
        assert!(text.get(entry.bytes.clone()).is_some());
        timespan_us(&entry.value);
    }
});
