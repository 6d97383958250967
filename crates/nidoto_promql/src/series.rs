//! Recorded series and where they come from.

use std::sync::Arc;

use crate::{Labels, Matchers};

/// The value with which Prometheus marks that a series has ended (a NaN with a pattern of its own).
pub const STALE: f64 = f64::from_bits(STALE_BITS);

const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

/// Whether a value is the stale marker. Other NaNs are values like any other.
#[inline]
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_BITS
}

/// The samples of one series, in columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    /// Milliseconds since 1970, strictly ascending.
    pub timestamps_ms: Vec<i64>,
    /// The value at each timestamp; [`STALE`] where the series ended.
    pub values: Vec<f64>,
}

impl Samples {
    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.timestamps_ms.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.timestamps_ms.is_empty()
    }

    /// The samples in order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, f64)> {
        self.timestamps_ms.iter().copied().zip(self.values.iter().copied())
    }
}

impl FromIterator<(i64, f64)> for Samples {
    fn from_iter<I: IntoIterator<Item = (i64, f64)>>(samples: I) -> Self {
        let (timestamps_ms, values) = samples.into_iter().unzip();
        Self { timestamps_ms, values }
    }
}

/// One series. Its samples are shared, so that a source hands them out without a copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What identifies it, the metric's name included.
    pub labels: Labels,
    /// Its samples, in time order.
    pub samples: Arc<Samples>,
}

impl Series {
    /// A series of the given samples.
    pub fn new(labels: Labels, samples: impl IntoIterator<Item = (i64, f64)>) -> Self {
        Self { labels, samples: Arc::new(samples.into_iter().collect()) }
    }
}

/// Why a source could not answer.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Where the series come from: recorded evidence, a store, a test.
pub trait Source: Sync {
    /// The series that all matchers match, with their samples from `start_ms` to `end_ms`, both included.
    ///
    /// A source may hand out samples outside of the window: they are ignored, so that series held in memory
    /// are shared and not cut. Within a series the timestamps ascend strictly; no two series have the same labels;
    /// the order of the series is free.
    ///
    /// # Errors
    /// Whatever keeps the source from looking; evaluation stops with it.
    fn select(&self, matchers: &Matchers, start_ms: i64, end_ms: i64) -> Result<Vec<Series>, SourceError>;
}

/// Series in memory are a source.
impl Source for Vec<Series> {
    fn select(&self, matchers: &Matchers, start_ms: i64, end_ms: i64) -> Result<Vec<Series>, SourceError> {
        let overlaps = |samples: &Samples| match (samples.timestamps_ms.first(), samples.timestamps_ms.last()) {
            (Some(&first), Some(&last)) => first <= end_ms && last >= start_ms,
            _ => false,
        };
        Ok(self.iter().filter(|s| overlaps(&s.samples) && matchers.matches(&s.labels)).cloned().collect())
    }
}

impl<S: Source + ?Sized> Source for &S {
    fn select(&self, matchers: &Matchers, start_ms: i64, end_ms: i64) -> Result<Vec<Series>, SourceError> {
        (**self).select(matchers, start_ms, end_ms)
    }
}
