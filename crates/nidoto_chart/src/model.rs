//! What a chart shows, free of how it is drawn.

use std::fmt;
use std::sync::Arc;

use crate::unit::Unit;

/// Lines, limits, states and events on one time axis. Times are milliseconds since the Unix epoch.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// Headline; may be empty.
    pub title: String,
    /// Where the time axis begins.
    pub from_ms: i64,
    /// Where the time axis ends. A span that is empty or turned round is drawn as one second
    /// around its beginning.
    pub to_ms: i64,
    /// The local time in which the axis is labelled.
    pub utc_offset: UtcOffset,
    /// What the values of lines and limits mean.
    pub unit: Unit,
    /// The measured series, and what was computed of them.
    pub lines: Vec<Line>,
    /// Stretches between a lower and an upper end, shaded behind the lines.
    pub bands: Vec<Band>,
    /// What the series should not cross.
    pub limits: Vec<Limit>,
    /// Bars of state below the plot, on the same columns.
    pub strips: Vec<Strip>,
    /// Events above the plot.
    pub markers: Vec<Marker>,
}

impl Chart {
    /// An empty chart over a time span, in UTC and without a unit.
    pub fn new(title: impl Into<String>, from_ms: i64, to_ms: i64) -> Self {
        Self { title: title.into(), from_ms, to_ms, ..Self::default() }
    }
}

/// A series of values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// What the legend calls it.
    pub name: String,
    /// Time in ms and value, best in order of time. NaN is a gap. An infinite value is drawn at the
    /// edge of the plot.
    pub samples: Vec<(i64, f64)>,
    /// What is known between two samples.
    pub between: Between,
}

/// What is known of a series between two of its samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Between {
    /// It was measured: they are joined, but a pause much longer than their usual distance is a gap.
    #[default]
    Measured,
    /// A value stands until the next sample, the last one to the end of the chart.
    Held,
    /// It was computed, such as a trend: the straight line counts, however long. Where it leaves the
    /// value range of what was measured it is not drawn.
    Straight,
}

impl Line {
    /// A series that was measured: where samples are missing, nothing is known.
    pub fn new(name: impl Into<String>, samples: Vec<(i64, f64)>) -> Self {
        Self { name: name.into(), samples, between: Between::Measured }
    }

    /// A series of changes: a value stands until the next one. NaN is its only gap.
    pub fn held(name: impl Into<String>, samples: Vec<(i64, f64)>) -> Self {
        Self { between: Between::Held, ..Self::new(name, samples) }
    }

    /// A series that was computed: straight from sample to sample. NaN is its only gap.
    pub fn straight(name: impl Into<String>, samples: Vec<(i64, f64)>) -> Self {
        Self { between: Between::Straight, ..Self::new(name, samples) }
    }
}

/// What lies between a lower and an upper end, such as a forecast.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// What the legend calls it.
    pub name: String,
    /// Time in ms, lower and upper end, best in order of time. Both ends run straight from sample to
    /// sample; NaN is a gap, and an infinite end lies at the edge of the plot.
    pub samples: Vec<(i64, f64, f64)>,
}

impl Band {
    /// A band with its ends.
    pub fn new(name: impl Into<String>, samples: Vec<(i64, f64, f64)>) -> Self {
        Self { name: name.into(), samples }
    }

    /// Its lower and its upper end as lines.
    pub(crate) fn ends(&self) -> [Line; 2] {
        let end = |of: fn(&(i64, f64, f64)) -> f64| self.samples.iter().map(|sample| (sample.0, of(sample))).collect();
        [Line::straight("", end(|sample| sample.1)), Line::straight("", end(|sample| sample.2))]
    }
}

/// A value that the lines should stay on one side of.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// What the legend calls it, beside its value.
    pub label: String,
    /// Its value.
    pub level: Level,
}

/// The value of a limit.
#[derive(Clone, Debug, PartialEq)]
pub enum Level {
    /// The same at all times.
    Constant(f64),
    /// Time in ms and value, in order of time. Each value stands until the next sample, the last one
    /// to the end of the chart; NaN ends it.
    Samples(Vec<(i64, f64)>),
}

impl Limit {
    /// A limit that is the same at all times.
    pub fn constant(label: impl Into<String>, value: f64) -> Self {
        Self { label: label.into(), level: Level::Constant(value) }
    }

    /// A limit that moves, such as a share of a total.
    pub fn samples(label: impl Into<String>, samples: Vec<(i64, f64)>) -> Self {
        Self { label: label.into(), level: Level::Samples(samples) }
    }

    /// Its samples; none where it is constant.
    pub(crate) fn moving(&self) -> &[(i64, f64)] {
        match &self.level {
            Level::Constant(_) => &[],
            Level::Samples(samples) => samples,
        }
    }
}

/// How a guard stood over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strip {
    /// Usually the guard's name.
    pub label: String,
    /// Half-open spans `(from_ms, to_ms, state)`. Where several meet in one column, the worst is
    /// drawn; where there is none, nothing is drawn.
    pub spans: Vec<(i64, i64, State)>,
}

impl Strip {
    /// A strip with a label.
    pub fn new(label: impl Into<String>, spans: Vec<(i64, i64, State)>) -> Self {
        Self { label: label.into(), spans }
    }
}

/// What a guard said, from calm to alarming: the greater one is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It looked, and all was well.
    Green,
    /// It sees a fault that has not lasted long enough to count.
    Pending,
    /// It could not look.
    Blind,
    /// It sees a fault.
    Red,
}

/// An event, marked by a letter above the plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// When it happened.
    pub t_ms: i64,
    /// By custom D deploy, P push, R restart; S started, d detected, m mitigated of an incident.
    pub letter: char,
    /// What happened, for the key below the chart.
    pub label: String,
}

impl Marker {
    /// An event with its letter.
    pub fn new(t_ms: i64, letter: char, label: impl Into<String>) -> Self {
        Self { t_ms, letter, label: label.into() }
    }
}

/// Local time as a function: from milliseconds since the epoch to the seconds that local time is
/// ahead of UTC at that instant. The caller knows about time zones; charts do not.
#[derive(Clone)]
pub struct UtcOffset(Arc<dyn Fn(i64) -> i32 + Send + Sync>);

impl UtcOffset {
    /// An offset that may change, as with daylight saving time.
    pub fn new(seconds_at: impl Fn(i64) -> i32 + Send + Sync + 'static) -> Self {
        Self(Arc::new(seconds_at))
    }

    /// The same offset at all times.
    pub fn fixed(seconds: i32) -> Self {
        Self::new(move |_| seconds)
    }

    /// Seconds ahead of UTC at an instant; never more than a day.
    pub(crate) fn seconds_at(&self, t_ms: i64) -> i64 {
        i64::from((self.0)(t_ms)).clamp(-86_400, 86_400)
    }
}

impl Default for UtcOffset {
    fn default() -> Self {
        Self::fixed(0)
    }
}

impl fmt::Debug for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UtcOffset")
    }
}
