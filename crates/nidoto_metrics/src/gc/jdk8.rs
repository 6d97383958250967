//! The log of JDK 8: `-verbose:gc`, `-XX:+PrintGCDetails`, with or without time stamps.

use std::sync::LazyLock;

use nidoto_core::Words;
use regex::Regex;

use super::line::{Event, GcLine, broken, bytes};

/// `1124K->90K(251392K)`
static SIZES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\d+(?:\.\d+)?[BKMG]->(\d{1,12}(?:\.\d+)?)([BKMG])\(\d+(?:\.\d+)?[BKMG]\)").expect("a regex")
});
/// Seconds since the start, before the collection: `12.345: [Full GC`.
static UPTIME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(\d{1,12}[.,]\d{3}): (?:\[|#)").expect("a regex"));
static LIMIT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"-XX:MaxHeapSize=(\d{1,15})\b").expect("a regex"));

/// Reads a line of JDK 8.
pub fn read(text: &str) -> Option<Result<GcLine, Words>> {
    let line = |event| {
        let uptime = UPTIME.captures(text).and_then(|found| found[1].replace(',', ".").parse().ok());
        Some(Ok(GcLine { pid: 0, heap: 0, uptime_s: uptime, number: None, event }))
    };
    if text.starts_with("CommandLine flags:") {
        let limit = LIMIT.captures(text).and_then(|found| bytes(&found[1], "B"));
        return line(limit.map_or(Event::Other, Event::Limit));
    }
    if let Some(at) = text.find("[Full GC") {
        return match left(&text[at..]) {
            Some(left) => line(Event::Full(left)),
            None => Some(Err(broken(text))),
        };
    }
    let at = text.find("[GC ")?;
    let rest = &text[at..];
    if rest.contains("(initial-mark)") {
        return line(Event::CycleStart);
    }
    let is_part = rest.contains("(mixed)") || rest.starts_with("[GC cleanup");
    line(left(rest).filter(|_| is_part).map_or(Event::Other, Event::Part))
}

/// What was left of the whole heap: the generations stand in brackets of their own.
fn left(text: &str) -> Option<f64> {
    let mut depth = 0_usize;
    let whole: String = text
        .chars()
        .filter(|c| {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 1
        })
        .collect();
    let sizes = SIZES.captures(&whole)?;
    bytes(&sizes[1], &sizes[2])
}
