//! Series that no detector likes: every kind gives a clear verdict, and none a false green.

use jiff::tz::TimeZone;
use nidoto_core::evidence::{Log, Naming, parse_series};
use nidoto_core::folder::Change;
use nidoto_core::{Evidence, GuardSpec, run, when};
use nidoto_promql::{Labels, Series};
use serde_json::{Value, json};

use super::support::says;
use super::world::{DAY, START_MS, STEP_MS, noise, spec};

const WEEKS: usize = 6;
const N: usize = WEEKS * 7 * DAY;
const END_MS: i64 = START_MS + (N as i64 - 1) * STEP_MS;

/// Each kind over the metric `m`; the limit is 100.
fn guards() -> Vec<(&'static str, GuardSpec)> {
    let guard = |column, kind, keys: Value| (column, spec(kind, keys));
    vec![
        guard("threshold", "threshold", json!({"query": "m", "above": 100})),
        guard("silence", "silence", json!({"query": "m", "for": "1h", "seen": "7d"})),
        guard("counter", "restarts", json!({"query": "m", "as": "counter"})),
        guard("starts", "restarts", json!({"query": "1609718400 + m", "as": "start_time"})),
        guard("leak", "leak", json!({"query": "m", "limit": 100})),
        guard("forecast", "forecast", json!({"query": "m", "limit": 100})),
        guard("seasonal", "seasonal", json!({"query": "m", "limit": 100})),
        guard("compared", "seasonal", json!({"query": "m", "week_over_week": "30%"})),
        guard("step", "step", json!({"query": "m", "after": "push"})),
        guard("falls", "step", json!({"query": "m", "after": "push", "falls": true})),
    ]
}

/// A value for each position, NaN where there is no sample.
type Shape = fn(usize) -> f64;

fn from(i: usize, first: usize, value: f64) -> f64 {
    if i < first { f64::NAN } else { value }
}

const SHAPES: [(&str, Shape); 19] = [
    ("constant", |_| 40.0),
    ("zero", |_| 0.0),
    ("below zero", |_| -5.0),
    ("the limit below the data", |_| 150.0),
    ("nothing but NaN", |_| f64::NAN),
    ("nothing but infinity", |_| f64::INFINITY),
    ("nothing but -infinity", |_| f64::NEG_INFINITY),
    ("infinite now and then", |i| if i % 7 == 0 { f64::INFINITY } else { 40.0 }),
    ("infinite before the push", |i| if i + 14 < N { f64::INFINITY } else { 40.0 }),
    ("infinite since the push", |i| if i + 12 < N { 40.0 } else { f64::INFINITY }),
    ("huge", |_| 1e308),
    ("huge and tiny in turns", |i| if i % 2 == 0 { 1e308 } else { 5e-324 }),
    ("one sample", |i| from(i, N - 1, 40.0)),
    ("an hour", |i| from(i, N - 12, 40.0)),
    ("half a day", |i| from(i, N - 144, 40.0)),
    ("no sample for ten minutes", |i| if i + 2 < N { 40.0 } else { f64::NAN }),
    ("no sample for five hours", |i| if i + 60 < N { 40.0 } else { f64::NAN }),
    ("no sample for two days", |i| if i + 2 * DAY < N { 40.0 } else { f64::NAN }),
    ("a sample every two hours", |i| if i % 24 == 23 { 40.0 } else { f64::NAN }),
];

fn series(samples: impl IntoIterator<Item = (i64, f64)>) -> Series {
    Series::new(Labels::new([("__name__", "m"), ("app", "a")]), samples)
}

/// With a push an hour before the end.
fn evidence(series: Vec<Series>) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.add_series("m", (START_MS, END_MS), series);
    let (what, kind) = ("push to everyone".to_owned(), Some("push".to_owned()));
    let push = Change { at: String::new(), what, kind, by: None, size: None, over: None };
    evidence.add_changes([(END_MS - 3_600_000, push)]);
    evidence
}

fn word(spec: &GuardSpec, evidence: &Evidence) -> String {
    let said = says(&run(spec, evidence, END_MS));
    let word = said.split(':').next().unwrap_or_default();
    if ["green", "pending", "blind"].contains(&word) { word.to_owned() } else { "red".to_owned() }
}

fn at_ms(i: usize) -> i64 {
    START_MS + i as i64 * STEP_MS
}

/// All kinds over one world, in a row of the table.
fn row(name: &str, evidence: &Evidence) -> String {
    let words: String = guards().iter().map(|(_, spec)| format!("{:10}", word(spec, evidence))).collect();
    format!("{name:26}{words}").trim_end().to_owned()
}

