//! `init`, `new`, `note`, `change`, `show` and `list`: an outage, written down as it happens.

use std::thread;

use serde_json::Value as Json;

use crate::support::root::{Run, TestRoot};

const CONFIG: &str = "team: {language: en, zone: Asia/Tokyo}\n";

fn stdout(run: &Run) -> String {
    run.stdout.clone()
}

#[test]
fn init_makes_a_root_that_holds_and_overwrites_nothing() {
    for lang in ["en", "ja"] {
        let root = TestRoot::empty();
        root.nidoto(&["init", "--lang", lang]).exits(0);
        let config = root.read("nidoto.yaml");
        assert!(config.contains(&format!("language: {lang}")), "{config}");
        assert_eq!(root.nidoto(&["check"]).exits(0).stderr, "");
        assert_eq!(root.nidoto(&["list"]).exits(0).stderr, "");
        assert_eq!(root.nidoto(&["show"]).exits(0).stderr, "");
        root.write("nidoto.yaml", config.clone() + "# mine\n");
        let again = root.nidoto(&["init", "--lang", "en"]).exits(2);
        assert!(again.stderr.contains("already there"), "{}", again.stderr);
        assert_eq!(root.read("nidoto.yaml"), config + "# mine\n");
    }
}

#[test]
fn the_template_with_its_comments_taken_off_is_read() {
    for lang in ["en", "ja"] {
        let root = TestRoot::empty();
        root.nidoto(&["init", "--lang", lang]).exits(0);
        let config = root.read("nidoto.yaml").replace("sources: {}", "sources:");
        let open: String = config
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| rest.starts_with("  ")).unwrap_or(line).to_owned() + "\n")
            .collect();
        root.write("nidoto.yaml", &open);
        let run = root.nidoto(&["list"]).exits(0);
        assert_eq!(run.stderr, "", "{open}");
    }
}

#[test]
fn new_begins_an_incident_once() {
    let root = TestRoot::new(CONFIG);
    let run =
        root.nidoto(&["new", "API: \"502\" # again", "--started", "2026-11-20 12:05", "--severity", "minor"]).exits(0);
    assert_eq!(run.stdout.trim(), "./incidents/2026-11-20-api-502-again/incident.md");
    let text = root.read("incidents/2026-11-20-api-502-again/incident.md");
    assert!(text.contains("started: 2026-11-20T12:05:00+09:00") && text.contains("severity: minor"), "{text}");
    assert_eq!(root.nidoto(&["list"]).exits(0).stderr, "");
    let again = root.nidoto(&["new", "API: \"502\" # again", "--started", "2026-11-20 12:05"]).exits(2);
    assert!(again.stderr.contains("already there"), "{}", again.stderr);
    for bad in [&["new", "x", "--started", "yesterday"][..], &["new", "x", "--severity", "awful"], &["new"]] {
        root.nidoto(bad).exits(2);
    }
    // A title can lead nowhere else.
    root.nidoto(&["new", "../../etc/passwd", "--started", "2026-11-20 12:05"]).exits(0);
    assert!(root.path("incidents/2026-11-20-etc-passwd/incident.md").is_file());
}

#[test]
fn note_appends_to_the_open_incident_and_changes_nothing_else() {
    let root = TestRoot::new(CONFIG);
    let before = "---\r\nid: a\r\ntitle: 'x'   # why\r\nown_key: {a: 1}\r\nstarted: 2026-11-20T12:05:00+09:00\r\n---\r\n# 見出し\r\n## Timeline\r\n- 2026-11-20 12:05 it began\r\n\r\n## Luck\r\n* much \r\n\r\n\r\n";
    root.write("incidents/a/incident.md", before);
    root.write("incidents/closed/incident.md", "---\nid: closed\nstatus: closed\nstarted: 2026-11-21T00:00:00Z\n---\n");
    root.nidoto(&["note", "database at 100 %", "--at", "2026-11-20 12:20", "--source", "mika"]).exits(0);
    let after = root.read("incidents/a/incident.md");
    let at = after.find("- 2026-11-20 12:20 database at 100 % (mika, noted 20").unwrap();
    let end = at + after[at..].find('\n').unwrap() + 1;
    assert_eq!(format!("{}{}", &after[..at], &after[end..]), before);
    assert!(after[at..end].ends_with("\r\n"), "line ends stay the author's");
    let show = root.nidoto(&["show", "a"]).exits(0);
    assert!(show.stdout.contains("database at 100 %") && show.stderr.is_empty(), "{}", show.said());
}

