//! What guards cost: 1,000 series of 30 days.

use std::io::Write;
use std::time::Instant;

use nidoto_core::evidence::Log;
use nidoto_core::folder::Change;
use nidoto_core::prove::replay;
use nidoto_core::{Evidence, Span};
use nidoto_promql::{Labels, Series};
use serde_json::{Value, json};

use super::case::{DAY_MS, HOUR_MS, MINUTE_MS};
use super::random::Random;
use super::{AnyError, ours};

/// Ten guards of a hundred series each: what a team would write.
const GUARDS: usize = 10;
const SERIES_EACH: usize = 100;
const DAYS: i64 = 30;
/// How often a process of the logs collects, and how many of these are of its whole heap: as the
/// recorded runs do.
const COLLECTED_MS: i64 = 600_000;
const FULL_EACH: i64 = 12;
const CPU_GOAL_S: f64 = 45.0;

/// What is measured: a kind, its keys, how often it is asked, what it sees.
struct Load {
    kind: &'static str,
    keys: Value,
    every_s: i64,
    evidence: fn(usize) -> Evidence,
    what: &'static str,
    count: f64,
}

fn loads() -> Vec<Load> {
    const MEMORY: &str = "process_resident_memory_bytes";
    const STARTED: &str = "process_start_time_seconds";
    let samples = (GUARDS * SERIES_EACH) as f64 * (DAYS * DAY_MS / MINUTE_MS) as f64;
    let series = |kind, keys| Load { kind, keys, every_s: 60, evidence, what: "samples", count: samples };
    vec![
        series("leak", json!({ "query": MEMORY, "started": STARTED, "limit": 4e9 })),
        series("forecast", json!({ "query": MEMORY, "limit": 4e9 })),
        series("seasonal", json!({ "query": MEMORY, "limit": 4e9, "week_over_week": "50%" })),
        series("threshold", json!({ "query": MEMORY, "above": 3e9, "for": "30m" })),
        series("restarts", json!({ "query": STARTED })),
        series("step", json!({ "query": MEMORY, "after": "deploy" })),
        Load {
            kind: "gc",
            keys: json!({ "limit": "1GB" }),
            every_s: 900,
            evidence: collections,
            what: "lines",
            count: (GUARDS * SERIES_EACH) as f64 * (DAYS * DAY_MS / COLLECTED_MS) as f64,
        },
    ]
}

/// Replays, and writes CPU seconds, samples a second and the peak of the process's memory.
pub fn write(wants: impl Fn(&str) -> bool, out: &mut dyn Write) -> Result<(), AnyError> {
    writeln!(out, "\nSpeed: {GUARDS} guards of {SERIES_EACH} series or processes, {DAYS} days")?;
    for load in loads().into_iter().filter(|load| wants(load.kind)) {
        let (used_s, elapsed_s) = replayed(&load)?;
        let goal = match load.kind {
            "leak" if used_s <= CPU_GOAL_S => format!("; goal <= {CPU_GOAL_S} CPU-s: met"),
            "leak" => format!("; goal <= {CPU_GOAL_S} CPU-s: not met"),
            _ => String::new(),
        };
        writeln!(
            out,
            "  {:9} every {:2} min: {:4.1} M {:7} in {used_s:5.1} CPU-s ({elapsed_s:.1} s), {:.2} M a CPU-second{goal}",
            load.kind,
            load.every_s / 60,
            load.count / 1e6,
            load.what,
            load.count / used_s / 1e6,
        )?;
    }
    let evidence_mb = (SERIES_EACH as i64 * DAYS * DAY_MS / MINUTE_MS) as f64 * 2.0 * 16.0 / 1e6;
    Ok(writeln!(
        out,
        "  peak memory of the process {:.0} MB, of which the evidence of one guard is {evidence_mb:.0} MB",
        peak_memory_mb()?
    )?)
}

