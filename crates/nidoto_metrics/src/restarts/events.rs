//! Restarts in series.

use nidoto_promql::Labels;

use super::source::{Source, start_ms};

/// Boot times are computed from two clocks and tremble by two seconds either way.
const JITTER_MS: i64 = 4_000;
/// How far a start may lie before the look that did not know it yet: Prometheus answers with samples
/// of up to five minutes ago, and clocks differ.
const SLACK_MS: i64 = 300_000;

/// A series that tells of restarts.
#[derive(Clone, Copy, Debug)]
pub struct Line<'w> {
    /// Its labels.
    pub labels: &'w Labels,
    /// Time in milliseconds and value, in order of time.
    pub samples: &'w [(i64, f64)],
}

impl Line<'_> {
    /// When it had a value last.
    pub fn last_ms(&self) -> Option<i64> {
        self.samples.iter().rev().find(|(_, value)| !value.is_nan()).map(|(at_ms, _)| *at_ms)
    }

    /// When it had a value last before an instant, but not longer ago than the gap.
    fn before(&self, at_ms: i64, gap_ms: i64) -> Option<i64> {
        let end = self.samples.partition_point(|(t, _)| *t < at_ms);
        let last = self.samples[..end].iter().rev().find(|(_, value)| !value.is_nan())?;
        (last.0 >= at_ms - gap_ms).then_some(last.0)
    }
}

/// One restart, or several between two samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// The restarts of one thing, in order of time. Samples further apart than the gap are not compared.
/// With `merged`, a series that turns up beside or behind others is a restart of the same thing.
pub fn of(source: &Source, lines: &[Line<'_>], gap_ms: i64, merged: bool) -> Vec<Event> {
    let mut events = Vec::new();
    for line in lines {
        match source {
            Source::Counter => steps(line, gap_ms, risen, &mut events),
            Source::StartTime => {
                steps(line, gap_ms, restarted, &mut events);
                if merged {
                    newcomers(line, lines, gap_ms, &mut events);
                }
            }
            Source::Label(label) => values(label, line, lines, gap_ms, &mut events),
        }
    }
    events.sort_by_key(|event| (event.at_ms, event.seen_ms));
    // Two series that tell of the same start are one restart.
    if *source == Source::StartTime {
        events.dedup_by(|b, a| b.at_ms - a.at_ms <= JITTER_MS);
    }
    events
}

type Sample = (i64, f64);

fn steps(line: &Line<'_>, gap_ms: i64, event: fn(Sample, Sample) -> Option<Event>, events: &mut Vec<Event>) {
    let mut last: Option<Sample> = None;
    for sample in line.samples.iter().copied().filter(|(_, value)| !value.is_nan()) {
        if let Some(before) = last.filter(|before| sample.0 - before.0 <= gap_ms) {
            events.extend(event(before, sample));
        }
        last = Some(sample);
    }
}

/// A counter that fell was reset: what it shows now was counted since.
fn risen(before: Sample, now: Sample) -> Option<Event> {
    let count = if now.1 >= before.1 { now.1 - before.1 } else { now.1 };
    (count >= 1.0).then_some(Event { at_ms: now.0, seen_ms: now.0, from_ms: before.0, count: count as u64 })
}

/// A start that moved, to a time since the last look; one that moved elsewhere is a corrected clock.
fn restarted(before: Sample, now: Sample) -> Option<Event> {
    let (old_ms, new_ms) = (start_ms(before.1)?, start_ms(now.1)?);
    let is_since = (before.0 - SLACK_MS..=now.0 + SLACK_MS).contains(&new_ms);
    ((new_ms - old_ms).abs() > JITTER_MS && is_since).then(|| started(new_ms, before.0, now.0))
}

fn started(start_ms: i64, from_ms: i64, seen_ms: i64) -> Event {
    Event { at_ms: start_ms.min(seen_ms), seen_ms, from_ms, count: 1 }
}

/// A series that turns up when others of the thing were seen before, and was started since.
fn newcomers(line: &Line<'_>, all: &[Line<'_>], gap_ms: i64, events: &mut Vec<Event>) {
    for (at_ms, value) in appearances(line, gap_ms) {
        let Some(from_ms) = all.iter().filter_map(|other| other.before(at_ms, gap_ms)).max() else { continue };
        if let Some(new_ms) = start_ms(value).filter(|ms| (from_ms - SLACK_MS..=at_ms + SLACK_MS).contains(ms)) {
            events.push(started(new_ms, from_ms, at_ms));
        }
    }
}

/// A value of the label that turns up when others were seen before.
fn values(label: &str, line: &Line<'_>, all: &[Line<'_>], gap_ms: i64, events: &mut Vec<Event>) {
    let value = line.labels.get(label);
    for (at_ms, _) in appearances(line, gap_ms) {
        let seen = |same: bool| {
            let of_interest = all.iter().filter(move |other| (other.labels.get(label) == value) == same);
            of_interest.filter_map(move |other| other.before(at_ms, gap_ms)).max()
        };
        // Of several series that bring the same value at once, the first one counts.
        let at_once = all.iter().take_while(|other| !std::ptr::eq(*other, line)).any(|other| {
            other.labels.get(label) == value && other.samples.binary_search_by_key(&at_ms, |sample| sample.0).is_ok()
        });
        if let (Some(from_ms), None, false) = (seen(false), seen(true), at_once) {
            events.push(Event { at_ms, seen_ms: at_ms, from_ms, count: 1 });
        }
    }
}

/// The samples of a series before which it had none for longer than the gap.
fn appearances(line: &Line<'_>, gap_ms: i64) -> impl Iterator<Item = Sample> {
    let mut last_ms: Option<i64> = None;
    line.samples.iter().copied().filter(|(_, value)| !value.is_nan()).filter(move |(at_ms, _)| {
        let is_new = last_ms.is_none_or(|last_ms| at_ms - last_ms > gap_ms);
        last_ms = Some(*at_ms);
        is_new
    })
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
