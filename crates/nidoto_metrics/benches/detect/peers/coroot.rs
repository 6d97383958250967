//! coroot's memory-leak check: least squares over each instance, growth in per cent an hour; it wants 80 % of the data.
//! Published with one hour and 10 %. It knows no limit.

use super::prepared::Instant;
use super::{Prepared, Rule};
use crate::detect::case::MINUTE_MS;

pub fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for window_h in [1.0, 3.0, 6.0, 12.0, 24.0, 48.0] {
        for growth in [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0] {
            for hold in [1, 3, 6, 12, 24] {
                rules.push(Rule {
                    peer: "coroot-like",
                    settings: format!("[{window_h}h] > {growth} %/h, held {hold}h"),
                    hold,
                    holds: Box::new(move |prepared| holds(prepared, window_h, growth)),
                });
            }
        }
    }
    rules
}

fn holds(prepared: &Prepared<'_>, window_h: f64, growth_percent: f64) -> Vec<bool> {
    let samples_wanted = 0.8 * window_h * 60.0 / interval_min(prepared);
    let at = |(_, (from, to, _)): (&Instant, (usize, usize, bool))| {
        let Some(line) = prepared.lines.between(from, to).filter(|_| (to - from) as f64 >= samples_wanted) else {
            return false;
        };
        let begin = line.at(prepared.shares[from].0);
        begin > 0.0 && line.slope / begin * 100.0 > growth_percent
    };
    prepared.windows(window_h).map(at).collect()
}

/// The usual distance of samples: the median of the first hundred.
fn interval_min(prepared: &Prepared<'_>) -> f64 {
    let mut apart: Vec<i64> = prepared.shares.windows(2).take(100).map(|pair| pair[1].0 - pair[0].0).collect();
    apart.sort_unstable();
    apart.get(apart.len() / 2).map_or(5.0, |ms| *ms as f64 / MINUTE_MS as f64).max(0.1)
}
