//! The unified log of a JVM, `-Xlog:gc*`: Serial, Parallel, G1, ZGC, Shenandoah.

use std::sync::LazyLock;

use nidoto_core::Words;
use regex::Regex;

use super::line::{Event, GcLine, broken, bytes};

/// `120M->30M(256M)`; ZGC: `120M(23%)->30M(6%)`
static SIZES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r" \d+(?:\.\d+)?[BKMGT](?:\(\d+%\))?->(\d{1,12}(?:\.\d+)?)([BKMGT])\(\d+(?:\.\d+)?[BKMGT%]\)")
        .expect("a regex")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\] GC\((\d{1,15})\) (.*)").expect("a regex"));
static UPTIME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\[(?:(\d{1,12}[.,]\d+)s|(\d{1,15})ms)\]").expect("a regex"));
static PID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\[(\d{1,10})\]").expect("a regex"));
/// Said once, when the JVM starts.
static LIMIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:\] (?:Heap )?Max Capacity: |\] Heap address: .*, size: )(\d{1,12})\s?([BKMGT])B?").expect("a regex")
});

/// What leaves the whole heap collected.
const FULL: [&str; 3] = ["Pause Full", "Garbage Collection (", "Major Collection ("];
/// What collects a part of the old generation: G1's marking and mixed collections, Shenandoah's cycle.
const PART: [&str; 5] =
    ["Pause Young (Mixed)", "Pause Remark", "Pause Cleanup", "Concurrent cleanup", "Pause Degenerated GC"];
/// What begins a cycle over the old generation.
const START: [&str; 4] =
    ["Pause Young (Concurrent Start)", "Pause Initial Mark", "Pause Init Mark", "Concurrent reset"];

/// Reads a line of the unified log.
pub fn unified(text: &str) -> Option<Result<GcLine, Words>> {
    if !text.contains("[gc") {
        return None;
    }
    // Decorations stand before the message: the tags come last.
    let (head, _) = text.split_at(text.find("[gc")?);
    let number = NUMBER.captures(text);
    let event = match &number {
        Some(number) => match event(&number[2]) {
            Some(event) => event,
            None => return Some(Err(broken(text))),
        },
        None => LIMIT.captures(text).and_then(|limit| bytes(&limit[1], &limit[2])).map_or(Event::Other, Event::Limit),
    };
    let uptime_s = UPTIME.captures(head).and_then(|found| match (found.get(1), found.get(2)) {
        (Some(seconds), _) => seconds.as_str().replace(',', ".").parse().ok(),
        (None, ms) => ms?.as_str().parse::<f64>().ok().map(|ms| ms / 1_000.0),
    });
    let pid = PID.captures(head).and_then(|pid| pid[1].parse().ok()).unwrap_or(0);
    Some(Ok(GcLine { pid, heap: 0, uptime_s, number: number.and_then(|n| n[1].parse().ok()), event }))
}

/// What a collection's line says; `None` if its sizes are cut off.
fn event(what: &str) -> Option<Event> {
    let is = |names: &[&str]| names.iter().any(|name| what.starts_with(name));
    // Of a generational heap, what collects only the young generation says nothing of the floor.
    if what.contains("(Young)") || !(is(&FULL) || is(&PART) || is(&START)) {
        return Some(Event::Other);
    }
    if is(&START) {
        return Some(Event::CycleStart);
    }
    match SIZES.captures(what) {
        Some(sizes) => {
            let left = bytes(&sizes[1], &sizes[2])?;
            Some(if is(&FULL) { Event::Full(left) } else { Event::Part(left) })
        }
        // The line that says that it begins has no sizes yet.
        None if what.contains("->") => None,
        None => Some(Event::Other),
    }
}
