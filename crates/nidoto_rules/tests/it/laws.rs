//! Laws of backtests over random rule files.

use std::path::Path;

use nidoto_promql::{Labels, Options, STALE, Series};
use nidoto_rules::{AlertRun, Settings, World, backtest, read};
use proptest::prelude::*;

const MINUTE_MS: i64 = 60_000;
const MINUTES: i64 = 40;

fn world(seed: u64) -> World {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut series = Vec::new();
    for (name, job) in [("x", "a"), ("x", "b"), ("y", "a")] {
        let labels = Labels::new([("__name__", name), ("job", job)]);
        let values: Vec<(i64, f64)> = (0..MINUTES)
            .filter_map(|i| match next() % 12 {
                0..=2 => None,
                3 => Some((i * MINUTE_MS, STALE)),
                n => Some((i * MINUTE_MS, n as f64)),
            })
            .collect();
        series.push(Series::new(labels, values));
    }
    World { series, ..World::default() }
}

fn run(rules: &[String], world: &World) -> Option<Vec<AlertRun>> {
    let text = format!("groups:\n- name: g\n  rules:\n{}", rules.concat());
    let (file, diags) = read(Path::new("r.yml"), &text);
    let settings = Settings {
        span_ms: (0, MINUTES * MINUTE_MS),
        interval_ms: MINUTE_MS,
        external_labels: Labels::default(),
        external_url: String::new(),
        options: Options { look_back_ms: 2 * MINUTE_MS, ..Options::default() },
    };
    diags.is_empty().then(|| backtest(&file, world, &settings).alerts)
}

fn expression() -> impl Strategy<Value = String> {
    let source = prop_oneof![
        Just("x".to_owned()),
        Just("sum by (job) (x)".to_owned()),
        Just("r0".to_owned()),
        Just("avg_over_time(r1[4m])".to_owned()),
        Just("rate(x[3m]) * 60".to_owned()),
        Just("x * on (job) y".to_owned()),
    ];
    (source, 0..10).prop_map(|(source, limit)| format!("{source} > {limit}"))
}

fn rule(i: usize) -> impl Strategy<Value = String> {
    let record = expression().prop_map(move |expr| format!("  - {{record: r{}, expr: '{expr}'}}\n", i % 2));
    let alert = (expression(), 0..5, 0..4).prop_map(move |(expr, hold, keep)| {
        format!("  - {{alert: A{i}, expr: '{expr}', for: {hold}m, keep_firing_for: {keep}m, annotations: {{s: '{{{{ $value }}}}'}}}}\n")
    });
    prop_oneof![1 => record, 2 => alert]
}

fn rules() -> impl Strategy<Value = Vec<String>> {
    (rule(0), rule(1), rule(2), rule(3), rule(4)).prop_map(|(a, b, c, d, e)| vec![a, b, c, d, e])
}

proptest! {
    // Each case evaluates whole files twice.
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// One pass over all instants says the same as one evaluation after the other: two rules that
    /// read each other around the rest force the latter.
    #[test]
    fn at_once_is_step_by_step(rules in rules(), seed in 0_u64..1_000) {
        let world = world(seed);
        let once = run(&rules, &world).unwrap();
        let first = "  - {record: first, expr: last > 1e300}\n".to_owned();
        let last = "  - {record: last, expr: 'count(ALERTS) or first'}\n".to_owned();
        let around: Vec<String> = [vec![first], rules.clone(), vec![last]].concat();
        let stepped = run(&around, &world).unwrap();
        prop_assert_eq!(once.len(), stepped.len());
        for (once, stepped) in once.iter().zip(&stepped) {
            prop_assert_eq!(&once.firings, &stepped.firings, "{}", rules.concat());
            prop_assert_eq!(&once.pendings, &stepped.pendings);
            prop_assert_eq!(&once.resets, &stepped.resets);
            prop_assert_eq!(&once.failures, &stepped.failures);
        }
    }

    /// A firing began after its hold, within the span, and does not outlast its result by more
    /// than it is kept.
    #[test]
    fn a_firing_keeps_its_bounds(rules in rules(), seed in 0_u64..1_000) {
        for run in run(&rules, &world(seed)).unwrap() {
            for firing in &run.firings {
                prop_assert!(firing.active_ms <= firing.from_ms && firing.from_ms <= firing.to_ms);
                prop_assert!(0 <= firing.active_ms && firing.to_ms <= MINUTES * MINUTE_MS);
                let seen_ms = firing.points.last().map_or(0, |(at_ms, _)| *at_ms);
                prop_assert!(firing.to_ms - seen_ms < 5 * MINUTE_MS, "{:?}", firing);
            }
        }
    }
}

proptest! {
    /// Any text is a rule file or an error with a place in it.
    #[test]
    fn any_text_is_read_or_refused(text in "(groups:|\\n|- |  |name: a|rules:|alert: |record: |expr: |x > 1|for: |5m|labels: |\\{|\\}|'|\"|a: |\\{\\{ \\$value \\}\\}|\\{\\{|[ -~]|あ){0,40}") {
        let (_, diags) = read(Path::new("r.yml"), &text);
        for diag in diags {
            prop_assert!(diag.at.line <= text.lines().count() + 1);
        }
    }
}
