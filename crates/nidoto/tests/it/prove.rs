//! `nidoto prove`: what it makes of guards that warn, and of those that do not.

use std::fs;

use serde_json::Value as Json;

use crate::support::repository;
use crate::support::root::{Run, TestRoot, samples};

const CONFIG: &str = "team: {language: en}\nsources: {metrics: {prometheus: 'http://127.0.0.1:1'}}\n";
const TIMES: &str = "started: 2021-01-02T02:00:00Z\ndetected: 2021-01-02T02:30:00Z\n";
const SERIES: &str = "type: series\nsource: metrics\norigin: simulated\n";

/// A root with one incident `a` and one guard `g` on metric `m`: calm (1) for two hours, then the
/// outage (9) for one; `fixed` is an hour of one value.
fn root(guard: &str, fixed: Option<f64>) -> TestRoot {
    let root = TestRoot::new(CONFIG);
    root.incident("a", TIMES, &format!("g:\n  threshold: {{query: m, {guard}}}\n"));
    let outage = (0..=180).map(|minute| if minute < 120 { 1.0 } else { 9.0 });
    root.evidence(
        "a",
        "outage/m.om",
        &format!("{SERIES}from: 2021-01-02T00:00:00Z\nto: 2021-01-02T03:00:00Z\n"),
        samples("m", "2021-01-02T00:00:00Z", 60, outage),
    );
    if let Some(value) = fixed {
        root.evidence(
            "a",
            "fixed/m.om",
            &format!("{SERIES}from: 2021-01-03T00:00:00Z\nto: 2021-01-03T01:00:00Z\n"),
            samples("m", "2021-01-03T00:00:00Z", 60, [value; 61]),
        );
    }
    root
}

fn prove(root: &TestRoot) -> Run {
    root.nidoto(&["prove", "--format", "json"])
}

fn proof(run: &Run) -> Json {
    run.json()["cases"][0]["proof"].clone()
}

#[test]
fn every_outcome_has_its_status_and_exit_code() {
    let outcomes = [
        ("above: 5", Some(1.0), "proven", 0),
        ("above: 5, for: 40m", Some(1.0), "late", 0),
        ("above: 5", None, "no-fix", 1),
        ("above: 50", Some(1.0), "unproven", 1),
        ("above: 5", Some(9.0), "red-after-fix", 1),
        ("above: 0", Some(1.0), "useless", 1),
    ];
    for (guard, fixed, status, exit) in outcomes {
        let run = prove(&root(guard, fixed));
        assert_eq!((proof(&run)["status"].as_str(), run.status), (Some(status), exit), "{guard}: {}", run.said());
    }
}

#[test]
fn a_guard_without_anything_to_look_at_is_blind() {
    let root = root("above: 5", Some(1.0));
    root.write("incidents/a/guards.yaml", "g:\n  threshold: {query: other, above: 5}\n");
    let run = prove(&root).exits(2);
    assert_eq!(proof(&run)["status"], "blind");
    assert!(run.said().contains("holds nothing that this guard looks at"), "{}", run.said());
}

#[test]
fn lead_is_counted_from_the_first_red() {
    let lead = &proof(&prove(&root("above: 5, for: 10m", Some(1.0))))["lead"];
    assert_eq!((lead["detected_s"].as_i64(), lead["started_s"].as_i64()), (Some(20 * 60), Some(-10 * 60)));
    assert_eq!(lead["at_least"], false);
}

#[test]
fn quiet_evidence_counts_false_reds() {
    let root = root("above: 5", Some(1.0));
    // A week with two short peaks.
    let week = (0..=10_080).map(|minute| if [100, 5_000].contains(&minute) { 9.0 } else { 1.0 });
    root.evidence(
        "a",
        "quiet/m.om",
        &format!("{SERIES}from: 2020-12-01T00:00:00Z\nto: 2020-12-08T00:00:00Z\n"),
        samples("m", "2020-12-01T00:00:00Z", 60, week),
    );
    let proof = proof(&prove(&root));
    assert_eq!((proof["status"].as_str(), proof["false_reds"].as_i64()), (Some("proven"), Some(2)));
    assert!((proof["quiet_weeks"].as_f64().unwrap() - 1.0).abs() < 0.01, "{proof}");
}

#[test]
fn every_guard_runs_on_every_incident() {
    let root = root("above: 5", Some(1.0));
    root.incident("b", TIMES, "");
    root.evidence(
        "b",
        "fixed/m.om",
        &format!("{SERIES}from: 2021-02-01T00:00:00Z\nto: 2021-02-01T01:00:00Z\n"),
        samples("m", "2021-02-01T00:00:00Z", 60, [9.0; 61]),
    );
    let run = prove(&root).exits(1);
    let elsewhere = &proof(&run)["red_elsewhere"][0];
    assert_eq!((elsewhere["incident"].as_str(), elsewhere["phase"].as_str()), (Some("b"), Some("fixed")));
    let text = root.nidoto(&["prove"]).exits(1).stdout;
    assert!(text.contains("g: a false alarm, it is red on the fixed evidence of b"), "{text}");
}

