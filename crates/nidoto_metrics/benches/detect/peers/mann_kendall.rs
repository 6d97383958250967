//! The textbook: Mann and Kendall's test for a trend and Theil and Sen's slope, over hourly floors.

use super::{Prepared, Rule};

/// Windows in hours.
pub const WINDOWS_H: [usize; 3] = [24, 48, 96];

/// Below this z nobody asks for the slope.
const Z_LEAST: f64 = 1.96;

pub fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for (window, window_h) in WINDOWS_H.iter().enumerate() {
        for z in [Z_LEAST, 3.29, 5.0, 7.0] {
            for growth in [0.02, 0.05, 0.1, 0.15] {
                for (within, within_h) in [("any time", f64::INFINITY), ("168h", 168.0), ("72h", 72.0)] {
                    for hold in [1, 3, 6, 12] {
                        rules.push(Rule {
                            peer: "Mann-Kendall",
                            settings: format!(
                                "[{window_h}h] z > {z}, > {:.0} % of limit, within {within}, held {hold}h",
                                growth * 100.0
                            ),
                            hold,
                            holds: Box::new(move |prepared| {
                                let trends = prepared.trends(window).iter();
                                let is_leak = |trend: &Trend| {
                                    trend.z > z
                                        && trend.slope * WINDOWS_H[window] as f64 >= growth
                                        && (1.0 - trend.floor) <= trend.slope * within_h
                                };
                                trends.map(|trend| trend.as_ref().is_some_and(is_leak)).collect()
                            }),
                        });
                    }
                }
            }
        }
    }
    rules
}

/// The trend of a window's floors.
#[derive(Clone, Copy, Debug)]
pub struct Trend {
    /// The test's statistic.
    pub z: f64,
    /// Share of the limit an hour.
    pub slope: f64,
    /// The last floor.
    pub floor: f64,
}

/// The trend at each instant at which at least half of the window has floors of the running process and z is above
/// [`Z_LEAST`].
pub fn trends(prepared: &Prepared<'_>, window_h: usize) -> Vec<Option<Trend>> {
    let (mut floors, mut slopes) = (Vec::new(), Vec::new());
    let mut out = Vec::with_capacity(prepared.instants.len());
    for (k, instant) in prepared.instants.iter().enumerate() {
        let from = (k + 1).saturating_sub(window_h).max(instant.life_instant);
        floors.clear();
        floors.extend((from..=k).filter_map(|i| Some((i as f64, prepared.floors[i]?))));
        out.push(if floors.len() >= window_h / 2 { trend(&floors, &mut slopes) } else { None });
    }
    out
}

fn trend(floors: &[(f64, f64)], slopes: &mut Vec<f64>) -> Option<Trend> {
    let mut s = 0_i64;
    for (i, (_, a)) in floors.iter().enumerate() {
        for (_, b) in &floors[i + 1..] {
            s += i64::from(b > a) - i64::from(b < a);
        }
    }
    let n = floors.len() as f64;
    let z = (s - s.signum()) as f64 / (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    if z < Z_LEAST {
        return None;
    }
    slopes.clear();
    for (i, a) in floors.iter().enumerate() {
        slopes.extend(floors[i + 1..].iter().map(|b| (b.1 - a.1) / (b.0 - a.0)));
    }
    let middle = slopes.len() / 2;
    let (_, slope, _) = slopes.select_nth_unstable_by(middle, f64::total_cmp);
    Some(Trend { z, slope: *slope, floor: floors.last()?.1 })
}
