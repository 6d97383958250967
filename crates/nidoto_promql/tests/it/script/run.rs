//! Runs a script and compares what comes out with what is expected.

use std::collections::BTreeMap;
use std::fmt;

use nidoto_promql::{
    Annotation, EvalError, Expr, Labels, Matrix, Options, Series, Source, Value, annotated_instant, annotated_range,
};

use super::exclude;
use super::parse::{Eval, Expectation, Kind, Text, When, Written, parse};

#[derive(Default)]
pub(super) struct Report {
    pub passed: usize,
    pub failures: Vec<String>,
    /// Reason, and the cases that it excludes.
    pub excluded: BTreeMap<&'static str, Vec<String>>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (reason, cases) in &self.excluded {
            writeln!(f, "excluded, {reason}:")?;
            cases.iter().try_for_each(|case| writeln!(f, "  {case}"))?;
        }
        writeln!(f, "{} cases pass, {} fail", self.passed, self.failures.len())?;
        for (reason, cases) in &self.excluded {
            writeln!(f, "{:5} excluded: {reason}", cases.len())?;
        }
        Ok(())
    }
}

/// What the script has loaded.
#[derive(Default)]
struct Storage {
    samples: BTreeMap<Labels, BTreeMap<i64, f64>>,
    native: Vec<Labels>,
}

impl Storage {
    fn load(&mut self, step_ms: i64, series: Vec<Written>, with_nhcb: bool) {
        for written in series {
            if written.has_histograms {
                self.native.push(written.labels.clone());
                continue;
            }
            if with_nhcb {
                self.native.push(native_of(&written.labels));
            }
            let samples = self.samples.entry(written.labels).or_default();
            let values = written.values.iter().enumerate();
            samples.extend(values.filter_map(|(i, v)| v.map(|v| (i as i64 * step_ms, v))));
        }
    }

    fn series(&self) -> Vec<Series> {
        self.samples
            .iter()
            .map(|(labels, samples)| Series::new(labels.clone(), samples.iter().map(|(&t, &v)| (t, v))))
            .collect()
    }
}

/// The native histogram that `load_with_nhcb` makes of classic buckets.
fn native_of(labels: &Labels) -> Labels {
    let name = labels.metric_name();
    let base = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    let mut native = labels.clone();
    native.set("__name__", base);
    native.remove("le");
    native
}

pub(super) fn script(file: &str, text: &str, report: &mut Report) {
    let mut storage = Storage::default();
    let flagged = exclude::flagged_file(file);
    // What a flagged script loads has a syntax of its own; only its cases are counted.
    let is_read = |line: &&str| flagged.is_none() || line.starts_with("eval");
    let text: String = text.lines().flat_map(|line| [if is_read(&line) { line } else { "" }, "\n"]).collect();
    for command in parse(&text) {
        match command.kind {
            Kind::Clear => storage = Storage::default(),
            Kind::Load { step_ms, series, with_nhcb } => storage.load(step_ms, series, with_nhcb),
            Kind::Eval(eval) => {
                let name = format!("{file}:{}: {}", command.line, eval.query);
                let reason = flagged.or_else(|| exclude::reason(&eval, &storage.native));
                match reason {
                    Some(reason) => report.excluded.entry(reason).or_default().push(name),
                    None => match case(&eval, &storage.series()) {
                        Ok(()) => report.passed += 1,
                        Err(why) => report.failures.push(format!("{name}\n    {why}")),
                    },
                }
            }
        }
    }
}

/// The scripts are written for an engine that drops metric names at the end.
fn options() -> Options {
    Options { delayed_name_removal: true, ..Options::default() }
}

fn case(eval: &Eval, source: &dyn Source) -> Result<(), String> {
    let outcome =
        Expr::parse(&eval.query).map_err(|e| e.message().to_owned()).and_then(|expr| evaluated(eval, &expr, source));
    let failures: Vec<&Text> = eval
        .expectations
        .iter()
        .filter_map(|e| if let Expectation::Fail(text) = e { Some(text) } else { None })
        .collect();
    match outcome {
        Err(message) if failures.is_empty() => Err(message),
        Err(message) => failures.iter().try_for_each(|text| {
            if matches(text, &message) { Ok(()) } else { Err(format!("failed with {message:?}, not {text:?}")) }
        }),
        Ok((value, _)) if !failures.is_empty() => Err(format!("should fail, got {value:?}")),
        Ok((value, annotations)) => {
            check_annotations(eval, &annotations)?;
            check_value(eval, &value)
        }
    }
}

