//! Collects what was planned and stores it: evidence first, then its line in the manifest. A run
//! that was killed in between leaves a file that no manifest names; the next run writes it anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use indicatif::ProgressBar;
use nidoto_core::evidence::{Naming, SpanMs, openmetrics, parse_series, sha256, sha256_bytes};
use nidoto_core::folder::{Draft, Incident, Item, ItemType, Root, Source, append_item, replace};
use nidoto_core::{Words, when};
use nidoto_promql::{Labels, Series};

use super::plan::{Plan, chunks};
use crate::collect;

const ATTEMPTS: usize = 20;
/// zstd's level: evidence is written once and read often.
const ZSTD_LEVEL: i32 = 12;

/// Where evidence goes.
pub(super) struct Target<'t> {
    pub(super) root: &'t Root,
    pub(super) incident: &'t Incident,
    pub(super) phase: &'t str,
    pub(super) span: SpanMs,
    pub(super) now_ms: i64,
}

/// A stored item's path, or why it could not be frozen.
type Frozen = Result<String, Words>;

/// Freezes everything that was planned.
pub(super) fn freeze(target: &Target<'_>, plan: &Plan, bar: &ProgressBar) -> Vec<Frozen> {
    let mut results = Vec::new();
    for (source, selectors) in &plan.series {
        results.extend(target.series(source, selectors, bar));
    }
    for source in &plan.logs {
        results.push(target.log(source));
        bar.inc(1);
    }
    for source in &plan.answers {
        results.push(target.answer(source));
        bar.inc(1);
    }
    for (place, patterns) in &plan.files {
        results.push(target.files(place, patterns));
        bar.inc(1);
    }
    results
}

fn failed(what: &str, error: &anyhow::Error) -> Words {
    Words::new(format!("failed to freeze {what}: {error:#}"), format!("{what} を採取できません: {error:#}"))
}

