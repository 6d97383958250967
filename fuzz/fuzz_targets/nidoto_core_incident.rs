//! Any bytes as `incident.md`: front matter, sections, timeline, actions, links.
#![no_main]

use std::path::Path;

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use nidoto_core::folder::{Incident, SectionKind, entry_line};

fuzz_target!(|text: &str| {
    let zone = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
    let incident = Incident::parse("a".into(), Path::new("a"), Path::new("incident.md"), text.to_owned(), &zone);
    for kind in SectionKind::all() {
        let _ = incident.section(kind);
    }
    for entry in &incident.timeline {
        let _ = entry_line(entry, &zone);
    }
    let _ = (incident.title(), incident.is_open(), incident.times.to_detect_s(), incident.times.to_recover_s());
});