fn evaluated(eval: &Eval, expr: &Expr, source: &dyn Source) -> Result<(Value, Vec<Annotation>), String> {
    let result = match eval.when {
        When::Instant(t_ms) => annotated_instant(source, expr, t_ms, &options()),
        When::Range { start_ms, end_ms, step_ms } => {
            annotated_range(source, expr, start_ms, end_ms, step_ms, &options()).map(|(m, a)| (Value::Matrix(m), a))
        }
    };
    result.map_err(|error| match error {
        EvalError::Query(error) => error.message().to_owned(),
        other => other.to_string(),
    })
}

fn matches(wanted: &Text, message: &str) -> bool {
    match wanted {
        Text::Any => true,
        Text::Is(text) => text == message,
        Text::Like(pattern) => regex::Regex::new(pattern).unwrap().is_match(message),
    }
}

/// With any expectation about warnings, each warning must be expected and each expectation met; infos alike.
fn check_annotations(eval: &Eval, annotations: &[Annotation]) -> Result<(), String> {
    for is_warning in [true, false] {
        let raised: Vec<String> =
            annotations.iter().filter(|a| a.is_warning == is_warning).map(ToString::to_string).collect();
        let wanted: Vec<&Text> = eval
            .expectations
            .iter()
            .filter_map(|e| match e {
                Expectation::Warn(text) if is_warning => Some(text),
                Expectation::Info(text) if !is_warning => Some(text),
                _ => None,
            })
            .collect();
        let forbidden = eval.expectations.iter().any(|e| match e {
            Expectation::NoWarn => is_warning,
            Expectation::NoInfo => !is_warning,
            _ => false,
        });
        if forbidden && !raised.is_empty() {
            return Err(format!("should not raise {raised:?}"));
        }
        if let Some(text) = wanted.iter().find(|text| !raised.iter().any(|m| matches(text, m))) {
            return Err(format!("should raise {text:?}, raised {raised:?}"));
        }
        if let Some(message) = raised.iter().find(|m| !wanted.is_empty() && !wanted.iter().any(|text| matches(text, m)))
        {
            return Err(format!("raised {message:?} too"));
        }
    }
    Ok(())
}

fn check_value(eval: &Eval, value: &Value) -> Result<(), String> {
    let text = eval.expectations.iter().find_map(|e| if let Expectation::String(text) = e { Some(text) } else { None });
    let range_vector = eval.expectations.iter().find_map(|e| match e {
        Expectation::RangeVector { start_ms, step_ms } => Some((*start_ms, *step_ms)),
        _ => None,
    });
    let is_ordered = eval.expectations.iter().any(|e| matches!(e, Expectation::Ordered));
    let fits = match (value, eval.when) {
        (Value::String(value), _) => text == Some(value),
        (Value::Scalar(value), _) => eval.scalar.is_some_and(|wanted| is_close(wanted, *value)),
        (Value::Vector(series), _) => is_vector(&eval.series, series, is_ordered),
        (Value::Matrix(matrix), When::Instant(_)) => {
            range_vector.is_some_and(|(start_ms, step_ms)| is_matrix(&eval.series, matrix, start_ms, step_ms))
        }
        (Value::Matrix(matrix), When::Range { start_ms, step_ms, .. }) => {
            is_matrix(&eval.series, matrix, start_ms, step_ms)
        }
    };
    if fits { Ok(()) } else { Err(format!("got {value:?}")) }
}

fn is_vector(wanted: &[Written], got: &[(Labels, f64)], is_ordered: bool) -> bool {
    let wanted: Vec<(&Labels, f64)> = wanted.iter().map(|w| (&w.labels, w.values[0].unwrap())).collect();
    if is_ordered {
        let pairs = wanted.iter().zip(got);
        return wanted.len() == got.len() && pairs.into_iter().all(|((l, v), (gl, gv))| *l == gl && is_close(*v, *gv));
    }
    wanted.len() == got.len()
        && wanted.iter().all(|(labels, v)| got.iter().any(|(l, gv)| l == *labels && is_close(*v, *gv)))
}

fn is_matrix(wanted: &[Written], got: &Matrix, start_ms: i64, step_ms: i64) -> bool {
    let points = |w: &Written| -> Vec<(i64, f64)> {
        w.values.iter().enumerate().filter_map(|(i, v)| v.map(|v| (start_ms + i as i64 * step_ms, v))).collect()
    };
    let fits = |w: &Written| {
        got.iter().any(|(labels, values)| {
            let wanted = points(w);
            *labels == w.labels
                && wanted.len() == values.len()
                && wanted.iter().zip(values).all(|(a, b)| a.0 == b.0 && is_close(a.1, b.1))
        })
    };
    let is_there = |w: &&Written| w.values.iter().any(Option::is_some);
    wanted.iter().filter(is_there).count() == got.len() && wanted.iter().filter(is_there).all(fits)
}

/// The tolerance of Prometheus's own runner.
fn is_close(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() / (a.abs() + b.abs()) < 1e-6
}
