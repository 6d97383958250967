//! What has been applied already: by the base branch or by `flyway_schema_history`.

use std::collections::{BTreeMap, BTreeSet};

use nidoto_core::Words;
use serde_json::Value as Json;

use super::checksum::checksum;
use super::location::{Location, Migration};
use super::name::{Name, Version};
use super::settings::Settings;
use crate::csv;
use crate::scan::Options;

/// A migration of the base branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// It still is what it was.
    Same,
    /// It was edited; what it was.
    Edited(String),
    /// It is not there any more.
    Gone,
}

/// A versioned migration that has been applied, or that the base branch has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its version.
    pub version: Version,
    /// Its description.
    pub description: String,
    /// Its file name.
    pub script: String,
    /// Its checksum, where it is known.
    pub checksum: Option<i32>,
    /// Its text, where it is known.
    pub text: Option<String>,
    /// Its path in the base branch.
    pub path: Option<String>,
    /// Whether its file is known to be there, even if nobody looks at it now.
    pub is_here: bool,
}

/// A repeatable migration that has been applied, or that the base branch has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repeatable {
    /// Its description.
    pub description: String,
    /// Its file name.
    pub script: String,
    /// Its path in the base branch.
    pub path: Option<String>,
}

/// What has been applied of a location; `None` where nobody said.
#[must_use]
pub fn applied(location: &Location, options: &Options) -> Option<Vec<Applied>> {
    let mut all = Vec::new();
    if let Some(base) = &options.base {
        all.extend(of_base(location, base));
    }
    if let Some(history) = &options.history {
        all.extend(of_history(history).unwrap_or_default());
    }
    all.sort_by(|a, b| a.version.cmp(&b.version));
    (options.base.is_some() || options.history.is_some()).then_some(all)
}

/// Repeatable migrations that have been applied, without those of the base branch that are still there.
#[must_use]
pub fn repeatables(location: &Location, options: &Options) -> Vec<Repeatable> {
    let repeatable = |script: &str, path: Option<&String>| {
        let Name::Repeatable(description) = Name::of(file_name(script), &location.settings) else { return None };
        Some(Repeatable { description, script: script.to_owned(), path: path.cloned() })
    };
    let gone = options.base.iter().flatten().filter(|(path, before)| **before == Before::Gone && location.holds(path));
    let mut all: Vec<Repeatable> = gone.filter_map(|(path, _)| repeatable(file_name(path), Some(path))).collect();
    let rows = options.history.as_deref().and_then(|text| rows(text).ok()).unwrap_or_default();
    all.extend(rows.into_iter().filter(is_applied).filter_map(|row| repeatable(row.get("script")?, None)));
    all.sort_unstable();
    all.dedup_by(|a, b| a.description == b.description);
    all
}

fn of_base(location: &Location, base: &BTreeMap<String, Before>) -> Vec<Applied> {
    let here = base.iter().filter(|(path, _)| location.holds(path));
    let read = here.filter_map(|(path, before)| {
        let script = file_name(path).to_owned();
        let Name::Versioned(version, description) = Name::of(&script, &location.settings) else { return None };
        let text = match before {
            Before::Edited(text) => Some(text.clone()),
            Before::Same | Before::Gone => None,
        };
        let checksum = text.as_deref().map(checksum);
        let is_here = *before != Before::Gone;
        Some(Applied { version, description, script, checksum, text, path: Some(path.clone()), is_here })
    });
    read.collect()
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The rows of `flyway_schema_history` as CSV with a header, or as a JSON list of objects.
///
/// # Errors
/// When it is neither.
pub fn of_history(text: &str) -> Result<Vec<Applied>, String> {
    let read = rows(text)?.into_iter().filter(is_applied).filter_map(|row| {
        Some(Applied {
            version: Version::of(row.get("version")?)?,
            description: row.get("description").cloned().unwrap_or_default(),
            script: row.get("script").cloned().unwrap_or_default(),
            checksum: row.get("checksum").and_then(|text| text.parse().ok()),
            text: None,
            path: None,
            is_here: false,
        })
    });
    Ok(read.collect())
}

type Row = BTreeMap<String, String>;

fn rows(text: &str) -> Result<Vec<Row>, String> {
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Array(rows)) => Ok(rows.iter().map(json_row).collect()),
        _ => Ok(csv::rows(text)?.into_iter().map(|row| row.into_iter().collect()).collect()),
    }
}

fn is_applied(row: &Row) -> bool {
    let success = row.get("success").map_or("true", String::as_str);
    ["1", "t", "true"].contains(&success.to_ascii_lowercase().as_str())
}

fn json_row(row: &Json) -> Row {
    let fields = row.as_object().into_iter().flatten();
    fields.map(|(key, value)| (key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))).collect()
}
/// Folders of the base branch whose migrations are all gone, one of them with why nobody can judge it: no
/// migration is left that tells whether they were applied, moved or given up with their application.
#[must_use]
pub fn emptied(locations: &[Location], options: &Options) -> BTreeMap<String, Words> {
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let is_versioned = |path: &str| matches!(Name::of(file_name(path), &Settings::default()), Name::Versioned(..));
    let base = || options.base.iter().flatten().filter(|(path, _)| is_versioned(path));
    let kept: BTreeSet<String> =
        base().filter(|(_, before)| **before != Before::Gone).map(|(path, _)| folder(path)).collect();
    let is_moved = |path: &str| {
        let moved = |one: &Migration| one.file.name() == file_name(path);
        locations.iter().any(|location| location.holds(path) || location.versioned.iter().any(moved))
    };
    let lost = base().filter(|(path, _)| !kept.contains(&folder(path)) && !is_moved(path));
    let by_folder: BTreeMap<String, &String> = lost.map(|(path, _)| (folder(path), path)).collect();
    let why = Words::new(
        "deleted with all other migrations of its folder: where they were applied, validation fails at start; bring them back, or take the application away first",
        "フォルダのマイグレーションがすべて削除されました。適用済みの環境では起動時の検証が失敗します。戻すか、先にアプリケーションを外してください",
    );
    by_folder.into_values().map(|path| (path.clone(), why.clone())).collect()
}
