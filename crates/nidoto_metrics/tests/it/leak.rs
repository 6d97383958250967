//! `leak`: what it sees, what it lets pass, and that live and replay agree.

use nidoto_core::prove::{State, Track, replay};
use nidoto_core::{Colour, Evidence, Verdict, run};
use nidoto_promql::Series;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{DAY, START_MS, STEP_MS, agrees, days, noise, saw, spec, values, world};
use nidoto_metrics::fold::HOUR_MS;

fn track(values: &[f64], starts: &[usize]) -> Track {
    let keys = json!({"query": "used", "started": "started", "limit": 100});
    replay(&spec("leak", keys), &world(values, starts))
}

/// What a track's first red says, up to its first colon.
fn first_red(track: &Track) -> Option<(f64, String)> {
    let episode = track.episodes.first()?;
    let days = (episode.from_ms - START_MS) as f64 / (24 * HOUR_MS) as f64;
    Some((days, episode.findings[0].what.en.split(':').next()?.to_owned()))
}

#[test]
fn a_slow_drip_is_slow_and_in_time() {
    // A calm week, then from 30 to 90 in ten days; the peaks of the sawtooth stand ten above.
    let drip = |i: usize| 6.0 * i.saturating_sub(7 * DAY) as f64 / DAY as f64;
    let track = track(&days(17, |i| 30.0 + drip(i) + saw(i)), &[]);
    let (at, tier) = first_red(&track).unwrap();
    assert_eq!(tier, "slow leak");
    assert!(at < 15.0, "two days before the limit at least: {at}");
    assert!(!track.notes.is_empty(), "suspected before");
}

#[test]
fn a_leak_of_an_evening_is_fast() {
    // A week is known, and a day to see it in.
    let leak = |i: usize| (i.saturating_sub(9 * DAY)) as f64 * 60.0 / DAY as f64;
    let track = track(&days(10, |i| 30.0 + leak(i) + saw(i)), &[]);
    let (at, tier) = first_red(&track).unwrap();
    assert_eq!(tier, "fast leak");
    assert!((9.0..9.8).contains(&at), "{at}");
}

#[test]
fn a_leak_of_an_afternoon_is_told_before_it_is_full() {
    // Three calm days without start times, too few for anything else; then from 30 to the limit in eleven hours.
    let told = |pace: f64| {
        let leak = |i: usize| pace * i.saturating_sub(3 * DAY) as f64 / 12.0;
        let values = days(4, |i| (30.0 + leak(i) + noise(i)).min(100.0));
        replay(&spec("leak", json!({"query": "used", "limit": 100})), &world(&values, &[]))
    };
    let (at, tier) = first_red(&told(6.5)).unwrap();
    assert_eq!(tier, "nearly full");
    assert!(at < 3.0 + 10.2 / 24.0, "half an hour before the limit at least: {at}");
    // Nearly twice as fast is a burst, most often, until hardly anything is left.
    let burst = told(12.0);
    assert!(first_red(&burst).is_none_or(|(at, _)| at >= 3.0 + 5.5 / 24.0), "{:?}", first_red(&burst));
}

#[test]
fn what_jumps_or_ends_or_was_there_before_is_not_nearly_full() {
    let hour = |i: usize| i as f64 / 12.0 - 84.0;
    let ramp = |i: usize, top: f64| (30.0 + 12.0 * hour(i).max(0.0)).min(top);
    let cases: Vec<(&str, Vec<f64>)> = vec![
        ("a jump", days(4, |i| if hour(i) < 0.0 { 40.0 } else { 92.0 } + noise(i))),
        ("a rise that ends", days(4, |i| ramp(i, 80.0) + noise(i))),
        ("every day", days(4, |i| if i % DAY < 144 { 40.0 } else { 40.0 + (i % DAY - 144) as f64 * 0.34 } + noise(i))),
    ];
    for (name, values) in cases {
        let track = track(&values, &[]);
        assert!(track.episodes.is_empty(), "{name}: {:?}", first_red(&track));
    }
}

#[test]
fn lives_that_end_in_their_warm_up_hide_nothing() {
    // It fills within six hours, whatever comes then; it crashes at times of its own.
    let lives = [30, 7, 7, 8, 40, 6, 7, 7, 50, 8].map(|hours| hours * 12);
    let starts: Vec<usize> = lives.iter().scan(0, |at, life| Some(std::mem::replace(at, *at + life))).collect();
    let values = days(7, |i| {
        let age = i - starts.iter().rev().find(|start| **start <= i).unwrap();
        30.0 + 30.0 * (age as f64 / 72.0).min(1.0) + noise(i)
    });
    let track = track(&values, &starts[1..]);
    assert!(track.episodes.is_empty(), "{:?}", first_red(&track));
}

