//! The core of Precog (Jindal et al. 2021): hourly medians, the longest window behind now that a line explains, the
//! time until that line leaves. Without its training phase and its test for daily seasons.

use super::{Prepared, Rule};
use crate::detect::case::HOUR_MS;
use crate::detect::line::Lines;

/// How much of the variance a line must explain.
pub const R2: [f64; 4] = [0.7, 0.8, 0.88, 0.95];

const SHORTEST_H: usize = 6;

pub fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for (index, r2) in R2.iter().enumerate() {
        for exit_h in [24.0, 72.0, 168.0] {
            for used in [0.0, 0.4, 0.6, 0.8] {
                for hold in [1, 3, 6, 12] {
                    let leaves = move |line: &Explained| {
                        line.is_some_and(|(slope, now)| now > used && (1.0 - now) <= slope * exit_h)
                    };
                    rules.push(Rule {
                        peer: "Precog-like",
                        settings: format!("R2 > {r2}, exit < {exit_h}h, used > {:.0} %, held {hold}h", used * 100.0),
                        hold,
                        holds: Box::new(move |prepared| prepared.explained(index).iter().map(leaves).collect()),
                    });
                }
            }
        }
    }
    rules
}

/// A rising line's slope (share of the limit an hour) and the median now.
pub type Explained = Option<(f64, f64)>;

/// At each instant, where the longest window that a line explains rises.
pub fn explained(prepared: &Prepared<'_>, r2: f64) -> Vec<Explained> {
    let medians = medians(prepared);
    let lines = Lines::new(&medians);
    let at = |k: usize| {
        let to = k + 1;
        let mut hours = to - prepared.instants[k].life_instant;
        while hours >= SHORTEST_H {
            if let Some(line) = lines.between(to - hours, to).filter(|line| line.r2 > r2) {
                return (line.slope > 0.0).then_some((line.slope, medians[k].1));
            }
            hours = (hours - 1).min(hours * 9 / 10);
        }
        None
    };
    (0..medians.len()).map(at).collect()
}

/// The median of each hour at its end; an hour without samples repeats the one before.
fn medians(prepared: &Prepared<'_>) -> Vec<(i64, f64)> {
    let (mut last, mut out) = (0.0, Vec::with_capacity(prepared.instants.len()));
    for instant in &prepared.instants {
        let from = prepared.shares[..instant.known].partition_point(|(at, _)| *at <= instant.at_ms - HOUR_MS);
        let from = from.max(instant.life);
        let mut hour: Vec<f64> = prepared.shares[from..instant.known.max(from)].iter().map(|s| s.1).collect();
        hour.sort_unstable_by(f64::total_cmp);
        last = hour.get(hour.len() / 2).copied().unwrap_or(last);
        out.push((instant.at_ms, last));
    }
    out
}
