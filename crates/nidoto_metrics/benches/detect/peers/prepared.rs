//! What all peers share: the hourly instants, and sums and floors that settings have in common.

use std::sync::OnceLock;

use super::mann_kendall::{Trend, WINDOWS_H, trends};
use super::precog::{Explained, R2, explained};
use crate::detect::case::{Case, HOUR_MS};
use crate::detect::line::Lines;

/// A case made ready for rules.
#[derive(Debug)]
pub struct Prepared<'c> {
    pub case: &'c Case,
    /// Time and share of the limit.
    pub shares: Vec<(i64, f64)>,
    /// Sums over the shares.
    pub lines: Lines,
    /// When rules are asked.
    pub instants: Vec<Instant>,
    /// The lowest share of each hour that lies within one life, at the hour's end.
    pub floors: Vec<Option<f64>>,
    trends: [OnceLock<Vec<Option<Trend>>>; WINDOWS_H.len()],
    explained: [OnceLock<Vec<Explained>>; R2.len()],
}

/// An hour's end.
#[derive(Clone, Copy, Debug)]
pub struct Instant {
    pub at_ms: i64,
    /// Samples before this position are known.
    pub known: usize,
    /// The position of the running process's first sample.
    pub life: usize,
    /// The first of the instants that belong to it.
    pub life_instant: usize,
}

impl<'c> Prepared<'c> {
    pub fn new(case: &'c Case) -> Self {
        let shares: Vec<(i64, f64)> = case.samples.iter().map(|(at, value)| (*at, value / case.limit)).collect();
        let instants = instants(case);
        let floor = |instant: &Instant| {
            let from = shares.partition_point(|(at, _)| *at <= instant.at_ms - HOUR_MS).max(instant.life);
            shares[from..instant.known.max(from)].iter().map(|s| s.1).reduce(f64::min)
        };
        let floors = instants.iter().map(floor).collect();
        let lines = Lines::new(&shares);
        Self { case, lines, shares, instants, floors, trends: Default::default(), explained: Default::default() }
    }

    /// At each instant the positions of the samples of the last hours of this life, and whether it is as old as that.
    pub fn windows(&self, hours: f64) -> impl Iterator<Item = (&Instant, (usize, usize, bool))> {
        let (window_ms, mut begin) = ((hours * HOUR_MS as f64) as i64, 0);
        self.instants.iter().map(move |instant| {
            let from_ms = instant.at_ms - window_ms;
            while begin < instant.known && self.shares[begin].0 < from_ms {
                begin += 1;
            }
            let born_ms = self.shares.get(instant.life).map_or(i64::MAX, |s| s.0);
            let is_whole = begin > instant.life || born_ms <= from_ms + HOUR_MS / 2;
            (instant, (begin.max(instant.life), instant.known, is_whole))
        })
    }

    /// The share seen last in this life.
    pub fn now(&self, instant: &Instant) -> Option<f64> {
        self.shares[instant.life..instant.known].last().map(|s| s.1)
    }

    /// Trends of the floors over one of the windows, at each instant.
    pub fn trends(&self, window: usize) -> &[Option<Trend>] {
        self.trends[window].get_or_init(|| trends(self, WINDOWS_H[window]))
    }

    /// Rising lines that explain one of the shares of variance, at each instant: slope an hour and share now.
    pub fn explained(&self, r2: usize) -> &[Explained] {
        self.explained[r2].get_or_init(|| explained(self, R2[r2]))
    }
}

fn instants(case: &Case) -> Vec<Instant> {
    let (from_ms, to_ms) = case.span_ms();
    let first = from_ms.div_euclid(HOUR_MS) + 1;
    let mut instants: Vec<Instant> = Vec::new();
    let (mut life, mut life_instant) = (0, 0);
    for hour in first..=to_ms.div_euclid(HOUR_MS) {
        let at_ms = hour * HOUR_MS;
        let known = case.samples.partition_point(|(at, _)| *at <= at_ms);
        let started = case.starts.partition_point(|start| *start <= at_ms).checked_sub(1).map(|i| case.starts[i]);
        let begin = started.map_or(0, |start| case.samples.partition_point(|(at, _)| *at < start)).min(known);
        if begin != life {
            (life, life_instant) = (begin, instants.len());
        }
        instants.push(Instant { at_ms, known, life, life_instant });
    }
    instants
}
