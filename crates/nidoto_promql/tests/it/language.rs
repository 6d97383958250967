//! Corners of the language that engines often get wrong.

use nidoto_promql::{Expr, Labels, Options, Series, Value, instant};

fn source() -> Vec<Series> {
    let one = |labels: &[(&str, &str)], samples: &[(i64, f64)]| {
        Series::new(Labels::new(labels.iter().copied()), samples.iter().copied())
    };
    vec![
        one(&[("__name__", "x"), ("a", "1"), ("city", "東京")], &[(0, 7.0), (60_000, 9.0)]),
        one(&[("__name__", "x"), ("a", "2"), ("city", "a\nb")], &[(0, 1.0), (60_000, f64::NAN)]),
        one(&[("__name__", "huge")], &[(0, f64::MAX), (30_000, f64::MAX), (60_000, f64::MAX)]),
        one(&[("__name__", "my.metric"), ("label.name", "v")], &[(60_000, 3.0)]),
        one(&[("__name__", "sum")], &[(60_000, 4.0)]),
    ]
}

/// The value of a query with one result, at one minute.
fn value(query: &str) -> f64 {
    let expr = Expr::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    match instant(&source(), &expr, 60_000, &Options::default()).unwrap_or_else(|error| panic!("{query}: {error}")) {
        Value::Scalar(value) => value,
        Value::Vector(series) if series.len() == 1 => series[0].1,
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn numbers_and_operators() {
    for (query, wanted) in [
        ("-1^2", -1.0),
        ("2^3^2", 512.0),
        ("2 - 3 - 4", -5.0),
        ("-2 * -+-3", -6.0),
        ("1e3 + 0x1F + .5 + 1.", 1032.5),
        ("017", 15.0),
        ("1h30m", 5400.0),
        ("+Inf - -inf", f64::INFINITY),
        ("7 % -4", 3.0),
        ("1 == bool 1 == bool 0", 0.0),
        ("scalar(round(vector(-0.5)))", 0.0),
        ("scalar(round(vector(2.5)))", 3.0),
    ] {
        assert_eq!(value(query), wanted, "{query}");
    }
    assert!(value("NaN").is_nan());
}

#[test]
fn ways_of_writing() {
    for (query, wanted) in [
        ("SUM(x{a='1',}) BY (a,)", 9.0),
        ("sum by (\"a\") (x{`a`=`1`})", 9.0),
        ("x{a=\"1\"} offset 60", 7.0),
        ("x{a=\"1\"} @ 1s", 7.0),
        ("x{a=\"1\"} OFFSET 1m @ 60", 7.0),
        ("x{city=\"東京\"}", 9.0),
        ("x{city=~\"東.\"}", 9.0),
        ("count(x{city=~\"a.b\"})", 1.0),
        ("{\"my.metric\", \"label.name\"=\"v\"}", 3.0),
        ("sum + 0", 4.0),
        ("sum{} # the metric, not the aggregation", 4.0),
        ("max_over_time(x{a=\"1\"}[1m1s])", 9.0),
        ("max_over_time(x{a=\"1\"}[61:30])", 9.0),
        ("count_over_time(x{a=\"1\"}[60s])", 1.0),
    ] {
        assert_eq!(value(query), wanted, "{query}");
    }
}

#[test]
fn means_that_overflow_and_values_that_are_not_numbers() {
    assert!(value("avg_over_time(huge[2m])") >= f64::MAX * (1.0 - 1e-15));
    assert_eq!(value("avg(huge)"), f64::MAX);
    assert_eq!(value("sum_over_time(huge[2m])"), f64::INFINITY);
    assert_eq!(value("max_over_time(x{a=\"2\"}[2m])"), 1.0);
    assert_eq!(value("quantile_over_time(1, x{a=\"2\"}[2m])"), 1.0);
    assert!(value("quantile_over_time(0, x{a=\"2\"}[2m])").is_nan());
    assert!(value("sum(x)").is_nan());
    assert_eq!(value("max(x)"), 9.0);
}

#[test]
fn names_and_labels_of_results() {
    let labels = |query: &str| {
        let expr = Expr::parse(query).unwrap();
        match instant(&source(), &expr, 60_000, &Options::default()).unwrap() {
            Value::Vector(series) => series.iter().map(|(labels, _)| labels.to_string()).collect::<Vec<_>>().join(" "),
            other => panic!("{other:?}"),
        }
    };
    for (query, wanted) in [
        ("sum + 0", "{}"),
        ("sum > 0", "sum"),
        ("sum > bool 0", "{}"),
        ("last_over_time(sum[1m])", "sum"),
        ("max_over_time(sum[1m])", "{}"),
        ("absent(none{a=\"1\", b=\"2\", b=\"3\", c=~\"d\"})", "{a=\"1\"}"),
        ("absent(x)", ""),
        ("count_values(\"v\", sum)", "{v=\"4\"}"),
        ("topk(1, sum)", "sum"),
        ("{\"my.metric\"}", "{__name__=\"my.metric\", \"label.name\"=\"v\"}"),
    ] {
        assert_eq!(labels(query), wanted, "{query}");
    }
}
