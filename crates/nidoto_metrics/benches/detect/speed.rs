//! What a `leak` guard costs: 1,000 series, 30 days, asked every minute.

use std::io::Write;
use std::time::Instant;

use nidoto_core::prove::replay;
use nidoto_core::{Evidence, Kind, Span};
use nidoto_promql::{Labels, Series};
use serde_json::json;

use super::case::{DAY_MS, MINUTE_MS};
use super::random::Random;
use super::{AnyError, ours};

/// Ten guards of a hundred series each: what a team would write.
const GUARDS: usize = 10;
const SERIES_EACH: usize = 100;
const DAYS: i64 = 30;
const CPU_GOAL_S: f64 = 45.0;

/// Replays, and writes CPU seconds, samples a second and the peak of the process's memory.
pub fn write(kind: &'static Kind, out: &mut dyn Write) -> Result<(), AnyError> {
    let (mut used_s, mut elapsed_s) = (0.0, 0.0);
    for number in 0..GUARDS {
        let evidence = evidence(number);
        let mut spec = ours::guard(
            kind,
            json!({ "query": "process_resident_memory_bytes", "started": "process_start_time_seconds", "limit": 4e9 }),
        )?;
        spec.settings.every = Some(Span::seconds(60));
        let (before_s, started) = (cpu_s()?, Instant::now());
        let track = replay(&spec, &evidence);
        used_s += cpu_s()? - before_s;
        elapsed_s += started.elapsed().as_secs_f64();
        if track.moments.len() as i64 != DAYS * DAY_MS / MINUTE_MS {
            return Err(format!("{} instants were judged", track.moments.len()).into());
        }
    }
    let samples = (GUARDS * SERIES_EACH) as f64 * (DAYS * DAY_MS / MINUTE_MS) as f64;
    let evidence_mb = samples / GUARDS as f64 * 2.0 * 16.0 / 1e6;
    writeln!(out, "\nSpeed of `leak`: {GUARDS} guards of {SERIES_EACH} series, {DAYS} days, asked every minute")?;
    writeln!(
        out,
        "  {:.1} M samples in {used_s:.1} CPU-s ({elapsed_s:.1} s): {:.2} M samples a CPU-second; goal <= {CPU_GOAL_S} CPU-s: {}",
        samples / 1e6,
        samples / used_s / 1e6,
        if used_s <= CPU_GOAL_S { "met" } else { "not met" }
    )?;
    Ok(writeln!(
        out,
        "  peak memory of the process {:.0} MB, of which the evidence of one guard is {evidence_mb:.0} MB",
        peak_memory_mb()?
    )?)
}

/// A hundred series with their start times: a third leaks, all have a sawtooth, some restart.
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
