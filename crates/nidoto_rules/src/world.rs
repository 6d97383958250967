//! The series that rules see: what was recorded elsewhere, and what the rules themselves write.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use nidoto_promql::{Labels, Matchers, Matrix, Samples, Series, Source, SourceError};

/// What was recorded, for a backtest.
#[derive(Debug, Default)]
pub struct World {
    /// Raw series.
    pub series: Vec<Series>,
    /// Answers of a server to whole expressions, by text and step in milliseconds: of rules that
    /// read nothing that the file writes. Where one stands here, it is not evaluated.
    pub answers: HashMap<(String, i64), Matrix>,
}

/// Recorded series and those that rules have written so far.
pub(crate) struct Store<'w> {
    recorded: Vec<&'w Series>,
    written: BTreeMap<Labels, Series>,
}

impl<'w> Store<'w> {
    /// Series of a name that the rules write are their own: what a server recorded under it came
    /// of other rules.
    pub(crate) fn new(series: &'w [Series], is_written: impl Fn(&Labels) -> bool) -> Self {
        let recorded = series.iter().filter(|series| !is_written(&series.labels)).collect();
        Self { recorded, written: BTreeMap::new() }
    }

    /// Adds samples of a series, later than those it has. A sample for an instant that has one
    /// already is dropped, as Prometheus drops it.
    pub(crate) fn write(&mut self, labels: &Labels, samples: impl IntoIterator<Item = (i64, f64)>) {
        if !self.written.contains_key(labels) {
            self.written.insert(labels.clone(), Series { labels: labels.clone(), samples: Arc::default() });
        }
        let Some(series) = self.written.get_mut(labels) else { return };
        let kept = Arc::make_mut(&mut series.samples);
        let mut is_sorted = true;
        for (at_ms, value) in samples {
            is_sorted &= kept.timestamps_ms.last().is_none_or(|last| *last < at_ms);
            kept.timestamps_ms.push(at_ms);
            kept.values.push(value);
        }
        if !is_sorted {
            let mut first: BTreeMap<i64, f64> = BTreeMap::new();
            for (at_ms, value) in kept.iter() {
                first.entry(at_ms).or_insert(value);
            }
            *kept = first.into_iter().collect::<Samples>();
        }
    }
}

impl Source for Store<'_> {
    fn select(&self, matchers: &Matchers, start_ms: i64, end_ms: i64) -> Result<Vec<Series>, SourceError> {
        let overlaps = |samples: &Samples| match (samples.timestamps_ms.first(), samples.timestamps_ms.last()) {
            (Some(&first), Some(&last)) => first <= end_ms && last >= start_ms,
            _ => false,
        };
        let all = self.recorded.iter().copied().chain(self.written.values());
        Ok(all.filter(|series| overlaps(&series.samples) && matchers.matches(&series.labels)).cloned().collect())
    }
}
