//! `forecast`: what it foresees, what it lets pass, and that live and replay agree.

use jiff::tz::TimeZone;
use nidoto_core::folder::Night;
use nidoto_core::prove::{State, Track, replay};
use nidoto_core::{Colour, GuardSpec, Hours, run};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{DAY, START_MS, STEP_MS, agrees, days, noise, spec, values, world};
use nidoto_metrics::fold::HOUR_MS;
use nidoto_metrics::forecast::{crossing, predict};

fn guard(keys: Value) -> GuardSpec {
    let hours = Hours { zone: TimeZone::get("Asia/Tokyo").unwrap(), night: Night::parse("23:00-07:00") };
    GuardSpec { hours, ..spec("forecast", keys) }
}

fn track(values: &[f64], keys: Value) -> Track {
    replay(&guard(keys), &world(values, &[]))
}

fn busy(i: usize) -> f64 {
    let weekday = if (i / DAY) % 7 < 5 { 1.0 } else { 0.4 };
    20.0 * weekday * (1.0 - ((i % DAY) as f64 / DAY as f64 * std::f64::consts::TAU).cos()) / 2.0
}

fn per_day(i: usize, rise: f64) -> f64 {
    rise * i as f64 / DAY as f64
}

#[test]
fn a_disk_that_fills_is_foreseen() {
    // From 90 free to the floor of 10 in 16 days.
    let values = days(15, |i| 90.0 - per_day(i, 5.0) + noise(i));
    let track = track(&values, json!({"query": "used", "limit": 10, "below": true, "within": "5d"}));
    let red = track.episodes.first().unwrap();
    let at = (red.from_ms - START_MS) as f64 / (24 * HOUR_MS) as f64;
    assert!((10.5..12.0).contains(&at), "five days before, not {at}");
    insta::assert_snapshot!(red.findings[0].what.en, @"now 34.39, falls to the limit 10 Wed between 05:00 and 09:00 (80 % sure)");
    insta::assert_snapshot!(red.findings[0].what.ja, @"今は 34.39、限度 10 まで下がるのは水曜 05:00 から 09:00 のあいだ（確度 80 %）");
    assert_eq!(track.episodes.len(), 1, "it stays red");
}

#[test]
fn what_comes_at_night_is_told_before_bedtime() {
    // It falls to 10 at about 04:00 in Tokyo, five days on: 115 hours after the start.
    let values = days(5, |i| 125.0 - i as f64 / 12.0 + 0.5 * noise(i));
    let keys = |nights: bool| json!({"query": "used", "limit": 10, "below": true, "within": "2h", "nights": nights});
    let red_h = |nights: bool| (track(&values, keys(nights)).episodes[0].from_ms - START_MS) / HOUR_MS;
    assert_eq!(red_h(true), 106, "19:00 in Tokyo, four hours before sleep");
    assert!(red_h(false) >= 112, "two hours before");
    let track = track(&values, keys(true));
    insta::assert_snapshot!(track.episodes[0].findings[0].what.en, @"now 19.22, falls to the limit 10 tonight between 04:00 and 05:00 (80 % sure); act before 23:00");
    insta::assert_snapshot!(track.episodes[0].findings[0].what.ja, @"今は 19.22、限度 10 まで下がるのは今夜 04:00 から 05:00 のあいだ（確度 80 %）。23:00 までに手を打ってください");
}

#[test]
fn the_healthy_stay_calm() {
    let cases: Vec<(&str, Vec<f64>)> = vec![
        ("constant", days(6, |_| 40.0)),
        ("season", days(17, |i| 40.0 + busy(i) + noise(i))),
        ("slow growth", days(12, |i| 30.0 + per_day(i, 0.3) + busy(i) + noise(i))),
        ("a step", days(12, |i| if i < 7 * DAY { 40.0 } else { 60.0 } + noise(i))),
    ];
    for (name, values) in cases {
        let track = track(&values, json!({"query": "used", "limit": 100, "within": "3d", "nights": true}));
        assert!(track.episodes.is_empty(), "{name}: {:?}", track.episodes);
        assert!(track.has(State::Green), "{name}");
    }
}