impl Target<'_> {
    fn series(&self, name: &str, selectors: &BTreeMap<String, i64>, bar: &ProgressBar) -> Vec<Frozen> {
        let Some(Source::Prometheus(source)) = self.root.config.sources.get(name) else { return Vec::new() };
        if let Some(path) = self.already(ItemType::Series, name) {
            return vec![Ok(path)];
        }
        let mut results = Vec::new();
        let mut all: BTreeMap<Labels, BTreeMap<i64, f64>> = BTreeMap::new();
        for (selector, back_ms) in selectors {
            let before = all.len();
            let mut is_whole = true;
            for chunk in chunks((self.span.0 - back_ms, self.span.1)) {
                let got = self.chunk(name, selector, chunk, || collect::prometheus::raw(name, source, selector, chunk));
                bar.inc(1);
                match got {
                    Ok(series) => {
                        for one in series {
                            let within = one.samples.iter().filter(|(at_ms, _)| *at_ms <= self.span.1);
                            all.entry(one.labels.clone()).or_default().extend(within);
                        }
                    }
                    Err(why) => {
                        results.push(Err(why));
                        is_whole = false;
                        break;
                    }
                }
            }
            if is_whole && all.len() == before {
                results.push(Err(Words::new(
                    format!("`{name}` has no sample of {selector} in the window"),
                    format!("`{name}` にはこの期間の {selector} のサンプルがありません"),
                )));
            }
        }
        // A part of the series would look like the whole: the chunks stay for the next run.
        if results.is_empty() {
            let series: Vec<Series> = all.into_iter().map(|(labels, samples)| Series::new(labels, samples)).collect();
            let bytes = openmetrics::write(&series).into_bytes();
            results.push(self.store(ItemType::Series, name, "om.zst", &bytes, self.span, None));
            let _ = fs::remove_dir_all(self.chunk_dir(name));
        }
        results
    }

    fn chunk_dir(&self, name: &str) -> PathBuf {
        self.root.dir.join(".nidoto/capture").join(&self.incident.id).join(self.phase).join(name)
    }

    /// A chunk that an earlier run brought, or what the server answers now.
    fn chunk(
        &self,
        name: &str,
        selector: &str,
        chunk: SpanMs,
        ask: impl FnOnce() -> Result<Vec<Series>, Words>,
    ) -> Result<Vec<Series>, Words> {
        let hash = &sha256_bytes(selector.as_bytes())[..16];
        let path = self.chunk_dir(name).join(format!("{hash}-{}-{}.om", chunk.0, chunk.1));
        if let Ok(bytes) = fs::read(&path) {
            let naming = Naming { name: String::new(), labels: Vec::new(), zone: self.root.zone() };
            let file = parse_series("chunk.om", &bytes, &naming);
            if file.faults.is_empty() {
                return Ok(file.series);
            }
        }
        let series = ask()?;
        let folder = self.chunk_dir(name);
        let keep = || -> Result<()> {
            fs::create_dir_all(&folder)?;
            replace(&path, openmetrics::write(&series).as_bytes())
        };
        keep().map_err(|error| failed(selector, &error))?;
        Ok(series)
    }

    fn log(&self, name: &str) -> Frozen {
        let Some(Source::Log(source)) = self.root.config.sources.get(name) else { return Ok(String::new()) };
        if let Some(path) = self.already(ItemType::Log, name) {
            return Ok(path);
        }
        let zone = self.root.zone();
        let log = collect::read_log(&self.root.dir, source, self.span, &zone)?;
        let lines = &log.lines[log.window(self.span.0 - 1, self.span.1)];
        let text: String = lines.iter().flat_map(|line| [&*line.text, "\n"]).collect();
        let own_zone = source.zone.as_ref().map(|zone| zone.0.clone()).or_else(|| zone.iana_name().map(str::to_owned));
        self.store(ItemType::Log, name, "log.zst", text.as_bytes(), self.span, own_zone.as_deref())
    }

    fn answer(&self, name: &str) -> Frozen {
        let Some(Source::Command(source)) = self.root.config.sources.get(name) else { return Ok(String::new()) };
        let answer = collect::answer(self.root, name, source, self.now_ms)?;
        let at = when::rfc3339(self.now_ms, &self.root.zone());
        let value = serde_json::json!({ "status": answer.status, "at": at, "stdout": answer.stdout });
        let now_ms = self.now_ms.div_euclid(1_000) * 1_000;
        self.store(ItemType::Exec, name, "json", format!("{value:#}\n").as_bytes(), (now_ms, now_ms), None)
    }

    /// Files as they stand now; they have stood so since the newest of them was changed.
    fn files(&self, place: &str, patterns: &[String]) -> Frozen {
        let tree = collect::tree(self.root, place, patterns, self.now_ms)?;
        let error = |error: anyhow::Error| failed(place, &error);
        let inner = place.trim_matches('/');
        let base = format!("{}/files{}{inner}", self.phase, if inner.is_empty() { "" } else { "/" });
        let path = self.free_path(&base, "/");
        let folder = self.incident.dir.join("evidence").join(&path);
        // No manifest names it: what lies there is of a run that was killed, perhaps of another day.
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|io| error(io.into()))?;
        }
        let mut newest_ms = self.span.0;
        for file in &tree.files {
            let bytes = file.bytes.as_ref().map_err(|why| failed(&file.path, &anyhow::anyhow!("{why}")))?;
            let below =
                file.path.trim_start_matches('/').strip_prefix(inner).unwrap_or(&file.path).trim_start_matches('/');
            // A pattern without wildcards is the only file: it keeps its name within the folder.
            let below = if below.is_empty() { file.path.rsplit('/').next().unwrap_or("file") } else { below };
            write_whole(&folder.join(below), bytes).map_err(error)?;
            newest_ms = newest_ms.max(modified_ms(&self.root.dir.join(&file.path)));
        }
        fs::create_dir_all(&folder).map_err(|io| error(io.into()))?;
        let is_single = tree.files.len() == 1 && tree.files[0].path.trim_start_matches('/') == inner;
        let root = if is_single {
            Path::new(place).parent().map_or(String::new(), |p| p.to_string_lossy().into_owned())
        } else {
            place.to_owned()
        };
        let only: Vec<String> = patterns.iter().map(|pattern| quoted(pattern)).collect();
        let span = (newest_ms.min(self.now_ms).div_euclid(1_000) * 1_000, self.now_ms.div_euclid(1_000) * 1_000);
        let more =
            format!("root: {}\nonly: [{}]\n", quoted(if root.is_empty() { "." } else { &root }), only.join(", "));
        self.enter(&path, ItemType::Files, &more, span).map_err(error)
    }

    /// Stores bytes (packed where the name says so) and enters them into the manifest.
    fn store(
        &self,
        kind: ItemType,
        name: &str,
        extension: &str,
        bytes: &[u8],
        span: SpanMs,
        zone: Option<&str>,
    ) -> Frozen {
        let path = self.free_path(&format!("{}/{name}", self.phase), &format!(".{extension}"));
        let write = || -> Result<String> {
            let packed = if extension.ends_with("zst") { zstd::encode_all(bytes, ZSTD_LEVEL)? } else { bytes.to_vec() };
            write_whole(&self.incident.dir.join("evidence").join(&path), &packed)?;
            let zone = zone.map(|zone| format!("zone: {zone}\n")).unwrap_or_default();
            self.enter(&path, kind, &format!("source: {}\n{zone}", quoted(name)), span)
        };
        write().map_err(|error| failed(name, &error))
    }

    fn enter(&self, path: &str, kind: ItemType, more: &str, span: SpanMs) -> Result<String> {
        let folder = self.incident.dir.join("evidence");
        let zone = self.root.zone();
        let kind = serde_json::to_value(kind)?;
        let item = format!(
            "path: {}\ntype: {}\n{more}from: {}\nto: {}\norigin: recorded\nby: nidoto capture\nsha256: {}",
            quoted(path),
            kind.as_str().unwrap_or_default(),
            when::rfc3339(span.0, &zone),
            when::rfc3339(span.1, &zone),
            sha256(&folder.join(path))?,
        );
        let manifest = folder.join("manifest.yaml");
        super::super::edit(&manifest, ATTEMPTS, |draft: &Draft| Ok(append_item(draft.text()?, "items", &item)))?;
        Ok(folder.join(path).display().to_string())
    }

    fn items(&self) -> Vec<Item> {
        let (manifest, _) = self.root.manifest(self.incident);
        manifest.items.into_iter().map(|(item, _)| item).collect()
    }

    /// An item that an earlier run froze: same source, same window.
    fn already(&self, kind: ItemType, name: &str) -> Option<String> {
        let zone = self.root.zone();
        let same = |item: &Item| {
            item.kind == kind
                && item.source.as_deref() == Some(name)
                && item.phase().is_some_and(|phase| phase.name() == self.phase)
                && item.span_ms(&zone) == self.span
        };
        self.items()
            .into_iter()
            .find(same)
            .map(|item| self.incident.dir.join("evidence").join(item.path).display().to_string())
    }

    /// A path that the manifest does not name yet.
    fn free_path(&self, base: &str, end: &str) -> String {
        let taken: Vec<String> =
            self.items().into_iter().map(|item| item.path.trim_end_matches('/').to_owned()).collect();
        let names = std::iter::once(format!("{base}{end}")).chain((2..).map(|n| format!("{base}-{n}{end}")));
        let mut free = names.filter(|path| !taken.contains(&path.trim_end_matches('/').to_owned()));
        free.next().unwrap_or_else(|| format!("{base}{end}"))
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    replace(path, bytes)
}

fn modified_ms(path: &Path) -> i64 {
    let modified = fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let since = modified.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or(i64::MAX, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A YAML scalar: as it is where that is safe, else in JSON's quotes.
fn quoted(text: &str) -> String {
    let is_safe = text.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c))
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    if is_safe { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
