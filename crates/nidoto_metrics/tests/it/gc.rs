//! `gc`: every collector is read, and growth is told from what only looks like it.

use std::path::Path;

use nidoto_core::evidence::Log;
use nidoto_core::prove::replay;
use nidoto_core::{Colour, Evidence, GuardSpec, Judged, Span, Verdict, run, when};
use nidoto_metrics::gc::line::{Event, read};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support;

fn guard(keys: Value) -> GuardSpec {
    support::guard("gc", keys, "l")
}

/// The verdict, with the place of each finding.
fn says(judged: &Judged) -> String {
    match &judged.verdict {
        Verdict::Red { findings } => {
            findings.iter().map(|f| format!("{}: {}", f.place, f.what.en)).collect::<Vec<_>>().join("\n")
        }
        _ => support::says(judged),
    }
}

/// 2021-07-10 05:00 in Tokyo.
const NOW_MS: i64 = 1_625_860_800_000;

fn evidence(files: &[(&str, &str)]) -> Evidence {
    let mut log = Log::default();
    for (name, text) in files {
        log.add(Path::new(name), text.as_bytes(), &jiff::tz::TimeZone::UTC, NOW_MS);
    }
    log.sort();
    let mut evidence = Evidence::default();
    evidence.add_log("l", (NOW_MS - 86_400_000, NOW_MS), log);
    evidence
}

fn judged(keys: Value, files: &[(&str, &str)]) -> Judged {
    run(&guard(keys), &evidence(files), NOW_MS)
}

/// Lines of Node.js at whole hours of uptime, with the time of day before them.
fn trace(pid: u32, from_h: i64, sizes: impl IntoIterator<Item = f64>) -> String {
    let sizes: Vec<f64> = sizes.into_iter().collect();
    let line = |(i, mb): (usize, &f64)| {
        let back_h = sizes.len() as i64 - 1 - i as i64;
        let at = when::at_ms(NOW_MS - back_h * 3_600_000);
        let ms = (from_h + i as i64) * 3_600_000;
        format!(
            "{at} [{pid}:0x5f]  {ms} ms: Mark-Compact 99.0 (120.0) -> {mb:.1} (120.0) MB, 3.5 / 0.0 ms  (average mu = 1, current mu = 1) task; \n"
        )
    };
    sizes.iter().enumerate().map(line).collect()
}

