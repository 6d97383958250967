//! Processes: whose lines of a log are whose.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use nidoto_core::View;
use nidoto_core::evidence::{LogLine, stamp_ms};

use super::line::{Event, GcLine};

/// Numbers for heaps: by the log where its lines do not tell a process, by process and heap.
#[derive(Debug, Default)]
pub struct Slots {
    stems: HashMap<u32, String>,
    known: HashMap<(String, u64, u64), u32>,
    pids: Vec<u64>,
}

impl Slots {
    /// The number of the heap that a line of a file is about.
    pub fn of(&mut self, file: u32, line: &GcLine, path: impl FnOnce() -> PathBuf) -> u32 {
        let stem =
            if line.pid == 0 { self.stems.entry(file).or_insert_with(|| stem(&path())).clone() } else { String::new() };
        let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        let slot = *self.known.entry((stem, line.pid, line.heap)).or_insert(next);
        if self.pids.len() < self.known.len() {
            self.pids.push(line.pid);
        }
        slot
    }

    /// The id of its process, 0 where the log does not tell it.
    pub fn pid(&self, slot: u32) -> u64 {
        self.pids.get(slot as usize).copied().unwrap_or_default()
    }
}

/// One heap of one process, from its first line in the window to its last.
#[derive(Clone, Debug)]
pub struct Process {
    /// Which heap it is.
    pub slot: u32,
    /// What full collections left, in order.
    pub full: Vec<Left>,
    /// What cycles over the old generation left, in order.
    pub cycles: Vec<Left>,
    cycle: Option<Left>,
    /// The most that the heap may hold, in bytes, where the log tells it.
    pub limit: Option<f64>,
    /// Where its first and last lines stand among those of the window.
    first: usize,
    last: usize,
    last_uptime_s: Option<f64>,
    last_number: Option<u32>,
}

/// What a collection left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Left {
    /// When, in hours: since the process began, or else since the epoch.
    pub at_h: f64,
    /// Whether `at_h` is since the process began.
    pub is_uptime: bool,
    /// How much, in bytes.
    pub bytes: f64,
    /// Which line of the window tells it.
    pub line: usize,
}

/// A line of a collector: what a fold needs of it.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// When it was written.
    pub at_ms: i64,
    /// The heap that it is about.
    pub slot: u32,
    /// As [`GcLine`] has them.
    pub uptime_s: Option<f64>,
    pub number: Option<u32>,
    pub event: Event,
}

/// Folds lines of collectors, each with its place in the window, into processes.
#[derive(Debug, Default)]
pub struct Processes {
    all: Vec<Process>,
    /// The newest process of each slot.
    newest: Vec<Option<usize>>,
}

impl Processes {
    /// Adds the next line. A process whose uptime or number of collections falls is a new one.
    pub fn add(&mut self, place: usize, line: &Seen) {
        let slot = line.slot as usize;
        if slot >= self.newest.len() {
            self.newest.resize(slot + 1, None);
        }
        let known = self.newest[slot].filter(|i| self.all[*i].goes_on(line));
        let i = known.unwrap_or_else(|| {
            self.all.push(Process::new(line.slot, place));
            self.all.len() - 1
        });
        self.newest[slot] = Some(i);
        self.all[i].add(place, line);
    }

    /// The processes that were not replaced: one that has written nothing since another one of the
    /// log wrote its first line is taken for ended.
    pub fn current(self) -> impl Iterator<Item = Process> {
        let newest = self.all.iter().map(|process| process.first).max().unwrap_or(0);
        self.all.into_iter().filter(move |process| process.last >= newest)
    }
}

impl Process {
    fn new(slot: u32, place: usize) -> Self {
        let (full, cycles) = (Vec::new(), Vec::new());
        Self {
            slot,
            full,
            cycles,
            cycle: None,
            limit: None,
            first: place,
            last: place,
            last_uptime_s: None,
            last_number: None,
        }
    }

    /// Whether its log does not tell when its collections were. As many within one millisecond are none.
    pub fn is_timeless(&self) -> bool {
        const SEVERAL: usize = 5;
        let is_at_once =
            |left: &Vec<Left>| left.len() >= SEVERAL && left.windows(2).all(|pair| pair[0].at_h == pair[1].at_h);
        is_at_once(&self.full) || is_at_once(&self.cycles)
    }

    /// Concurrent phases write their lines a little late.
    fn goes_on(&self, line: &Seen) -> bool {
        const LATE_S: f64 = 5.0;
        match (self.last_uptime_s, line.uptime_s) {
            (Some(last), Some(now)) => now >= last - LATE_S,
            _ => !(line.number == Some(0) && self.last_number.is_some_and(|last| last > 2)),
        }
    }

    fn add(&mut self, place: usize, line: &Seen) {
        self.last = place;
        self.last_uptime_s = line.uptime_s.or(self.last_uptime_s);
        self.last_number = line.number.or(self.last_number);
        let left = |bytes| Left {
            at_h: line.uptime_s.map_or(line.at_ms as f64 / 3_600_000.0, |s| s / 3_600.0),
            is_uptime: line.uptime_s.is_some(),
            bytes,
            line: place,
        };
        match line.event {
            Event::Full(bytes) => self.full.push(left(bytes)),
            Event::Part(bytes) => {
                let least = self.cycle.filter(|least| least.bytes <= bytes);
                self.cycle = Some(least.unwrap_or(left(bytes)));
            }
            // Only now is it known what the last cycle left.
            Event::CycleStart => self.cycles.extend(self.cycle.take()),
            Event::Limit(bytes) => self.limit = Some(bytes),
            Event::Other => {}
        }
    }
}

/// Whether a line carries the time of the day itself.
pub fn has_clock(view: &View<'_>, line: &LogLine) -> bool {
    stamp_ms(&line.text, view.zone(), line.at_ms).is_some()
}

/// A log's name without what rotation adds: `gc.log.0.current`, `gc.log.1.gz`.
fn stem(file: &Path) -> String {
    let mut name = file.to_string_lossy().into_owned();
    while let Some((rest, last)) = name.rsplit_once('.') {
        let is_added =
            matches!(last, "gz" | "zst" | "current") || (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()));
        if !is_added {
            break;
        }
        name = rest.to_owned();
    }
    name
}
