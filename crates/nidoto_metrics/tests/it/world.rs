//! Invented worlds of one process, and guards over them.

use nidoto_core::{Evidence, GuardSpec, Hours, Pos, Span};
use nidoto_promql::{Labels, Series};
use proptest::prelude::*;
use serde_json::Value;

use nidoto_metrics::fold::HOUR_MS;

/// 2021-01-04, a Monday.
pub const START_MS: i64 = 1_609_718_400_000;
pub const STEP_MS: i64 = 300_000;
pub const DAY: usize = 288;

/// A guard of a kind that asks every five minutes.
pub fn spec(name: &str, keys: Value) -> GuardSpec {
    let kind = nidoto_metrics::KINDS.iter().find(|kind| kind.name == name).unwrap();
    GuardSpec {
        name: "g".into(),
        incident: None,
        kind,
        guard: (kind.build)(keys).unwrap(),
        source: Some("m".into()),
        settings: nidoto_core::folder::Settings { every: Some(Span::seconds(300)), ..Default::default() },
        hours: Hours::default(),
        file: "guards.yaml".into(),
        at: Pos::default(),
    }
}

/// A world of one process: its values every five minutes, and when it started, by position.
pub fn world(values: &[f64], starts: &[usize]) -> Evidence {
    let at_ms = |i: usize| START_MS + i as i64 * STEP_MS;
    let used = values.iter().enumerate().filter(|(_, value)| !value.is_nan()).map(|(i, value)| (at_ms(i), *value));
    let started = (0..values.len()).map(|i| {
        let start = starts.iter().rev().find(|start| **start <= i);
        (at_ms(i), start.map_or(START_MS - 40 * 24 * HOUR_MS, |start| at_ms(*start)) as f64 / 1_000.0)
    });
    let name = |name: &str| Labels::new([("__name__", name), ("app", "a")]);
    let mut evidence = Evidence::default();
    let series = vec![Series::new(name("used"), used), Series::new(name("started"), started)];
    evidence.add_series("m", (START_MS, at_ms(values.len())), series);
    evidence
}

/// A watch that is asked from an instant on, forth and back in steps of `STEP_MS`, says what a look that starts anew says.
pub fn agrees(spec: &GuardSpec, evidence: &Evidence, from_ms: i64, steps: Vec<i64>) -> Result<(), TestCaseError> {
    let mut watch = spec.guard.watch().unwrap();
    let mut at_ms = from_ms;
    for step in steps {
        at_ms += step * STEP_MS;
        let view = nidoto_core::View::new(evidence, spec, at_ms);
        let (watched, fresh) = (watch.judge(&view), spec.guard.judge(&view));
        prop_assert_eq!(format!("{watched:?}"), format!("{fresh:?}"));
    }
    Ok(())
}

/// Noise that is the same in every run.
pub fn noise(i: usize) -> f64 {
    let x = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((x >> 33) % 1_000) as f64 / 1_000.0 - 0.5
}

/// A sawtooth of collections, ten high, three hours long.
pub fn saw(i: usize) -> f64 {
    10.0 * (i % 36) as f64 / 36.0 + noise(i)
}

pub fn days(n: usize, value: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..n * DAY).map(value).collect()
}

/// Runs of minutes with and without samples, drifts, jumps and values that are none.
pub fn values() -> impl Strategy<Value = Vec<f64>> {
    let run = (20_usize..600, 0.0..90.0f64, -0.05..0.15f64, 0_u8..8);
    prop::collection::vec(run, 3..12).prop_map(|runs| {
        let mut values: Vec<f64> = Vec::new();
        for (length, level, drift, what) in runs {
            values.extend((0..length).map(|i| match what {
                0 => f64::NAN,
                1 if i % 7 == 0 => f64::INFINITY,
                _ => level + drift * i as f64 + saw(i),
            }));
        }
        values
    })
}
