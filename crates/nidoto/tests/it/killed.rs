//! `kill -9` at any moment: nothing half-written is ever seen, and the next run completes.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use nidoto_core::evidence::load_phase;
use nidoto_core::folder::{Incident, Manifest, Phase};

use crate::capture;
use crate::support::http::Server;
use crate::support::root::{TestRoot, run};

/// Moments that are spread over a run's whole life, each a little different.
fn moments(life: Duration, rounds: u32) -> impl Iterator<Item = Duration> {
    // The golden ratio spreads points evenly in any number.
    (1..=rounds).map(move |i| life.mul_f64((f64::from(i) * 0.618_033_988_749_895).fract() * 1.1))
}

/// Starts a command and kills it after a time. True if it was killed before its end.
fn killed_after(command: &mut Command, time: Duration) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(time);
    let _ = child.kill();
    !child.wait().unwrap().success()
}

/// How long a command takes: the shortest of three runs, as other work on the machine only adds.
fn life(mut command: impl FnMut() -> (TestRoot, Command)) -> Duration {
    let once = |_| {
        let (_root, mut command) = command();
        let started = Instant::now();
        let run = run(&mut command);
        assert_eq!(run.status, 0, "{}", run.said());
        started.elapsed()
    };
    (0..3).map(once).min().unwrap_or_default()
}

const ID: &str = "2026-11-20-x";
const NEW: [&str; 4] = ["new", "x", "--started", "2026-11-20 12:05"];

fn with_incident() -> TestRoot {
    let root = TestRoot::new("team: {language: en}\n");
    root.nidoto(&NEW).exits(0);
    root
}

/// The incident's folder is whole: all of its files, read without an error.
fn assert_whole(root: &TestRoot) {
    let dir = root.path(&format!("incidents/{ID}"));
    let incident = Incident::read(&dir, &dir, &TimeZone::UTC);
    assert_eq!(incident.diags, [], "{}", incident.text);
    assert!(dir.join("guards.yaml").is_file() && dir.join("evidence/manifest.yaml").is_file());
}

#[test]
fn new() {
    let life = life(|| {
        let root = TestRoot::new("");
        let command = root.command(&NEW);
        (root, command)
    });
    let mut killed = 0;
    for moment in moments(life, 60) {
        let root = TestRoot::new("team: {language: en}\n");
        killed += u32::from(killed_after(&mut root.command(&NEW), moment));
        let dir = root.path(&format!("incidents/{ID}"));
        if dir.exists() {
            assert_whole(&root);
        } else {
            root.nidoto(&NEW).exits(0);
            assert_whole(&root);
        }
        assert_eq!(root.nidoto(&["list"]).exits(0).stderr, "");
    }
    assert!(killed >= 10, "only {killed} of 60 were killed in time");
}

#[test]
fn note() {
    let note_in =
        |root: &TestRoot, text: &str| root.command(&["note", text, "--at", "2026-11-20 12:20", "--source", "t"]);
    let life = life(|| {
        let root = with_incident();
        let command = note_in(&root, "first.");
        (root, command)
    });
    let root = with_incident();
    let note = |text: &str| note_in(&root, text);
    let path = format!("incidents/{ID}/incident.md");
    let mut killed = 0;
    for (i, moment) in moments(life, 120).enumerate() {
        let before = root.read(&path);
        let text = format!("note number {i}.");
        killed += u32::from(killed_after(&mut note(&text), moment));
        let after = root.read(&path);
        // The whole note stands there, or nothing was changed.
        if after != before {
            let at = after.find(&format!("- 2026-11-20 12:20 {text}")).unwrap();
            let end = at + after[at..].find('\n').unwrap() + 1;
            assert_eq!(format!("{}{}", &after[..at], &after[end..]), before);
        }
        assert_whole(&root);
    }
    assert!(killed >= 20, "only {killed} of 120 were killed in time");
    root.nidoto(&["note", "last.", "--at", "2026-11-20 12:21"]).exits(0);
    assert!(root.read(&path).contains("last."));
}

#[test]
fn capture_of_everything() {
    let server = Server::start(capture::history);
    let capture_in = |root: &TestRoot| {
        root.command(&["capture", "2026-01-01-a", "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z"])
    };
    let life = life(|| {
        let root = capture::root(&server.url);
        let command = capture_in(&root);
        (root, command)
    });
    let mut killed = 0;
    for moments in moments(life, 48).collect::<Vec<_>>().chunks(3) {
        let root = capture::root(&server.url);
        // Killed three times in a row, at different moments; then it may end.
        for moment in moments {
            let mut command = capture_in(&root);
            killed += u32::from(killed_after(&mut command, *moment));
            assert_evidence_is_whole(&root);
        }
        capture::capture(&root).exits(0);
        let items = assert_evidence_is_whole(&root);
        assert!(items >= 4, "{items} items");
    }
    assert!(killed >= 12, "only {killed} of 48 were killed in time");
}

/// Whatever the manifest names is there, under its hash, and can be read. Returns how many items.
fn assert_evidence_is_whole(root: &TestRoot) -> usize {
    let folder = root.path("incidents/2026-01-01-a/evidence");
    let text = std::fs::read_to_string(folder.join("manifest.yaml")).unwrap_or_default();
    let (manifest, diags) = Manifest::read(&folder.join("manifest.yaml"), &text, &TimeZone::UTC);
    assert_eq!(diags, [], "{text}");
    let loaded = load_phase(&folder, &manifest, Phase::Outage, &TimeZone::UTC);
    assert_eq!(loaded.diags, [], "{text}");
    manifest.items.len()
}
