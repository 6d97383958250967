//! `nidoto try`: guards and rule files over files, evidence and a real server with a history.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

use crate::support::process::{Process, within};
use crate::support::repository;
use crate::support::root::{TestRoot, samples};

const SLAB: &str = "incidents/2021-07-03-slab-filled-memory/evidence/outage/slab.om.zst";

const RULES: &str = r#"groups:
- name: memory
  interval: 1m
  rules:
  - record: instance:slab:gb
    expr: node_memory_SUnreclaim_bytes / 1e9
  - alert: SlabHigh
    expr: instance:slab:gb > 1.6
    for: 30m
    labels: {severity: page}
    annotations:
      summary: '{{ $labels.instance }} has {{ $value | printf "%.1f" }} GB of slab'
  - {alert: Calm, expr: node_memory_SUnreclaim_bytes > 1e12}
"#;

fn outages() -> TestRoot {
    let root = TestRoot::copy_of(&repository().join("examples/outages"));
    root.write("rules.yml", RULES);
    root
}

/// A minute's samples of `load`: 200 calm, 60 high, with a gap, 100 calm.
fn load(from: &str) -> String {
    let value = |i: i64| if (200..260).contains(&i) { 9.0 } else { 1.0 + (i % 3) as f64 };
    samples("load{job=\"web\"}", from, 60, (0..360).map(value)) + "# EOF\n"
}

#[test]
fn a_guard_is_tried_and_can_be_adopted() {
    let root = outages();
    let try_slab = ["try", "threshold", "--query", "node_memory_SUnreclaim_bytes{instance=\"s512\"}"];
    let rest = ["--set", "above=1.5e9", "--set", "for=30m", "--set", "severity=page", "--on", SLAB];
    let run = root.nidoto(&[&try_slab[..], &rest].concat()).exits(1);
    assert!(run.stdout.contains("is above 1.5G, for at least 30m") && run.stdout.contains("verdict"), "{}", run.stdout);
    let yaml = run.stdout.split("guards.yaml:\n\n").nth(1).unwrap();
    assert!(yaml.contains("  severity: page\n") && yaml.contains("    above: 1.5e9\n"), "{yaml}");
    // The same guard, adopted: as a file, and over the whole incident.
    root.write("tried.yaml", yaml);
    let again = root.nidoto(&["try", "--guard", "tried.yaml", "--on", SLAB, "--format", "json"]).exits(1).json();
    let trial = &again["cases"][0]["trial"];
    assert!(!trial["red"].as_array().unwrap().is_empty());
    assert!((4..10).contains(&trial["red_days"].as_i64().unwrap()), "{trial}");
    let of_incident =
        root.nidoto(&["try", "--guard", "tried.yaml", "--on", "2021-07-03-slab", "--format", "json"]).exits(1);
    assert_eq!(of_incident.json()["cases"][0]["trial"]["red"], trial["red"]);
}

