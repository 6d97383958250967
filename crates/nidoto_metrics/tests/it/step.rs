//! `step`: what a change did, and what the hour does by itself.

use nidoto_core::folder::Change;
use nidoto_core::{Colour, Evidence, Judged, run};
use nidoto_promql::{Labels, Series};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{guard, refused, says};

const STEP_MS: i64 = 300_000;
const HOUR_MS: i64 = 3_600_000;
/// Friday, 2021-02-12 18:00 in Tokyo.
const PUSH_MS: i64 = 1_613_120_400_000;

/// The keys, those left out that every test has.
fn keys(given: &Value) -> Value {
    let mut keys = json!({"query": "cpu", "after": "push"});
    for (name, value) in given.as_object().unwrap() {
        keys[name.as_str()] = value.clone();
    }
    keys
}

fn push(hours: i64) -> (i64, Change) {
    let change = Change {
        at: String::new(),
        what: "push to everyone".into(),
        kind: Some("push".into()),
        by: Some("marketing".into()),
        size: Some(120_000.0),
        over: None,
    };
    (PUSH_MS + hours * HOUR_MS, change)
}

/// What the guard says so many minutes after the push, of a value over time in hours since it.
#[expect(clippy::needless_pass_by_value, reason = "literals are handed in")]
fn judged(given: Value, minutes: i64, value: impl Fn(f64) -> Option<f64>, pushes: &[i64]) -> Judged {
    run(&guard("step", keys(&given), "m"), &evidence(value, pushes), PUSH_MS + minutes * 60_000)
}

/// Three weeks of a value over time in hours since the push, and pushes.
fn evidence(value: impl Fn(f64) -> Option<f64>, pushes: &[i64]) -> Evidence {
    let from_ms = PUSH_MS - 24 * 22 * HOUR_MS;
    let to_ms = PUSH_MS + 3 * HOUR_MS;
    let samples = (from_ms / STEP_MS..=to_ms / STEP_MS).filter_map(|n| {
        let at_ms = n * STEP_MS;
        Some((at_ms, value((at_ms - PUSH_MS) as f64 / HOUR_MS as f64)?))
    });
    let mut evidence = Evidence::default();
    evidence.add_series("m", (from_ms, to_ms), vec![Series::new(Labels::new([("__name__", "cpu")]), samples)]);
    evidence.add_changes(pushes.iter().map(|hours| push(*hours)));
    evidence
}

/// Every evening at 18:00 the load rises by 20 for some hours.
fn evening(hours: f64) -> f64 {
    let wobble = ((hours * 12.0) as i64).rem_euclid(3) as f64 * 0.4;
    30.0 + wobble + if hours.rem_euclid(24.0) < 4.0 { 20.0 } else { 0.0 }
}

#[test]
fn the_evening_is_no_fault_of_a_push() {
    let calm = |hours: f64| Some(evening(hours));
    assert_eq!(says(&judged(json!({}), 30, calm, &[0])), "green");
    let hit = |hours: f64| Some(evening(hours) + if (0.0..1.0).contains(&hours) { 40.0 } else { 0.0 });
    assert_eq!(
        says(&judged(json!({}), 30, hit, &[0])),
        "the median rose from 30.4 to 90.4 after push `push to everyone` at 2021-02-12 18:00 by marketing; the same \
         hours of earlier weeks did +20, so 50.4 was to be expected: +79 %, 67.4 deviations"
    );
    let judged_at = |minutes| says(&judged(json!({}), minutes, hit, &[0]));
    assert_eq!(judged_at(10), "pending");
    assert_eq!(judged_at(90), "green", "it went back");
    assert_eq!(judged_at(150), "green", "no push within two hours");
    assert_eq!(judged_at(-30), "blind: the journal knows no change of the kind push: `nidoto change` writes one");
}

#[test]
fn without_an_earlier_week_the_limits_are_doubled() {
    let rise = |by: f64| move |hours: f64| Some(50.0 + if hours >= 0.0 { by } else { 0.0 });
    assert_eq!(says(&judged(json!({"weeks": 0}), 30, rise(25.0), &[0])), "green");
    assert_eq!(
        says(&judged(json!({"weeks": 0}), 30, rise(40.0), &[0])),
        "the median rose from 50 to 90 after push `push to everyone` at 2021-02-12 18:00 by marketing; +80 %; no \
         earlier week to compare with, so the limits are doubled"
    );
    // A week in which there was a push at that hour tells nothing of an ordinary week.
    let weekly = [0, -24 * 7, -24 * 14, -24 * 21];
    assert_eq!(says(&judged(json!({}), 30, rise(25.0), &weekly)), "green");
    assert!(says(&judged(json!({}), 30, rise(25.0), &[0])).contains("the same hours of earlier weeks did +0"));
}

