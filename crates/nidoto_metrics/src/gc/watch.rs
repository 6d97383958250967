//! A gc guard at work: it reads each line once.

use std::collections::VecDeque;

use nidoto_core::evidence::LogLine;
use nidoto_core::guard::{Judgement, Sketch, Watch};
use nidoto_core::{Blind, Finding, Place, Pos, Span, View, Words};

use super::growth::{self, Growth};
use super::line::{self, Event};
use super::process::{Left, Processes, Seen, Slots, has_clock};
use super::{Gc, message};

/// A log that says nothing for longer than this, and for three times longer than ever before, is no
/// log of a calm process.
const SILENT_MS: i64 = 86_400_000;

/// A gc guard at work. It keeps what each line of the window says; what that means for the processes
/// is made of all of them at each look, so that a look that starts anew finds the same.
pub struct GcWatch<'g> {
    guard: &'g Gc,
    /// Where the first line that is kept stands in the log.
    first: usize,
    said: VecDeque<Said>,
    slots: Slots,
}

/// What a line says.
#[derive(Clone, Copy, Debug)]
enum Said {
    /// Nothing of a collector.
    Other,
    /// Something that cannot be read.
    Broken,
    /// Something of a collector.
    Gc(Seen),
}

/// What all lines of a window say.
#[derive(Default)]
struct Read {
    processes: Processes,
    known: usize,
    collections: usize,
    broken: usize,
    first_broken: Option<usize>,
    /// When a collector spoke last, and its longest silence before.
    last_ms: Option<i64>,
    silence_ms: i64,
}

/// The processes that have enough collections, and what there is of others.
#[derive(Default)]
struct Looked {
    judged: Vec<Judged>,
    /// Some have too few.
    is_any_young: bool,
    /// Some have several, all at one time.
    is_any_timeless: bool,
}

/// A process that can be judged.
struct Judged {
    pid: u64,
    limit: Option<f64>,
    left: Vec<Left>,
    is_full: bool,
    growth: Option<Growth>,
}

impl<'g> GcWatch<'g> {
    pub fn new(guard: &'g Gc) -> Self {
        Self { guard, first: 0, said: VecDeque::new(), slots: Slots::default() }
    }

    /// Reads the lines that were not read before. Gives those of the window.
    fn advance<'e>(&mut self, view: &View<'e>) -> Result<&'e [LogLine], Blind> {
        let lines = view.log(self.guard.within_ms)?;
        let (start, end) = view.log_range(self.guard.within_ms).unwrap_or_default();
        if !(self.first..=self.first + self.said.len()).contains(&start) {
            self.said.clear();
            self.first = start;
        }
        self.said.drain(..start - self.first);
        self.said.truncate(end - start);
        self.first = start;
        for line in &lines[self.said.len()..] {
            let said = match line::read(&line.text) {
                None => Said::Other,
                Some(Err(_)) => Said::Broken,
                Some(Ok(gc)) => Said::Gc(Seen {
                    at_ms: line.at_ms,
                    slot: self.slots.of(line.file, &gc, || view.log_path(line)),
                    uptime_s: gc.uptime_s,
                    number: gc.number,
                    event: gc.event,
                }),
            };
            self.said.push_back(said);
        }
        Ok(lines)
    }

    fn read(&self) -> Read {
        let mut read = Read::default();
        for (place, said) in self.said.iter().enumerate() {
            match said {
                Said::Other => {}
                Said::Broken => {
                    read.broken += 1;
                    read.first_broken.get_or_insert(place);
                }
                Said::Gc(gc) => {
                    read.known += 1;
                    read.collections += usize::from(matches!(gc.event, Event::Full(_) | Event::Part(_)));
                    read.silence_ms = read.silence_ms.max(gc.at_ms - read.last_ms.unwrap_or(gc.at_ms));
                    read.last_ms = Some(gc.at_ms);
                    read.processes.add(place, gc);
                }
            }
        }
        read
    }

    fn judged(&self, processes: Processes) -> Looked {
        let mut looked = Looked::default();
        for process in processes.current() {
            let (pid, limit) = (self.slots.pid(process.slot), self.guard.limit.or(process.limit));
            let is_timeless = process.is_timeless();
            let Some((left, is_full)) = self.guard.enough(process) else {
                looked.is_any_young = true;
                looked.is_any_timeless |= is_timeless;
                continue;
            };
            let growth = growth::of(&left).filter(|growth| self.guard.is_too_much(growth, limit));
            looked.judged.push(Judged { pid, limit, left, is_full, growth });
        }
        looked
    }
}

