//! `restarts`: whole numbers, whatever the data look like.

use nidoto_core::{Colour, Evidence, GuardSpec, Judged, Verdict, run};
use nidoto_promql::{Labels, Series};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{self, says};

const MINUTE_MS: i64 = 60_000;
/// 2021-07-10 05:00 in Tokyo.
const NOW_MS: i64 = 1_625_860_800_000;

fn guard(mut keys: Value, query: &str) -> GuardSpec {
    keys["query"] = json!(query);
    support::guard("restarts", keys, "m")
}

/// Values a minute apart up to now; `None` is a gap.
fn series(name: &str, labels: &[(&str, &str)], values: &[Option<f64>]) -> Series {
    let first_ms = NOW_MS - (values.len() as i64 - 1) * MINUTE_MS;
    let samples = values.iter().enumerate().filter_map(|(i, v)| Some((first_ms + i as i64 * MINUTE_MS, (*v)?)));
    // A scrape that failed is marked, as Prometheus does.
    let stale = values.iter().enumerate().filter(|(_, v)| v.is_none());
    let stale = stale.map(|(i, _)| (first_ms + i as i64 * MINUTE_MS, nidoto_promql::STALE));
    let mut samples: Vec<_> = samples.chain(stale).collect();
    samples.sort_by_key(|(at_ms, _)| *at_ms);
    Series::new(Labels::new([("__name__", name)].into_iter().chain(labels.iter().copied())), samples)
}

fn judged(spec: &GuardSpec, series: Vec<Series>) -> Judged {
    let mut evidence = Evidence::default();
    evidence.add_series("m", (NOW_MS - 200 * MINUTE_MS, NOW_MS), series);
    run(spec, &evidence, NOW_MS)
}

fn counter(values: &[Option<f64>]) -> Judged {
    judged(&guard(json!({}), "pm2_restarts"), vec![series("pm2_restarts", &[("app", "bff")], values)])
}

/// The verdict; the count where it is green.
fn counted(judged: &Judged) -> String {
    let count = judged.value.unwrap_or(f64::NAN);
    if judged.verdict.colour() == Colour::Green { format!("green, {count}") } else { says(judged) }
}

fn numbers(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().map(|v| (!v.is_nan()).then_some(*v)).collect()
}

/// Start times in minutes before now, as a process tells them minute by minute.
fn starts(minutes: &[f64]) -> Vec<Option<f64>> {
    minutes.iter().map(|m| (!m.is_nan()).then_some(NOW_MS as f64 / 1_000.0 - 60.0 * m)).collect()
}

#[test]
fn counters_rise_by_whole_numbers() {
    let gone = f64::NAN;
    let cases: [(&[f64], &str); 9] = [
        (&[7.0, 7.0, 7.0], "green, 0"),
        (&[7.0, 8.0, 8.0], "green, 1"),
        (&[7.0, 8.0, 8.0, 10.0], "3 restarts within 30m: 04:58, 05:00 (×2); typically up for 1m in between"),
        // `pm2 reset`, and pm2's count of unstable restarts, which falls to 0 at each restart for memory
        (&[5.0, 6.0, 0.0, 0.0], "green, 1"),
        (&[6.0, 0.0, 2.0, 3.0], "3 restarts within 30m: 04:59 (×2), 05:00; typically up for 45s in between"),
        // what rose during a gap counts
        (&[1.0, gone, gone, 4.0], "3 restarts within 30m: 05:00 (×3); typically up for 1m in between"),
        // a single sample tells of nothing before it
        (&[57.0], "blind: `pm2_restarts` was seen only once: nothing to compare it with"),
        (&[57.0, 57.0], "green, 0"),
        (&[57.0, gone], "blind: `pm2_restarts` has no current sample"),
    ];
    for (values, want) in cases {
        assert_eq!(counted(&counter(&numbers(values))), want, "{values:?}");
    }
}

