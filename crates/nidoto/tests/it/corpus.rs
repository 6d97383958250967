//! Real files: the Numenta Anomaly Benchmark's CSV, as teams export it from CloudWatch.

use std::fs;
use std::path::{Path, PathBuf};

use nidoto_core::evidence::{Naming, read_series_file};

use crate::support::repository;
use crate::support::root::TestRoot;

fn nab() -> Option<PathBuf> {
    let folder = repository().join("../shared/data/metrics/nab");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is absent", folder.display());
    None
}

#[test]
fn every_nab_file_loads() {
    let Some(nab) = nab() else { return };
    let mut files = 0;
    for entry in walkdir::WalkDir::new(nab.join("data")) {
        let path = entry.unwrap().into_path();
        if path.extension().is_none_or(|e| e != "csv") {
            continue;
        }
        files += 1;
        let naming = Naming { name: "nab".into(), labels: Vec::new(), zone: jiff::tz::TimeZone::UTC };
        let file = read_series_file(&path, &naming).unwrap();
        assert_eq!(file.faults, [], "{}", path.display());
        let text = fs::read_to_string(&path).unwrap();
        let mut times: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        times.sort_unstable();
        times.dedup();
        assert_eq!(file.series[0].samples.iter().count(), times.len(), "{}", path.display());
    }
    assert!(files >= 20, "only {files} files");
}

/// One outage of the benchmark with its labelled window (`labels/combined_windows.json`).
struct Known {
    file: &'static str,
    /// The window's beginning and end.
    window: (&'static str, &'static str),
    /// Where the file begins and where the time after the outage ends.
    span: (&'static str, &'static str),
    guard: &'static str,
    /// Proven by the guard; the earliest warning before the window ends.
    status: &'static str,
}

const KNOWN: [Known; 2] = [
    // The CPU of a database settles at twice its level.
    Known {
        file: "realAWSCloudwatch/rds_cpu_utilization_cc0c53.csv",
        window: ("2014-02-24T22:50:00Z", "2014-02-25T15:35:00Z"),
        span: ("2014-02-14T14:30:00Z", "2014-02-28T14:30:00Z"),
        guard: "above: 12, for: 30m",
        status: "no-fix",
    },
    // Requests take long until the machine fails.
    Known {
        file: "realKnownCause/ec2_request_latency_system_failure.csv",
        window: ("2014-03-18T17:06:00Z", "2014-03-19T04:16:00Z"),
        span: ("2014-03-07T03:41:00Z", "2014-03-19T04:16:00Z"),
        guard: "above: 60",
        status: "proven",
    },
];

#[test]
fn known_causes_are_proved_against_their_windows() {
    let Some(nab) = nab() else { return };
    let windows = fs::read_to_string(nab.join("labels/combined_windows.json")).unwrap();
    let windows: serde_json::Value = serde_json::from_str(&windows).unwrap();
    for known in KNOWN {
        let is_labelled = windows[known.file].as_array().unwrap().iter().any(|window| {
            let begins = |i: usize, at: &str| {
                window[i].as_str().unwrap().replace(' ', "T").starts_with(at.trim_end_matches('Z'))
            };
            begins(0, known.window.0) && begins(1, known.window.1)
        });
        assert!(is_labelled, "{} has no such window", known.file);
        prove(&nab, &known);
    }
}

fn prove(nab: &Path, known: &Known) {
    let root = TestRoot::new("team: {language: en}\nsources: {metrics: {prometheus: 'http://127.0.0.1:1'}}\n");
    let times = format!("started: {}\ndetected: {}\n", known.window.0, known.window.1);
    let guard = format!(
        "g:\n  threshold: {{query: 'nab{{host=\"a\"}}', {}, gap: 30m}}\n  every: 5m\n  warn: 30m\n",
        known.guard
    );
    root.incident("a", &times, &guard);
    let keys = |from: &str, to: &str| {
        format!(
            "type: series\nsource: metrics\nname: nab\nlabels: {{host: a}}\nzone: UTC\nfrom: {from}\nto: {to}\norigin: recorded\nby: NAB"
        )
    };
    let csv = fs::read(nab.join("data").join(known.file)).unwrap();
    root.evidence("a", "outage/nab.csv", &keys(known.span.0, known.span.1), &csv);
    if known.status == "proven" {
        // Ordinary days of the same file stand for the time after the repair.
        root.evidence("a", "fixed/nab.csv", &keys("2014-03-09T00:00:00Z", "2014-03-14T00:00:00Z"), &csv);
    }
    let run = root.nidoto(&["prove", "--format", "json"]);
    let proof = &run.json()["cases"][0]["proof"];
    assert_eq!(proof["status"], known.status, "{}: {}", known.file, run.said());
    assert!(proof["lead"]["detected_s"].as_i64().unwrap() > 0, "{}: {proof}", known.file);
    assert!(proof["quiet_weeks"].as_f64().unwrap() > 1.0, "{}: {proof}", known.file);
}
