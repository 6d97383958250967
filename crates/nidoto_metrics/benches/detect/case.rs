//! A series with the truth about it.

use nidoto_promql::{Labels, Series};

pub const MINUTE_MS: i64 = 60_000;
pub const HOUR_MS: i64 = 3_600_000;
pub const DAY_MS: i64 = 86_400_000;

/// A series with the truth about it, and how a guard asks for it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique, such as `drip-07`.
    pub name: String,
    /// What kind of story it tells.
    pub family: String,
    /// All series that a guard may ask for.
    pub series: Vec<Series>,
    /// Asks for the value.
    pub query: String,
    /// Asks for the start of the process, in Unix seconds.
    pub started: Option<String>,
    /// Asks for the limit; `None`: it is the number below.
    pub limit_query: Option<String>,
    /// The value as peers see it: milliseconds since the epoch and value, in order of time, no NaN.
    pub samples: Vec<(i64, f64)>,
    /// When processes started, in milliseconds since the epoch, in order of time.
    pub starts: Vec<i64>,
    /// What the value must not reach.
    pub limit: f64,
    /// Of a leak.
    pub leak: Option<Leak>,
}

/// The truth about a leak.
#[derive(Clone, Copy, Debug)]
pub struct Leak {
    /// When it began, in milliseconds since the epoch.
    pub onset_ms: i64,
    /// When it hurt; `None` where restarts hid it to the end.
    pub incident_ms: Option<i64>,
}

impl Case {
    /// First and last sample, in milliseconds since the epoch.
    pub fn span_ms(&self) -> (i64, i64) {
        (self.samples.first().map_or(0, |s| s.0), self.samples.last().map_or(0, |s| s.0))
    }

    /// How long nothing was wrong, in weeks.
    pub fn calm_weeks(&self) -> f64 {
        let (from_ms, to_ms) = self.span_ms();
        let to_ms = self.leak.map_or(to_ms, |leak| leak.onset_ms.clamp(from_ms, to_ms));
        (to_ms - from_ms) as f64 / (7 * DAY_MS) as f64
    }
}

/// Labels of a metric of one case.
pub fn labels(metric: &str, case: &str) -> Labels {
    Labels::new([("__name__", metric), ("case", case)])
}
