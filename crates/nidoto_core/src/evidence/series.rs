//! Series read from evidence files, whatever their format, and what could not be read of them.

use std::collections::BTreeMap;

use nidoto_promql::{Labels, Samples, Series};

use crate::diag::Pos;
use crate::words::Words;

/// Series and errors of one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesFile {
    /// The series, sorted by labels; samples in order of time, each time once.
    pub series: Vec<Series>,
    /// What could not be read, and where. Whoever needs the file is blind.
    pub faults: Vec<(Pos, Words)>,
}

/// Errors beyond this many are only counted: one bad file must not fill the screen.
const FAULTS_MAX: usize = 20;

/// Gathers samples in any order.
#[derive(Debug, Default)]
pub struct Gatherer {
    series: BTreeMap<Labels, Samples>,
    faults: Vec<(Pos, Words)>,
    faults_n: usize,
    may_repeat: bool,
}

impl Gatherer {
    /// For formats that have no rule against it: of two samples with the same time the later one in
    /// the file counts, without a word.
    #[must_use]
    pub fn that_may_repeat() -> Self {
        Self { may_repeat: true, ..Self::default() }
    }

    /// Adds a sample.
    pub fn add(&mut self, labels: &Labels, at_ms: i64, value: f64) {
        if !self.series.contains_key(labels) {
            self.series.insert(labels.clone(), Samples::default());
        }
        if let Some(samples) = self.series.get_mut(labels) {
            samples.timestamps_ms.push(at_ms);
            samples.values.push(value);
        }
    }

    /// Keeps an error.
    pub fn fault(&mut self, line: usize, column: usize, what: Words) {
        self.faults_n += 1;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push((Pos { line, column }, what));
        }
    }

    /// Sorts what was added. Of two samples with the same time the later one in the file counts,
    /// and it is told if they differ, unless they may.
    #[must_use]
    pub fn finish(mut self) -> SeriesFile {
        let series = std::mem::take(&mut self.series);
        let mut out = Vec::with_capacity(series.len());
        for (labels, samples) in series {
            let samples = in_order(samples).unwrap_or_else(|samples| {
                let (sorted, conflict) = sort(&samples);
                if let Some(at_ms) = conflict.filter(|_| !self.may_repeat) {
                    let at = crate::when::at_ms(at_ms);
                    self.fault(
                        0,
                        0,
                        Words::new(
                            format!("{labels} has two values at {at}"),
                            format!("{labels} には {at} の値が二つあります"),
                        ),
                    );
                }
                sorted
            });
            out.push(Series { labels, samples: samples.into() });
        }
        if self.faults_n > self.faults.len() {
            let more = self.faults_n - self.faults.len();
            self.faults.push((
                Pos::default(),
                Words::new(format!("and {more} more errors"), format!("ほかに {more} 個のエラー")),
            ));
        }
        SeriesFile { series: out, faults: self.faults }
    }
}

fn in_order(samples: Samples) -> Result<Samples, Samples> {
    if samples.timestamps_ms.windows(2).all(|pair| pair[0] < pair[1]) { Ok(samples) } else { Err(samples) }
}

fn sort(samples: &Samples) -> (Samples, Option<i64>) {
    let mut pairs: Vec<(i64, f64)> = samples.iter().collect();
    pairs.sort_by_key(|(at_ms, _)| *at_ms);
    let mut conflict = None;
    let mut kept: Vec<(i64, f64)> = Vec::with_capacity(pairs.len());
    for (at_ms, value) in pairs {
        match kept.last_mut() {
            Some(last) if last.0 == at_ms => {
                if last.1.to_bits() != value.to_bits() {
                    conflict = Some(at_ms);
                }
                last.1 = value;
            }
            _ => kept.push((at_ms, value)),
        }
    }
    (kept.into_iter().collect(), conflict)
}
