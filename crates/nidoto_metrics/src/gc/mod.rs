//! `gc`: the heap after full garbage collections keeps growing.

pub mod line;

mod growth;
mod jdk8;
mod jvm;
mod message;
mod node;
mod process;
mod watch;

use nidoto_core::guard::{Guard, Judgement, Kind, Need, Watch};
use nidoto_core::{Blind, Span, View, Words};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::size::{Size, Written};
use growth::Growth;
use process::{Left, Process};
use watch::GcWatch;

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
        GcWatch::new(self).judge(view)
    }

    fn watch(&self) -> Option<Box<dyn Watch + '_>> {
        Some(Box::new(GcWatch::new(self)))
    }
}

impl Gc {
    /// What full collections left after the warm-up or, where there are too few of them, cycles over
    /// the old generation; `None` if there are too few of both.
    fn enough(&self, process: Process) -> Option<(Vec<Left>, bool)> {
        let warm = |mut all: Vec<Left>| {
            let begun_h = all.first().filter(|left| !left.is_uptime).map_or(0.0, |left| left.at_h);
            let cold = all.iter().take_while(|left| left.at_h - begun_h < self.warm_up_h).count();
            all.drain(..cold);
            Some(all).filter(|warm| warm.len() >= self.collections)
        };
        let Process { full, cycles, .. } = process;
        warm(full).map(|left| (left, true)).or_else(|| warm(cycles).map(|left| (left, false)))
    }

    fn is_too_much(&self, growth: &Growth, limit: Option<f64>) -> bool {
        let least = match self.min_growth {
            Size::Number(bytes) => bytes,
            Size::Share(share) => share * limit.unwrap_or(growth.from.max(0.0)),
        };
        growth.hours >= self.over_h && growth.to - growth.from >= least
    }
}
