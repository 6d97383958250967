//! Restarts in series.

use super::source::start_ms;

/// Boot times are computed from two clocks and tremble by two seconds either way.
const JITTER_MS: i64 = 4_000;
/// How far a start may lie before the look that did not know it yet: Prometheus answers with samples
/// of up to five minutes ago, and clocks differ.
const SLACK_MS: i64 = 300_000;

/// One restart, or several between two samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// When it was: its start where that is told, else when it was seen.
    pub at_ms: i64,
    /// When it was seen.
    pub seen_ms: i64,
    /// When its absence was seen last.
    pub from_ms: i64,
    /// How many.
    pub count: u64,
}

/// Time in milliseconds and value.
pub type Sample = (i64, f64);

/// A counter that fell was reset: what it shows now was counted since.
pub fn risen(before: Sample, now: Sample) -> Option<Event> {
    let count = if now.1 >= before.1 { now.1 - before.1 } else { now.1 };
    (count >= 1.0).then_some(Event { at_ms: now.0, seen_ms: now.0, from_ms: before.0, count: count as u64 })
}

/// A start that moved, to a time since the last look; one that moved elsewhere is a corrected clock.
pub fn restarted(before: Sample, now: Sample) -> Option<Event> {
    let (old_ms, new_ms) = (start_ms(before.1)?, start_ms(now.1)?);
    ((new_ms - old_ms).abs() > JITTER_MS).then(|| started(before.0, now)).flatten()
}

/// A start since the last look.
pub fn started(from_ms: i64, now: Sample) -> Option<Event> {
    let new_ms = start_ms(now.1).filter(|ms| (from_ms - SLACK_MS..=now.0 + SLACK_MS).contains(ms))?;
    Some(Event { at_ms: new_ms.min(now.0), seen_ms: now.0, from_ms, count: 1 })
}

/// Two series that tell of the same start are one restart. The events are in order of time.
pub fn join_starts(events: &mut Vec<Event>) {
    events.dedup_by(|b, a| b.at_ms - a.at_ms <= JITTER_MS);
}

/// The median time from one restart to the next; restarts between two samples are spread evenly.
pub fn typical_uptime_ms(events: &[Event]) -> Option<i64> {
    /// More restarts than this between two samples say no more.
    const SPREAD_MAX: u64 = 1_000;
    let mut times: Vec<i64> = Vec::new();
    for event in events {
        let count = i64::try_from(event.count.min(SPREAD_MAX)).unwrap_or(1);
        let span_ms = if count == 1 { 0 } else { event.seen_ms - event.from_ms };
        times.extend((1..=count).map(|i| event.at_ms - span_ms + span_ms * i / count));
    }
    let mut uptimes: Vec<i64> = times.windows(2).map(|pair| (pair[1] - pair[0]).max(0)).collect();
    uptimes.sort_unstable();
    let (below, above) = (uptimes.get(uptimes.len().saturating_sub(1) / 2)?, uptimes.get(uptimes.len() / 2)?);
    Some((below + above) / 2)
}