#[test]
fn restarts_at_a_limit_hide_a_leak() {
    // 20 hours from 30 to 85, then the process manager restarts it.
    let life = 20 * 12;
    let values = days(8, |i| 30.0 + 55.0 * (i % life) as f64 / life as f64 + 0.3 * saw(i));
    let starts: Vec<usize> = (1..).map(|n| n * life).take_while(|start| *start < values.len()).collect();
    let (_, tier) = first_red(&track(&values, &starts)).unwrap();
    assert_eq!(tier, "restarts hide a leak");
}

#[test]
fn a_restart_every_five_days_hides_a_leak() {
    // Six a day, and a restart by the clock long before the limit: two lives are all that is seen of it.
    let life = 5 * DAY;
    let values = days(12, |i| 30.0 + 6.0 * (i % life) as f64 / DAY as f64 + saw(i));
    let (at, tier) = first_red(&track(&values, &[life, 2 * life])).unwrap();
    assert_eq!(tier, "restarts hide a leak");
    assert!((9.0..11.0).contains(&at), "when the second life has climbed for four days: {at}");
}

#[test]
fn what_fills_up_again_to_where_it_rested_is_no_leak() {
    let restart = 6 * DAY;
    let refilled = |i: usize| (5.0 + 22.0 * (i - restart) as f64 / DAY as f64).min(70.0);
    let values = days(12, |i| if i < restart { 70.0 } else { refilled(i) } + 0.2 * noise(i));
    let track = track(&values, &[restart]);
    assert!(track.episodes.is_empty(), "{:?}", first_red(&track));
}

#[test]
fn a_heap_that_was_never_collected_is_told_when_hardly_anything_is_left() {
    let keys = json!({"query": "used or jvm_memory_used_bytes", "started": "started", "limit": 100});
    let values = days(6, |i| 68.0 + 5.5 * i as f64 / DAY as f64 + 0.5 * noise(i));
    let (at, tier) = first_red(&replay(&spec("leak", keys), &world(&values, &[]))).unwrap();
    assert_eq!(tier, "nearly full");
    assert!((3.5..5.0).contains(&at), "a day before the limit: {at}");
}

#[test]
fn the_last_percents_are_told_however_it_came_there() {
    // Two jumps, which no other look takes for a rise.
    let stairs = |i: usize| {
        if i < 4 * DAY {
            40.0
        } else if i < 5 * DAY {
            80.0
        } else {
            98.0
        }
    };
    let values = days(6, |i| stairs(i) + 0.1 * noise(i));
    let (at, tier) = first_red(&track(&values, &[])).unwrap();
    assert_eq!(tier, "nearly full");
    assert!((5.0..5.2).contains(&at), "{at}");
    // What is collected late is full now and then.
    let keys = json!({"query": "used or jvm_memory_used_bytes", "started": "started", "limit": 100});
    let heap = replay(&spec("leak", keys), &world(&values, &[]));
    assert!(heap.episodes.is_empty(), "{:?}", first_red(&heap));
}

#[test]
fn a_suspicion_that_leaves_no_room_is_none() {
    // A young process, whose peaks stand ten above its floor and come within six of the limit on the fifth day.
    let track = track(&days(6, |i| 62.0 + 4.5 * i as f64 / DAY as f64 + saw(i)), &[]);
    let (at, tier) = first_red(&track).unwrap();
    assert_eq!(tier, "slow leak");
    assert!((4.5..5.5).contains(&at), "{at}");
    assert!(track.notes.iter().any(|note| note.from_ms < START_MS + 4 * 24 * HOUR_MS), "suspected before");
}

#[test]
fn the_healthy_stay_calm() {
    let hour = |i: usize| (i % DAY) as f64 / 12.0;
    let busy = |i: usize| if (9.0..21.0).contains(&hour(i)) { 15.0 } else { 0.0 };
    let weekday = |i: usize| if (i / DAY) % 7 < 5 { 1.0 } else { 0.3 };
    let filling = |i: usize, hours: f64| 35.0 * (1.0 - (-(i as f64) / (12.0 * hours)).exp());
    let cases: Vec<(&str, Vec<f64>)> = vec![
        ("constant", days(21, |_| 40.0)),
        ("sawtooth", days(21, |i| 40.0 + saw(i))),
        ("season", days(21, |i| 40.0 + busy(i) * weekday(i) + saw(i))),
        ("a cache that fills in an hour", days(14, |i| 30.0 + filling(i, 1.0) + saw(i))),
        ("a cache that fills in a day", days(14, |i| 30.0 + filling(i, 24.0) + saw(i))),
        ("a step", days(14, |i| if i < 7 * DAY { 40.0 } else { 60.0 } + saw(i))),
    ];
    for (name, values) in cases {
        let track = track(&values, &[]);
        assert!(track.episodes.is_empty(), "{name}: {:?}", first_red(&track));
        assert!(track.has(State::Green), "{name}");
    }
}

