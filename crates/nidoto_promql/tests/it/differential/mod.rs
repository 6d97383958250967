//! The same queries over the same series, here and in a real Prometheus.
//!
//! Debian's Prometheus is a 2.x, so the rule of 2.x for windows is chosen here. What else changed from 2.x to 3.x
//! and shows in these queries is named in [`KNOWN`], with its bound; nothing else may differ.

mod data;
mod queries;
mod remote_write;
mod server;

use std::collections::BTreeMap;

use nidoto_promql::{Expr, Labels, Options, Series, Value, instant, range};

use self::server::Prometheus;

/// Beyond this two results disagree.
const TOLERANCE: f64 = 1e-12;

/// Result of a query: series and their values over time, or that it fails.
type Outcome = Result<BTreeMap<Labels, Vec<(i64, f64)>>, String>;

/// A difference that is known: which queries it shows in, and by how much at most.
struct Known {
    what: &'static str,
    shows_in: fn(&str) -> bool,
    allows: fn(&Difference) -> bool,
}

const KNOWN: [Known; 5] = [
    Known {
        what: "2.x keeps the name after atan2",
        shows_in: |query| query.contains("atan2"),
        allows: |difference| matches!(difference, Difference::Series(_)),
    },
    Known {
        what: "2.x loses steps where a window with @ is passed to a function of the instant",
        shows_in: |query| query.starts_with("predict_linear") && query.contains("@ 1700010000"),
        allows: |difference| matches!(difference, Difference::Count { .. }),
    },
    Known {
        what: "2.x computes a mean by increments and so with a rounding error where it is 0",
        shows_in: |query| query.contains("avg_over_time"),
        allows: |difference| matches!(difference, Difference::Value { ours: 0.0, theirs, .. } if theirs.abs() < 1e-15),
    },
    Known {
        what: "a variance much smaller than its values shows the rounding of the other side",
        shows_in: |query| query.contains("stdvar_over_time") || query.contains("stddev_over_time"),
        allows: |difference| matches!(difference, Difference::Value { ours, theirs, .. } if (ours - theirs).abs() < 1e-11 * theirs.abs()),
    },
    Known {
        what: "a regression through values much larger than its result shows the rounding of the other side (`properties::regressions_are_exact`)",
        shows_in: |query| query.contains("deriv") || query.contains("predict_linear"),
        allows: |difference| matches!(difference, Difference::Value { ours, theirs, .. } if (ours - theirs).abs() < 1e-10 * theirs.abs()),
    },
];

#[test]
fn same_answers_as_prometheus() {
    let series = data::series();
    let prometheus = Prometheus::start();
    prometheus.load(&series);
    let queries = queries::all();
    assert!(queries.len() >= 250, "only {} queries", queries.len());
    let mut report = Report::default();
    for query in &queries {
        for t_ms in data::instants_ms() {
            let theirs = prometheus.instant(query, t_ms);
            report.compare(&format!("{query} @ {t_ms}"), query, &here_at(&series, query, t_ms), &theirs);
        }
        let (start_ms, end_ms, step_ms) = data::range_ms();
        let theirs = prometheus.range(query, start_ms, end_ms, step_ms);
        report.compare(&format!("{query} over a range"), query, &here_over(&series, query), &theirs);
    }
    println!(
        "{} queries, {} results, {} values compared with Prometheus {}; known differences: {:?}",
        queries.len(),
        report.results,
        report.values,
        prometheus.version(),
        report.known
    );
    assert!(report.values > 100_000, "only {} values were compared", report.values);
    assert!(report.differences.is_empty(), "{} differ:\n{}", report.differences.len(), report.differences.join("\n"));
}

#[derive(Default)]
struct Report {
    results: usize,
    values: usize,
    known: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

impl Report {
    fn compare(&mut self, name: &str, query: &str, ours: &Outcome, theirs: &Outcome) {
        self.results += 1;
        self.values += theirs.as_ref().map_or(0, |series| series.values().map(Vec::len).sum());
        for difference in differences(ours, theirs) {
            match KNOWN.iter().find(|known| (known.shows_in)(query) && (known.allows)(&difference)) {
                Some(known) => *self.known.entry(known.what).or_default() += 1,
                None => self.differences.push(format!("{name}: {difference:?}")),
            }
        }
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "shown when the test fails")]
enum Difference {
    /// Only one side fails.
    Failure(String),
    /// A series that only one side has.
    Series(String),
    Count {
        series: String,
        ours: usize,
        theirs: usize,
    },
    Value {
        series: String,
        t_ms: i64,
        ours: f64,
        theirs: f64,
    },
}

fn differences(ours: &Outcome, theirs: &Outcome) -> Vec<Difference> {
    let (ours, theirs) = match (ours, theirs) {
        (Err(_), Err(_)) => return vec![],
        (Ok(_), Err(message)) | (Err(message), Ok(_)) => return vec![Difference::Failure(message.clone())],
        (Ok(ours), Ok(theirs)) => (ours, theirs),
    };
    let mut differences = Vec::new();
    for labels in ours.keys().chain(theirs.keys().filter(|labels| !ours.contains_key(labels))) {
        let series = labels.to_string();
        let (Some(ours), Some(theirs)) = (ours.get(labels), theirs.get(labels)) else {
            differences.push(Difference::Series(series));
            continue;
        };
        if ours.iter().map(|(t, _)| t).ne(theirs.iter().map(|(t, _)| t)) {
            differences.push(Difference::Count { series, ours: ours.len(), theirs: theirs.len() });
            continue;
        }
        let unequal = ours.iter().zip(theirs).filter(|(a, b)| !is_same(a.1, b.1));
        differences.extend(unequal.map(|(&(t_ms, ours), &(_, theirs))| Difference::Value {
            series: series.clone(),
            t_ms,
            ours,
            theirs,
        }));
    }
    differences
}

fn is_same(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
}

fn options() -> Options {
    Options { left_open: false, ..Options::default() }
}

fn here_at(series: &Vec<Series>, query: &str, t_ms: i64) -> Outcome {
    let expr = Expr::parse(query).map_err(|e| e.to_string())?;
    let value = instant(series, &expr, t_ms, &options()).map_err(|e| e.to_string())?;
    Ok(match value {
        Value::Scalar(value) => BTreeMap::from([(Labels::default(), vec![(t_ms, value)])]),
        Value::String(_) => BTreeMap::new(),
        Value::Vector(series) => series.into_iter().map(|(labels, value)| (labels, vec![(t_ms, value)])).collect(),
        Value::Matrix(matrix) => matrix.into_iter().collect(),
    })
}

fn here_over(series: &Vec<Series>, query: &str) -> Outcome {
    let (start_ms, end_ms, step_ms) = data::range_ms();
    let expr = Expr::parse(query).map_err(|e| e.to_string())?;
    let matrix = range(series, &expr, start_ms, end_ms, step_ms, &options()).map_err(|e| e.to_string())?;
    Ok(matrix.into_iter().collect())
}