#[test]
fn note_without_an_open_incident_says_how_to_begin_one() {
    let root = TestRoot::new(CONFIG);
    let run = root.nidoto(&["note", "x"]).exits(2);
    assert!(run.stderr.contains("nidoto new"), "{}", run.stderr);
    root.write("incidents/a/incident.md", "---\nid: a\n---\n");
    let run = root.nidoto(&["note", "  "]).exits(2);
    assert!(run.stderr.contains("nothing to note"), "{}", run.stderr);
    assert_eq!(root.read("incidents/a/incident.md"), "---\nid: a\n---\n");
}

#[test]
fn a_postmortem_that_is_no_utf8_is_left_alone() {
    let root = TestRoot::new(CONFIG);
    root.write("incidents/a/incident.md", b"---\nid: a\n---\n\xff\xfe\n");
    let run = root.nidoto(&["note", "x", "--incident", "a"]).exits(2);
    assert!(run.stderr.contains("UTF-8"), "{}", run.stderr);
    assert_eq!(std::fs::read(root.path("incidents/a/incident.md")).unwrap(), b"---\nid: a\n---\n\xff\xfe\n");
}

/// Many people write at once: every word is kept, once.
#[test]
fn concurrent_notes_and_changes_lose_nothing() {
    const WRITERS: usize = 24;
    let root = TestRoot::new(CONFIG);
    root.nidoto(&["new", "x", "--started", "2026-11-20 12:05"]).exits(0);
    thread::scope(|scope| {
        for i in 0..WRITERS {
            let root = &root;
            scope.spawn(move || {
                root.nidoto(&["note", &format!("note number {i}."), "--at", "2026-11-20 12:20"]).exits(0);
                root.nidoto(&["change", &format!("change number {i}."), "--kind", "deploy"]).exits(0);
            });
        }
    });
    let (text, journal) = (root.read("incidents/2026-11-20-x/incident.md"), root.read("changes.jsonl"));
    for i in 0..WRITERS {
        assert_eq!(text.matches(&format!("note number {i}.")).count(), 1, "{text}");
        assert_eq!(journal.matches(&format!("change number {i}.")).count(), 1, "{journal}");
    }
    for line in journal.lines() {
        serde_json::from_str::<Json>(line).unwrap();
    }
}

#[test]
fn changes_before_an_incident_are_its_suspects() {
    let root = TestRoot::new(CONFIG);
    root.write("changes.jsonl", "{\"at\": \"2026-11-20T11:00:00+09:00\", \"what\": \"no line end\"}");
    root.nidoto(&["change", "push to \"everyone\"", "--kind", "push", "--size", "120000", "--at", "2026-11-20 12:00"])
        .exits(0);
    let journal = root.read("changes.jsonl");
    let last: Json = serde_json::from_str(journal.lines().nth(1).unwrap()).unwrap();
    assert_eq!((last["at"].as_str(), last["size"].as_f64()), (Some("2026-11-20T12:00:00+09:00"), Some(120_000.0)));
    root.nidoto(&["new", "x", "--started", "2026-11-20 12:05"]).exits(0);
    let show = root.nidoto(&["show"]).exits(0);
    assert!(show.stdout.contains("push to \"everyone\""), "{}", show.stdout);
}

