//! What a backtest says beyond what fires.

use std::path::Path;

use nidoto_promql::{Labels, Options, Series};
use nidoto_rules::{AlertRun, Settings, World, backtest, read};

const MINUTE_MS: i64 = 60_000;

/// Runs alerts over one series `x`, a value a minute, `_` for no sample.
fn run(rules: &str, values: &str) -> Vec<AlertRun> {
    let (file, diags) = read(Path::new("rules.yml"), &format!("groups:\n- name: g\n  rules:\n{rules}"));
    assert_eq!(diags, []);
    let samples =
        values.split_whitespace().enumerate().filter_map(|(i, v)| Some((i as i64 * MINUTE_MS, v.parse().ok()?)));
    let series = Series::new(Labels::new([("__name__", "x"), ("a", "b")]), samples);
    let settings = Settings {
        span_ms: (0, (values.split_whitespace().count() as i64 - 1) * MINUTE_MS),
        interval_ms: MINUTE_MS,
        external_labels: Labels::default(),
        external_url: String::new(),
        options: Options { look_back_ms: MINUTE_MS, ..Options::default() },
    };
    backtest(&file, &World { series: vec![series], ..World::default() }, &settings).alerts
}

fn minutes(run: &AlertRun) -> Vec<(i64, i64)> {
    run.firings.iter().map(|firing| (firing.from_ms / MINUTE_MS, firing.to_ms / MINUTE_MS)).collect()
}

#[test]
fn a_gap_that_begins_a_hold_anew_is_told() {
    let alerts = run("  - {alert: A, expr: x > 5, for: 5m}\n", "1 9 9 9 9 _ 9 9 9 9 9 9 9 1 9 9 9 9 9 3 9 9 9 9");
    assert_eq!(minutes(&alerts[0]), [(11, 12)]);
    let resets = &alerts[0].resets;
    let told: Vec<_> = resets
        .iter()
        .map(|r| (r.active_ms / MINUTE_MS, r.due_ms / MINUTE_MS, r.fired_ms.map(|ms| ms / MINUTE_MS), r.was_missing))
        .collect();
    // First the sample is missing, later the value is below the limit.
    assert_eq!(told[0], (1, 6, Some(11), Some(true)));
    assert_eq!(resets[0].gaps, [(5 * MINUTE_MS, 6 * MINUTE_MS)]);
    assert_eq!(told[1].3, Some(false), "{told:?}");
}

#[test]
fn a_value_in_a_label_is_told() {
    let alerts = run("  - {alert: A, expr: x > 5, for: 2m, labels: {v: '{{ $value }}'}}\n", "6 7 8 9 10 11");
    assert_eq!(alerts[0].value_in_label.as_deref(), Some("v"));
    assert!(alerts[0].firings.is_empty());
}

#[test]
fn failures_are_told_and_change_nothing() {
    let alerts = run(
        "  - {alert: A, expr: 'x > 0 and on () (x > 5 or on () vector(0)) * on () group_right () label_replace(x, \"a\", \"c\", \"\", \"\") >= 0'}\n  - {alert: B, expr: 'label_join(x, \"__name__\", \"\", \"a\") > 0 or x > 5'}\n",
        "1 9 9 1",
    );
    assert!(alerts.iter().all(|run| run.evaluations == 4));
}

#[test]
fn a_group_has_its_limit_and_its_interval() {
    let text = "groups:\n- {name: g, interval: 2m, limit: 1, rules: [{alert: A, expr: 'x > 5 or vector(1)'}]}\n";
    let (file, _) = read(Path::new("rules.yml"), text);
    let series = Series::new(Labels::new([("__name__", "x"), ("a", "b")]), [(0, 1.0), (240_000, 9.0), (360_000, 1.0)]);
    let settings = Settings {
        span_ms: (1, 7 * MINUTE_MS),
        interval_ms: MINUTE_MS,
        external_labels: Labels::default(),
        external_url: String::new(),
        options: Options { look_back_ms: MINUTE_MS, ..Options::default() },
    };
    let alerts = backtest(&file, &World { series: vec![series], ..World::default() }, &settings).alerts;
    assert_eq!(alerts[0].evaluations, 3);
    assert_eq!(alerts[0].failures.len(), 1);
    assert_eq!(minutes(&alerts[0]), [(2, 2), (6, 6)]);
}
