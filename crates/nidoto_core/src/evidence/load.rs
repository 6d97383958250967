//! From an incident's folder to evidence: hashes are checked, and what cannot be read is kept as a
//! fault that blinds whoever needs it.

use std::path::Path;

use jiff::tz::TimeZone;

use super::csv::Naming;
use super::{Answer, Evidence, Log, SeriesFile, SpanMs, Tree, api_json, bytes, csv, openmetrics, sha256};
use crate::diag::{Diag, Pos};
use crate::folder::{Item, ItemType, Manifest, Phase};
use crate::guard::Need;
use crate::words::Words;

/// Evidence of one phase and what was wrong with it.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What can be seen.
    pub evidence: Evidence,
    /// The span that all items together cover; `None` where there are none.
    pub span: Option<SpanMs>,
    /// What could not be read.
    pub diags: Vec<Diag>,
}

/// Loads the items of a phase. `folder` is the `evidence` folder.
#[must_use]
pub fn load_phase(folder: &Path, manifest: &Manifest, phase: Phase, zone: &TimeZone) -> Loaded {
    let mut loaded = Loaded::default();
    for (item, at) in manifest.items.iter().filter(|(item, _)| item.phase() == Some(phase)) {
        let span = item.span_ms(zone);
        loaded.span = Some(loaded.span.map_or(span, |(from, to)| (from.min(span.0), to.max(span.1))));
        let path = folder.join(&item.path);
        let result = verify(&path, item, *at, folder).and_then(|()| add(&mut loaded.evidence, &path, item, span, zone));
        for diag in result.err().unwrap_or_default() {
            loaded.evidence.add_fault(
                &need_of(item),
                place_of(item),
                Words::new(diag.text(crate::Lang::En), diag.text(crate::Lang::Ja)),
            );
            loaded.diags.push(diag);
        }
    }
    loaded
}

/// The need that an item answers, so that its faults reach those who ask.
fn need_of(item: &Item) -> Need {
    match item.kind {
        ItemType::Series => Need::Series { query: String::new(), window_ms: 0 },
        ItemType::Log => Need::Log { window_ms: 0 },
        ItemType::Exec => Need::Answer,
        ItemType::Files => Need::Files { pattern: item.root.clone().unwrap_or_default() },
    }
}

fn place_of(item: &Item) -> &str {
    item.source.as_deref().or(item.root.as_deref()).unwrap_or_default()
}

fn verify(path: &Path, item: &Item, at: Pos, folder: &Path) -> Result<(), Vec<Diag>> {
    let found = sha256(path).map_err(|error| {
        let what = Words::new(format!("this evidence cannot be read: {error}"), format!("証拠が読めません: {error}"));
        let mend = Words::new(
            format!("restore it, or take it out of {} line {}", folder.join("manifest.yaml").display(), at.line),
            format!("元に戻すか、{} の {} 行目から外してください", folder.join("manifest.yaml").display(), at.line),
        );
        vec![Diag::new(path, Pos::default(), what).mend(mend)]
    })?;
    if found == item.sha256.to_ascii_lowercase() {
        return Ok(());
    }
    let what = Words::new(
        format!("this evidence was changed: its SHA-256 is {found}, the manifest says {}", item.sha256),
        format!("証拠が書き換えられています: SHA-256 は {found} ですが、manifest では {} です", item.sha256),
    );
    let mend = Words::new("restore it from version control", "バージョン管理から元に戻してください");
    Err(vec![Diag::new(path, Pos::default(), what).mend(mend)])
}

fn add(evidence: &mut Evidence, path: &Path, item: &Item, span: SpanMs, zone: &TimeZone) -> Result<(), Vec<Diag>> {
    let unreadable = |error: String| {
        vec![Diag::new(
            path,
            Pos::default(),
            Words::new(format!("cannot be read: {error}"), format!("読めません: {error}")),
        )]
    };
    let own_zone = item.zone.as_ref().and_then(|zone| TimeZone::get(&zone.0).ok()).unwrap_or_else(|| zone.clone());
    let source = item.source.as_deref().unwrap_or_default();
    match item.kind {
        ItemType::Files => {
            let root = item.root.as_deref().unwrap_or_default();
            let tree = Tree::read(path, root, span).map_err(unreadable)?;
            evidence.add_tree(Tree { only: item.only.clone(), ..tree });
        }
        ItemType::Log => {
            let mut log = Log::default();
            let text = bytes::read(path).map_err(|error| unreadable(error.to_string()))?;
            log.add(path, &text, &own_zone, span.1);
            evidence.add_log(source, span, log);
        }
        ItemType::Exec => {
            let text = bytes::read(path).map_err(|error| unreadable(error.to_string()))?;
            evidence.add_answer(
                source,
                span,
                Answer::read(&text, span.0).map_err(|error| unreadable(error.to_string()))?,
            );
        }
        ItemType::Series => {
            let naming = Naming {
                name: item.name.clone().unwrap_or_else(|| Naming::of_file(path)),
                labels: item.labels.clone().into_iter().collect(),
                zone: own_zone,
            };
            let file = read_series_file(path, &naming).map_err(|error| unreadable(error.to_string()))?;
            if !file.faults.is_empty() {
                return Err(file.faults.into_iter().map(|(at, what)| Diag::new(path, at, what)).collect());
            }
            evidence.add_series(source, span, file.series);
        }
    }
    Ok(())
}

/// Reads a file of series by its name: `.csv`, `.json`, anything else as OpenMetrics; `.gz` and
/// `.zst` are unpacked.
///
/// # Errors
/// When the file cannot be read; errors within it are kept in the result.
pub fn read_series_file(path: &Path, naming: &Naming) -> std::io::Result<SeriesFile> {
    Ok(parse_series(&bytes::plain_name(path), &bytes::read(path)?, naming))
}

/// Reads series from bytes; `name` is the file's name without `.gz` or `.zst`.
#[must_use]
pub fn parse_series(name: &str, bytes: &[u8], naming: &Naming) -> SeriesFile {
    match Path::new(name).extension().and_then(|e| e.to_str()) {
        Some("csv") => csv::read(bytes, naming),
        Some("json") => api_json::read(bytes, naming),
        _ => openmetrics::read(bytes),
    }
}