#[test]
fn show_and_list_of_a_whole_incident() {
    let root = TestRoot::new("team: {language: en, zone: Asia/Tokyo}\n");
    root.write(
        "incidents/2021-02-06-a/incident.md",
        "---
id: 2021-02-06-a
title: Too many connections
status: reviewed
severity: major
services: [api]
started: 2021-02-06T16:55:00+09:00
detected: 2021-02-06T17:05:00+09:00
mitigated: 2021-02-06T17:55:00+09:00
resolved: 2021-02-07T17:55:00+09:00
links: [\"https://github.com/a/b/pull/3\"]
---
## Summary
It was full.
## Timeline
- 2021-02-06 16:55 errors begin (log)
- 17:05 somebody sees them (chat)
## Actions
- [x] watch it (owner: mika, ticket: OPS-12, guard: conf-there)
- [ ] a bigger machine (due: 2021-03-01)
",
    );
    root.write("incidents/2021-02-06-a/guards.yaml", "conf-there:\n  files: {path: nidoto.yaml, must_exist: true}\n");
    root.write("incidents/2021-03-01-b/incident.md", "---\nid: 2021-03-01-b\ntitle: 無題\n---\n");
    let show = root.nidoto(&["show", "2021-02", "--width", "100"]).exits(0);
    insta::assert_snapshot!("show", stdout(&show));
    let list = root.nidoto(&["list", "--width", "120"]).exits(0);
    insta::assert_snapshot!("list", stdout(&list));
    let json = root.nidoto(&["list", "--format", "json"]).exits(0).json();
    assert_eq!((json[0]["time_to_detect_s"].as_i64(), json[0]["time_to_recover_s"].as_i64()), (Some(600), Some(3_600)));
    assert_eq!((json[0]["guarded"].as_str(), json[1]["guarded"].as_str()), (Some("unproven"), Some("no-guard")));
}

/// A proof that `prove` made is remembered until what it stands on changes.
#[test]
fn list_remembers_proofs_until_something_changes() {
    let root = TestRoot::new(CONFIG);
    let times = "started: 2021-01-02T02:00:00Z\ndetected: 2021-01-02T02:30:00Z\n";
    root.incident("a", times, "g:\n  files: {path: /etc/a, must_exist: true}\n");
    let keys = |from: &str, to: &str| format!("type: files\nroot: /etc\nfrom: {from}\nto: {to}\norigin: recorded");
    root.evidence("a", "outage/etc/b", &keys("2021-01-02T00:00:00Z", "2021-01-02T03:00:00Z"), "x");
    root.evidence("a", "fixed/etc/a", &keys("2021-01-03T00:00:00Z", "2021-01-03T03:00:00Z"), "x");
    let manifest = root.read("incidents/a/evidence/manifest.yaml");
    root.write("incidents/a/evidence/manifest.yaml", manifest.replace("root: /etc", "root: /etc/ROOT"));
    let guarded =
        || root.nidoto(&["list", "--format", "json"]).exits(0).json()[0]["guarded"].as_str().unwrap().to_owned();
    assert_eq!(guarded(), "unproven");
    // Single files stand at their root.
    let manifest = manifest.replacen("root: /etc", "root: /etc/b", 1).replacen("root: /etc\n", "root: /etc/a\n", 1);
    root.write("incidents/a/evidence/manifest.yaml", &manifest);
    root.write("incidents/a/guards.yaml", "g:\n  files: {path: '/etc/*', has: good}\n");
    root.write("incidents/a/guards.yaml", "g:\n  files: {path: /etc/a, must_exist: true}\n");
    root.nidoto(&["prove"]);
    let before = guarded();
    root.write("incidents/a/guards.yaml", "g:\n  files: {path: /etc/a, must_exist: true}\n  why: changed\n");
    assert_eq!(guarded(), "unproven", "was {before}");
}

#[test]
fn schemas_are_json_and_hold_every_kind() {
    let root = TestRoot::empty();
    for file in ["nidoto", "guards", "manifest", "incident"] {
        let json = root.nidoto(&["schema", file]).exits(0).json();
        assert!(json["$schema"].as_str().is_some_and(|at| at.contains("json-schema.org")), "{file}: {json}");
    }
    let guards = root.nidoto(&["schema", "guards"]).stdout;
    for kind in ["threshold", "silence", "logs", "files", "exec"] {
        assert!(guards.contains(&format!("\"{kind}\"")), "{kind}");
        assert!(root.nidoto(&["explain", kind]).exits(0).stdout.contains("```yaml"));
    }
    let run = root.nidoto(&["explain", "treshold"]).exits(2);
    assert!(run.stderr.contains("did you mean `threshold`?"), "{}", run.stderr);
    for shell in ["bash", "zsh", "fish", "man"] {
        assert!(root.nidoto(&["generate", shell]).exits(0).stdout.contains("capture"), "{shell}");
    }
}