#[test]
fn what_cannot_be_judged_is_blind() {
    let colour = |keys: Value, values: &[f64]| {
        run(&guard(keys), &world(values, &[]), START_MS + 5 * 24 * HOUR_MS - STEP_MS).verdict.colour()
    };
    let keys = json!({"query": "used", "limit": 100});
    assert_eq!(colour(keys.clone(), &days(5, noise)), Colour::Green);
    let late = |from: usize, value: f64| days(5, |i| if i < from { f64::NAN } else { value });
    assert_eq!(colour(keys.clone(), &late(3 * DAY, 40.0)), Colour::Blind, "two days");
    assert_eq!(colour(keys.clone(), &late(5 * DAY - 1, 40.0)), Colour::Blind, "one sample");
    assert_eq!(colour(keys.clone(), &late(5 * DAY, 40.0)), Colour::Blind, "nothing but NaN");
    assert_eq!(colour(keys.clone(), &days(5, |_| f64::INFINITY)), Colour::Blind, "infinities");
    assert_eq!(colour(keys.clone(), &days(5, |i| if i < 4 * DAY { 40.0 } else { f64::NAN })), Colour::Blind, "silent");
    assert_eq!(colour(keys.clone(), &late(4 * DAY, 150.0)), Colour::Red, "beyond the limit needs no history");
    assert_eq!(colour(keys, &days(5, |_| 150.0)), Colour::Red, "a limit below the data");
    assert_eq!(colour(json!({"query": "used", "limit": "absent_metric"}), &days(5, noise)), Colour::Blind);
    assert_eq!(colour(json!({"query": "used", "limit": "0 / (0 * used)"}), &days(5, noise)), Colour::Blind);
}

#[test]
fn the_interval_is_as_wide_as_the_errors_were() {
    let hourly = |noise_high: f64| -> Vec<f64> {
        (0..21 * 24).map(|h| 10.0 + 0.1 * f64::from(h) + noise_high * noise(h as usize)).collect()
    };
    let width = |noise_high: f64| {
        let (low, mid, high) = predict(&hourly(noise_high), 168)[167];
        assert!((low..=high).contains(&mid) && (mid - 77.1).abs() < noise_high / 2.0, "{low} {mid} {high}");
        high - low
    };
    assert!(width(8.0) > 4.0 * width(0.5));
    let (early, mid, late) = crossing(&hourly(2.0), 70.0).unwrap();
    assert!(early <= mid && mid <= late && (early..=late).contains(&96.0), "{early} {mid} {late}");
    assert_eq!(crossing(&hourly(2.0)[..30], 70.0), None, "too short");
    let (.., late) = crossing(&vec![5.0; 500], 70.0).unwrap();
    assert!(late.is_infinite(), "more than a year");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// A watch that was asked about any instants says what a look that starts anew says.
    #[test]
    fn a_watch_says_what_a_fresh_look_says(
        values in values(), limit in -20.0..140.0f64, below: bool,
        steps in prop::collection::vec(prop_oneof![8 => 1_i64..30, 2 => 30_i64..400, 1 => -40_i64..0], 5..20),
    ) {
        let evidence = world(&values, &[]);
        let spec = guard(json!({"query": "used", "limit": limit, "below": below, "nights": true, "within": "2d"}));
        agrees(&spec, &evidence, START_MS + 70 * HOUR_MS, steps)?;
    }

    /// No hours make it fail, and its ends are in order.
    #[test]
    fn any_hours_are_survived(
        hours in prop::collection::vec(prop_oneof![6 => -1e3..1e3f64, 1 => Just(f64::NAN), 1 => Just(5.0), 1 => prop::num::f64::NORMAL], 0..400),
        limit in prop::num::f64::NORMAL,
    ) {
        for (low, mid, high) in predict(&hours, 40) {
            let is_ordered = |a: f64, b: f64| a <= b || a.is_nan() || b.is_nan();
            prop_assert!(is_ordered(low, mid) && is_ordered(mid, high));
        }
        if let Some((early, mid, late)) = crossing(&hours, limit) {
            prop_assert!(early <= mid && mid <= late);
        }
    }
}