/// Each cell is meant so: green only where the kind saw what it judges and it is well.
#[test]
fn every_kind_has_a_clear_verdict() {
    let head: String = guards().iter().map(|(column, _)| format!("{column:10}")).collect();
    let mut table = vec![format!("{:26}{head}", "").trim_end().to_owned()];
    for (name, shape) in SHAPES {
        let samples = (0..N).map(|i| (at_ms(i), shape(i))).filter(|(_, value)| !value.is_nan());
        let nan = (0..N).map(|i| (at_ms(i), f64::NAN));
        let all: Vec<_> = if name == "nothing but NaN" { nan.collect() } else { samples.collect() };
        table.push(row(name, &evidence(vec![series(all)])));
    }
    insta::assert_snapshot!(table.join("\n"));
}

/// Rows of a file in no order, many of them twice, say what the same rows in order say.
#[test]
fn order_and_repetition_of_samples_change_nothing() {
    let value = |i: usize| 40.0 + 20.0 * noise(i);
    let rows: Vec<String> = (0..N).map(|i| format!("{},{}\n", at_ms(i), value(i))).collect();
    let mut shuffled: Vec<&String> = rows.iter().chain(rows.iter().step_by(3)).collect();
    shuffled
        .sort_by_key(|row| row.bytes().fold(7_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte))));
    let text: String = ["timestamp,value\n"].into_iter().chain(shuffled.iter().map(|row| row.as_str())).collect();
    let naming = Naming { name: "m".into(), labels: vec![("app".into(), "a".into())], zone: TimeZone::UTC };
    let read = parse_series("m.csv", text.as_bytes(), &naming);
    assert_eq!(read.faults, []);
    let in_order = evidence(vec![series((0..N).map(|i| (at_ms(i), value(i))))]);
    let in_no_order = evidence(read.series);
    for (column, spec) in guards() {
        assert_eq!(run(&spec, &in_no_order, END_MS), run(&spec, &in_order, END_MS), "{column}");
    }
}

/// A clock that was put back or ahead, by an hour or a year, in the middle of the last day.
#[test]
fn clocks_that_jump_stop_nobody() {
    let mut table = Vec::new();
    for (name, by_ms) in [("an hour ahead", 3_600_000), ("an hour back", -3_600_000), ("a year back", -31_536_000_000)]
    {
        let jumped = |i: usize| if i + DAY / 2 < N { at_ms(i) } else { at_ms(i) + by_ms };
        let mut samples: Vec<(i64, f64)> = (0..N).map(|i| (jumped(i), 40.0)).collect();
        samples.sort_by_key(|(at_ms, _)| *at_ms);
        samples.dedup_by_key(|(at_ms, _)| *at_ms);
        table.push(row(name, &evidence(vec![series(samples)])));
    }
    insta::assert_snapshot!(table.join("\n"));
}

/// Logs of collectors: too short, silent, without times, of a heap that is what it always was.
#[test]
fn logs_of_collectors_have_a_clear_verdict() {
    let line = |at_ms: i64, mb: f64| {
        let at = when::at_ms(at_ms);
        format!(
            "{at} [7:0x5f] {} ms: Mark-Compact 99.0 (120.0) -> {mb:.1} (120.0) MB, 3.5 / 0.0 ms\n",
            at_ms - START_MS
        )
    };
    let hours = |n: i64, back_h: i64, mb: fn(i64) -> f64| -> String {
        (0..n).map(|i| line(END_MS - (back_h + n - 1 - i) * 3_600_000, mb(i))).collect()
    };
    let timeless =
        |i: i64| format!("[Full GC (System.gc()) {}K->{}K(256000K), 0.01 secs]\n", 90_000 + i, 10_000 + 4_000 * i);
    let logs = [
        ("constant", hours(40, 0, |_| 30.0)),
        ("grows", hours(40, 0, |i| 30.0 + i as f64)),
        ("grows, all lines twice", hours(40, 0, |i| 30.0 + i as f64).lines().map(|l| format!("{l}\n{l}\n")).collect()),
        ("one collection", hours(1, 0, |_| 30.0)),
        ("nine collections", hours(9, 0, |i| 30.0 + i as f64)),
        ("silent for two days", hours(40, 48, |_| 30.0)),
        ("grew, silent for two days", hours(40, 48, |i| 30.0 + i as f64)),
        ("no times", (0..40).map(timeless).collect()),
        ("the limit below the heap", hours(40, 0, |i| 300.0 + i as f64)),
        ("sizes beyond all measure", hours(40, 0, |i| 1e11 * (i + 1) as f64)),
        ("empty lines", "\n\n".to_owned()),
    ];
    let table = logs.map(|(name, text)| {
        let mut log = Log::default();
        log.add("gc.log".as_ref(), text.as_bytes(), &TimeZone::UTC, END_MS);
        log.sort();
        let mut evidence = Evidence::default();
        evidence.add_log("m", (START_MS, END_MS), log);
        format!("{name:26}{}", word(&spec("gc", json!({"limit": "100MB"})), &evidence))
    });
    insta::assert_snapshot!(table.join("\n"));
}
