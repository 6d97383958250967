//! Flyway's and Spring's settings: no panic on any text, and what they say of any folder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_config::flyway::{Name, Settings};
use nidoto_config::scan::File;

const NAMES: [&str; 3] = ["flyway.conf", "application.properties", "application.yml"];

fuzz_target!(|input: (u8, &str, &str)| {
    let (which, text, path) = input;
    let name = NAMES[usize::from(which) % NAMES.len()];
    if let Ok(Some(settings)) = Settings::of(&File::new(name, text)) {
        let root = settings.root_of(path);
        assert!(root.is_none_or(|root| path.starts_with(root)));
        let _ = Name::of(path, &settings);
    }
});
