//! `nidoto query`: PromQL over frozen evidence, a file, or a server: the same query, wherever the series are.

mod answer;

use std::path::Path;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nidoto_core::evidence::{Naming, SpanMs, load_phase, read_series_file};
use nidoto_core::folder::{Phase, PrometheusSource, Root, Source};
use nidoto_core::{Lang, when};
use nidoto_promql::{Expr, Matrix, Options, Series, Value, annotated_instant, annotated_range};

use self::answer::Answer;
use super::note::chosen;
use super::{moment, open, warn};
use crate::Outcome;
use crate::cli::{Cli, Query, QueryFormat};
use crate::collect::prometheus;
use crate::output::Output;

/// Where a query is asked.
enum On {
    /// Recorded series, with the last moment that they cover.
    Series(Vec<Series>, i64),
    Server(String, PrometheusSource),
}

/// Runs `nidoto query`.
pub fn run(cli: &Cli, output: Output, args: &Query) -> Result<Outcome> {
    // A file or a server can be asked outside of a root.
    let (root, output) = match open(cli, &cli.root, output) {
        Ok((root, output)) => (Some(root), output),
        Err(_) => (None, output),
    };
    let zone = root.as_ref().map_or(TimeZone::UTC, Root::zone);
    let on = resolve(root.as_ref(), args.on.as_deref(), &zone, output)?;
    let last_ms = match (&args.at, &on) {
        (Some(at), _) => when::ms(moment::read(Some(at), &zone)?),
        (None, On::Series(_, last_ms)) => *last_ms,
        (None, On::Server(..)) => when::ms(Timestamp::now()).div_euclid(1_000) * 1_000,
    };
    let step_ms = args.step.ms();
    if step_ms == 0 {
        bail!("--step must be longer than 0");
    }
    let span = args.range.map(|range| (last_ms - range.ms(), last_ms));
    let answer = match &on {
        On::Series(series, _) => here(series, &args.query, last_ms, span, step_ms)?,
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

fn resolve(root: Option<&Root>, on: Option<&str>, zone: &TimeZone, output: Output) -> Result<On> {
    let name = on.unwrap_or_default();
    if name.starts_with("http://") || name.starts_with("https://") {
        let source = PrometheusSource {
            prometheus: name.to_owned(),
            bearer: None,
            user: None,
            password: None,
            headers: Default::default(),
            timeout: None,
        };
        return Ok(On::Server(name.to_owned(), source));
    }
    if Path::new(name).is_file() {
        return file(Path::new(name), zone, output.lang);
    }
    let Some(root) = root else {
        bail!(
            "`{name}` is no file and no URL, and here is no nidoto.yaml that could name it: give --on FILE or --on URL"
        );
    };
    if let Some(Source::Prometheus(source)) = root.config.sources.get(name) {
        return Ok(On::Server(name.to_owned(), source.clone()));
    }
    incident(root, on, zone, output)
}

fn file(path: &Path, zone: &TimeZone, lang: Lang) -> Result<On> {
    let naming = Naming { name: Naming::of_file(path), labels: Vec::new(), zone: zone.clone() };
    let file = read_series_file(path, &naming).with_context(|| format!("failed to read {}", path.display()))?;
    if let Some((pos, what)) = file.faults.first() {
        bail!("{}:{}:{}: {}", path.display(), pos.line, pos.column, what.get(lang));
    }
    let times = file.series.iter().filter_map(|series| series.samples.timestamps_ms.last());
    let Some(&last_ms) = times.max() else { bail!("{} holds no samples", path.display()) };
    Ok(On::Series(file.series, last_ms))
}

/// The series of a phase, of all sources together: the same series of several sources is refused.
fn incident(root: &Root, on: Option<&str>, zone: &TimeZone, output: Output) -> Result<On> {
    let (name, phase) = match on.and_then(|on| on.rsplit_once('/')) {
        Some((name, phase)) => (Some(name), Phase::ALL.into_iter().find(|known| known.name() == phase)),
        None => (on, Some(Phase::Outage)),
    };
    let Some(phase) = phase else { bail!("after the `/` stands outage, fixed or quiet") };
    let incident = chosen(root, name)?;
    let (manifest, diags) = root.manifest(incident);
    warn(output, &diags);
    let loaded = load_phase(&incident.dir.join("evidence"), &manifest, phase, zone);
    warn(output, &loaded.diags);
    let mut all: Vec<Series> = Vec::new();
    for (source, series) in loaded.evidence.series() {
        if let Some(twice) = series.iter().find(|one| all.iter().any(|other| other.labels == one.labels)) {
            bail!("{} is in {source} and in another source of {}", twice.labels, incident.id);
        }
        all.extend_from_slice(series);
    }
    let Some((_, last_ms)) = loaded.span.filter(|_| !all.is_empty()) else {
        bail!("no series were recorded in the phase {} of {}", phase.name(), incident.id);
    };
    Ok(On::Series(all, last_ms))
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