#[test]
fn every_collector_is_read() {
    let mib = 1_048_576.0;
    let full = |mb: f64| Some(Event::Full(mb * mib));
    let cases = [
        (
            "[44:0x5581d0]    45678 ms: Mark-sweep 30.1 (35.2) -> 28.9 (35.2) MB, 3.5 / 0.0 ms  (+ 4.1 ms in 10 steps since start of marking, biggest step 1.0 ms, walltime since start of marking 20 ms) (average mu = 0.9, current mu = 0.9) finalize incremental marking via stack guard GC in old space requested",
            full(28.9),
        ),
        (
            "2021-07-10T05:00:00.123Z app[1]: [44:0x5581d0]   1234 ms: Mark-sweep (reduce) 30.1 (35.2) -> 28.9 (35.2) MB, 3.5 / 0.0 ms",
            full(28.9),
        ),
        (
            "[9:0x7f0c]  1234 ms: Mark-Compact 30.1 (35.2) -> 28.9 (35.2) MB, 3.50 / 0.00 ms  (average mu = 0.9, current mu = 0.9) task; GC in old space requested",
            full(28.9),
        ),
        (
            "[9:0x7f0c000:0]  1234 ms: Mark-Compact (reduce) 30.1 (35.2) -> 28.9 (35.2) MB, pooled: 0.0 MB, 3.50 / 0.00 ms (average mu = 0.9, current mu = 0.9) task",
            full(28.9),
        ),
        (
            "[7824:000001C3A99505C0]    54060 ms: Mark-sweep 104.7 (147.8) -> 102.3 (147.8) MB, 105.5 / 0.0 ms [GC in old space requested].",
            full(102.3),
        ),
        ("[9:0x7f]      31 ms: Scavenge 4.1 (4.9) -> 3.8 (5.9) MB, pooled: 0.0 MB, 0.66 / 0.00 ms", Some(Event::Other)),
        ("[9:0x7f]      31 ms: Minor Mark-Compact 4.1 (4.9) -> 3.8 (5.9) MB, 0.66 / 0.00 ms", Some(Event::Other)),
        (
            "{\"time\":\"2021-07-10T05:00:00Z\",\"pid\":7,\"name\":\"gc\",\"entryType\":\"gc\",\"startTime\":839.36,\"duration\":1.2,\"detail\":{\"kind\":4,\"flags\":0},\"heapUsed\":4194304}",
            full(4.0),
        ),
        ("{\"entryType\":\"gc\",\"startTime\":839.36,\"kind\":\"major\",\"memory\":{\"heapUsed\":4194304}}", full(4.0)),
        ("{\"entryType\":\"gc\",\"kind\":\"minor\",\"heapUsed\":4194304}", Some(Event::Other)),
        ("[0.005s][info][gc,init] Heap Max Capacity: 64M", Some(Event::Limit(64.0 * mib))),
        (
            "[0.004s][info][gc,heap,coops] Heap address: 0x00000000fc000000, size: 64 MB, Compressed Oops mode: 32-bit",
            Some(Event::Limit(64.0 * mib)),
        ),
        ("[12.345s][info][gc] GC(12) Pause Full (System.gc()) 30M->28M(256M) 12.345ms", full(28.0)),
        ("[12,345s][info][gc             ] GC(12) Pause Full (G1 Compaction Pause) 255M->250M(256M) 50ms", full(250.0)),
        (
            "[2021-07-10T05:00:00.123+0900][12345ms][7][info][gc] GC(5) Pause Full (Ergonomics) 150M->120M(256M) 30ms",
            full(120.0),
        ),
        ("[0.136s][info][gc,start    ] GC(0) Pause Full (System.gc())", Some(Event::Other)),
        (
            "[1.0s][info][gc] GC(10) Pause Young (Mixed) (G1 Evacuation Pause) 120M->80M(256M) 4ms",
            Some(Event::Part(80.0 * mib)),
        ),
        ("[1.0s][info][gc] GC(8) Pause Remark 130M->125M(256M) 1.5ms", Some(Event::Part(125.0 * mib))),
        (
            "[1.0s][info][gc] GC(7) Pause Young (Concurrent Start) (G1 Humongous Allocation) 130M->125M(256M) 1.5ms",
            Some(Event::CycleStart),
        ),
        ("[1.0s][info][gc] GC(3) Garbage Collection (Proactive) 120M(23%)->30M(6%)", full(30.0)),
        ("[1.0s][info][gc] GC(3) Major Collection (Proactive) 120M(23%)->30M(6%) 0.050s", full(30.0)),
        ("[1.0s][info][gc] GC(4) Minor Collection (Allocation Rate) 120M(23%)->30M(6%) 0.050s", Some(Event::Other)),
        ("[1.0s][info][gc] GC(1) Concurrent cleanup 6M->3M(64M) 0.011ms", Some(Event::Part(3.0 * mib))),
        ("[1.0s][info][gc] GC(1) Concurrent cleanup (Young) 6M->3M(64M) 0.011ms", Some(Event::Other)),
        ("[1.0s][info][gc,heap] GC(1) Eden regions: 12->0(11)", Some(Event::Other)),
        (
            "[1.0s][info][gc,metaspace] GC(1) Metaspace: 64K(256K)->64K(256K) NonClass: 1K(1K)->1K(1K)",
            Some(Event::Other),
        ),
        (
            "2021-07-10T05:00:00.123+0900: 12.345: [Full GC (Ergonomics) [PSYoungGen: 1024K->0K(76288K)] [ParOldGen: 100K->90K(175104K)] 1124K->1024K(251392K), [Metaspace: 2000K->2000K(1056768K)], 0.01 secs]",
            full(1.0),
        ),
        (
            "12.345: [Full GC (Allocation Failure) 12.345: [Tenured: 10M->9M(10M), 0.1 secs] 15M->9M(20M), [Metaspace: 2K->2K(1K)], 0.1 secs] [Times: user=0.1]",
            full(9.0),
        ),
        ("[Full GC (System.gc())  1124K->2048K(251392K), 0.0066 secs]", full(2.0)),
        ("1.2: [GC pause (G1 Evacuation Pause) (mixed) 120M->80M(256M), 0.01 secs]", Some(Event::Part(80.0 * mib))),
        (
            "1.2: [GC (Allocation Failure) [PSYoungGen: 1024K->0K(76288K)] 1124K->1024K(251392K), 0.01 secs]",
            Some(Event::Other),
        ),
        (
            "CommandLine flags: -XX:InitialHeapSize=1 -XX:MaxHeapSize=67108864 -XX:+PrintGC",
            Some(Event::Limit(64.0 * mib)),
        ),
        ("GET /gc 200", None),
        ("", None),
    ];
    for (text, want) in cases {
        let got = read(text).map(|line| line.unwrap_or_else(|why| panic!("{text}: {why}")).event);
        assert_eq!(got, want, "{text}");
    }
    let line = read("[2021-07-10T05:00:00.123+0900][12.5s][7][info][gc] GC(5) Pause Full (x) 150M->120M(256M) 30ms")
        .unwrap()
        .unwrap();
    assert_eq!((line.pid, line.uptime_s, line.number), (7, Some(12.5), Some(5)));
    let line = read("[44:0x10]    45678 ms: Mark-sweep 30.1 (35.2) -> 28.9 (35.2) MB").unwrap().unwrap();
    assert_eq!((line.pid, line.heap, line.uptime_s), (44, 16, Some(45.678)));
    for cut in [
        "[44:0x10]    45678 ms: Mark-sweep 30.1 (35.2) -> 2",
        "[1.0s][info][gc] GC(3) Pause Full (x) 120M->3",
        "[Full GC (Ergonomics) [PSYoungGen: 1024K->0K(76288K)] 11",
        "{\"entryType\":\"gc\",\"kind\":\"major\"}",
    ] {
        assert!(read(cut).unwrap().is_err(), "{cut}");
    }
}

