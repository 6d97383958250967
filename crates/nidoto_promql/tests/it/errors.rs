//! Every refusal says what is wrong, where, and what would do.

use nidoto_promql::{EvalError, Expr, Labels, Matchers, Options, Series, Source, SourceError, instant, range};

fn refusal(query: &str) -> String {
    Expr::parse(query).unwrap_err().to_string()
}

#[test]
fn a_caret_below_the_place() {
    insta::assert_snapshot!(refusal("sum(rate(x[5m])"), @r#"
    1:4: this "(" is not closed
      sum(rate(x[5m])
         ^
    "#);
    insta::assert_snapshot!(refusal("rate(x[5m]) y"), @r#"
    1:13: unexpected "y", expected an operator or the end
      rate(x[5m]) y
                  ^
    "#);
    insta::assert_snapshot!(refusal("x{job=web}"), @"
    1:7: expected a quoted text
      x{job=web}
            ^
    ");
    insta::assert_snapshot!(refusal("x +\n  rate(y)"), @"
    2:3: expected a range vector such as x[5m] in call to function 'rate', got an instant vector
        rate(y)
        ^
    ");
    insta::assert_snapshot!(refusal("x offset 5 minutes"), @r#"
    1:12: unexpected "minutes", expected an operator or the end
      x offset 5 minutes
                 ^
    "#);
    insta::assert_snapshot!(refusal("温度 + 1"), @"
    1:1: unexpected character '温'
      温度 + 1
      ^
    ");
    insta::assert_snapshot!(refusal("x{a=\"温度\"} + \"open"), @r#"
    1:17: this text is not closed by "
      x{a="温度"} + "open
                    ^
    "#);
    insta::assert_snapshot!(refusal("sum(nosuch(x))"), @"
    1:5: unknown function with name 'nosuch'
      sum(nosuch(x))
          ^
    ");
    insta::assert_snapshot!(refusal("x{a=~\"(\"}"), @r#"
    1:1: illegal regex for (
      x{a=~"("}
      ^
    "#);
    insta::assert_snapshot!(refusal("a + (b + (c > d e))"), @r#"
    1:17: unexpected "e", expected an operator or the end
      a + (b + (c > d e))
                      ^
    "#);
    insta::assert_snapshot!(refusal("1 + ln(0)"), @"
    1:8: expected an instant vector
      1 + ln(0)
             ^
    ");
    insta::assert_snapshot!(refusal("x[5m:1m:1s]"), @r#"
    1:8: expected "]"
      x[5m:1m:1s]
             ^
    "#);
    insta::assert_snapshot!(refusal(""), @"
    1:1: expected an expression
      
      ^
    ");
}

#[test]
fn what_would_make_the_parser_crate_panic_or_err() {
    for query in
        ["x[9.5e310]", "x[1e300]", "x offset 1e300", "x @ 1e300", "x[5000000000000y]", "x[0]", "{a=\"1\" or b=\"2\"}"]
    {
        assert!(Expr::parse(query).is_err(), "{query}");
    }
    let labels = Labels::new([("__name__", "x")]);
    let series = vec![Series::new(labels, [(0, 1.0), (5_000_000_000, 3.0)])];
    // The parser crate reads counts beyond 32 bits as nothing at all.
    let expr = Expr::parse("count_over_time(x[1h5400000001ms])").unwrap();
    let nidoto_promql::Value::Vector(vector) = instant(&series, &expr, 5_000_000_000, &Options::default()).unwrap()
    else {
        panic!("expected a vector");
    };
    assert_eq!(vector[0].1, 2.0);
}

#[test]
fn deep_and_long_queries_are_refused_not_overflowed() {
    let deep = |open: &str, close: &str, n: usize| format!("{}x{}", open.repeat(n), close.repeat(n));
    for query in [
        deep("(", ")", 5_000),
        deep("-(", ")", 300),
        deep("abs(", ")", 900),
        vec!["x"; 999].join(" + "),
        vec!["x"; 5_000].join("+"),
        format!("{}x", "-".repeat(9_000)),
        format!("x{}", "[1h:]".repeat(900)),
    ] {
        assert!(Expr::parse(&query).is_err(), "{}", &query[..40]);
    }
    assert!(Expr::parse(&deep("(", ")", 150)).is_ok());
}

#[test]
fn what_is_experimental_says_so() {
    for (query, word) in [
        ("limit_ratio(0.5, x)", "experimental"),
        ("info(x)", "experimental"),
        ("x + fill(0) y", "experimental"),
        ("histogram_avg(x)", "native histograms"),
    ] {
        let message = match Expr::parse(query) {
            Err(error) => error.to_string(),
            Ok(expr) => instant(&Vec::<Series>::new(), &expr, 0, &Options::default()).unwrap_err().to_string(),
        };
        assert!(message.contains(word), "{query}: {message}");
    }
}

#[test]
fn limits_name_the_number_that_is_needed() {
    let series = vec![Series::new(Labels::new([("__name__", "x")]), (0..1000).map(|i| (i * 1000, 1.0)))];
    let options = Options { max_samples: 1500, max_steps: 100, ..Options::default() };
    let error = |query: &str, end_ms: i64, step_ms: i64| {
        range(&series, &Expr::parse(query).unwrap(), 0, end_ms, step_ms, &options).unwrap_err()
    };
    assert!(matches!(error("x", 1_000_000, 1_000), EvalError::TooManySteps { needed: 1001, limit: 100 }));
    assert!(matches!(error("max_over_time(x[1y:1ms])", 0, 1), EvalError::TooManySteps { needed: 31_536_000_000, .. }));
    assert!(matches!(error("x + x", 990_000, 10_000), EvalError::TooManySamples { needed: 2082.., limit: 1500 }));
    insta::assert_snapshot!(error("x", 1_000_000, 1_000).to_string(), @"the query needs 1001 steps, the limit is 100: use a longer step or a shorter range");
    insta::assert_snapshot!(error("x", -1, 1_000).to_string(), @"the end of the range lies before its start");
    insta::assert_snapshot!(error("x", 1, 0).to_string(), @"the step must be positive, got 0 ms");
}

#[test]
fn mistakes_met_while_evaluating_have_a_place_too() {
    let one = |a: &str, name: &str| Series::new(Labels::new([("__name__", name), ("a", a)]), [(0, 1.0)]);
    let series = vec![one("1", "x"), one("2", "x"), one("1", "y"), one("2", "y")];
    let error =
        |query: &str| instant(&series, &Expr::parse(query).unwrap(), 0, &Options::default()).unwrap_err().to_string();
    insta::assert_snapshot!(error("sum(x) + (x / on() y)"), @r#"
    1:11: found duplicate series for the match group {} on the right hand-side of the operation: [{__name__="y", a="1"}, {__name__="y", a="2"}];many-to-many matching not allowed: matching labels must be unique on one side
      sum(x) + (x / on() y)
                ^
    "#);
    insta::assert_snapshot!(error("-{a=\"1\"}"), @r#"
    1:1: vector cannot contain metrics with the same labelset
      -{a="1"}
      ^
    "#);
    insta::assert_snapshot!(error("label_replace(x, \"a\", \"\", \"a\", \".*\")"), @r#"
    1:1: vector cannot contain metrics with the same labelset
      label_replace(x, "a", "", "a", ".*")
      ^
    "#);
}

struct Broken;

impl Source for Broken {
    fn select(&self, _: &Matchers, _: i64, _: i64) -> Result<Vec<Series>, SourceError> {
        Err("the disk is gone".into())
    }
}

#[test]
fn a_source_that_cannot_look_is_no_empty_answer() {
    let error = instant(&Broken, &Expr::parse("absent(x)").unwrap(), 0, &Options::default()).unwrap_err();
    assert!(matches!(error, EvalError::Source(_)));
    assert_eq!(error.to_string(), "the disk is gone");
}

/// Promises nothing about the order of its samples.
struct Unordered;

impl Source for Unordered {
    fn select(&self, _: &Matchers, _: i64, _: i64) -> Result<Vec<Series>, SourceError> {
        Ok(vec![Series::new(Labels::new([("__name__", "x")]), [(9, 1.0), (3, 2.0), (7, 3.0), (-5, 4.0), (1, 5.0)])])
    }
}

#[test]
fn a_source_that_breaks_its_promise_gets_no_panic() {
    for function in ["rate", "deriv", "max_over_time", "quantile_over_time", "stddev_over_time", "changes"] {
        let text =
            if function.starts_with('q') { format!("{function}(0.5, x[4ms])") } else { format!("{function}(x[4ms])") };
        let expr = Expr::parse(&text).unwrap();
        for start_ms in -10..10 {
            drop(range(&Unordered, &expr, start_ms, start_ms + 12, 1, &Options::default()));
        }
    }
}
