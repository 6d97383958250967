//! How good a detector is. `WORDS` says what the numbers mean.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, DAY_MS, HOUR_MS, MINUTE_MS};

/// What the columns mean.
pub const WORDS: &str = "\
hit        a leak with a red between its onset and 30 minutes before its incident (without incident: before its end)
precision  hits / (hits + clean series with any red): one false red in weeks makes the series false
recall     hits / leaks;  F1: their harmonic mean
lead       median over the hits, from the first red after the onset to the incident
day ahead  of the leaks that took two days or longer to their incident: those told a day before it
false days days with a red on clean series and before the onset of leaks, for each week of such time";

/// What became of one case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// Warned so many hours before the incident; NaN without one.
    Hit(f64),
    Missed,
    Calm,
    False,
}

/// Counts over cases.
#[derive(Clone, Debug, Default)]
pub struct Score {
    pub hits: usize,
    pub leaks: usize,
    pub false_series: usize,
    pub clean: usize,
    leads_h: Vec<f64>,
    /// Leaks that took two days or longer, and those of them that were told a day before their incident.
    pub day_ahead: (usize, usize),
    pub false_days: usize,
    pub calm_weeks: f64,
    /// By family: bad outcomes and cases.
    pub families: BTreeMap<String, (usize, usize)>,
}

/// What the instants of red (milliseconds since the epoch, in order) mean for a case.
pub fn outcome(case: &Case, reds: &[i64]) -> Outcome {
    let Some(leak) = case.leak else {
        return if reds.is_empty() { Outcome::Calm } else { Outcome::False };
    };
    let last_ms = leak.incident_ms.unwrap_or(case.span_ms().1) - 30 * MINUTE_MS;
    let first = reds.iter().find(|at_ms| (leak.onset_ms..=last_ms).contains(*at_ms));
    first.map_or(Outcome::Missed, |at_ms| {
        Outcome::Hit(leak.incident_ms.map_or(f64::NAN, |incident| (incident - at_ms) as f64 / HOUR_MS as f64))
    })
}

impl Score {
    /// Adds what a detector said of a case.
    pub fn add(&mut self, case: &Case, reds: &[i64]) {
        let outcome = outcome(case, reds);
        match outcome {
            Outcome::Hit(lead_h) => {
                self.hits += 1;
                self.leads_h.extend(Some(lead_h).filter(|lead| lead.is_finite()));
            }
            Outcome::False => self.false_series += 1,
            Outcome::Missed | Outcome::Calm => {}
        }
        match case.leak {
            Some(leak) => {
                self.leaks += 1;
                if leak.incident_ms.is_some_and(|incident_ms| incident_ms - leak.onset_ms >= 2 * DAY_MS) {
                    self.day_ahead.0 += 1;
                    self.day_ahead.1 += usize::from(matches!(outcome, Outcome::Hit(lead_h) if lead_h >= 24.0));
                }
            }
            None => self.clean += 1,
        }
        let onset_ms = case.leak.map_or(i64::MAX, |leak| leak.onset_ms);
        let false_days: BTreeSet<i64> =
            reds.iter().filter(|at| **at < onset_ms).map(|at| at.div_euclid(DAY_MS)).collect();
        self.false_days += false_days.len();
        self.calm_weeks += case.calm_weeks();
        let family = self.families.entry(case.family.clone()).or_default();
        family.0 += usize::from(matches!(outcome, Outcome::Missed | Outcome::False));
        family.1 += 1;
    }

    /// The score over all cases, from what was said of each.
    pub fn of<'a>(said: impl IntoIterator<Item = (&'a Case, &'a [i64])>) -> Self {
        let mut score = Self::default();
        for (case, reds) in said {
            score.add(case, reds);
        }
        score
    }

    /// NaN where nothing was red.
    pub fn precision(&self) -> f64 {
        self.hits as f64 / (self.hits + self.false_series) as f64
    }

    /// NaN where nothing leaks.
    pub fn recall(&self) -> f64 {
        self.hits as f64 / self.leaks as f64
    }

    /// The share of slow leaks that were told a day ahead; NaN where there is none.
    pub fn day_ahead(&self) -> f64 {
        self.day_ahead.1 as f64 / self.day_ahead.0 as f64
    }

    /// 0 where nothing was hit.
    pub fn f1(&self) -> f64 {
        2.0 * self.hits as f64 / (self.hits + self.false_series + self.leaks).max(1) as f64
    }

    /// Days with a false red, for each week of calm series.
    pub fn false_days_a_week(&self) -> f64 {
        self.false_days as f64 / self.calm_weeks.max(1e-9)
    }

    /// The median lead in hours; NaN without one.
    pub fn lead_h(&self) -> f64 {
        let mut leads = self.leads_h.clone();
        leads.sort_by(f64::total_cmp);
        leads.get(leads.len() / 2).copied().unwrap_or(f64::NAN)
    }
}
