//! Any text is a backup's listing, a history, a table of rows, or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_config::backup::{Listing, declared};
use nidoto_config::flyway::checksum;
use nidoto_config::migration::Rows;
use nidoto_config::scan::File;

fuzz_target!(|text: &str| {
    if let Ok(listing) = Listing::of(text) {
        assert!(listing.entries.iter().all(|entry| entry.path.starts_with('/')));
    }
    let _ = Rows::of("production/team.csv", text);
    for state in declared(&File::new("state.txt", text)) {
        assert!(!state.spot.text().is_empty());
    }
    checksum(text);
});