impl Read {
    /// Why the log is of no use. A line that two processes wrote into each other is no reason; more
    /// than one in ten of such lines is.
    fn fault(&self, view: &View<'_>, lines: &[LogLine], within_ms: i64) -> Option<Words> {
        if let Some(line) = self.first_broken.filter(|_| self.broken * 10 > self.broken + self.collections)
            && let Some(Err(why)) = line::read(&lines[line].text)
        {
            let (path, number) = (view.log_path(&lines[line]), lines[line].line);
            let place = format!("{}:{number}", path.display());
            return Some(Words::new(format!("{place}: {}", why.en), format!("{place}: {}", why.ja)));
        }
        let (within, unknown) = (Span::seconds(within_ms / 1_000), lines.len() - self.known - self.broken);
        let Some(last_ms) = self.last_ms else {
            return Some(Words::new(
                format!("no line of a garbage collector within {within} ({unknown} other lines)"),
                format!("{within} のうちにGCの行がありません（ほかの行は {unknown} 行）"),
            ));
        };
        let silent_ms = view.at_ms() - last_ms;
        let silent = Span::seconds(silent_ms / 1_000);
        (silent_ms > SILENT_MS.max(3 * self.silence_ms)).then(|| {
            Words::new(
                format!("no line of a garbage collector for {silent}"),
                format!("{silent} のあいだGCの行がありません"),
            )
        })
    }
}

impl Judged {
    /// From the first collection to the last.
    fn hours(&self) -> f64 {
        self.left[self.left.len() - 1].at_h - self.left[0].at_h
    }

    fn level(&self) -> f64 {
        self.left[self.left.len() - 1].bytes
    }

    fn is_red(&self) -> bool {
        self.growth.as_ref().is_some_and(|growth| growth.foresees(self.limit))
    }

    fn finding(&self, view: &View<'_>, lines: &[LogLine], growth: &Growth) -> Finding {
        let (first, last) = (&lines[self.left[0].line], &lines[self.left[self.left.len() - 1].line]);
        let mut what = message::tell(growth, self.pid, self.is_full);
        if let Some(limit) = self.limit {
            let reached = message::reached(view, growth, limit, last);
            what = Words::new(format!("{}; {}", what.en, reached.en), format!("{}。{}", what.ja, reached.ja));
        }
        let place = Place::File { path: view.log_path(last), at: Pos { line: last.line as usize, column: 0 } };
        let finding = Finding::new(what, place);
        if has_clock(view, first) { finding.since(first.at_ms) } else { finding }
    }
}

impl Watch for GcWatch<'_> {
    fn judge(&mut self, view: &View<'_>) -> Result<Judgement, Blind> {
        let lines = self.advance(view)?;
        let read = self.read();
        let mut blind = read.fault(view, lines, self.guard.within_ms);
        let looked = self.judged(read.processes);
        if looked.is_any_timeless {
            blind.get_or_insert_with(message::no_times);
        }
        let mut judgement = Judgement { pending: looked.is_any_young, ..Judgement::default() };
        for process in looked.judged {
            if judgement.value.is_none_or(|most| process.level() > most) {
                (judgement.value, judgement.limit) = (Some(process.level()), process.limit);
            }
            judgement.pending |= process.hours() < self.guard.over_h;
            if let Some(growth) = &process.growth {
                let told = if process.is_red() { &mut judgement.findings } else { &mut judgement.notes };
                told.push(process.finding(view, lines, growth));
            }
        }
        judgement.blind = blind.map(Blind::broken);
        Ok(judgement)
    }

    /// What collections left of the process that grows, or else of the largest, and its trend.
    fn sketch(&mut self, view: &View<'_>) -> Sketch {
        let Ok(lines) = self.advance(view) else { return Sketch::default() };
        let judged = self.judged(self.read().processes).judged;
        let order = |a: &&Judged, b: &&Judged| {
            (a.is_red(), a.growth.is_some())
                .cmp(&(b.is_red(), b.growth.is_some()))
                .then(a.level().total_cmp(&b.level()))
        };
        let lead = judged.iter().max_by(order).filter(|lead| has_clock(view, &lines[lead.left[0].line]));
        let floors =
            |lead: &Judged| lead.left.iter().map(|left| (lines[left.line].at_ms, left.bytes)).collect::<Vec<_>>();
        lead.map(|lead| message::drawing(floors(lead), lead.growth.as_ref(), lead.limit)).unwrap_or_default()
    }
}
