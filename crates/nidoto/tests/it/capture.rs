//! `nidoto capture`: live evidence, frozen before it heals itself away.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::http::{Request, Server, response};
use crate::support::root::TestRoot;

const FROM: &str = "2026-01-01T00:00:00Z";
const TO: &str = "2026-01-02T00:00:00Z";

/// A server with one sample of `m` a minute, whose value is the hour of the day.
pub fn history(request: &Request) -> Vec<u8> {
    let form = |name: &str| {
        let pair = request.body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.unwrap_or_default().replace("%5B", "[").replace("%5D", "]").replace("%7B", "{").replace("%7D", "}")
    };
    let end = form("time").parse::<f64>().unwrap_or_default() as i64;
    let query = form("query");
    let length = query.rsplit('[').next().and_then(|span| span.trim_end_matches("s]").parse::<i64>().ok()).unwrap_or(0);
    let first = (end - length).div_euclid(60) + 1;
    let values: Vec<String> = (first..=end.div_euclid(60))
        .map(|minute| format!("[{},\"{}\"]", minute * 60, minute * 60 % 86_400 / 3_600))
        .collect();
    let result = if values.is_empty() {
        String::new()
    } else {
        format!("{{\"metric\":{{\"__name__\":\"m\",\"a\":\"b\"}},\"values\":[{}]}}", values.join(","))
    };
    response(
        "200 OK",
        &format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{result}]}}}}"),
    )
}

/// A root with an incident whose guards need every type of evidence.
pub fn root(url: &str) -> TestRoot {
    let root = TestRoot::new(&format!(
        "team: {{language: en, zone: UTC}}\nsources:\n  metrics: {{prometheus: '{url}'}}\n  app: {{log: app.log}}\n  asked: {{command: [echo, '{{\"n\": 1}}']}}\n"
    ));
    let times = format!("started: 2026-01-01T20:00:00Z\ndetected: 2026-01-01T21:00:00Z\nresolved: {TO}\n");
    root.incident(
        "2026-01-01-a",
        &times,
        "level: {threshold: {query: m, at_least: 20}}\nlines: {logs: {find: boom, within: 10m}}\nanswer: {exec: {json: [{at: /n, equals: 1}]}}\nconf: {files: {path: 'conf/**/*.conf', has: good}}\n",
    );
    root.write("app.log", "2025-12-31 23:00:00 before\n2026-01-01 20:30:00 boom\n\tat x\n2026-01-02 09:00:00 after\n");
    root.write("conf/a.conf", "good\n");
    root.write("conf/sub/b.conf", "good\n");
    root.write("conf/secret.key", "not asked for\n");
    root
}

pub fn capture(root: &TestRoot) -> crate::support::root::Run {
    root.nidoto(&["capture", "2026-01-01-a", "--from", FROM, "--to", TO])
}

#[test]
fn all_that_guards_need_is_frozen_and_can_be_proved() {
    let server = Server::start(history);
    let root = root(&server.url);
    let run = capture(&root).exits(0);
    assert_eq!(run.stdout.lines().count(), 4, "{}", run.said());
    let evidence = "incidents/2026-01-01-a/evidence";
    let manifest = root.read(&format!("{evidence}/manifest.yaml"));
    assert!(!manifest.contains("secret") && !root.path(&format!("{evidence}/outage/files/conf/secret.key")).exists());
    let log = zstd::decode_all(fs::File::open(root.path(&format!("{evidence}/outage/app.log.zst"))).unwrap()).unwrap();
    assert_eq!(String::from_utf8(log).unwrap(), "2026-01-01 20:30:00 boom\n\tat x\n");
    let run = root.nidoto(&["prove", "--format", "json"]);
    let json = run.json();
    assert_eq!(json["diags"].as_array().unwrap().len(), 0, "{}", run.said());
    let level = json["cases"].as_array().unwrap().iter().find(|case| case["guard"] == "level").unwrap();
    assert_eq!(level["proof"]["outage"][0]["from_ms"], 1_767_297_600_000_i64, "20:00: {level}");
    assert!(!root.path(".nidoto/capture/2026-01-01-a/outage/metrics").exists(), "chunks are gone");
}

#[test]
fn the_same_window_is_frozen_once() {
    let server = Server::start(history);
    let root = root(&server.url);
    capture(&root).exits(0);
    let asked = server.asked.lock().unwrap().len();
    let manifest = root.read("incidents/2026-01-01-a/evidence/manifest.yaml");
    capture(&root).exits(0);
    assert_eq!(server.asked.lock().unwrap().len(), asked, "series are not asked again");
    let series = |text: &str| text.matches("type: series").count() + text.matches("type: log").count();
    assert_eq!(series(&root.read("incidents/2026-01-01-a/evidence/manifest.yaml")), series(&manifest));
    root.nidoto(&["prove"]);
}

/// A server that fails half-way: what came is kept, nothing half is entered, and the next run asks
/// only for the rest.
#[test]
fn an_interrupted_capture_goes_on() {
    let fails = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&fails);
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request| {
        if count.fetch_add(1, Ordering::SeqCst) >= 2 && switch.load(Ordering::SeqCst) {
            return response("503 Service Unavailable", "starting");
        }
        history(request)
    });
    let root = root(&server.url);
    let run = capture(&root).exits(2);
    assert!(run.stderr.contains("HTTP 503"), "{}", run.stderr);
    assert!(!root.read("incidents/2026-01-01-a/evidence/manifest.yaml").contains("type: series"));
    let asked = server.asked.lock().unwrap().len();
    fails.store(false, Ordering::SeqCst);
    capture(&root).exits(0);
    let again = server.asked.lock().unwrap().len() - asked;
    assert!((2..=4).contains(&again), "{asked} questions, then {again}: the first two were kept");
}

#[test]
fn nothing_to_freeze_and_impossible_windows_are_told() {
    let root = root("http://127.0.0.1:1");
    root.write("incidents/b/incident.md", "---\nid: b\n---\n");
    let run = root.nidoto(&["capture", "b"]).exits(2);
    assert!(run.stderr.contains("nothing to freeze"), "{}", run.stderr);
    let run = root.nidoto(&["capture", "2026-01-01-a", "--from", TO, "--to", FROM]).exits(2);
    assert!(run.stderr.contains("--from"), "{}", run.stderr);
    let run = root.nidoto(&["capture", "2026-01-01-a", "--series", "sum(", "--source", "metrics"]).exits(2);
    assert!(run.stderr.contains("is no PromQL"), "{}", run.stderr);
}
