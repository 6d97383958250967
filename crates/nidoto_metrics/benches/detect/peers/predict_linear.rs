//! Prometheus's `predict_linear`: least squares over raw samples, the line's value some time ahead.

use super::prepared::Instant;
use super::{Prepared, Rule};
use crate::detect::case::HOUR_MS;

/// Windows, horizons and holds in hours; with and without waiting until the process is as old as the window.
pub fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for window_h in [1.0, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0] {
        for horizon_h in [4.0, 12.0, 24.0, 48.0, 96.0, 168.0] {
            for hold in [1, 3, 6, 12] {
                for waits in [false, true] {
                    let begin = if waits { "from a whole window" } else { "from the first sample" };
                    rules.push(Rule {
                        peer: "predict_linear",
                        settings: format!("[{window_h}h] {horizon_h}h, held {hold}h, {begin}"),
                        hold,
                        holds: Box::new(move |prepared| holds(prepared, window_h, horizon_h, waits, 0.0)),
                    });
                }
            }
        }
    }
    rules
}

/// node-mixin's NodeFilesystemSpaceFillingUp: `predict_linear([6h], 24h)` beyond the limit, and much used already.
/// Published with 60 % (kube-prometheus: 80 %, then 85 %) held for an hour.
pub fn node_mixin() -> Vec<Rule> {
    let mut rules = Vec::new();
    for used in [0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9] {
        for hold in [1, 2, 4, 8, 12] {
            rules.push(Rule {
                peer: "node-mixin",
                settings: format!("used > {:.0} %, held {hold}h", used * 100.0),
                hold,
                holds: Box::new(move |prepared| holds(prepared, 6.0, 24.0, false, used)),
            });
        }
    }
    rules
}

fn holds(prepared: &Prepared<'_>, window_h: f64, horizon_h: f64, waits: bool, used: f64) -> Vec<bool> {
    let ahead_ms = (horizon_h * HOUR_MS as f64) as i64;
    let at = |(instant, (from, to, is_whole)): (&Instant, _)| {
        let line = prepared.lines.between(from, to).filter(|_| is_whole || !waits);
        let is_full = line.is_some_and(|line| line.at(instant.at_ms + ahead_ms) >= 1.0);
        is_full && prepared.now(instant).is_some_and(|now| now > used)
    };
    prepared.windows(window_h).map(at).collect()
}
