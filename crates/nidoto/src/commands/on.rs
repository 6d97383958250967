//! Where series are asked for: an incident's evidence, a source of nidoto.yaml, a server, a file.

use std::path::Path;

use anyhow::{Context, Result, bail};
use jiff::tz::TimeZone;
use nidoto_core::evidence::{Naming, SpanMs, load_phase, read_series_file};
use nidoto_core::folder::{Incident, Phase, PrometheusSource, Root, Source};
use nidoto_core::{Need, Words};
use nidoto_promql::Series;

use super::note::chosen;
use super::warn;
use crate::output::Output;

/// Where series are asked for.
pub enum On {
    /// Recorded series.
    Series(Recorded),
    /// A server, by its name in nidoto.yaml or its address.
    Server(String, PrometheusSource),
}

/// Recorded series.
pub struct Recorded {
    /// The series.
    pub series: Vec<Series>,
    /// The span that they cover.
    pub span: SpanMs,
    /// The last moment that was recorded of anything.
    pub last_ms: i64,
    /// The incident whose evidence they are, and its phase.
    pub incident: Option<(String, Phase)>,
}

/// Finds what `--on` names; without it, the open incident.
///
/// # Errors
/// When it is none of the things that it can be, or cannot be read.
pub fn resolve(root: Option<&Root>, on: Option<&str>, zone: &TimeZone, output: Output) -> Result<On> {
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
        return file(Path::new(name), zone, output);
    }
    let Some(root) = root else {
        bail!(Words::new(
            format!(
                "`{name}` is no file and no URL, and here is no nidoto.yaml that could name it: give --on FILE or --on URL"
            ),
            format!(
                "`{name}` はファイルでも URL でもなく、nidoto.yaml もありません: --on ファイル か --on URL を指定してください"
            )
        ));
    };
    if let Some(Source::Prometheus(source)) = root.config.sources.get(name) {
        return Ok(On::Server(name.to_owned(), source.clone()));
    }
    incident(root, on, zone, output)
}

fn file(path: &Path, zone: &TimeZone, output: Output) -> Result<On> {
    let naming = Naming { name: Naming::of_file(path), labels: Vec::new(), zone: zone.clone() };
    let file = read_series_file(path, &naming).with_context(|| format!("failed to read {}", path.display()))?;
    let path = path.display();
    if let Some((pos, what)) = file.faults.first() {
        bail!("{path}:{}:{}: {}", pos.line, pos.column, what.get(output.lang));
    }
    let times = || file.series.iter().flat_map(|series| series.samples.timestamps_ms.iter().copied());
    let (Some(first_ms), Some(last_ms)) = (times().min(), times().max()) else {
        bail!(Words::new(format!("{path} holds no samples"), format!("{path} にサンプルがありません")));
    };
    Ok(On::Series(Recorded { series: file.series, span: (first_ms, last_ms), last_ms, incident: None }))
}

/// The incident and phase that `--on` names: `ID`, `ID/fixed`.
fn phase<'r>(root: &'r Root, on: Option<&str>) -> Result<(&'r Incident, Phase)> {
    let (name, phase) = match on.and_then(|on| on.rsplit_once('/')) {
        Some((name, phase)) => (Some(name), Phase::ALL.into_iter().find(|known| known.name() == phase)),
        None => (on, Some(Phase::Outage)),
    };
    let Some(phase) = phase else {
        bail!(Words::new(
            "after the `/` stands outage, fixed or quiet",
            "`/` の後には outage、fixed、quiet のどれかを書いてください"
        ))
    };
    Ok((chosen(root, name)?, phase))
}

/// The series of a phase, of all sources together: the same series of several sources is refused.
fn incident(root: &Root, on: Option<&str>, zone: &TimeZone, output: Output) -> Result<On> {
    let (incident, phase) = phase(root, on)?;
    let (manifest, diags) = root.manifest(incident);
    warn(output, &diags);
    let loaded = load_phase(&incident.dir.join("evidence"), &manifest, phase, zone);
    warn(output, &loaded.diags);
    let mut all: Vec<Series> = Vec::new();
    let mut spans: Vec<SpanMs> = Vec::new();
    for (source, series) in loaded.evidence.series() {
        if let Some(twice) = series.iter().find(|one| all.iter().any(|other| other.labels == one.labels)) {
            bail!("{} is in {source} and in another source of {}", twice.labels, incident.id);
        }
        all.extend_from_slice(series);
        spans.extend(loaded.evidence.spans(&Need::Series { query: String::new(), window_ms: 0 }, source));
    }
    let (first, last) = (spans.iter().map(|(from, _)| *from).min(), spans.iter().map(|(_, to)| *to).max());
    let (Some(from_ms), Some(to_ms), Some((_, last_ms))) = (first, last, loaded.span.filter(|_| !all.is_empty()))
    else {
        bail!(Words::new(
            format!("no series were recorded in the phase {} of {}", phase.name(), incident.id),
            format!("{} の {} には系列が記録されていません", incident.id, phase.name())
        ));
    };
    let recorded =
        Recorded { series: all, span: (from_ms, to_ms), last_ms, incident: Some((incident.id.clone(), phase)) };
    Ok(On::Series(recorded))
}