#[test]
fn the_restarts_are_drawn() {
    let mut evidence = Evidence::default();
    let calm = series("pm2_restarts", &[("app", "calm")], &numbers(&[1.0; 5]));
    let busy = series("pm2_restarts", &[("app", "bff")], &numbers(&[1.0, 2.0, 2.0, 3.0, 4.0]));
    evidence.add_series("m", (NOW_MS - 200 * MINUTE_MS, NOW_MS), vec![calm, busy]);
    let sketch = nidoto_core::sketch(&guard(json!({}), "pm2_restarts"), &evidence, NOW_MS);
    let minutes: Vec<i64> = sketch.marks.iter().map(|(_, at_ms)| (NOW_MS - at_ms) / MINUTE_MS).collect();
    assert_eq!(minutes, [3, 1, 0]);
}

#[test]
fn what_is_no_counter_is_blind() {
    for wrong in [1.01, -1.0, f64::INFINITY] {
        let judged = counter(&[Some(1.0), Some(wrong), Some(2.0)]);
        assert_eq!(judged.verdict.colour(), Colour::Blind, "{wrong}");
    }
    assert_eq!(counter(&[Some(f64::NAN), Some(f64::NAN)]).verdict.colour(), Colour::Blind);
    assert_eq!(counted(&counter(&[Some(f64::NAN), Some(1.0), Some(f64::NAN), Some(2.0), Some(2.0)])), "green, 1");
}

#[test]
fn start_times_tremble_and_clocks_jump() {
    let boots = |values: &[Option<f64>]| {
        let spec = guard(json!({"at_least": 2}), "node_boot_time_seconds");
        counted(&judged(&spec, vec![series("node_boot_time_seconds", &[], values)]))
    };
    let gone = f64::NAN;
    assert_eq!(boots(&starts(&[900.0, 900.03, 899.97, 900.0])), "green, 0");
    // Up since 15 hours, yet the clock is put right by an hour: nothing was started.
    assert_eq!(boots(&starts(&[900.0, 900.0, 840.0, 960.0])), "green, 0");
    let two = "2 restarts within 30m: 04:53, 04:58; typically up for 5m6s in between";
    assert_eq!(boots(&starts(&[900.0, gone, 7.0, 7.0, 7.0, 7.0, gone, 1.9, 1.9])), two);
    assert_eq!(
        boots(&[Some(42.0), Some(102.0)]),
        "blind: node_boot_time_seconds is no start time in seconds since 1970: 102"
    );
}

#[test]
fn a_new_pod_is_no_restart_unless_all_series_are_one_thing() {
    let pods = |each: bool| {
        let spec = guard(json!({"at_least": 2, "each": each}), "container_start_time_seconds");
        let gone = f64::NAN;
        let pod = |id: &str, minutes: &[f64]| series("container_start_time_seconds", &[("id", id)], &starts(minutes));
        let lines = [
            pod("a", &[900.0, 900.0, 900.0, gone, gone, gone, gone, gone]),
            pod("b", &[gone, gone, gone, 4.5, 4.5, 4.5, gone, gone]),
            pod("c", &[gone, gone, gone, gone, gone, gone, 1.5, 1.5]),
        ];
        counted(&judged(&spec, lines.to_vec()))
    };
    assert_eq!(pods(true), "green, 0");
    assert_eq!(pods(false), "2 restarts within 30m: 04:55, 04:58; typically up for 3m in between");
}

