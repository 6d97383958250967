//! `gc`: the heap after full garbage collections keeps growing.

pub mod line;

mod growth;
mod jdk8;
mod jvm;
mod node;
mod process;

use std::collections::BTreeMap;
use std::path::PathBuf;

use nidoto_core::evidence::LogLine;
use nidoto_core::guard::{Guard, Judgement, Kind, Need};
use nidoto_core::{Blind, Finding, Place, Pos, Span, View, Words, when};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::size::{Size, Written, shown};
use growth::Growth;
use process::{Left, Process, Processes, has_clock};

/// `gc`: the heap after full garbage collections keeps growing.
pub const KIND: Kind = Kind {
    name: "gc",
    summary: ("the heap after full garbage collections keeps growing", "フルGCのあとのヒープが増えつづける"),
    doc: include_str!("gc.md"),
    every: Span::seconds(900),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        Gc::new(keys).map(|guard| Box::new(guard) as Box<dyn Guard>)
    },
};

/// The keys of `gc`. All have defaults.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Gc")]
struct Keys {
    /// How many full collections of one process are needed to judge it. Default 10.
    #[schemars(range(min = 10))]
    collections: Option<usize>,
    /// The least growth that is red: bytes (`50MB`), or a share (`10%`) of the limit, or of the heap at
    /// first where no limit is known. Default 10%.
    min_growth: Option<Written>,
    /// The time that the growth must have lasted. Default 30m.
    over: Option<Span>,
    /// The most that the heap may hold, such as `256MB`. Default: what the log tells.
    limit: Option<Written>,
    /// Collections this soon after the start do not count. Default 10m.
    warm_up: Option<Span>,
    /// How far back to look. Default 7d.
    within: Option<Span>,
}

#[derive(Debug)]
struct Gc {
    collections: usize,
    min_growth: Size,
    over_h: f64,
    limit: Option<f64>,
    warm_up_h: f64,
    within_ms: i64,
}

impl Gc {
    fn new(keys: Keys) -> Result<Self, Words> {
        let limit = match keys.limit.map(|limit| limit.read()).transpose()? {
            None => None,
            Some(Size::Number(bytes)) => Some(bytes),
            Some(Size::Share(_)) => {
                return Err(Words::new("`limit` is a size such as 256MB", "`limit` は 256MB のような大きさです"));
            }
        };
        let hours = |span: Option<Span>, default_s: i64| span.unwrap_or(Span::seconds(default_s)).s as f64 / 3_600.0;
        Ok(Self {
            collections: keys.collections.unwrap_or(10).max(10),
            min_growth: keys.min_growth.map_or(Ok(Size::Share(0.1)), |size| size.read())?,
            over_h: hours(keys.over, 1_800),
            limit,
            warm_up_h: hours(keys.warm_up, 600),
            within_ms: keys.within.unwrap_or(Span::seconds(604_800)).ms(),
        })
    }
}

impl Guard for Gc {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Log { window_ms: self.within_ms }]
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        let lines = view.log(self.within_ms)?;
        let read = Read::of(view, lines);
        if let Some(why) = read.fault(self.within_ms) {
            return Ok(Judgement { blind: Some(Blind::broken(why)), ..self.judge_all(view, lines, read.processes) });
        }
        Ok(self.judge_all(view, lines, read.processes))
    }
}

/// What was read of a window.
#[derive(Default)]
struct Read {
    processes: Processes,
    known: usize,
    unknown: usize,
    collections: usize,
    broken: usize,
    /// The first line of a collection whose sizes cannot be read, and its place.
    first_broken: Option<(String, Words)>,
}

impl Read {
    fn of(view: &View<'_>, lines: &[LogLine]) -> Self {
        let mut read = Self::default();
        let mut paths: BTreeMap<u32, PathBuf> = BTreeMap::new();
        for (place, line) in lines.iter().enumerate() {
            let path = paths.entry(line.file).or_insert_with(|| view.log_path(line));
            match line::read(&line.text) {
                None => read.unknown += 1,
                Some(Ok(gc)) => {
                    read.known += 1;
                    read.collections += usize::from(matches!(gc.event, line::Event::Full(_) | line::Event::Part(_)));
                    read.processes.add(path, line.at_ms, place, &gc);
                }
                Some(Err(why)) => {
                    read.broken += 1;
                    read.first_broken.get_or_insert_with(|| (format!("{}:{}", path.display(), line.line), why));
                }
            }
        }
        read
    }

    /// Why the log is of no use. A line that two processes wrote into each other is no reason; more
    /// than one in ten of such lines is.
    fn fault(&self, within_ms: i64) -> Option<Words> {
        if self.broken * 10 > self.broken + self.collections
            && let Some((place, why)) = &self.first_broken
        {
            return Some(Words::new(format!("{place}: {}", why.en), format!("{place}: {}", why.ja)));
        }
        let (within, unknown) = (Span::seconds(within_ms / 1_000), self.unknown);
        (self.known == 0).then(|| {
            Words::new(
                format!("no line of a garbage collector within {within} ({unknown} other lines)"),
                format!("{within} のうちにGCの行がありません（ほかの行は {unknown} 行）"),
            )
        })
    }
}