#[test]
fn a_growing_heap_is_red_and_says_when_it_is_full() {
    let leak = trace(44, 1, (0..20).map(|i| 30.0 + 2.0 * f64::from(i) + f64::from(i % 3) * 0.3));
    assert_eq!(
        says(&judged(json!({"limit": "100MB"}), &[("api.log", &leak)])),
        "api.log:20: pid 44: the heap after full collections grew from 30.3 MiB to 68.3 MiB over 20 of them in 19h: \
         2.0 MiB an hour (2.0 MiB to 2.0 MiB), 2.0 MiB each; 100.0 MiB is reached between 2021-07-10 20:40 and 2021-07-10 20:51"
    );
    let far = judged(json!({"limit": "128MB"}), &[("api.log", &leak)]);
    assert_eq!((says(&far), far.notes.len()), ("green".to_owned(), 1), "further ahead than was seen");
    let calm = trace(44, 1, (0..20).map(|i| 30.0 + f64::from(i % 3) * 0.3));
    assert_eq!(says(&judged(json!({}), &[("api.log", &calm)])), "green");
    assert_eq!(says(&judged(json!({"min_growth": "50MB"}), &[("api.log", &leak)])), "green");
    assert_eq!(says(&judged(json!({"over": "20h"}), &[("api.log", &leak)])), "pending");
    assert_eq!(says(&judged(json!({"collections": 21}), &[("api.log", &leak)])), "pending");
}

#[test]
fn what_collections_left_is_drawn_and_where_it_goes() {
    let leak = trace(44, 1, (0..20).map(|i| 30.0 + 2.0 * f64::from(i)));
    let calm = trace(45, 1, [60.0; 20]);
    let sketch =
        nidoto_core::sketch(&guard(json!({"limit": "80MB"})), &evidence(&[("a.log", &leak), ("b.log", &calm)]), NOW_MS);
    let [(floor, floors), (trend, ends)] = &sketch.lines[..] else { panic!("{sketch:?}") };
    assert_eq!((floor.en.as_str(), floors.len(), trend.en.as_str()), ("after collections", 20, "trend"));
    let (reached_ms, limit) = ends[ends.len() - 1];
    assert_eq!((limit, (reached_ms - NOW_MS) / 3_600_000), (80.0 * 1_048_576.0, 6), "68 MB, 2 MB an hour");
}

#[test]
fn a_process_begins_anew() {
    let rising = |from: i32| (from..from + 9).map(|i| 30.0 + 2.0 * f64::from(i));
    // The same pid, as in a container: 18 rising collections, 9 of each process.
    let halves = [trace(7, 1, rising(0)).replace("2021-07-09", "2021-07-08"), trace(7, 1, rising(9))].concat();
    assert_eq!(says(&judged(json!({}), &[("api.log", &halves)])), "pending");
    // Two workers of one log grow by themselves; each is judged alone.
    let two: String = [(1, 0.0), (2, 1.0)]
        .iter()
        .map(|(pid, by)| trace(*pid, 1, (0..20).map(|i| 30.0 + by * f64::from(i))))
        .collect();
    let two = judged(json!({}), &[("api.log", &two)]);
    assert!(says(&two).starts_with("api.log:40: pid 2: "), "{}", says(&two));
    // A process that another one replaced is no longer judged.
    let replaced = trace(1, 1, (0..20).map(|i| 30.0 + f64::from(i)))
        .replace("2021-07-09", "2021-07-07")
        .replace("2021-07-10", "2021-07-08")
        + &trace(2, 1, [30.0; 20]);
    assert_eq!(says(&judged(json!({}), &[("api.log", &replaced)])), "green");
}

