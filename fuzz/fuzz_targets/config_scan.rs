//! Any two files are scanned by every rule, and their fixes made: no panic, no endless loop, places within the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_config::flyway::Before;
use nidoto_config::scan::{Budget, File, Options, Recorded, apply, scan};
use nidoto_core::evidence::TreeFile;

const NAMES: [&str; 11] = [
    "nginx.conf",
    "a.service",
    "a.timer",
    "V1__a.sql",
    "Dockerfile",
    "compose.yml",
    "ecosystem.config.js",
    "k8s.yaml",
    "task.json",
    "application.yml",
    "flyway.conf",
];

fuzz_target!(|input: (u8, u8, &str, &str)| {
    let (one, two, first, second) = input;
    let name = |i: u8| NAMES[usize::from(i) % NAMES.len()];
    let file = |path: String, text: &str| TreeFile { path, bytes: Ok(text.as_bytes().to_vec()) };
    let files = [file(name(one).to_owned(), first), file(format!("b/{}", name(two)), second)];
    let source = Recorded::new(files.iter().collect());
    let targets: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    let options = Options {
        deny: vec!["*".to_owned()],
        base: Some(
            [
                ("b/V1__b.sql", Before::Edited(String::new())),
                ("b/V0__a.sql", Before::Gone),
                ("b/R__r.sql", Before::Gone),
            ]
            .map(|(path, before)| (path.to_owned(), before))
            .into(),
        ),
        budget: Some(Budget { max: Some(9), ..Budget::default() }),
        state: vec![File::new("state.txt", second)],
        drills: vec![File::new("drills.txt", second)],
        now_s: Some(1_625_900_000),
        drill_max_age_s: Some(1),
        is_live: one > 127,
        ..Options::default()
    };
    for issue in scan(&source, &targets, &options).issues {
        assert!(issue.spot.file.text.get(issue.spot.bytes.clone()).is_some(), "{:?}", issue.rule);
    }
    apply(&source, &targets, &options, true);
});
