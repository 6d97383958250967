//! What is to be frozen: all that the incident's guards need, and what was asked for besides.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use nidoto_core::evidence::SpanMs;
use nidoto_core::evidence::tree::fixed_part;
use nidoto_core::folder::{Incident, Root, Source};
use nidoto_core::{Need, Words};
use nidoto_promql::{Expr, Options};

use crate::cli::Capture;

/// So much time is asked of a server at once.
pub(super) const CHUNK_MS: i64 = 6 * 3_600_000;

/// What is to be frozen.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// By source, each selector and how far before the window it reads.
    pub(super) series: BTreeMap<String, BTreeMap<String, i64>>,
    /// Log sources.
    pub(super) logs: Vec<String>,
    /// Command sources.
    pub(super) answers: Vec<String>,
    /// Path patterns by the place where they begin.
    pub(super) files: BTreeMap<String, Vec<String>>,
}

impl Plan {
    pub(super) fn is_empty(&self) -> bool {
        self.series.is_empty() && self.logs.is_empty() && self.answers.is_empty() && self.files.is_empty()
    }

    /// Steps of work, for the progress bar.
    pub(super) fn size(&self, span: SpanMs) -> usize {
        let chunks = self.series.values().flatten().map(|(_, back_ms)| chunks((span.0 - back_ms, span.1)).count());
        chunks.sum::<usize>() + self.logs.len() + self.answers.len() + self.files.len()
    }
}

/// The chunks of a span: cut at multiples of the chunk's length, so that a later run finds them again.
pub(super) fn chunks(span: SpanMs) -> impl Iterator<Item = SpanMs> {
    let first = span.0.div_euclid(CHUNK_MS);
    let last = (span.1 - 1).div_euclid(CHUNK_MS);
    (first..=last).map(move |n| ((n * CHUNK_MS).max(span.0), ((n + 1) * CHUNK_MS).min(span.1)))
}

/// Plans a capture for an incident.
pub(super) fn plan(root: &Root, incident: &Incident, args: &Capture) -> Result<Plan> {
    let mut plan = Plan::default();
    let own = root.guards.iter().filter(|spec| spec.incident.as_deref() == Some(&incident.id));
    for spec in own {
        let source = spec.source.clone().unwrap_or_default();
        for need in spec.guard.needs() {
            match need {
                Need::Series { query, window_ms } => add_series(&mut plan, &source, &query, window_ms)?,
                Need::Log { .. } => plan.logs.push(source.clone()),
                Need::Answer => plan.answers.push(source.clone()),
                // The journal stands in the root already.
                Need::Changes => {}
                Need::Files { pattern } => plan.files.entry(fixed_part(&pattern)).or_default().push(pattern),
            }
        }
    }
    for selector in &args.series {
        let source = series_source(root, args.source.as_deref())?;
        add_series(&mut plan, &source, selector, 0)?;
    }
    plan.logs.sort();
    plan.logs.dedup();
    plan.answers.sort();
    plan.answers.dedup();
    for patterns in plan.files.values_mut() {
        patterns.sort();
        patterns.dedup();
    }
    Ok(plan)
}

/// Raw samples are frozen, not answers: any query over them can then be asked again.
fn add_series(plan: &mut Plan, source: &str, query: &str, window_ms: i64) -> Result<()> {
    let expr = match Expr::parse(query) {
        Ok(expr) => expr,
        Err(error) => bail!(Words::new(
            format!("`{query}` is no PromQL: {error}"),
            format!("`{query}` は PromQL ではありません: {error}")
        )),
    };
    let selectors = plan.series.entry(source.to_owned()).or_default();
    for selection in expr.selectors(&Options::default()) {
        let back_ms = selectors.entry(selection.matchers.to_string()).or_default();
        *back_ms = (selection.back_ms + window_ms).max(*back_ms);
    }
    Ok(())
}

fn series_source(root: &Root, given: Option<&str>) -> Result<String> {
    let fitting: Vec<&String> =
        root.config.sources.iter().filter(|(_, s)| matches!(s, Source::Prometheus(_))).map(|(name, _)| name).collect();
    match (given, fitting.as_slice()) {
        (Some(name), _) if fitting.iter().any(|fit| *fit == name) => Ok(name.to_owned()),
        (Some(name), _) => bail!(Words::new(
            format!("nidoto.yaml has no prometheus source `{name}`"),
            format!("nidoto.yaml に prometheus の source `{name}` がありません")
        )),
        (None, [only]) => Ok((*only).clone()),
        (None, []) => bail!(Words::new(
            "nidoto.yaml has no prometheus source",
            "nidoto.yaml に prometheus の source がありません"
        )),
        (None, _) => bail!(Words::new(
            "name the source of --series with --source",
            "--series の source を --source で指定してください"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_the_span_and_nothing_else() {
        let cut: Vec<SpanMs> = chunks((CHUNK_MS - 5, 2 * CHUNK_MS + 7)).collect();
        assert_eq!(cut, [(CHUNK_MS - 5, CHUNK_MS), (CHUNK_MS, 2 * CHUNK_MS), (2 * CHUNK_MS, 2 * CHUNK_MS + 7)]);
        assert_eq!(chunks((0, CHUNK_MS)).count(), 1);
    }
}
