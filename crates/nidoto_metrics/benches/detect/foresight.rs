//! How often the future lies within the 80 % interval of `forecast`, asked once in each series.

use nidoto_metrics::forecast::{crossing, predict};

use super::case::{Case, HOUR_MS};
use super::intervals::Coverage;

/// How far ahead values are compared, in hours.
pub const HORIZONS_H: [usize; 4] = [6, 24, 72, 168];
/// The least history, in hours.
const HISTORY_MIN_H: usize = 96;

/// What was forecast of a case, or of several.
#[derive(Clone, Copy, Debug, Default)]
pub struct Foresight {
    /// Of the highest value of an hour that comes, by horizon, on healthy series.
    pub values: [Coverage; HORIZONS_H.len()],
    /// Of the time at which a leak reaches the limit.
    pub reach: Coverage,
}

impl Foresight {
    /// Adds the counts of another.
    pub fn join(&mut self, other: Self) {
        for (sum, one) in self.values.iter_mut().zip(other.values) {
            sum.join(one);
        }
        self.reach.join(other.reach);
    }
}

/// Asks at half of a healthy record, and between onset and incident of a leak without restarts.
pub fn of(case: &Case) -> Foresight {
    let (first_h, hours) = highest_by_hour(case);
    let mut foresight = Foresight::default();
    let middle = hours.len() / 2;
    // What a leak that has not begun will do, nobody foresees.
    if case.leak.is_none() && middle >= HISTORY_MIN_H {
        let paths = predict(&hours[..middle], HORIZONS_H[HORIZONS_H.len() - 1] + 1);
        for (coverage, horizon_h) in foresight.values.iter_mut().zip(HORIZONS_H) {
            let truth = hours.get(middle + horizon_h).copied().filter(|value| value.is_finite());
            if let (Some((low, _, high)), Some(truth)) = (paths.get(horizon_h), truth) {
                coverage.add((*low, *high), truth);
            }
        }
    }
    let Some((onset_ms, incident_ms)) = case.leak.and_then(|leak| Some((leak.onset_ms, leak.incident_ms?))) else {
        return foresight;
    };
    let at_ms = onset_ms + (incident_ms - onset_ms) * 6 / 10;
    let known = (at_ms.div_euclid(HOUR_MS) - first_h).max(0) as usize;
    if case.starts.iter().all(|start| *start < onset_ms) && (HISTORY_MIN_H..hours.len()).contains(&known) {
        let told = crossing(&hours[..known], case.limit).filter(|(early_h, ..)| early_h.is_finite());
        if let Some((early_h, _, late_h)) = told {
            let truth_h = (incident_ms - (first_h + known as i64) * HOUR_MS) as f64 / HOUR_MS as f64;
            foresight.reach.add((early_h, late_h), truth_h);
        }
    }
    foresight
}

/// The first hour since the epoch, and the highest value of each hour from it on; NaN where there is none.
fn highest_by_hour(case: &Case) -> (i64, Vec<f64>) {
    let hour = |at_ms: i64| at_ms.div_euclid(HOUR_MS);
    let (from_ms, to_ms) = case.span_ms();
    let mut hours = vec![f64::NAN; (hour(to_ms) - hour(from_ms) + 1) as usize];
    for (at_ms, value) in &case.samples {
        let highest = &mut hours[(hour(*at_ms) - hour(from_ms)) as usize];
        *highest = value.max(*highest);
    }
    (hour(from_ms), hours)
}
