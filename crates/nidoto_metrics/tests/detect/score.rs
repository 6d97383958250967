//! The scores.

use super::detect::case::{Case, DAY_MS, Leak, MINUTE_MS};
use super::detect::score::{Outcome, Score, outcome};

fn case(leak: Option<Leak>) -> Case {
    Case {
        name: "x".into(),
        family: "x".into(),
        series: vec![],
        query: String::new(),
        started: None,
        limit_query: None,
        samples: vec![(0, 1.0), (14 * DAY_MS, 1.0)],
        starts: vec![],
        limit: 1.0,
        leak,
    }
}

#[test]
fn what_counts_as_a_hit() {
    let leak = case(Some(Leak { onset_ms: 7 * DAY_MS, incident_ms: Some(9 * DAY_MS) }));
    assert_eq!(outcome(&leak, &[DAY_MS, 8 * DAY_MS]), Outcome::Hit(24.0));
    assert_eq!(outcome(&leak, &[9 * DAY_MS - 30 * MINUTE_MS]), Outcome::Hit(0.5));
    assert_eq!(outcome(&leak, &[DAY_MS, 9 * DAY_MS - 29 * MINUTE_MS]), Outcome::Missed);
    let hidden = case(Some(Leak { onset_ms: 7 * DAY_MS, incident_ms: None }));
    assert!(matches!(outcome(&hidden, &[13 * DAY_MS]), Outcome::Hit(lead) if lead.is_nan()));
}

#[test]
fn a_day_ahead_is_asked_of_leaks_that_took_two() {
    let days = |days: i64| case(Some(Leak { onset_ms: 9 * DAY_MS - days * DAY_MS, incident_ms: Some(9 * DAY_MS) }));
    let (long, short) = (days(2), days(1));
    let (early, late) = ([8 * DAY_MS], [8 * DAY_MS + 1]);
    let score = Score::of([(&long, &early[..]), (&long, &late), (&long, &[]), (&short, &late)]);
    assert_eq!((score.day_ahead, score.hits), ((3, 1), 3));
}

#[test]
fn false_days_are_counted_where_nothing_was_wrong() {
    let (leak, clean) = (case(Some(Leak { onset_ms: 7 * DAY_MS, incident_ms: None })), case(None));
    let reds = [DAY_MS, DAY_MS + 1, 3 * DAY_MS, 8 * DAY_MS];
    let score = Score::of([(&leak, &reds[..]), (&clean, &reds[..]), (&clean, &[])]);
    assert_eq!((score.hits, score.leaks, score.false_series, score.clean), (1, 1, 1, 2));
    assert_eq!((score.false_days, score.calm_weeks), (2 + 3, 1.0 + 2.0 + 2.0));
    assert!(score.day_ahead().is_nan(), "no leak has an incident");
    assert!((score.f1() - 2.0 / 3.0).abs() < 1e-12 && (score.precision() - 0.5).abs() < 1e-12);
}
