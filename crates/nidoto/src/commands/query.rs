//! `nidoto query`: PromQL over frozen evidence, a file, or a server: the same query, wherever the series are.

mod answer;

use anyhow::{Result, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nidoto_core::evidence::SpanMs;
use nidoto_core::folder::{PrometheusSource, Root};
use nidoto_core::when;
use nidoto_promql::{Expr, Matrix, Options, Series, Value, annotated_instant, annotated_range};

use self::answer::Answer;
use super::on::On;
use super::{moment, on, open};
use crate::Outcome;
use crate::cli::{Cli, Query, QueryFormat};
use crate::collect::prometheus;
use crate::output::Output;

/// Runs `nidoto query`.
pub fn run(cli: &Cli, output: Output, args: &Query) -> Result<Outcome> {
    // A file or a server can be asked outside of a root.
    let (root, output) = match open(cli, &cli.root, output) {
        Ok((root, output)) => (Some(root), output),
        Err(_) => (None, output),
    };
    let zone = root.as_ref().map_or(TimeZone::UTC, Root::zone);
    let on = on::resolve(root.as_ref(), args.on.as_deref(), &zone, output)?;
    let last_ms = match (&args.at, &on) {
        (Some(at), _) => when::ms(moment::read(Some(at), &zone)?),
        (None, On::Series(recorded)) => recorded.last_ms,
        (None, On::Server(..)) => when::ms(Timestamp::now()).div_euclid(1_000) * 1_000,
    };
    let step_ms = args.step.ms();
    if step_ms == 0 {
        bail!("--step must be longer than 0");
    }
    let span = args.range.map(|range| (last_ms - range.ms(), last_ms));
    let answer = match &on {
        On::Series(recorded) => here(&recorded.series, &args.query, last_ms, span, step_ms)?,
        On::Server(name, source) => there(name, source, &args.query, last_ms, span, step_ms, output)?,
    };
    let format = args.format.unwrap_or(if span.is_some() { QueryFormat::Chart } else { QueryFormat::Table });
    match format {
        QueryFormat::Json => println!("{}", serde_json::to_string(&answer.json())?),
        QueryFormat::Table => print!("{}", answer.table(output, &zone)),
        QueryFormat::Chart => print!("{}", answer.chart(output, &zone, &args.query)),
    }
    for annotation in &answer.annotations {
        eprintln!("nidoto: {annotation}");
    }
    Ok(Outcome::Green)
}

fn here(series: &Vec<Series>, query: &str, at_ms: i64, span: Option<SpanMs>, step_ms: i64) -> Result<Answer> {
    let expr = Expr::parse(query)?;
    let options = Options::default();
    let (value, annotations) = match span {
        None => annotated_instant(series, &expr, at_ms, &options)?,
        Some((from_ms, to_ms)) => {
            let (matrix, annotations) = annotated_range(series, &expr, from_ms, to_ms, step_ms, &options)?;
            (Value::Matrix(matrix), annotations)
        }
    };
    Ok(Answer { value, at_ms, span, annotations })
}

/// A moment is a range of one step, so that the answer has one form.
fn there(
    name: &str,
    source: &PrometheusSource,
    query: &str,
    at_ms: i64,
    span: Option<SpanMs>,
    step_ms: i64,
    output: Output,
) -> Result<Answer> {
    let asked = span.unwrap_or((at_ms, at_ms));
    let matrix: Matrix = match prometheus::range(name, source, query, asked, step_ms) {
        Ok(matrix) => matrix,
        Err(why) => bail!("{}", output.say(&why)),
    };
    let value = match span {
        Some(_) => Value::Matrix(matrix),
        None => {
            Value::Vector(matrix.into_iter().filter_map(|(labels, points)| Some((labels, points.first()?.1))).collect())
        }
    };
    Ok(Answer { value, at_ms, span, annotations: Vec::new() })
}
