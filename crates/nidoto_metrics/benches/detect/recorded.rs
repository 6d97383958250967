//! Recorded series: runs of real processes (`labs/leaks`), CPU series of AWS (NAB), hosts whose memory ages (llm_aging).

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use nidoto_core::evidence::{Naming, read_series_file};
use nidoto_core::{when, yaml};
use nidoto_promql::{Expr, Labels, Options, Series, range};

use super::AnyError;
use super::case::{Case, DAY_MS, HOUR_MS, Leak, MINUTE_MS, labels};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Data of public projects, beside the repository. A folder that is absent holds no cases.
fn public(folder: &str) -> PathBuf {
    repository().join("../shared/data/metrics").join(folder)
}

/// The runs that `labs/leaks/runs.yaml` lists.
pub fn runs() -> Result<Vec<Case>, AnyError> {
    let folder = repository().join("labs/leaks");
    listed(&folder)?.iter().map(|entry| run(&folder, entry)).collect()
}

/// Those of them whose collector wrote a log, each with its path.
pub fn logged() -> Result<Vec<(Case, PathBuf)>, AnyError> {
    let folder = repository().join("labs/leaks");
    let mut logged = Vec::new();
    for entry in listed(&folder)? {
        if let Some(path) = entry.get("gc_log").and_then(|log| log.get("path")).and_then(yaml::Node::text) {
            logged.push((run(&folder, &entry)?, folder.join(path)));
        }
    }
    Ok(logged)
}

fn listed(folder: &Path) -> Result<Vec<yaml::Node>, AnyError> {
    let file = folder.join("runs.yaml");
    let Ok(text) = std::fs::read_to_string(&file) else { return Ok(vec![]) };
    let document = yaml::parse(&file, &text);
    Ok(document.root.get("runs").ok_or("runs.yaml lists no runs")?.items().to_vec())
}

fn run(folder: &Path, run: &yaml::Node) -> Result<Case, AnyError> {
    let text = |key: &str| run.get(key).and_then(yaml::Node::text).filter(|text| *text != "null");
    let needed = |key: &str| text(key).ok_or_else(|| format!("runs.yaml: a run without `{key}`"));
    let at_ms = |key: &str| text(key).and_then(|at| when::parse(at, &TimeZone::UTC)).map(when::ms);
    let series = read(&folder.join(needed("path")?))?;
    let (query, started, limit) = (needed("query")?, needed("started")?, needed("limit")?);
    let starts = points(&series, started)?.into_iter().map(|(_, at_s)| (at_s * 1_000.0) as i64);
    let mut starts: Vec<i64> = starts.collect();
    starts.dedup();
    let leaking = text("leaking") == Some("true");
    Ok(Case {
        name: needed("name")?.to_owned(),
        family: needed("family")?.to_owned(),
        samples: points(&series, query)?,
        starts,
        limit: points(&series, limit)?.last().ok_or("a run without a limit")?.1,
        query: query.to_owned(),
        started: Some(started.to_owned()),
        limit_query: Some(limit.to_owned()),
        leak: leaking.then(|| Leak { onset_ms: at_ms("onset").unwrap_or(i64::MIN), incident_ms: at_ms("incident") }),
        series,
    })
}

fn read(path: &Path) -> Result<Vec<Series>, AnyError> {
    let naming = Naming { name: Naming::of_file(path), labels: vec![], zone: TimeZone::UTC };
    let file = read_series_file(path, &naming).map_err(|error| format!("{}: {error}", path.display()))?;
    match file.faults.first() {
        Some((_, what)) => Err(format!("{}: {}", path.display(), what.en).into()),
        None => Ok(file.series),
    }
}

/// The samples that a query finds, five minutes apart; of several series the first.
fn points(series: &Vec<Series>, query: &str) -> Result<Vec<(i64, f64)>, AnyError> {
    let ends =
        series.iter().filter_map(|s| Some((*s.samples.timestamps_ms.first()?, *s.samples.timestamps_ms.last()?)));
    let (from_ms, to_ms) = ends.fold((i64::MAX, i64::MIN), |(from, to), (a, b)| (from.min(a), to.max(b)));
    let matrix = range(series, &Expr::parse(query)?, from_ms, to_ms, 5 * MINUTE_MS, &Options::default())?;
    let points = matrix.into_iter().next().map(|(_, points)| points).unwrap_or_default();
    Ok(points.into_iter().filter(|(_, value)| value.is_finite()).collect())
}

/// A case of one series without restarts.
fn bare(name: &str, family: &str, metric: &str, samples: Vec<(i64, f64)>, limit: f64) -> Case {
    Case {
        name: name.to_owned(),
        family: family.to_owned(),
        series: vec![Series::new(labels(metric, name), samples.iter().copied())],
        query: format!("{metric}{{case=\"{name}\"}}"),
        started: None,
        limit_query: None,
        samples,
        starts: vec![],
        limit,
        leak: None,
    }
}

/// CPU series of NAB: nothing in them leaks.
pub fn nab() -> Result<Vec<Case>, AnyError> {
    let mut cases = Vec::new();
    for path in files(&public("nab/data"), "csv") {
        let name = Naming::of_file(&path);
        if !name.contains("cpu") || name.contains("network") {
            continue;
        }
        let series = read(&path)?;
        cases.push(bare(&name, "cpu", "cpu_used_percent", series[0].samples.iter().collect(), 100.0));
    }
    Ok(cases)
}

/// Hosts of llm_aging that ran for at least a day and grew: used memory is what is not available. Their limit is
/// where the trend behind the first half day would be five days after the end.
pub fn aging() -> Result<Vec<Case>, AnyError> {
    let mut cases = Vec::new();
    for path in files(&public("llm_aging"), "csv") {
        let name = Naming::of_file(&path);
        let series = read(&path)?;
        let column = |name: &str| series.iter().find(|one: &&Series| of(&one.labels) == name);
        let (Some(total), Some(available)) = (column("totalMemory"), column("availableMemory")) else { continue };
        let used =
            total.samples.iter().zip(available.samples.iter()).map(|((at, total), (_, free))| (at, total - free));
        let samples: Vec<(i64, f64)> = used.collect();
        let (Some(first), Some(last)) = (samples.first(), samples.last()) else { continue };
        let (begin_ms, end_ms) = (first.0, last.0);
        let settled: Vec<_> = samples.iter().copied().filter(|(at, _)| *at > begin_ms + 12 * HOUR_MS).collect();
        let Some((slope, level)) = super::line::fit(&settled, end_ms) else { continue };
        if end_ms - begin_ms < DAY_MS || slope <= 0.0 {
            continue;
        }
        let incident_ms = end_ms + 5 * DAY_MS;
        let limit = level + slope * (5 * DAY_MS) as f64 / HOUR_MS as f64;
        let leak = Some(Leak { onset_ms: begin_ms, incident_ms: Some(incident_ms) });
        cases.push(Case { leak, ..bare(&name, "aging", "node_memory_used_bytes", samples, limit) });
    }
    Ok(cases)
}

fn of(labels: &Labels) -> &str {
    labels.get("column")
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}
