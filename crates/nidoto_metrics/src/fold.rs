//! Folding: what a query answered, kept as clock hours for each series.
//!
//! A watch folds an hour once and never looks at its samples again, so memory is bounded by the
//! window and not by the history. An hour depends on nothing but its own samples: whether the
//! window was filled hour by hour or in one look, it holds the same bits.

use std::collections::{BTreeMap, VecDeque};

use nidoto_core::{Blind, Need, View, Words};
use nidoto_promql::{Labels, METRIC_NAME};

/// An hour in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;

/// What one series did in one clock hour (UTC). Values that are no finite number are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    /// Hours since the epoch.
    pub at_h: i64,
    /// The lowest value.
    pub min: f64,
    /// The highest value.
    pub max: f64,
    /// The sum of the values.
    pub sum: f64,
    /// The newest value.
    pub last: f64,
    /// How many values.
    pub n: u32,
}

impl Hour {
    fn new(at_h: i64, value: f64) -> Self {
        Self { at_h, min: value, max: value, sum: value, last: value, n: 1 }
    }

    fn add(&mut self, value: f64) {
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum += value;
        self.last = value;
        self.n += 1;
    }

    /// The mean of the values.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum / f64::from(self.n)
    }
}

/// One series in a fold.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its labels.
    pub labels: Labels,
    /// Its labels without the metric's name, by which it finds its partner.
    pub bare: Labels,
    /// Its hours that have values, in order of time.
    pub hours: VecDeque<Hour>,
}

impl Row {
    /// The hours from one to another, the latter left out.
    pub fn between(&self, from_h: i64, to_h: i64) -> impl DoubleEndedIterator<Item = &Hour> + Clone {
        let start = self.hours.partition_point(|hour| hour.at_h < from_h);
        let end = self.hours.partition_point(|hour| hour.at_h < to_h);
        self.hours.range(start..end.max(start))
    }
}

/// The last complete hours of every series that a query answers.
#[derive(Clone, Debug)]
pub struct Fold {
    query: String,
    hours_n: i64,
    /// The hour that is folded next.
    next_h: Option<i64>,
    rows: BTreeMap<Labels, Row>,
}

impl Fold {
    /// An empty fold of a query over so many hours.
    #[must_use]
    pub fn new(query: &str, hours_n: i64) -> Self {
        Self { query: query.to_owned(), hours_n, next_h: None, rows: BTreeMap::new() }
    }

    /// How far back a look must reach to fill the window, in milliseconds.
    #[must_use]
    pub fn window_ms(hours_n: i64) -> i64 {
        (hours_n + 1) * HOUR_MS
    }

    /// What a guard that folds these queries needs.
    pub fn needs<'q>(queries: impl IntoIterator<Item = Option<&'q str>>, hours_n: i64) -> Vec<Need> {
        let need = |query: &str| Need::Series { query: query.to_owned(), window_ms: Self::window_ms(hours_n) };
        queries.into_iter().flatten().map(need).collect()
    }

    /// The hour that has begun when a view looks: all before it are complete.
    #[must_use]
    pub fn hour(view: &View<'_>) -> i64 {
        view.last_ms().div_euclid(HOUR_MS)
    }

    /// The series, by labels. None is without hours.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// The row of a series.
    #[must_use]
    pub fn row(&self, labels: &Labels) -> Option<&Row> {
        self.rows.get(labels)
    }

    /// Folds the hours that are complete at the view's instant and were not folded before.
    ///
    /// # Errors
    /// When the query cannot be answered; what was folded stays.
    pub fn advance(&mut self, view: &View<'_>) -> Result<(), Blind> {
        let (first_h, end_h) = (Self::hour(view) - self.hours_n, Self::hour(view));
        let from_h = match self.next_h {
            Some(next_h) if next_h == end_h => return Ok(()),
            Some(next_h) if (first_h..end_h).contains(&next_h) => next_h,
            // A jump back, or one over the whole window.
            _ => {
                self.rows.clear();
                self.next_h = None;
                first_h
            }
        };
        let window = view.between(&self.query, from_h * HOUR_MS, end_h * HOUR_MS - 1)?;
        for (labels, samples) in window.iter() {
            if !self.rows.contains_key(labels) {
                self.rows
                    .insert(labels.clone(), Row { labels: labels.clone(), bare: bare(labels), hours: VecDeque::new() });
            }
            if let Some(row) = self.rows.get_mut(labels) {
                fold(&mut row.hours, samples);
            }
        }
        self.next_h = Some(end_h);
        self.rows.retain(|_, row| {
            while row.hours.front().is_some_and(|hour| hour.at_h < first_h) {
                row.hours.pop_front();
            }
            !row.hours.is_empty()
        });
        Ok(())
    }
}

fn fold(hours: &mut VecDeque<Hour>, samples: &[(i64, f64)]) {
    for (at_ms, value) in samples.iter().filter(|(_, value)| value.is_finite()) {
        let at_h = at_ms.div_euclid(HOUR_MS);
        match hours.back_mut() {
            Some(hour) if hour.at_h == at_h => hour.add(*value),
            _ => hours.push_back(Hour::new(at_h, *value)),
        }
    }
}

/// Labels without the metric's name.
#[must_use]
pub fn bare(labels: &Labels) -> Labels {
    let mut labels = labels.clone();
    labels.remove(METRIC_NAME);
    labels
}

/// Why nothing is judged when nothing comes any more.
#[must_use]
pub fn fell_silent(query: &str) -> Blind {
    Blind::broken(Words::new(
        format!("`{query}` has no sample in the last hour"),
        format!("`{query}` には直近 1 時間のサンプルがありません"),
    ))
}

/// Why nothing is judged when the newest sample is missing.
#[must_use]
pub fn not_current(query: &str) -> Blind {
    Blind::broken(Words::new(
        format!("`{query}` has no current sample"),
        format!("`{query}` の最新のサンプルがありません"),
    ))
}
