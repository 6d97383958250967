//! Flyway's and Spring's settings: no panic on any text, places within it, and what they say of any folder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_config::flyway::{Name, Settings};
use nidoto_config::scan::File;
use nidoto_config::spring::{load, properties};

const NAMES: [&str; 4] = ["flyway.conf", "application.properties", "application.yml", "application-prod.properties"];

fuzz_target!(|input: (u8, &str, &str, &str)| {
    let (which, text, other, path) = input;
    for property in properties(text).iter().flatten() {
        assert!(text.get(property.bytes.clone()).is_some());
    }
    let file = File::new(NAMES[usize::from(which) % NAMES.len()], text);
    let files = [file.clone(), File::new("config/application-prod.yml", other)];
    let mut all = vec![Settings::of(&file)];
    for app in load(&files, &mut Vec::new()) {
        let said = app.production().all("spring.flyway.locations", &|_| None);
        assert!(said.iter().all(|said| said.spot.file.text.get(said.spot.bytes.clone()).is_some()));
        all.push(Settings::of_app(&app));
    }
    for settings in all.into_iter().filter_map(|read| read.ok().flatten()) {
        let root = settings.root_of(path);
        assert!(root.is_none_or(|root| path.starts_with(root)));
        let _ = Name::of(path, &settings);
    }
});