#[test]
fn boot_ids_are_counted_once_each() {
    let gone = f64::NAN;
    let spec = guard(json!({"as": "label:boot_id"}), "node_boot_id_info");
    let boot = |host: &str, id: &str, values: &[f64]| {
        series("node_boot_id_info", &[("host", host), ("boot_id", id)], &numbers(values))
    };
    let lines = vec![
        boot("s512", "aa", &[1.0, 1.0, gone, gone, gone, 1.0, gone, gone]),
        boot("s512", "bb", &[gone, gone, 1.0, 1.0, 1.0, gone, gone, gone]),
        boot("s512", "cc", &[gone, gone, gone, gone, gone, gone, 1.0, gone]),
        boot("s512", "dd", &[gone, gone, gone, gone, gone, gone, gone, 1.0]),
        boot("calm", "ee", &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
    ];
    let judged = judged(&spec, lines);
    assert_eq!(counted(&judged), "3 restarts within 30m: 04:55, 04:59, 05:00; typically up for 2m30s in between");
    let Verdict::Red { findings } = &judged.verdict else { panic!() };
    assert_eq!(findings[0].place.to_string(), "node_boot_id_info{host=\"s512\"}");
    let without = self::judged(&spec, vec![series("node_boot_id_info", &[], &[Some(1.0)])]);
    assert_eq!(without.verdict.colour(), Colour::Blind);
}

#[test]
fn many_restarts_are_told_shortly_in_both_languages() {
    let values: Vec<Option<f64>> = (0..20).map(|i| Some(f64::from(i))).collect();
    let judged = counter(&values);
    let Verdict::Red { findings } = &judged.verdict else { panic!() };
    assert_eq!(
        findings[0].what.en,
        "19 restarts within 30m: 04:42, …, 04:57, 04:58, 04:59, 05:00; typically up for 1m in between"
    );
    assert_eq!(
        findings[0].what.ja,
        "30m のうちに 19 回再起動しました: 04:42, …, 04:57, 04:58, 04:59, 05:00。あいだの稼働時間はおよそ 1m です"
    );
}

fn steps() -> impl Strategy<Value = Vec<Option<f64>>> {
    prop::collection::vec(prop_oneof![6 => (0_u8..4).prop_map(Some), 1 => Just(None)], 1..90).prop_map(|rises| {
        let mut total = 3.0;
        rises
            .into_iter()
            .map(|rise| {
                rise.map(|rise| {
                    total += f64::from(rise / 3);
                    total
                })
            })
            .collect()
    })
}

proptest! {
    /// The count is what a person counts on their fingers, whatever was not scraped.
    #[test]
    fn the_count_is_whole_and_exact(values in steps()) {
        let judged = counter(&values);
        let Some(count) = judged.value else { return Ok(()) };
        prop_assert_eq!(count.fract(), 0.0);
        // 30 minutes and the last value before them.
        let from = values.len().saturating_sub(30);
        let before = values[..from].iter().flatten().last().or(values.iter().flatten().next());
        let (first, last) = (before.unwrap(), values.iter().flatten().last().unwrap());
        prop_assert_eq!(count, last - first);
    }

    /// Trembling start times restart nothing, whatever else is seen.
    #[test]
    fn jitter_counts_nothing(seconds in prop::collection::vec(-2.0..2.0f64, 1..60)) {
        let values: Vec<Option<f64>> = seconds.iter().map(|s| Some(NOW_MS as f64 / 1_000.0 - 120.0 + s)).collect();
        let spec = guard(json!({"at_least": 1}), "node_boot_time_seconds");
        let judged = judged(&spec, vec![series("node_boot_time_seconds", &[], &values)]);
        prop_assert_eq!(judged.value, Some(0.0));
    }

    /// Nothing that a series can hold makes it panic.
    #[test]
    fn any_series_gets_a_verdict(
        values in prop::collection::vec(prop::option::of(prop_oneof![any::<f64>(), 1.6e9..1.7e9, 0.0..9.0]), 1..40),
        each: bool,
    ) {
        for (source, at_least) in [("counter", 1), ("start_time", 2), ("label:a", 1)] {
            let spec = guard(json!({"as": source, "each": each, "at_least": at_least}), "x");
            let halves = values.split_at(values.len() / 2);
            let lines = vec![series("x", &[("a", "1")], halves.0), series("x", &[("a", "2")], halves.1)];
            let judged = judged(&spec, lines);
            prop_assert!(judged.value.is_none_or(|count| count.fract() == 0.0));
        }
    }
}
