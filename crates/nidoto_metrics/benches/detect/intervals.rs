//! How often the truth lies within the interval that a finding told.

use jiff::tz::TimeZone;
use nidoto_core::Finding;
use nidoto_core::prove::{Episode, Track};
use nidoto_core::when;

use super::case::Case;

/// Counts of one kind of finding.
#[derive(Clone, Copy, Debug, Default)]
pub struct Coverage {
    /// The truth lay within the interval.
    pub within: usize,
    /// It was less, or came earlier.
    pub before: usize,
    /// It was more, or came later.
    pub after: usize,
}

impl Coverage {
    /// Adds one interval and the truth.
    pub fn add(&mut self, (low, high): (f64, f64), truth: f64) {
        if truth < low {
            self.before += 1;
        } else if truth > high {
            self.after += 1;
        } else {
            self.within += 1;
        }
    }

    /// Adds the counts of another.
    pub fn join(&mut self, other: Self) {
        self.within += other.within;
        self.before += other.before;
        self.after += other.after;
    }

    pub fn count(&self) -> usize {
        self.within + self.before + self.after
    }

    /// NaN where nothing told an interval.
    pub fn share(&self) -> f64 {
        self.within as f64 / self.count() as f64
    }
}

/// Of a leak with an incident: whether it came within the interval that the first finding of each stretch told. Red and
/// suspected stretches apart.
pub fn of_leak(case: &Case, track: &Track) -> [Coverage; 2] {
    let mut coverage = [Coverage::default(); 2];
    let Some((onset_ms, incident_ms)) = case.leak.and_then(|leak| Some((leak.onset_ms, leak.incident_ms?))) else {
        return coverage;
    };
    for (coverage, episodes) in coverage.iter_mut().zip([&track.episodes, &track.notes]) {
        let is_about_it = |episode: &&Episode| (onset_ms..incident_ms).contains(&episode.from_ms);
        for finding in episodes.iter().filter(is_about_it).flat_map(|episode| &episode.findings) {
            if let Some(told) = told(finding) {
                coverage.add(told, incident_ms as f64);
            }
        }
    }
    coverage
}

/// The interval that a finding tells in words, in UTC: `between 2024-01-03 10:00 and 2024-01-05 12:00`.
fn told(finding: &Finding) -> Option<(f64, f64)> {
    let (_, rest) = finding.what.en.split_once(" between ")?;
    let (early, rest) = rest.split_once(" and ")?;
    let late = rest.split(" (").next()?;
    let at_ms = |text: &str| when::parse(text, &TimeZone::UTC).map(|at| when::ms(at) as f64);
    Some((at_ms(early)?, at_ms(late)?))
}
