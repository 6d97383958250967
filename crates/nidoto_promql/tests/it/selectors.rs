//! Selectors, look-back, staleness and the errors of reading a query.

use nidoto_promql::{Expr, Labels, Options, STALE, Series, Value, instant, range};

fn up() -> Vec<Series> {
    let labels = Labels::new([("__name__", "up"), ("job", "web")]);
    vec![Series::new(labels, [(0, 1.0), (60_000, 2.0), (120_000, STALE), (180_000, 4.0)])]
}

fn value_at(query: &str, t_ms: i64, options: &Options) -> Option<f64> {
    match instant(&up(), &Expr::parse(query).unwrap(), t_ms, options).unwrap() {
        Value::Vector(series) => series.first().map(|(_, value)| *value),
        other => panic!("expected a vector, got {other:?}"),
    }
}

#[test]
fn the_last_sample_counts_until_stale_or_too_old() {
    let options = Options::default();
    for (t_ms, value) in [
        (-1, None),
        (0, Some(1.0)),
        (59_999, Some(1.0)),
        (60_000, Some(2.0)),
        (120_000, None),
        (180_000, Some(4.0)),
        (479_999, Some(4.0)),
        (480_000, None),
    ] {
        assert_eq!(value_at("up", t_ms, &options), value, "at {t_ms}");
    }
    assert_eq!(value_at("up", 480_000, &Options { left_open: false, ..options }), Some(4.0));
}

#[test]
fn offset_and_at_mean_another_instant() {
    let options = Options::default();
    assert_eq!(value_at("up offset 1m", 60_000, &options), Some(1.0));
    assert_eq!(value_at("up offset -1m", 0, &options), Some(2.0));
    assert_eq!(value_at("up @ 180", 0, &options), Some(4.0));
    assert_eq!(value_at(r#"{job=~"w.b"} @ end()"#, 60_000, &options), Some(2.0));
}

#[test]
fn a_range_holds_the_steps_that_have_a_value() {
    let expr = Expr::parse("up").unwrap();
    let matrix = range(&up(), &expr, 0, 180_000, 60_000, &Options::default()).unwrap();
    assert_eq!(matrix.len(), 1);
    assert_eq!(matrix[0].1, [(0, 1.0), (60_000, 2.0), (180_000, 4.0)]);
}

#[test]
fn a_range_selector_leaves_out_its_left_edge() {
    let expr = Expr::parse("up[1m]").unwrap();
    let samples = |options: &Options| match instant(&up(), &expr, 60_000, options).unwrap() {
        Value::Matrix(matrix) => matrix[0].1.clone(),
        other => panic!("expected a matrix, got {other:?}"),
    };
    assert_eq!(samples(&Options::default()), [(60_000, 2.0)]);
    assert_eq!(samples(&Options { left_open: false, ..Options::default() }), [(0, 1.0), (60_000, 2.0)]);
}
