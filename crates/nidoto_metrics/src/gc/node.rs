//! Node.js: `--trace-gc`, and garbage collections as `perf_hooks` tells them.

use std::sync::LazyLock;

use nidoto_core::Words;
use regex::Regex;
use serde_json::Value;

use super::line::{Event, GcLine, broken, bytes};

/// `[44:0x5581] 1234 ms: `; on Windows the heap's address has no `0x`, since V8 12.6 a number may follow it.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\[(\d{1,10}):(?:0x)?([0-9A-Fa-f]{1,16})(?::\d+)?\]\s+(\d{1,15}(?:\.\d+)?) ms: (.*)").expect("a regex")
});
/// `Mark-sweep (reduce) 30.1 (35.2) -> 28.9 (35.2) MB`
static SIZES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[^>]*? \d+(?:\.\d+)? \(\d+(?:\.\d+)?\) -> (\d{1,12}(?:\.\d+)?) \(\d{1,12}(?:\.\d+)?\) MB")
        .expect("a regex")
});

/// Reads a line of `--trace-gc`.
pub fn trace(text: &str) -> Option<Result<GcLine, Words>> {
    if !text.contains(" ms: ") {
        return None;
    }
    let head = HEAD.captures(text)?;
    let what = &head[4];
    let is_full = ["Mark-sweep", "Mark-Compact", "Mark-compact"].iter().any(|name| what.starts_with(name));
    let event = if is_full {
        let Some(left) = SIZES.captures(what).and_then(|sizes| bytes(&sizes[1], "M")) else {
            return Some(Err(broken(text)));
        };
        Event::Full(left)
    } else {
        Event::Other
    };
    Some(Ok(GcLine {
        pid: head[1].parse().ok()?,
        heap: u64::from_str_radix(&head[2], 16).ok()?,
        uptime_s: head[3].parse::<f64>().ok().map(|ms| ms / 1_000.0),
        number: None,
        event,
    }))
}

/// `NODE_PERFORMANCE_GC_MAJOR`
const MAJOR: i64 = 4;

/// Reads a line of JSON that a `PerformanceObserver` of `gc` wrote, with the heap's size put in.
pub fn perf_hooks(text: &str) -> Option<Result<GcLine, Words>> {
    if !text.contains("\"gc\"") {
        return None;
    }
    let entry: Value = serde_json::from_str(&text[text.find('{')?..]).ok()?;
    let is_gc = ["entryType", "name"].iter().any(|key| entry[key] == "gc") || entry.get("gc").is_some();
    if !is_gc {
        return None;
    }
    let kind = [&entry["detail"]["kind"], &entry["kind"], &entry["gc"]];
    let is_major = kind.iter().any(|kind| kind.as_i64() == Some(MAJOR) || **kind == "major");
    let event = if is_major {
        let Some(left) = size(&entry, &["heapUsed", "used_heap_size", "usedHeapSize", "heap_used"]) else {
            return Some(Err(Words::new(
                "a major collection without `heapUsed`: write process.memoryUsage().heapUsed into the line",
                "`heapUsed` のないメジャーGCの行です: process.memoryUsage().heapUsed も書いてください",
            )));
        };
        Event::Full(left)
    } else {
        match size(&entry, &["heapLimit", "heap_size_limit", "heapSizeLimit"]) {
            Some(limit) => Event::Limit(limit),
            None => Event::Other,
        }
    };
    let uptime_s = entry["startTime"].as_f64().filter(|ms| (0.0..1e14).contains(ms)).map(|ms| ms / 1_000.0);
    Some(Ok(GcLine { pid: entry["pid"].as_u64().unwrap_or(0), heap: 0, uptime_s, number: None, event }))
}

/// A number of bytes under one of some names, in the object or one level below.
fn size(entry: &Value, names: &[&str]) -> Option<f64> {
    let below = entry.as_object()?.values().filter(|value| value.is_object());
    let mut places = std::iter::once(entry).chain(below);
    let found = places.find_map(|place| names.iter().find_map(|name| place[*name].as_f64()))?;
    (found.is_finite() && found >= 0.0).then_some(found)
}
