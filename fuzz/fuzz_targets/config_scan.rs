//! Any two files are scanned by every rule, and their fixes made: no panic, no endless loop, places within the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_config::scan::{Options, Recorded, apply, scan};
use nidoto_core::evidence::TreeFile;

const NAMES: [&str; 8] = [
    "nginx.conf",
    "a.service",
    "a.timer",
    "V1__a.sql",
    "Dockerfile",
    "compose.yml",
    "ecosystem.config.js",
    "k8s.yaml",
];

fuzz_target!(|input: (u8, u8, &str, &str)| {
    let (one, two, first, second) = input;
    let name = |i: u8| NAMES[usize::from(i) % NAMES.len()];
    let file = |path: String, text: &str| TreeFile { path, bytes: Ok(text.as_bytes().to_vec()) };
    let files = [file(name(one).to_owned(), first), file(format!("b/{}", name(two)), second)];
    let source = Recorded::new(files.iter().collect());
    let targets: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    let options = Options { deny: vec!["*".to_owned()], base: Some(Default::default()), ..Options::default() };
    for issue in scan(&source, &targets, &options).issues {
        assert!(issue.spot.file.text.get(issue.spot.bytes.clone()).is_some(), "{:?}", issue.rule);
    }
    apply(&source, &targets, &options, true);
});
