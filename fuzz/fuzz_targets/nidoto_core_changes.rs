//! Any bytes as `changes.jsonl`; what is read can be written and read again.
#![no_main]

use std::path::Path;

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use nidoto_core::folder::read_changes;

fuzz_target!(|text: &str| {
    let file = Path::new("changes.jsonl");
    let (changes, _) = read_changes(file, text, &TimeZone::UTC);
    let written: String = changes.iter().filter_map(|change| Some(serde_json::to_string(change).ok()? + "\n")).collect();
    let (again, faults) = read_changes(file, &written, &TimeZone::UTC);
    assert_eq!(faults, []);
    assert_eq!(again, changes);
});
