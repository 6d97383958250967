//! The peers.

use super::detect::case::{Case, HOUR_MS};
use super::detect::peers::{Prepared, all};

/// A process that starts at 20.7 % and loses 1 % of its limit an hour, sampled every five minutes for `hours`.
fn straight(hours: i64, per_hour: f64) -> Case {
    let value = |i: i64| (i * HOUR_MS / 12, 100.0 * (0.207 + per_hour * i as f64 / 12.0));
    Case {
        name: "straight".into(),
        family: "straight".into(),
        series: vec![],
        query: String::new(),
        started: None,
        limit_query: None,
        samples: (0..hours * 12).map(value).collect(),
        starts: vec![0],
        limit: 100.0,
        leak: None,
    }
}

fn first_red(peer: &str, settings: &str, case: &Case) -> Option<i64> {
    let grid = all().into_iter().flatten();
    let rule = grid.into_iter().find(|rule| rule.peer == peer && rule.settings == settings);
    let reds = rule.unwrap_or_else(|| panic!("{peer} has no {settings}")).reds(&Prepared::new(case));
    reds.first().map(|at_ms| at_ms / HOUR_MS)
}

#[test]
fn a_straight_line_fires_when_it_should() {
    let (rising, flat) = (straight(75, 0.01), straight(75, 0.0));
    // 20.7 % + 1 % an hour: 24 hours before 100 % is behind hour 55.
    assert_eq!(first_red("predict_linear", "[6h] 24h, held 1h, from the first sample", &rising), Some(56));
    assert_eq!(first_red("predict_linear", "[6h] 24h, held 3h, from the first sample", &rising), Some(58));
    assert_eq!(first_red("predict_linear", "[6h] 24h, held 1h, from the first sample", &flat), None);
    assert_eq!(first_red("node-mixin", "used > 80 %, held 1h", &rising), Some(60));
    // 1 of 20 is 5 % an hour, and less of what there is later.
    assert_eq!(first_red("coroot-like", "[1h] > 2 %/h, held 1h", &rising), Some(1));
    assert_eq!(first_red("coroot-like", "[1h] > 10 %/h, held 1h", &rising), None);
    assert_eq!(
        first_red("Mann-Kendall", "[48h] z > 3.29, > 5 % of limit, within any time, held 1h", &rising),
        Some(24)
    );
    assert_eq!(first_red("Mann-Kendall", "[48h] z > 3.29, > 5 % of limit, within any time, held 1h", &flat), None);
    assert_eq!(first_red("Precog-like", "R2 > 0.88, exit < 24h, used > 40 %, held 1h", &rising), Some(56));
}

#[test]
fn a_restart_empties_every_window() {
    let mut case = straight(75, 0.01);
    case.starts.push(55 * HOUR_MS + 1);
    for (at_ms, value) in &mut case.samples {
        *value = if *at_ms > 55 * HOUR_MS { 20.0 } else { *value };
    }
    for rule in all().into_iter().flatten().filter(|rule| rule.peer == "predict_linear") {
        let late = rule.reds(&Prepared::new(&case)).into_iter().find(|at_ms| *at_ms > 55 * HOUR_MS);
        assert_eq!(late, None, "{}", rule.settings);
    }
}

#[test]
fn rising_troughs_are_counted() {
    let mut case = straight(60, 0.0);
    for (i, (_, value)) in case.samples.iter_mut().enumerate() {
        *value = 20.0 + 0.05 * i as f64 + (i % 12) as f64;
    }
    assert_eq!(first_red("memwatch-like", "5 rising troughs, deeper than 5 % of limit, held 1h", &case), Some(7));
    assert_eq!(first_red("memwatch-like", "20 rising troughs, deeper than 5 % of limit, held 1h", &case), Some(22));
}
