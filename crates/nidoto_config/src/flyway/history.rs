//! What has been applied already: by the base branch or by `flyway_schema_history`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::checksum::checksum;
use super::location::Location;
use super::name::{Name, Version};
use crate::csv;
use crate::scan::Options;

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

/// Descriptions and files of repeatable migrations that have been applied.
#[must_use]
pub fn repeatables(location: &Location, options: &Options) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for (path, _) in options.base.iter().flatten().filter(|(path, _)| location.holds(path)) {
        let name = path.rsplit('/').next().unwrap_or(path);
        if let Name::Repeatable(description) = Name::of(name, &location.settings) {
            all.push((description, name.to_owned()));
        }
    }
    let rows = options.history.as_deref().and_then(|text| rows(text).ok()).unwrap_or_default();
    all.extend(rows.into_iter().filter(is_applied).filter_map(|row| {
        let script = row.get("script")?;
        match Name::of(script.rsplit('/').next().unwrap_or(script), &location.settings) {
            Name::Repeatable(description) => Some((description, script.clone())),
            _ => None,
        }
    }));
    all.sort_unstable();
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

fn of_base(location: &Location, base: &BTreeMap<String, String>) -> Vec<Applied> {
    let here = base.iter().filter(|(path, _)| location.holds(path));
    let read = here.filter_map(|(path, text)| {
        let name = path.rsplit('/').next().unwrap_or(path);
        match Name::of(name, &location.settings) {
            Name::Versioned(version, description) => Some(Applied {
                version,
                description,
                script: name.to_owned(),
                checksum: Some(checksum(text)),
                text: Some(text.clone()),
            }),
            _ => None,
        }
    });
    read.collect()
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
