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

    /// Where large values cancel, what is left is the same in whatever order they were added up.
    #[test]
    fn what_cancels_leaves_the_same_behind(
        values in prop::collection::vec(select(vec![0.0, 0.1, 6.0, 56.1, -56.1, 7.56e14, -7.56e14, 1e15 + 0.125, 1e200]), 3..40),
        query in select(vec!["deriv(x[2m])", "predict_linear(x[2m], 60)", "stddev_over_time(x[2m])", "sum_over_time(x[2m])", "avg_over_time(x[2m])"]),
    ) {
        let expr = Expr::parse(query).unwrap();
        let samples = values.iter().zip(1..).map(|(value, i)| (i * 15_000 + i % 3, *value));
        let series = vec![Series::new(Labels::new([("__name__", "x")]), samples)];
        let times: Vec<i64> = (1..45).map(|i| i * 15_000).collect();
        let whole = range(&series, &expr, times[0], times[43], 15_000, &Options::default()).unwrap();
        let parts = by_instants(&series, &expr, &times, &Options::default()).unwrap();
        prop_assert!(is_same_matrix(&whole, &parts), "{query}\n{whole:?}\n{parts:?}");
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

/// The line through whole numbers, by whole numbers: covariance and variance, both times n^2, the
/// values' sum and the times' sum.
fn exact_line(samples: &[(i64, i64)]) -> (i128, i128, i128, i128) {
    let n = samples.len() as i128;
    let sum = |of: fn(i128, i128) -> i128| samples.iter().map(|(t, v)| of((*t).into(), (*v).into())).sum::<i128>();
    let (times, values) = (sum(|t, _| t), sum(|_, v| v));
    (n * sum(|t, v| t * v) - times * values, n * sum(|t, _| t * t) - times * times, values, times)
}

proptest! {
    /// Large values with a small trend: what is left after the large terms cancel is still right.
    #[test]
    fn regressions_are_exact(
        steps in proptest::collection::vec((1_i64..60_000, -3_i64..4), 3..60),
        base in -4_000_000_000_i64..4_000_000_000,
        ahead_s in 0_i64..100_000,
    ) {
        let mut t_ms = 0;
        let samples: Vec<(i64, i64)> = steps.iter().map(|(gap_ms, offset)| { t_ms += gap_ms; (t_ms, base + offset) }).collect();
        let series = vec![Series::new(Labels::new([("__name__", "x")]), samples.iter().map(|(t, v)| (*t, *v as f64)))];
        let ask = |query: String| match instant(&series, &Expr::parse(&query).unwrap(), t_ms, &Options::default()).unwrap() {
            Value::Vector(values) => values[0].1,
            other => panic!("{other:?}"),
        };
        let (covariance, variance, values, times) = exact_line(&samples);
        let slope = covariance as f64 / variance as f64 * 1e3;
        let ours = ask("deriv(x[1h])".into());
        prop_assert!((ours - slope).abs() <= 1e-14 * slope.abs(), "{ours} is not {slope}");

        // value = (values * variance + covariance * (n * t - times)) / (n * variance)
        let n = samples.len() as i128;
        let at_ms = i128::from(t_ms) + i128::from(ahead_s) * 1_000;
        let value = (values * variance + covariance * (n * at_ms - times)) as f64 / (n * variance) as f64;
        let ours = ask(format!("predict_linear(x[1h], {ahead_s})"));
        prop_assert!((ours - value).abs() <= 1e-14 * value.abs().max(1e-6), "{ours} is not {value}");
    }
}
