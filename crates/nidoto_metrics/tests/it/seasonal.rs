//! `seasonal`: what a weekday foretells, what it lets pass, and that live and replay agree.

use jiff::tz::TimeZone;
use nidoto_core::prove::{State, Track, replay};
use nidoto_core::{Colour, GuardSpec, Hours, Span, run};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{DAY, START_MS, STEP_MS, agrees, days, noise, spec, values, world};
use nidoto_metrics::fold::HOUR_MS;

fn guard(keys: Value) -> GuardSpec {
    let mut spec = spec("seasonal", keys);
    spec.hours = Hours { zone: TimeZone::UTC, night: None };
    spec.settings.every = Some(Span::seconds(900));
    spec
}

fn track(values: &[f64], keys: Value) -> Track {
    replay(&guard(keys), &world(values, &[]))
}

/// A day with its top in the evening; the world begins on a Monday.
fn busy(i: usize, weekday: f64, weekend: f64) -> f64 {
    let top = if (i / DAY) % 7 < 5 { weekday } else { weekend };
    let hour = (i % DAY) as f64 / 12.0;
    top * (0.3 + 0.7 * (-((hour - 18.0) / 3.0).powi(2)).exp()) + 0.5 * noise(i)
}

/// Weekends are 1.8 times as high as weekdays, and weekdays grow.
fn growing(i: usize) -> f64 {
    let week = (i / DAY / 7) as f64;
    let level = 30.0 + 5.0 * week;
    busy(i, level, 1.8 * level)
}

#[test]
fn a_weekday_foretells_the_weekend() {
    // Weekdays: 30, 35, 40, 45, 50, 55; 1.8 times 55 is 99.
    let track = track(&days(42, growing), json!({"query": "used", "limit": 96, "peak": ["sat", "sun"]}));
    let red = track.episodes.first().unwrap();
    let hour = (red.from_ms - START_MS) / HOUR_MS;
    assert_eq!(hour, 36 * 24 + 19, "Tuesday evening: two weekdays were that high");
    insta::assert_snapshot!(red.findings[0].what.en, @"at today's level of 54.22 the peak reaches 99.21 (98.82 – 99.6, 80 % sure), about Sat 18:00; the limit is 96. The last 5 peaks were 1.83 (1.82 – 1.84) times the level before");
    insta::assert_snapshot!(red.findings[0].what.ja, @"今日の水準 54.22 なら、ピークは 土曜 18:00 頃に 99.21（80 % の確度で 98.82 – 99.6）、限度は 96。直近 5 回のピークはその前の水準の 1.83 倍（1.82 – 1.84）でした");
}

#[test]
fn the_days_of_the_peak_are_learned() {
    let keys = |peak: Value| json!({"query": "used", "limit": 96, "peak": peak});
    let red = |keys: Value| track(&days(42, growing), keys).episodes[0].from_ms;
    assert_eq!(red(json!({"query": "used", "limit": 96})), red(keys(json!(["sat", "sun"]))));
}

#[test]
fn the_healthy_stay_calm() {
    let cases: Vec<(&str, Vec<f64>)> = vec![
        ("constant", days(35, |_| 40.0)),
        ("season", days(35, |i| busy(i, 50.0, 90.0))),
        ("one high Wednesday", days(35, |i| if i / DAY == 30 { 2.0 } else { 1.0 } * busy(i, 45.0, 80.0))),
    ];
    for (name, values) in cases {
        let track = track(&values, json!({"query": "used", "limit": 97, "week_over_week": "150%"}));
        assert!(track.episodes.is_empty(), "{name}: {:?}", track.episodes);
        assert!(track.has(State::Green), "{name}");
    }
}

#[test]
fn a_change_against_the_weeks_before_is_red_when_it_lasts() {
    let change = |from: usize, to: usize, factor: f64| {
        days(30, move |i| if (from..to).contains(&i) { factor } else { 1.0 } * busy(i, 50.0, 90.0))
    };
    let keys = json!({"query": "used", "week_over_week": "30%"});
    let hour = DAY / 24;
    assert!(track(&change(0, 0, 1.0), keys.clone()).episodes.is_empty());
    assert!(track(&change(28 * DAY, 28 * DAY + 2 * hour, 1.6), keys.clone()).episodes.is_empty(), "two hours");
    let half = track(&change(28 * DAY, 30 * DAY, 0.5), keys);
    assert_eq!((half.episodes[0].from_ms - START_MS) / HOUR_MS, 28 * 24 + 3);
    insta::assert_snapshot!(half.episodes[0].findings[0].what.en, @"7.482 is 50 % below the usual 14.97 of this hour of the week, for 3 hours");
}

#[test]
fn what_cannot_be_judged_is_blind() {
    let colour = |keys: Value, values: &[f64]| {
        run(&guard(keys), &world(values, &[]), START_MS + 26 * 24 * HOUR_MS - STEP_MS).verdict.colour()
    };
    let keys = json!({"query": "used", "limit": 97, "peak": ["sat", "sun"]});
    let calm = |i: usize| busy(i, 40.0, 60.0);
    assert_eq!(colour(keys.clone(), &days(26, calm)), Colour::Green);
    let late = |from: usize| days(26, |i| if i < from { f64::NAN } else { 40.0 });
    assert_eq!(colour(keys.clone(), &late(10 * DAY)), Colour::Blind, "two weekends");
    assert_eq!(colour(keys.clone(), &late(26 * DAY - 1)), Colour::Blind, "one sample");
    assert_eq!(colour(keys.clone(), &late(26 * DAY)), Colour::Blind, "nothing but NaN");
    assert_eq!(colour(keys.clone(), &days(26, |_| f64::INFINITY)), Colour::Blind, "infinities");
    assert_eq!(colour(keys.clone(), &days(26, |_| -5.0)), Colour::Blind, "no level above zero");
    assert_eq!(colour(keys, &days(26, |_| 150.0)), Colour::Red, "a limit below the data");
    assert_eq!(colour(json!({"query": "used", "limit": "absent_metric"}), &days(26, calm)), Colour::Blind);
    assert_eq!(colour(json!({"query": "used", "limit": "0 * used"}), &days(26, calm)), Colour::Blind);
    assert_eq!(colour(json!({"query": "used", "week_over_week": "30%"}), &late(10 * DAY)), Colour::Blind);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// A watch that was asked about any instants says what a look that starts anew says.
    #[test]
    fn a_watch_says_what_a_fresh_look_says(
        weeks in 2_usize..6, holes in values(), limit in 20.0..120.0f64,
        steps in prop::collection::vec(prop_oneof![4 => 1_i64..30, 4 => 30_i64..900, 1 => -400_i64..0], 5..20),
    ) {
        let values = days(7 * weeks, |i| growing(i) + 0.0 * holes.get(i % holes.len()).copied().unwrap_or(0.0));
        let evidence = world(&values, &[]);
        let spec = guard(json!({"query": "used", "limit": limit, "week_over_week": "20%"}));
        agrees(&spec, &evidence, START_MS + 20 * 24 * HOUR_MS, steps)?;
    }
}
