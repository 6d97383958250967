//! Any bytes as `evidence/manifest.yaml`.
#![no_main]

use std::path::Path;

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use nidoto_core::folder::Manifest;

fuzz_target!(|text: &str| {
    let (manifest, _) = Manifest::read(Path::new("manifest.yaml"), text, &TimeZone::UTC);
    for (item, _) in &manifest.items {
        let (from_ms, to_ms) = item.span_ms(&TimeZone::UTC);
        assert!(from_ms <= to_ms && item.phase().is_some());
        assert!(!item.path.starts_with('/') && item.path.split('/').all(|part| part != ".."), "{}", item.path);
    }
});