#[test]
fn a_log_that_says_nothing_of_collections_is_blind() {
    assert_eq!(
        says(&judged(json!({}), &[("api.log", "2021-07-10T04:00:00+09:00 hello\nmore\n")])),
        "blind: no line of a garbage collector within 7d (2 other lines)"
    );
    let cut = trace(7, 1, [30.0; 12]).replace(" MB, 3.5", "");
    let judged = judged(json!({}), &[("api.log", &cut)]);
    assert!(
        says(&judged).starts_with("blind: api.log:1: a collection whose sizes cannot be read"),
        "{}",
        says(&judged)
    );
    for wrong in [json!({"limit": "50%"}), json!({"limit": "many"}), json!({"min_growth": "0"})] {
        assert!(support::refused("gc", wrong.clone()).is_some(), "{wrong}");
    }
}

/// Recorded collectors of real processes with their truth: red on the leaks, never on the others.
/// (A cache that takes six days to fill is not among them: until it is full it looks like a leak.)
const RECORDED: [(&str, &str, bool); 9] = [
    ("node-closure-weeks", "64MB", true),
    ("node-after-a-deploy", "64MB", true),
    ("jvm-thread-local", "64MB", true),
    ("jvm-under-a-sawtooth", "128MB", true),
    ("jvm-old-generation-days", "96MB", false),
    ("node-nightly-job", "64MB", false),
    ("node-cache-days", "64MB", false),
    ("jvm-sawtooth", "160MB", false),
    ("jvm-long-pauses", "96MB", false),
];

#[test]
fn recorded_leaks_are_red_and_healthy_processes_are_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../labs/leaks/runs");
    for (name, limit, is_leak) in RECORDED {
        let Ok(bytes) = nidoto_core::evidence::bytes::read(&folder.join(format!("{name}.gc.log.zst"))) else {
            continue;
        };
        let mut log = Log::default();
        log.add(Path::new("gc.log"), &bytes, &jiff::tz::TimeZone::UTC, NOW_MS);
        log.sort();
        let span = (log.lines[0].at_ms, log.lines[log.lines.len() - 1].at_ms);
        let mut evidence = Evidence::default();
        evidence.add_log("l", span, log);
        let mut spec = guard(json!({"within": "14d", "limit": limit}));
        spec.settings.every = Some(Span::seconds(21_600));
        let track = replay(&spec, &evidence);
        assert_eq!(!track.episodes.is_empty(), is_leak, "{name}: {:?}", track.episodes);
        assert_eq!(track.blind.map(|blind| blind.why.en), None, "{name}");
    }
}

proptest! {
    /// Any text is read without a panic, and gets a verdict.
    #[test]
    fn any_text_gets_a_verdict(text in "(?s).{0,200}", node in "\\[[0-9]{1,12}:0x[0-9a-f]{1,20}\\] [0-9.]{1,20} ms: Mark-sweep [0-9. ()>-]{0,40} MB", jvm in "\\[[0-9.,]{1,20}m?s\\]\\[gc\\] GC\\([0-9]{1,20}\\) Pause (Full|Remark) [0-9BKMGT.>()%-]{0,30}") {
        let _ = read(&text);
        let text = format!("{text}\n{node}\n{jvm}\n");
        let judged = judged(json!({"warm_up": "0s", "over": "0s"}), &[("a.log", &text)]);
        prop_assert!(judged.verdict.colour() != Colour::Red);
    }

    /// Sizes in no order are no growth more often than chance allows, and live says what a replay says.
    #[test]
    fn live_is_replay(sizes in prop::collection::vec(1.0..90.0f64, 10..24), hour in 0_i64..24) {
        let text = trace(7, 1, sizes);
        let spec = guard(json!({"within": "12h", "min_growth": "1KB"}));
        let at_ms = NOW_MS - hour * 3_600_000;
        let whole = evidence(&[("a.log", &text)]);
        let known: String = text.lines().filter(|line| nidoto_core::evidence::stamp_ms(line, &jiff::tz::TimeZone::UTC, 0).unwrap() <= at_ms).map(|line| format!("{line}\n")).collect();
        let live = run(&spec, &evidence(&[("a.log", &known)]), at_ms);
        prop_assert_eq!(live, run(&spec, &whole, at_ms));
    }
}
