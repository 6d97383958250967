//! Edits of any text: what an edit inserts is the only difference, and it can be read back.
#![no_main]

use std::path::Path;

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use nidoto_core::Lang;
use nidoto_core::folder::{Incident, SectionKind, append_item, append_to_section, set_front};

fuzz_target!(|text: &str| {
    for lang in [Lang::En, Lang::Ja] {
        let after = append_to_section(text, SectionKind::Timeline, "- 2026-11-20 12:20 new", lang);
        only_inserted(text, &after);
    }
    // A key that is there is replaced; this one is not.
    if !text.contains("nidoto_key") {
        only_inserted(text, &set_front(text, "nidoto_key", "now"));
    }
    let _ = set_front(text, "resolved", "2026-11-20T12:20:00+09:00");
    let _ = append_item(text, "items", "path: a\nto: b");
    let parse = |text: &str| Incident::parse("a".into(), Path::new("a"), Path::new("i.md"), text.into(), &TimeZone::UTC);
    let _ = parse(&append_to_section(text, SectionKind::Actions, "- [ ] new", Lang::En));
});

fn only_inserted(before: &str, after: &str) {
    let head = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    let tail = before.bytes().rev().zip(after.bytes().rev()).take_while(|(a, b)| a == b).count();
    assert!(after.len() >= before.len() && head + tail >= before.len(), "{before:?} -> {after:?}");
}