#[test]
fn a_limit_below_the_data_is_red_at_once() {
    let track = track(&days(3, |_| 150.0), &[]);
    let (at, what) = first_red(&track).unwrap();
    assert!(at <= 1.0, "{at}");
    assert!(what.starts_with("the lowest value of each of the last three hours"), "{what}");
}

#[test]
fn what_cannot_be_judged_is_blind() {
    let colour = |keys: Value, evidence: &Evidence| {
        run(&spec("leak", keys), evidence, START_MS + 3 * 24 * HOUR_MS - STEP_MS).verdict.colour()
    };
    let calm = days(3, saw);
    let keys = json!({"query": "used", "started": "started", "limit": 100});
    assert_eq!(colour(keys.clone(), &world(&calm, &[])), Colour::Green);
    assert_eq!(colour(keys.clone(), &world(&days(3, |_| f64::NAN), &[])), Colour::Blind, "nothing but NaN");
    assert_eq!(colour(keys.clone(), &world(&days(3, |_| f64::INFINITY), &[])), Colour::Blind, "infinities");
    let young = days(3, |i| if i < 2 * DAY + 150 { f64::NAN } else { 40.0 });
    assert_eq!(colour(keys.clone(), &world(&young, &[])), Colour::Blind, "half a day");
    let one = days(3, |i| if i < 3 * DAY - 1 { f64::NAN } else { 40.0 });
    assert_eq!(colour(keys, &world(&one, &[])), Colour::Blind, "one sample");
    assert_eq!(colour(json!({"query": "used", "limit": "0 * used"}), &world(&calm, &[])), Colour::Blind, "no limit");
    assert_eq!(colour(json!({"query": "used", "limit": "absent_metric"}), &world(&calm, &[])), Colour::Blind);
    let gaps = days(3, |i| if i >= 2 * DAY && i % 12 > 2 { f64::NAN } else { saw(i) });
    assert_eq!(colour(json!({"query": "used", "limit": 100}), &world(&gaps, &[])), Colour::Blind, "a day of gaps");
    let lazy = json!({"query": "used or jvm_memory_used_bytes", "limit": 100});
    assert_eq!(colour(lazy.clone(), &world(&calm, &[])), Colour::Blind, "a heap that was never collected at large");
    let collected = days(3, |i| 40.0 * (i % 200) as f64 / 200.0);
    assert_eq!(colour(lazy.clone(), &world(&collected, &[])), Colour::Green);
    let week = days(9, |i| 40.0 + 0.1 * saw(i));
    let end_ms = START_MS + 9 * 24 * HOUR_MS - STEP_MS;
    let seen = run(&spec("leak", lazy.clone()), &world(&week, &[]), end_ms).verdict.colour();
    assert_eq!(seen, Colour::Green, "nor in a week that brought nothing");
    let unfit = json!({"query": "used or container_memory_usage_bytes", "limit": 100});
    assert_eq!(colour(unfit, &world(&calm, &[])), Colour::Blind);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A watch that was asked about any instants says what a look that starts anew says: live and
    /// replay agree bit by bit, under any chunking, gap or restart.
    #[test]
    fn a_watch_says_what_a_fresh_look_says(
        values in values(), starts in prop::collection::vec(0_usize..4_000, 0..8),
        steps in prop::collection::vec(prop_oneof![8 => 1_i64..30, 2 => 30_i64..400, 1 => -40_i64..0], 5..40),
    ) {
        let mut starts = starts;
        starts.sort_unstable();
        let evidence = world(&values, &starts);
        let spec = spec("leak", json!({"query": "used", "started": "started", "limit": 100}));
        agrees(&spec, &evidence, START_MS + 30 * HOUR_MS, steps)?;
    }

    /// Only the window counts: what a server would have been asked for live.
    #[test]
    fn the_window_is_enough(values in values(), cut in 0_i64..24) {
        let spec = spec("leak", json!({"query": "used", "started": "started", "limit": 100}));
        let whole = world(&values, &[]);
        let at_ms = START_MS + values.len() as i64 * STEP_MS - cut * HOUR_MS / 4;
        let Some(nidoto_core::Need::Series { window_ms, .. }) = spec.guard.needs().into_iter().next() else {
            return Err(TestCaseError::fail("it needs series"));
        };
        let mut windowed = Evidence::default();
        for (source, series) in whole.series() {
            let cut = |s: &Series| {
                let samples: Vec<_> = s.samples.iter().filter(|(t, _)| (at_ms - window_ms - STEP_MS..=at_ms).contains(t)).collect();
                Series::new(s.labels.clone(), samples)
            };
            windowed.add_series(source, (at_ms - window_ms, at_ms), series.iter().map(cut).collect());
        }
        let verdict = |evidence: &Evidence| -> Verdict { run(&spec, evidence, at_ms).verdict };
        prop_assert_eq!(verdict(&whole), verdict(&windowed));
    }
}
