//! Processes: whose lines of a log are whose.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use nidoto_core::View;
use nidoto_core::evidence::{LogLine, stamp_ms};

use super::line::{Event, GcLine};

type Key = (u32, u64, u64);

/// Numbers for the logs whose lines do not tell a process.
#[derive(Debug, Default)]
pub struct Whose {
    by_file: HashMap<u32, u32>,
    stems: Vec<String>,
}

impl Whose {
    /// The number of a line's log; 0 where the line tells the process itself.
    pub fn of(&mut self, file: u32, pid: u64, path: impl FnOnce() -> PathBuf) -> u32 {
        if pid != 0 {
            return 0;
        }
        *self.by_file.entry(file).or_insert_with(|| {
            let stem = stem(&path());
            let known = self.stems.iter().position(|other| *other == stem).unwrap_or_else(|| {
                self.stems.push(stem);
                self.stems.len() - 1
            });
            u32::try_from(known + 1).unwrap_or(u32::MAX)
        })
    }
}

/// One heap of one process, from its first line in the window to its last.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its id, 0 where the log does not tell it.
    pub pid: u64,
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
    last_number: Option<u64>,
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

/// Folds lines of collectors, each with its place in the window, into processes.
#[derive(Debug, Default)]
pub struct Processes {
    all: Vec<Process>,
    /// The newest process of each log, id and heap.
    newest: HashMap<Key, usize>,
}

impl Processes {
    /// Adds the next line. A process whose uptime or number of collections falls is a new one.
    pub fn add(&mut self, whose: u32, at_ms: i64, place: usize, line: &GcLine) {
        let key = (whose, line.pid, line.heap);
        let known = self.newest.get(&key).copied().filter(|i| self.all[*i].goes_on(line));
        let i = known.unwrap_or_else(|| {
            self.all.push(Process::new(key, place));
            self.newest.insert(key, self.all.len() - 1);
            self.all.len() - 1
        });
        self.all[i].add(at_ms, place, line);
    }

    /// The processes that were not replaced: one that has written nothing since another one of the
    /// log wrote its first line is taken for ended.
    pub fn current(self) -> impl Iterator<Item = Process> {
        let newest = self.all.iter().map(|process| process.first).max().unwrap_or(0);
        self.all.into_iter().filter(move |process| process.last >= newest)
    }
}

impl Process {
    fn new(key: Key, place: usize) -> Self {
        let (full, cycles) = (Vec::new(), Vec::new());
        Self {
            pid: key.1,
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
    fn goes_on(&self, line: &GcLine) -> bool {
        const LATE_S: f64 = 5.0;
        match (self.last_uptime_s, line.uptime_s) {
            (Some(last), Some(now)) => now >= last - LATE_S,
            _ => !(line.number == Some(0) && self.last_number.is_some_and(|last| last > 2)),
        }
    }

    fn add(&mut self, at_ms: i64, place: usize, line: &GcLine) {
        self.last = place;
        self.last_uptime_s = line.uptime_s.or(self.last_uptime_s);
        self.last_number = line.number.or(self.last_number);
        let left = |bytes| Left {
            at_h: line.uptime_s.map_or(at_ms as f64 / 3_600_000.0, |s| s / 3_600.0),
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