#[test]
fn whole_guards_come_from_standard_input_and_keep_their_source() {
    let root = TestRoot::empty();
    root.write("load.om", load("2026-01-01T00:00:00Z"));
    let guards = "high:\n  threshold: {query: load, above: 5, for: 10m}\n  source: metrics\ncalm:\n  threshold: {query: load, above: 50}\nwrong:\n  threshold: {query: load, abve: 5}\n";
    let mut command = root.command(&["try", "--guard", "-", "--on", "load.om", "--format", "json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), guards.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    let verdicts: Vec<_> =
        json["cases"].as_array().unwrap().iter().map(|case| (&case["guard"], &case["verdict"])).collect();
    assert_eq!(verdicts, [(&Json::from("high"), &Json::from("red")), (&Json::from("calm"), &Json::from("green"))]);
    assert!(json["diags"][0]["what"]["en"].as_str().unwrap().contains("abve"), "{json}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn exits_by_what_was_seen() {
    let root = TestRoot::empty();
    root.write("load.om", load("2026-01-01T00:00:00Z"));
    let on = |arguments: &[&str]| root.nidoto(&[&["try"], arguments, &["--on", "load.om"]].concat());
    on(&["threshold", "--query", "load", "--set", "above=100"]).exits(0);
    on(&["threshold", "--query", "load", "--set", "above=5"]).exits(1);
    on(&["threshold", "--query", "load", "--set", "above=5", "--to", "2026-01-01 02:00"]).exits(0);
    on(&["threshold", "--query", "load", "--set", "above=5", "--from", "2026-01-01 03:00", "--to", "2026-01-01 04:00"])
        .exits(1);
    let blind = on(&["threshold", "--query", "renamed", "--set", "above=5"]).exits(2);
    assert!(blind.stdout.contains("renamed") && blind.stdout.contains("blind 100.0 % of the time"), "{}", blind.said());
    for (arguments, told) in [
        (&["treshold", "--query", "load"][..], "did you mean `threshold`?"),
        (
            &["threshold", "--query", "load", "--set", "abve=5"],
            "--set abve=5: unknown key `abve` (did you mean `above`?)",
        ),
        (&["threshold", "--query", "load(", "--set", "above=5"], "--query: "),
        (&["threshold", "--query", "load", "--set", "above"], "write it like limit=1.5e9"),
        (&["files", "--set", "path=a"], "files"),
    ] {
        let run = on(arguments).exits(2);
        assert!(run.stderr.contains(told), "{arguments:?}: {}", run.said());
    }
    let run = root.nidoto(&["try", "threshold", "--query", "load", "--set", "above=5"]).exits(2);
    assert!(run.stderr.contains("--on"), "{}", run.stderr);
}

#[test]
fn rules_that_would_have_caught_an_outage() {
    let root = outages();
    let run = root.nidoto(&["try", "--rules", "rules.yml", "--on", "2021-07-03-slab", "--width", "120"]).exits(0);
    let told = run.stdout.split("caught 2021-07-03-slab-filled-memory: ").nth(1).unwrap_or_default();
    assert!(told.contains("before anybody noticed, "), "{}", run.stdout);
    assert!(run.stdout.contains("s512 has 1.6 GB of slab"), "{}", run.stdout);
    let json =
        root.nidoto(&["try", "--rules", "rules.yml", "--on", "2021-07-03-slab", "--format", "json"]).exits(0).json();
    assert_eq!(json["cases"][0]["guard"], "2021-07-03-slab-filled-memory");
    let alert = &json["cases"][1]["trial"];
    assert_eq!((&alert["fired"], &alert["false_alarms"]), (&Json::from(1), &Json::from(0)));
    assert!(alert["caught"][0]["detected_s"].as_i64().unwrap() > 3 * 86_400, "{alert}");
    // An alert that comes too late, or not at all, did not catch it.
    let late = RULES.replace("> 1.6", "> 2.9").replace("for: 30m", "for: 5d");
    root.write("late.yml", late);
    root.nidoto(&["try", "--rules", "late.yml", "--on", "2021-07-03-slab"]).exits(1);
    // The same file without the incident: firing is red.
    root.nidoto(&["try", "--rules", "rules.yml", "--on", SLAB]).exits(1);
    root.nidoto(&["try", "--rules", "rules.yml", "--on", SLAB, "--incident", "2021-07-03-slab"]).exits(0);
    let run = root.nidoto(&["try", "--rules", "rules.yml", "--on", SLAB, "--incident", "2018-05-14"]).exits(2);
    assert!(run.stderr.contains("is not within"), "{}", run.stderr);
    let run =
        root.nidoto(&["try", "--rules", "rules.yml", "--on", "2021-07-03-slab", "--lang", "ja", "--width", "120"]);
    assert!(run.stdout.contains("捕捉 2021-07-03-slab-filled-memory: 誰かが気づく時点より "), "{}", run.stdout);
    for (format, told) in
        [("junit", "<testcase"), ("github", ""), ("markdown", "| ✔ green | `SlabHigh` |"), ("sarif", "2.1.0")]
    {
        let run = root.nidoto(&["try", "--rules", "rules.yml", "--on", "2021-07-03-slab", "--format", format]).exits(0);
        assert!(run.stdout.contains(told), "{format}: {}", run.stdout);
    }
}

#[test]
fn what_users_complain_of_is_told() {
    let root = TestRoot::empty();
    let value = |i: i64| if i < 30 { 1.0 } else { 9.0 };
    let from = |minute: i64| format!("2026-01-01T{:02}:{:02}:00Z", minute / 60, minute % 60);
    // The exporter is gone for seven minutes, shorter than the hold and longer than the look-back.
    let text = samples("load{job=\"web\"}", &from(0), 60, (0..45).map(value))
        + &samples("load{job=\"web\"}", &from(52), 60, (52..90).map(value))
        + "# EOF\n";
    root.write("load.om", text);
    root.write(
        "rules.yml",
        "groups:\n- name: g\n  rules:\n  - {alert: Held, expr: load > 5, for: 20m}\n  - {alert: Valued, expr: load > 5, for: 1m, labels: {v: '{{ $value }}'}}\n  - {alert: Gone, expr: 'renamed{a=\"b\"} > 5'}\n  - {alert: Text, expr: load > 5, annotations: {s: '{{ humanise $value }}'}}\n",
    );
    let run = root.nidoto(&["try", "--rules", "rules.yml", "--on", "load.om", "--width", "300"]).exits(1);
    for told in [
        "missing samples (3m at 2026-01-01 00:49) began `for` anew: it would have fired at 2026-01-01 00:52 and fired at 2026-01-01 01:12",
        "the label `v` changes with the value",
        "it looks at nothing: no series matches renamed{a=\"b\"}",
    ] {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
    assert!(
        run.stderr.contains("rules.yml:7:56: in this template: the function `humanise` is not supported"),
        "{}",
        run.stderr
    );
}

/// A real server with a history of days, made by promtool: what it answers in parts must fire as
/// the file that it was made of.
#[test]
fn a_server_with_a_history() {
    let root = TestRoot::empty();
    let minutes = 20_000;
    let value = |i: i64| if i % 3_000 > 2_900 { 9.0 } else { 1.0 };
    let now = jiff::Timestamp::now().as_second() / 60 * 60;
    let from = jiff::Timestamp::from_second(now - (minutes + 10) * 60).unwrap().to_string();
    let mut text = samples("load{job=\"web\"}", &from, 60, (0..minutes).map(value));
    text += &samples("queue{job=\"web\"}", &from, 60, (0..minutes).map(|i| value(i + 50)));
    root.write("history.om", text + "# EOF\n");
    let made = Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "openmetrics", "history.om", "tsdb"])
        .current_dir(root.path(""))
        .output()
        .expect("promtool is missing: apt-get install prometheus");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    root.write("prometheus.yml", "global: {}\n");
    let config = root.path("prometheus.yml");
    let server = Process::start("prometheus", "prometheus", &root.path("server.log"), |port| {
        vec![
            format!("--config.file={}", config.display()),
            format!("--storage.tsdb.path={}", root.path("tsdb").display()),
            "--storage.tsdb.retention.time=10y".to_owned(),
            format!("--web.listen-address=127.0.0.1:{port}"),
        ]
    });
    let url = server.url();
    let there = |arguments: &[&str]| root.nidoto(&[&["try"], arguments, &["--on", &url, "--format", "json"]].concat());
    let here =
        |arguments: &[&str]| root.nidoto(&[&["try"], arguments, &["--on", "history.om", "--format", "json"]].concat());
    let guard = ["threshold", "--query", "load", "--set", "above=5", "--set", "for=30m"];
    let is_ready = || !there(&guard).json()["cases"][0]["trial"]["red"].as_array().unwrap().is_empty();
    assert!(within(Duration::from_secs(60), is_ready), "{}", there(&guard).said());
    let red = |json: Json| json["cases"][0]["trial"]["red"].clone();
    assert_eq!(red(there(&guard).json()), red(here(&guard).json()));
    assert_eq!(red(there(&guard).json()).as_array().unwrap().len(), 6);
    // One alert is answered by the server as it is, one reads a record of the file and raw samples.
    root.write(
        "rules.yml",
        "groups:\n- name: g\n  rules:\n  - {record: 'job:load', expr: sum by (job) (load)}\n  - {alert: Direct, expr: queue > 5, for: 10m, annotations: {s: '{{ with printf \"load{job=%q}\" $labels.job | query }}{{ . | first | value }}{{ end }}'}}\n  - {alert: Recorded, expr: 'job:load + on (job) queue > 15', for: 5m}\n  - {alert: Gone, expr: renamed > 1}\n",
    );
    let firings = |json: Json| -> Vec<Json> {
        let cases = json["cases"].as_array().unwrap().clone();
        cases.iter().map(|case| case["trial"]["firings"].clone()).collect()
    };
    let (theirs, ours) = (there(&["--rules", "rules.yml"]).exits(1), here(&["--rules", "rules.yml"]).exits(1));
    assert_eq!(theirs.json()["cases"][2]["verdict"], "blind", "{}", theirs.stdout);
    let (theirs, ours) = (firings(theirs.json()), firings(ours.json()));
    assert!(theirs[0].as_array().unwrap().len() >= 6 && theirs[1].as_array().unwrap().len() >= 6, "{theirs:?}");
    assert_eq!(theirs, ours);
}
