//! What the tiers look at: one series of the last days, hour by hour, in percent of its limit.

use super::rise::KNOWN_MIN;
use crate::fold::Row;

/// How many hours a look reaches back: fifteen days, so that four uptimes of some days fit.
pub const HOURS: usize = 360;

/// One series before an instant. All values are percent of the limit; NaN where an hour has no
/// value, or not enough of them to know its lowest.
#[derive(Clone, Debug)]
pub struct History {
    /// The lowest value of each hour.
    pub floor: Vec<f64>,
    /// The highest value of each hour.
    pub peak: Vec<f64>,
    /// The hours in which the process started, as positions, in order, each once.
    pub starts: Vec<usize>,
    /// Whether starts are known at all.
    pub knows_starts: bool,
    /// Whether the value is of a heap that is collected as late as possible.
    pub is_lazy: bool,
    /// The longest time that collections kept waiting in the present life, in hours: only over so
    /// many is the lowest value a floor. `None` where a heap is collected late and was not yet, in less than a week.
    pub rhythm: Option<usize>,
}

/// A fall of so much within some hours is a collection, or the end of a batch,
const FALL_MIN: f64 = 15.0;
/// if it takes back at least this share of the rise.
const FALL_SHARE: f64 = 0.5;
/// The hours within which it falls.
const FALL_H: usize = 6;
/// A rhythm is at least this: a collection that is late by an hour moves nothing.
const RHYTHM_MIN: usize = 3;
/// The rhythm of a heap that is collected late, and was not yet.
const RHYTHM_UNSEEN: usize = 24;
/// Heaps with longer rhythms come close to the limit while they are well.
const RHYTHM_OFTEN: usize = 12;
/// Slower rhythms are those of people, not of collectors.
const RHYTHM_MAX: usize = 72;

/// A week, and a day to see it in.
const KNOWN_WEEK: usize = 192;
/// A process of this age has filled its caches.
const GROWN_UP: usize = 96;
/// The share of hours whose peaks count: all but the strangest.
pub const USUAL: f64 = 0.98;
/// Peaks above this are close to the limit.
const CLOSE: f64 = 90.0;
/// Of the points that an hour should have, at least this share makes its lowest value known.
const SHARE_MIN: f64 = 1.0 / 3.0;
/// Start times that differ by less are one start: `node_boot_time_seconds` jitters.
const START_JITTER_S: f64 = 5.0;
/// A start further in the future than this was read from a wrong clock.
const FUTURE_S: f64 = 300.0;

/// The last day has at least so many known hours, or nobody looked.
const LATELY_MIN: usize = 12;

/// Why no tier could look at a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjudged {
    /// Less is known than the quickest tier wants.
    Short,
    /// The last day is mostly gaps.
    Gaps,
    /// A heap that is collected late was not yet.
    Uncollected,
}

impl History {
    /// The hours before `end_h` of a row. `points` is how many an hour has at most; `is_lazy` says
    /// that the value is of a heap that is collected as late as possible.
    #[must_use]
    pub fn new(row: &Row, limit: f64, starts: Option<&Row>, end_h: i64, points: f64, is_lazy: bool) -> Self {
        let first_h = end_h - HOURS as i64;
        let mut history = Self {
            floor: vec![f64::NAN; HOURS],
            peak: vec![f64::NAN; HOURS],
            starts: Vec::new(),
            knows_starts: starts.is_some(),
            is_lazy,
            rhythm: None,
        };
        for hour in row.between(first_h, end_h).filter(|hour| f64::from(hour.n) >= SHARE_MIN * points) {
            let i = (hour.at_h - first_h) as usize;
            history.floor[i] = 100.0 * hour.min / limit;
            history.peak[i] = 100.0 * hour.max / limit;
        }
        if let Some(starts) = starts {
            history.starts = start_hours(starts, first_h, end_h);
            for start in &history.starts {
                // The hour of a start belongs to two lives.
                history.floor[*start] = f64::NAN;
                history.peak[*start] = f64::NAN;
            }
        }
        history.rhythm = history.find_rhythm();
        history
    }

    fn find_rhythm(&self) -> Option<usize> {
        let falls = self.falls();
        let begins = std::iter::once(self.begin()).chain(falls.iter().copied());
        let longest = begins.zip(&falls).map(|(from, to)| to - from).max();
        match longest {
            // What was not collected in a week of this life holds little that could be.
            None if self.is_lazy => (HOURS - self.begin() >= KNOWN_WEEK).then_some(RHYTHM_UNSEEN),
            longest => Some(longest.unwrap_or(0).clamp(RHYTHM_MIN, RHYTHM_MAX)),
        }
    }

    /// Where the floor fell in the present life.
    fn falls(&self) -> Vec<usize> {
        let begin = self.begin();
        let mut falls: Vec<usize> = Vec::new();
        let mut lowest = f64::INFINITY;
        for i in begin..HOURS {
            lowest = lowest.min(self.floor[i]);
            let from = i.saturating_sub(FALL_H).max(falls.last().copied().unwrap_or(begin));
            let before = &self.floor[from..i];
            // Hardly any hour falls: most need no median.
            if !before.iter().any(|floor| floor - self.floor[i] >= FALL_MIN) {
                continue;
            }
            // The middle of the hours before: a short burst that ends is no collection.
            let Some(level) = super::found::middle(before) else { continue };
            if level - self.floor[i] >= FALL_MIN.max(FALL_SHARE * (level - lowest)) {
                falls.push(i);
            }
        }
        falls
    }