impl Gc {
    fn judge_all(&self, view: &View<'_>, lines: &[LogLine], processes: Processes) -> Judgement {
        let mut judgement = Judgement::default();
        for process in processes.current() {
            let limit = self.limit.or(process.limit);
            let Some((left, is_full)) = self.enough(&process) else {
                judgement.pending = true;
                continue;
            };
            let level = left[left.len() - 1].bytes;
            if judgement.value.is_none_or(|most| level > most) {
                (judgement.value, judgement.limit) = (Some(level), limit);
            }
            let Some(growth) = growth::of(left).filter(|growth| self.is_too_much(growth, limit)) else { continue };
            let (first, last) = (&lines[left[0].line], &lines[left[left.len() - 1].line]);
            let mut what = tell(&growth, process.pid, is_full);
            if let Some(limit) = limit {
                let reached = reached(view, &growth, limit, last);
                what = Words::new(format!("{}; {}", what.en, reached.en), format!("{}。{}", what.ja, reached.ja));
            }
            let place = Place::File { path: view.log_path(last), at: Pos { line: last.line as usize, column: 0 } };
            let finding = Finding::new(what, place);
            let finding = if has_clock(view, first) { finding.since(first.at_ms) } else { finding };
            let told = if growth.foresees(limit) { &mut judgement.findings } else { &mut judgement.notes };
            told.push(finding);
        }
        judgement
    }

    /// What full collections left after the warm-up or, where there are too few of them, cycles over
    /// the old generation; `None` if there are too few of both.
    fn enough<'p>(&self, process: &'p Process) -> Option<(&'p [Left], bool)> {
        let warm = |all: &'p [Left]| {
            let begun_h = all.first().filter(|left| !left.is_uptime).map_or(0.0, |left| left.at_h);
            let cold = all.iter().take_while(|left| left.at_h - begun_h < self.warm_up_h).count();
            Some(&all[cold..]).filter(|warm| warm.len() >= self.collections)
        };
        warm(&process.full).map(|left| (left, true)).or_else(|| warm(&process.cycles).map(|left| (left, false)))
    }

    fn is_too_much(&self, growth: &Growth, limit: Option<f64>) -> bool {
        let least = match self.min_growth {
            Size::Number(bytes) => bytes,
            Size::Share(share) => share * limit.unwrap_or(growth.from.max(0.0)),
        };
        growth.hours >= self.over_h && growth.to - growth.from >= least
    }
}

fn hours(hours: f64) -> Span {
    Span::seconds((hours * 3_600.0).round() as i64)
}

fn tell(growth: &Growth, pid: u64, is_full: bool) -> Words {
    let (from, to, n, over) = (shown(growth.from), shown(growth.to), growth.collections, hours(growth.hours));
    let (per_h, low, high) = (shown(growth.per_h.mid), shown(growth.per_h.low), shown(growth.per_h.high));
    let each = shown(growth.per_collection);
    let (what_en, what_ja) =
        if is_full { ("full collections", "フルGC") } else { ("cycles over the old generation", "Old領域のGC") };
    let (who_en, who_ja) =
        if pid == 0 { (String::new(), String::new()) } else { (format!("pid {pid}: "), format!("pid {pid}: ")) };
    Words::new(
        format!(
            "{who_en}the heap after {what_en} grew from {from} to {to} over {n} of them in {over}: {per_h} an hour ({low} to {high}), {each} each"
        ),
        format!(
            "{who_ja}{what_ja} {n} 回、{over} のあいだに、そのあとのヒープが {from} から {to} に増えました: 1時間に {per_h}（{low} から {high}）、1回に {each}"
        ),
    )
}

/// When the limit is reached: in the team's zone where the log tells the time of day, else how soon.
fn reached(view: &View<'_>, growth: &Growth, limit: f64, last: &LogLine) -> Words {
    const YEAR_H: f64 = 8_766.0;
    let (soon_h, late_h) = ((limit - growth.to) / growth.per_h.high, (limit - growth.to) / growth.per_h.low);
    let limit = shown(limit);
    if soon_h <= 0.0 {
        return Words::new(format!("the limit of {limit} is reached"), format!("限度の {limit} に達しています"));
    }
    if soon_h > YEAR_H {
        return Words::new(
            format!("{limit} is reached in more than a year"),
            format!("{limit} に達するのは1年より先です"),
        );
    }
    let late = late_h <= YEAR_H;
    let at = |h: f64| {
        if has_clock(view, last) {
            when::short(last.at_ms.saturating_add((h * 3.6e6) as i64), view.zone())
        } else {
            hours(h).to_string()
        }
    };
    let (soon, late_en, late_ja) = (
        at(soon_h),
        if late { at(late_h) } else { "more than a year later".to_owned() },
        if late { at(late_h) } else { "1年より先".to_owned() },
    );
    if has_clock(view, last) {
        Words::new(
            format!("{limit} is reached between {soon} and {late_en}"),
            format!("{limit} に達するのは {soon} から {late_ja} のあいだです"),
        )
    } else {
        Words::new(
            format!("{limit} is reached {soon} to {late_en} after the last collection"),
            format!("{limit} に達するのは最後のGCの {soon} から {late_ja} 後です"),
        )
    }
}