#[test]
fn falls_numbers_and_other_changes() {
    let fall = |hours: f64| Some(if hours >= 0.0 { 10.0 } else { 50.0 });
    assert_eq!(says(&judged(json!({}), 30, fall, &[0])), "green");
    assert!(says(&judged(json!({"falls": true}), 30, fall, &[0])).starts_with("the median fell from 50 to 10"));
    assert_eq!(says(&judged(json!({"falls": true, "by": 45}), 30, fall, &[0])), "green");
    assert_eq!(
        says(&judged(json!({"falls": true, "change": "city"}), 30, fall, &[0])).split(':').next(),
        Some("blind")
    );
    assert_eq!(says(&judged(json!({"after": ["deploy", "restart"]}), 30, fall, &[0])).split(':').next(), Some("blind"));
    for wrong in [json!({"by": "x"}), json!({"for": "0s"}), json!({"after": []}), json!({"by_mad": -1})] {
        assert!(refused("step", keys(&wrong)).is_some(), "{wrong}");
    }
}

#[test]
fn a_missing_side_is_blind() {
    let begins = |hours: f64| (hours >= 0.0).then_some(1.0);
    assert_eq!(says(&judged(json!({}), 30, begins, &[0])), "blind: cpu: too few samples before the change");
    let ends = |hours: f64| (hours < 0.1).then_some(1.0);
    assert_eq!(says(&judged(json!({}), 30, ends, &[0])), "blind: cpu: too few samples after the change");
    let nan = |hours: f64| Some(if hours >= 0.0 { f64::NAN } else { 1.0 });
    assert_eq!(says(&judged(json!({}), 30, nan, &[0])), "blind: cpu: too few samples after the change");
    let infinite = |_: f64| Some(f64::INFINITY);
    assert_eq!(judged(json!({}), 30, infinite, &[0]).verdict.colour(), Colour::Blind);
    let jumps = |hours: f64| Some(if hours >= 0.0 { f64::INFINITY } else { 1.0 });
    assert_eq!(judged(json!({}), 30, jumps, &[0]).verdict.colour(), Colour::Red);
}

proptest! {
    /// A push that does nothing is never red, whatever the value does by itself at that hour of the week.
    #[test]
    fn the_same_week_again_is_green(hours in prop::collection::vec(0.0..100.0f64, 168), minutes in 15_i64..120) {
        let weekly = |h: f64| Some(hours[h.rem_euclid(168.0) as usize]);
        prop_assert_eq!(says(&judged(json!({}), minutes / 5 * 5, weekly, &[0])), "green");
    }

    /// Whatever a series holds, there is a verdict.
    #[test]
    fn any_series_gets_a_verdict(values in prop::collection::vec(any::<f64>(), 1..50), minutes in 0_i64..150) {
        let any = |h: f64| (h > -3.0).then(|| values[((h + 3.0) * 12.0) as usize % values.len()]);
        let judged = judged(json!({"by": 0.1, "by_mad": 0}), minutes, any, &[0, 1]);
        prop_assert!(judged.value.is_none_or(|value| !value.is_nan()));
    }
}

#[test]
fn levels_before_and_after_are_drawn() {
    let pushed = |hours: f64| Some(if hours < 0.0 { 30.0 } else { 60.0 });
    let spec = guard("step", keys(&json!({})), "m");
    let sketch = nidoto_core::sketch(&spec, &evidence(pushed, &[0]), PUSH_MS + HOUR_MS);
    let level = |name: &str| sketch.lines.iter().find(|(own, _)| own.en == name).map(|(_, line)| line.clone()).unwrap();
    assert_eq!(level("before"), [(PUSH_MS - HOUR_MS, 30.0), (PUSH_MS, 30.0)]);
    assert_eq!(level("after"), [(PUSH_MS + HOUR_MS * 3 / 4, 60.0), (PUSH_MS + HOUR_MS, 60.0)]);
    assert_eq!(sketch.bands[0].1[0], (PUSH_MS, 30.0, 39.0), "30 % more is the limit");
    assert!(level("measured").len() > 1_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A watch that was asked about any instants, forth and back, says what a look that starts anew says.
    #[test]
    fn a_watch_says_what_a_fresh_look_says(
        values in prop::collection::vec(prop_oneof![12 => (10.0..50.0f64).prop_map(Some), 1 => Just(None)], 60..400),
        pushes in prop::collection::btree_set(-200_i64..3, 1..6),
        steps in prop::collection::vec(prop_oneof![12 => 1_i64..4, 2 => 4_i64..200, 1 => -30_i64..0], 10..60),
    ) {
        let (from_ms, to_ms) = (PUSH_MS - 24 * 22 * HOUR_MS, PUSH_MS + 3 * HOUR_MS);
        let value = |n: i64| values[n.rem_euclid(values.len() as i64) as usize];
        let samples = (from_ms / STEP_MS..=to_ms / STEP_MS).filter_map(|n| Some((n * STEP_MS, value(n)?)));
        let mut evidence = Evidence::default();
        evidence.add_series("m", (from_ms, to_ms), vec![Series::new(Labels::new([("__name__", "cpu")]), samples)]);
        evidence.add_changes(pushes.iter().map(|hours| push(*hours)));
        let spec = guard("step", keys(&json!({"by": "5%", "by_mad": 0.5, "for": "20m"})), "m");
        let mut watch = spec.guard.watch().unwrap();
        let mut at_ms = PUSH_MS - 8 * HOUR_MS;
        for step in steps {
            at_ms += step * STEP_MS;
            let view = nidoto_core::View::new(&evidence, &spec, at_ms);
            prop_assert_eq!(watch.judge(&view), spec.guard.judge(&view));
        }
    }
}