/// CPU seconds and seconds of all guards of a load.
fn replayed(load: &Load) -> Result<(f64, f64), AnyError> {
    let kind = ours::kind(load.kind).ok_or("no such kind")?;
    let (mut used_s, mut elapsed_s) = (0.0, 0.0);
    for number in 0..GUARDS {
        let evidence = (load.evidence)(number);
        let mut spec = ours::guard(kind, load.keys.clone())?;
        spec.settings.every = Some(Span::seconds(load.every_s));
        let (before_s, started) = (cpu_s()?, Instant::now());
        let track = replay(&spec, &evidence);
        used_s += cpu_s()? - before_s;
        elapsed_s += started.elapsed().as_secs_f64();
        if track.moments.len() as i64 != DAYS * DAY_MS / (load.every_s * 1_000) {
            return Err(format!("{}: {} instants were judged", load.kind, track.moments.len()).into());
        }
    }
    Ok((used_s, elapsed_s))
}

/// Logs of a hundred processes in one: a third leaks.
fn collections(number: usize) -> Evidence {
    let mut text = String::new();
    for n in 0..DAYS * DAY_MS / COLLECTED_MS {
        let at_ms = n * COLLECTED_MS;
        for i in 0..SERIES_EACH {
            let mut random = Random::new("collections", (number * SERIES_EACH + i) as u64 + 1_000 * n as u64);
            let grown = if i % 3 == 0 { 0.1 * n as f64 } else { 0.0 };
            let left = 100.0 + grown + 5.0 * random.normal();
            let at = nidoto_core::when::at_ms(at_ms + i as i64);
            let what = if n % FULL_EACH == 0 { "Mark-Compact" } else { "Scavenge" };
            text += &format!(
                "{at} [{}:0x5f] {at_ms} ms: {what} 900.0 (990.0) -> {left:.1} (990.0) MB, 3.5 / 0.0 ms\n",
                i + 1
            );
        }
    }
    let mut log = Log::default();
    log.add("gc.log".as_ref(), text.as_bytes(), &jiff::tz::TimeZone::UTC, 0);
    let mut evidence = Evidence::default();
    evidence.add_log(ours::SOURCE, (0, DAYS * DAY_MS - MINUTE_MS), log);
    evidence
}

/// A hundred series with their start times: a third leaks, all have a sawtooth, some restart. Each day
/// has a deploy.
fn evidence(number: usize) -> Evidence {
    let mut series = Vec::new();
    for i in 0..SERIES_EACH {
        let mut random = Random::new("speed", (number * SERIES_EACH + i) as u64);
        let labels = |metric: &str| Labels::new([("__name__", metric.to_owned()), ("instance", format!("i{i}"))]);
        let (base, period, restart_min) = (random.within(5e8..2e9), random.pick(20..400), random.pick(3_000..90_000));
        let per_min = if i % 3 == 0 { random.within(5e3..5e4) } else { 0.0 };
        let (mut values, mut starts) = (Vec::new(), Vec::new());
        for minute in 0..(DAYS * DAY_MS / MINUTE_MS) as usize {
            let age = minute % restart_min;
            let saw = 3e8 * (age % period) as f64 / period as f64;
            let at_ms = minute as i64 * MINUTE_MS;
            values.push((at_ms, base + saw + per_min * age as f64 + 2e7 * random.normal()));
            starts.push((at_ms, (minute - age) as f64 * 60.0));
        }
        series.push(Series::new(labels("process_resident_memory_bytes"), values));
        series.push(Series::new(labels("process_start_time_seconds"), starts));
    }
    let mut evidence = Evidence::default();
    evidence.add_series(ours::SOURCE, (0, DAYS * DAY_MS - MINUTE_MS), series);
    let deploy = |day: i64| {
        let (what, kind) = ("release".to_owned(), Some("deploy".to_owned()));
        (day * DAY_MS + 15 * HOUR_MS, Change { at: String::new(), what, kind, by: None, size: None, over: None })
    };
    evidence.add_changes((0..DAYS).map(deploy));
    evidence
}

/// User and system time of this process, all threads together.
fn cpu_s() -> Result<f64, AnyError> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
    let ticks: Result<u64, _> = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum();
    Ok(ticks? as f64 / 100.0)
}

fn peak_memory_mb() -> Result<f64, AnyError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM in /proc/self/status")?;
    let kb: f64 = line.split_whitespace().nth(1).ok_or("no number in VmHWM")?.parse()?;
    Ok(kb / 1024.0)
}