#[test]
fn any_changed_byte_is_blind_and_named() {
    let root = root("above: 5", Some(1.0));
    prove(&root).exits(0);
    for name in ["outage/m.om", "fixed/m.om"] {
        let path = root.path(&format!("incidents/a/evidence/{name}"));
        let good = fs::read(&path).unwrap();
        for at in (0..good.len()).step_by(good.len() / 8) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, bad).unwrap();
            let run = root.nidoto(&["prove"]).exits(2);
            assert!(run.said().contains(name) && run.said().contains("was changed"), "byte {at}: {}", run.said());
        }
        fs::write(&path, good).unwrap();
    }
    prove(&root).exits(0);
}

#[test]
fn a_lost_file_is_blind_and_named() {
    for name in ["outage/m.om", "fixed/m.om"] {
        let root = root("above: 5", Some(1.0));
        fs::remove_file(root.path(&format!("incidents/a/evidence/{name}"))).unwrap();
        let run = root.nidoto(&["prove"]).exits(2);
        assert!(run.said().contains(name) && run.said().contains("cannot be read"), "{}", run.said());
    }
}

#[test]
fn a_manifest_that_lies_is_blind() {
    let lies = [
        ("sha256: ", "sha256: 0", "was changed"),
        ("type: series", "type: serie", "did you mean `series`?"),
        ("path: outage/m.om", "path: outage/../m.om", "leads out of evidence"),
        ("path: outage/m.om", "path: somewhere/m.om", "does not begin with outage/, fixed/ or quiet/"),
        ("to: 2021-01-02", "to: 2020-01-02", "ends before it begins"),
        ("    source: metrics\n", "", "needs `source:`"),
        ("items:", "item:", "unknown key `item`"),
    ];
    for (from, to, reason) in lies {
        let root = root("above: 5", Some(1.0));
        let manifest = root.read("incidents/a/evidence/manifest.yaml");
        root.write("incidents/a/evidence/manifest.yaml", manifest.replacen(from, to, 1));
        let run = root.nidoto(&["prove"]).exits(2);
        assert!(run.said().contains(reason), "{to}: {}", run.said());
    }
}

#[test]
fn evidence_with_an_unreadable_line_is_blind() {
    let root = root("above: 5", Some(1.0));
    root.evidence(
        "a",
        "outage/more.om",
        &format!("{SERIES}from: 2021-01-02T00:00:00Z\nto: 2021-01-02T03:00:00Z\n"),
        "m{a=\"b\"} 1 1609545600\nm{a=b} 1 1609545660\n",
    );
    let run = root.nidoto(&["prove"]).exits(2);
    assert!(run.said().contains("outage/more.om:2:3: expected a label's value in quotes"), "{}", run.said());
}

#[test]
fn an_unknown_name_is_explained() {
    let root = root("above: 5", Some(1.0));
    root.write("incidents/a/guards.yaml", "slab-rises:\n  threshold: {query: m, above: 5}\n");
    let run = root.nidoto(&["prove", "slab-rise"]).exits(2);
    assert!(run.stderr.contains("did you mean the guard `slab-rises`?"), "{}", run.stderr);
}

/// The published outages: each has a proven guard, and no guard cries wolf elsewhere.
#[test]
fn the_examples_are_proven_without_a_false_alarm() {
    let root = TestRoot::copy_of(&repository().join("examples/outages"));
    let run = root.nidoto(&["prove", "--format", "json"]).exits(0);
    let json = run.json();
    let cases = json["cases"].as_array().unwrap();
    for case in cases {
        for elsewhere in case["proof"]["red_elsewhere"].as_array().unwrap() {
            assert_eq!(elsewhere["phase"], "outage", "{}: {elsewhere}", case["guard"]);
        }
    }
    for entry in fs::read_dir(root.path("incidents")).unwrap() {
        let id = entry.unwrap().file_name().into_string().unwrap();
        let is_proven = |case: &&Json| case["incident"] == id.as_str() && case["proof"]["status"] == "proven";
        assert!(cases.iter().any(|case| is_proven(&case)), "{id} has no proven guard");
    }
    let text = root.nidoto(&["prove", "--width", "160", "--lang", "en"]).exits(0).stdout;
    let table = text.find("\nguard ").expect("the table has a header");
    let end = text.find("\nOpen ends").unwrap_or(text.len());
    insta::assert_snapshot!("examples", &text[table + 1..end]);
}