    /// Whether it is too early to know what is usual: what comes every week is not known before a
    /// week has passed, and a young process may still be filling its caches.
    #[must_use]
    pub fn is_young(&self) -> bool {
        !self.knows_a_week() || HOURS - self.life() < GROWN_UP
    }

    /// Whether each hour of the week was seen.
    #[must_use]
    pub fn knows_a_week(&self) -> bool {
        self.known_hours() >= KNOWN_WEEK
    }

    /// Why no tier could look, if none could: then all is not well, but unknown.
    #[must_use]
    pub fn unjudged(&self) -> Option<Unjudged> {
        let lately = self.floor[HOURS - 24..].iter().filter(|floor| floor.is_finite()).count();
        if self.known_hours() < KNOWN_MIN {
            Some(Unjudged::Short)
        } else if lately < LATELY_MIN {
            Some(Unjudged::Gaps)
        } else {
            self.rhythm.is_none().then_some(Unjudged::Uncollected)
        }
    }

    /// Where the present life begins, as far as it is known.
    #[must_use]
    pub fn begin(&self) -> usize {
        self.life().max(HOURS - self.known_hours())
    }

    /// The lowest value over the rhythm, hour by hour; NaN before the present life.
    #[must_use]
    pub fn settled(&self, rhythm: usize) -> Vec<f64> {
        let begin = self.begin();
        let lowest = |i: usize| {
            let span = &self.floor[(i + 1).saturating_sub(rhythm).max(begin)..=i];
            span.iter().copied().filter(|floor| floor.is_finite()).fold(f64::NAN, f64::min)
        };
        (0..HOURS).map(|i| if i < begin { f64::NAN } else { lowest(i) }).collect()
    }

    /// How far peaks stand above the settled floor: a quantile over the hours of the last week of the
    /// present life.
    #[must_use]
    pub fn swing(&self, settled: &[f64], q: f64) -> f64 {
        let from = self.begin().max(HOURS - 168);
        let swings = self.peak[from..].iter().zip(&settled[from..]).map(|(peak, floor)| peak - floor);
        let mut swings: Vec<f64> = swings.filter(|swing| swing.is_finite()).collect();
        crate::stats::quantile(&mut swings, q).unwrap_or(0.0)
    }

    /// Whether peaks close to the limit mean something: what is collected late comes there while it is well.
    #[must_use]
    pub fn is_collected_often(&self) -> bool {
        self.rhythm.is_some_and(|rhythm| rhythm <= RHYTHM_OFTEN)
    }

    /// What peaks did not pass but for a few hours: the quantile over some hours. `None` also where
    /// they have come close to the limit and it lived on: such peaks are garbage and tell nothing.
    #[must_use]
    pub fn usual_peak(&self, hours: std::ops::Range<usize>, q: f64) -> Option<f64> {
        let mut known: Vec<f64> = self.peak[hours].iter().copied().filter(|peak| peak.is_finite()).collect();
        crate::stats::quantile(&mut known, q).filter(|peak| *peak < CLOSE)
    }

    /// What is left below the limit. A heap whose peaks have stood at the limit and that lived on
    /// is full only when its floor is.
    #[must_use]
    pub fn head(&self, floor: f64, swing: f64) -> f64 {
        let begin = self.begin();
        let past = &self.peak[begin..(HOURS - 24).max(begin)];
        let lived_on = past.iter().any(|peak| *peak >= 95.0);
        100.0 - floor - if lived_on { 0.0 } else { swing }
    }

    /// Where the present life begins: behind its start, or at the beginning.
    #[must_use]
    pub fn life(&self) -> usize {
        self.starts.last().map_or(0, |start| start + 1)
    }

    /// The lives that have ended, oldest first, as half-open ranges. The first one is as long as
    /// it is known.
    #[must_use]
    pub fn ended_lives(&self) -> Vec<(usize, usize)> {
        let first = HOURS - self.known_hours();
        let begins = std::iter::once(first).chain(self.starts.iter().map(|start| start + 1));
        begins.zip(&self.starts).filter(|(from, to)| from < *to).map(|(from, to)| (from, *to)).collect()
    }

    /// How many hours lie between the first value and the end.
    #[must_use]
    pub fn known_hours(&self) -> usize {
        HOURS - self.floor.iter().position(|floor| floor.is_finite()).unwrap_or(HOURS)
    }
}

/// The hours of starts that fall into a span, as positions. The process that was there first is no
/// start unless it started within.
fn start_hours(starts: &Row, first_h: i64, end_h: i64) -> Vec<usize> {
    let mut at_s: Vec<f64> = Vec::new();
    for hour in starts.between(first_h, end_h) {
        let known_s = (hour.at_h + 1) as f64 * 3_600.0 + FUTURE_S;
        for start_s in [hour.min, hour.max, hour.last] {
            // Hour after hour tells the same start.
            if start_s <= known_s && at_s.last() != Some(&start_s) {
                at_s.push(start_s);
            }
        }
    }
    at_s.sort_by(f64::total_cmp);
    at_s.dedup_by(|later, earlier| *later - *earlier < START_JITTER_S);
    let hour_of = |at_s: f64| (at_s / 3_600.0).floor() as i64 - first_h;
    let mut hours: Vec<usize> =
        at_s.into_iter().map(hour_of).filter(|i| (0..HOURS as i64).contains(i)).map(|i| i as usize).collect();
    hours.dedup();
    hours
}
