//! Laws that hold for every query.

use nidoto_promql::{Expr, Labels, Matrix, Options, STALE, Series, Value, instant, range};
use proptest::prelude::*;
use proptest::sample::select;

/// `x` and `y` are generated, `5m` and the like become generated ranges.
const QUERIES: [&str; 50] = [
    "x",
    "x offset 40s",
    "-x",
    "rate(x[5m])",
    "increase(x[90s])",
    "delta(x[5m])",
    "irate(x[5m])",
    "idelta(x[5m])",
    "deriv(x[5m])",
    "predict_linear(x[5m], 600)",
    "holt_winters(x[5m], 0.2, 0.3)",
    "avg_over_time(x[5m])",
    "sum_over_time(x[5m])",
    "min_over_time(x[5m])",
    "max_over_time(x[5m])",
    "count_over_time(x[5m])",
    "stddev_over_time(x[5m])",
    "stdvar_over_time(x[5m])",
    "quantile_over_time(0.3, x[5m])",
    "mad_over_time(x[5m])",
    "last_over_time(x[5m])",
    "first_over_time(x[5m])",
    "present_over_time(x[70s])",
    "absent_over_time(x[70s])",
    "changes(x[5m])",
    "resets(x[5m])",
    "ts_of_max_over_time(x[5m])",
    "max_over_time(x[5m:20s])",
    "rate(x[10m:33s] offset 1m)",
    "sum_over_time(max_over_time(x[1m])[3m:30s])",
    "max_over_time(x[5m] @ 1200)",
    "predict_linear(x[5m] @ 1200, 60)",
    "absent(x)",
    "timestamp(x)",
    "time() - timestamp(x)",
    "scalar(y)",
    "quantile_over_time(scalar(y) / 10, x[5m])",
    "sum(x)",
    "avg by (b) (x)",
    "stddev(x)",
    "topk(1, x)",
    "bottomk(2, x)",
    "limitk(1, x)",
    "quantile(0.4, x)",
    "count_values(\"value\", x)",
    "x > 3",
    "x + on(b) group_left y",
    "x and on(b) y",
    "x or y",
    "x unless y",
];

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (0..20i32).prop_map(f64::from),
        4 => (-1000..1000i32).prop_map(|v| f64::from(v) / 10.0),
        1 => (0..1000i64).prop_map(|v| v as f64 * 1e12),
        1 => select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, STALE, STALE, 0.0, -0.0]),
    ]
}

fn samples() -> impl Strategy<Value = Vec<(i64, f64)>> {
    let gap_ms = prop_oneof![6 => Just(15_000i64), 2 => 1..60_000i64, 1 => 100_000..700_000i64];
    prop::collection::vec((gap_ms, value()), 0..80).prop_map(|steps| {
        let after = |t_ms: &mut i64, (gap_ms, value): (i64, f64)| {
            *t_ms += gap_ms;
            Some((*t_ms, value))
        };
        steps.into_iter().scan(0, after).collect()
    })
}

fn series() -> impl Strategy<Value = Vec<Series>> {
    prop::collection::vec(samples(), 4).prop_map(|all| {
        let named = |(i, samples): (usize, Vec<(i64, f64)>)| {
            let labels = [("__name__", if i < 3 { "x" } else { "y" }), ("a", ["1", "2", "3", ""][i]), ("b", "same")];
            Series::new(Labels::new(labels), samples)
        };
        all.into_iter().enumerate().map(named).collect()
    })
}

fn options() -> impl Strategy<Value = Options> {
    any::<bool>().prop_map(|left_open| Options { left_open, ..Options::default() })
}

/// The same bits, or NaN both.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

fn is_same_matrix(a: &Matrix, b: &Matrix) -> bool {
    let is_same_point = |((ta, a), (tb, b)): (&(i64, f64), &(i64, f64))| ta == tb && same(*a, *b);
    let is_same_points = |a: &[_], b: &[_]| a.len() == b.len() && a.iter().zip(b).all(is_same_point);
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && is_same_points(&a.1, &b.1))
}

/// The steps of a range, evaluated one by one.
fn by_instants(series: &Vec<Series>, expr: &Expr, times: &[i64], options: &Options) -> Result<Matrix, String> {
    let mut matrix = std::collections::BTreeMap::<Labels, Vec<(i64, f64)>>::new();
    for &t_ms in times {
        match instant(series, expr, t_ms, options).map_err(|e| e.to_string())? {
            Value::Scalar(value) => matrix.entry(Labels::default()).or_default().push((t_ms, value)),
            Value::Vector(vector) => {
                vector.into_iter().for_each(|(labels, value)| matrix.entry(labels).or_default().push((t_ms, value)));
            }
            other => return Err(format!("unexpected {other:?}")),
        }
    }
    Ok(matrix.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_range_is_an_instant_at_each_step(
        series in series(),
        query in select(QUERIES.to_vec()),
        start_ms in -100_000..1_000_000i64,
        step_ms in prop_oneof![Just(15_000i64), 1_000..400_000i64],
        steps in 1..40i64,
        options in options(),
    ) {
        let expr = Expr::parse(query).unwrap();
        let end_ms = start_ms + step_ms * (steps - 1);
        let times: Vec<i64> = (0..steps).map(|i| start_ms + i * step_ms).collect();
        let whole = range(&series, &expr, start_ms, end_ms, step_ms, &options);
        match (whole, by_instants(&series, &expr, &times, &options)) {
            (Ok(whole), Ok(parts)) => prop_assert!(is_same_matrix(&whole, &parts), "{query}\n{whole:?}\n{parts:?}"),
            (Err(_), Err(_)) => {}
            (whole, parts) => prop_assert!(false, "{query}\n{whole:?}\n{parts:?}"),
        }
    }

    #[test]
    fn splitting_a_range_changes_nothing(
        series in series(),
        query in select(QUERIES.to_vec()),
        start_ms in -100_000..1_000_000i64,
        step_ms in 1_000..400_000i64,
        steps in (1..30i64, 1..30i64),
        options in options(),
    ) {
        let expr = Expr::parse(query).unwrap();
        let evaluated = |from: i64, to: i64| range(&series, &expr, start_ms + from * step_ms, start_ms + (to - 1) * step_ms, step_ms, &options);
        let (middle, end) = (steps.0, steps.0 + steps.1);
        let (Ok(whole), Ok(first), Ok(second)) = (evaluated(0, end), evaluated(0, middle), evaluated(middle, end)) else {
            return Ok(());
        };
        let mut joined = std::collections::BTreeMap::<Labels, Vec<(i64, f64)>>::new();
        first.into_iter().chain(second).for_each(|(labels, points)| joined.entry(labels).or_default().extend(points));
        prop_assert!(is_same_matrix(&whole, &joined.into_iter().collect()), "{query}");
    }
}
