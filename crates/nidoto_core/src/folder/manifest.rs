//! `evidence/manifest.yaml`: what was recorded, from where, when, with its SHA-256.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diag::{Diag, Pos};
use crate::when;
use crate::words::Words;
use crate::yaml;

/// `evidence/manifest.yaml`: what was recorded.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "evidence/manifest.yaml")]
pub struct ManifestFile {
    /// Each piece of evidence.
    pub items: Vec<Item>,
}

/// One piece of evidence.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Where it lies below evidence/; the first folder is the phase: outage, fixed or quiet. A folder ends in /.
    pub path: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ItemType,
    /// The source of nidoto.yaml that it stands for; not for files.
    pub source: Option<String>,
    /// Where these files stand in the world; only for files.
    pub root: Option<String>,
    /// The patterns that were looked for below root, where not everything was; only for files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// From when on it can be seen.
    pub from: yaml::Time,
    /// Until when it was seen.
    pub to: yaml::Time,
    /// How it came to be.
    pub origin: Origin,
    /// Who or what made it, and how.
    pub by: Option<String>,
    /// SHA-256 of the file's bytes, or of a folder's list of sums (docs/format.md).
    pub sha256: String,
    /// Metric name of CSV and CloudWatch data.
    pub name: Option<String>,
    /// More labels of CSV and CloudWatch data.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Zone of time stamps without an offset.
    pub zone: Option<yaml::Zone>,
}

/// What a piece of evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ItemType {
    /// Samples over time.
    Series,
    /// Log lines.
    Log,
    /// Files as they stood somewhere.
    Files,
    /// What a command answered.
    Exec,
}

/// How a piece of evidence came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Seen in the world, or in a lab that does the same for real.
    Recorded,
    /// Put together again from what is known.
    Reconstructed,
    /// Computed by a program.
    Simulated,
}

/// The part of an incident that a piece of evidence belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The outage and the time before it.
    Outage,
    /// After the fix.
    Fixed,
    /// Ordinary time.
    Quiet,
}

impl Phase {
    /// All phases.
    pub const ALL: [Self; 3] = [Self::Outage, Self::Fixed, Self::Quiet];

    /// Its folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Outage => "outage",
            Self::Fixed => "fixed",
            Self::Quiet => "quiet",
        }
    }
}

impl Item {
    /// The phase, by the first folder of the path.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        let first = self.path.split('/').next()?;
        Phase::ALL.into_iter().find(|phase| phase.name() == first)
    }

    /// What it covers, in milliseconds since the epoch.
    #[must_use]
    pub fn span_ms(&self, zone: &TimeZone) -> (i64, i64) {
        let read = |time: &yaml::Time| when::parse(&time.0, zone).map_or(0, when::ms);
        (read(&self.from), read(&self.to))
    }
}

/// A manifest and where its items stand in the file.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Each piece of evidence and the line that names it.
    pub items: Vec<(Item, Pos)>,
}

impl Manifest {
    /// Reads a manifest. An item with an error is left out and told; whoever needs it is blind.
    #[must_use]
    pub fn read(file: &Path, text: &str, zone: &TimeZone) -> (Self, Vec<Diag>) {
        let document = yaml::parse(file, text);
        let mut diags = document.diags;
        let mut items = Vec::new();
        for (key, value) in document.root.entries() {
            if key.text() != Some("items") {
                let name = key.text().unwrap_or_default();
                diags.push(
                    Diag::new(
                        file,
                        key.at,
                        Words::new(format!("unknown key `{name}`"), format!("`{name}` という項目はありません")),
                    )
                    .mend(Words::new("known: items", "使えるもの: items")),
                );
                continue;
            }
            for node in value.items() {
                let (item, faults) = yaml::decode::<Item>(file, node);
                diags.extend(faults);
                let Some(item) = item else { continue };
                match fault(&item, zone) {
                    Some(what) => diags.push(Diag::new(file, node.at, what)),
                    None => items.push((item, node.at)),
                }
            }
        }
        (Self { items }, diags)
    }
}

/// What the schema cannot say.
fn fault(item: &Item, zone: &TimeZone) -> Option<Words> {
    let path = &item.path;
    if item.phase().is_none() {
        return Some(Words::new(
            format!("`{path}` does not begin with outage/, fixed/ or quiet/"),
            format!("`{path}` は outage/、fixed/、quiet/ のどれかで始まっていません"),
        ));
    }
    if path.split('/').any(|part| part == "..") || path.contains('\\') {
        return Some(Words::new(
            format!("`{path}` leads out of evidence/"),
            format!("`{path}` は evidence/ の外を指しています"),
        ));
    }
    let (from_ms, to_ms) = item.span_ms(zone);
    if from_ms > to_ms {
        return Some(Words::new(
            format!("`{path}` ends before it begins"),
            format!("`{path}` は始まる前に終わっています"),
        ));
    }
    match (item.kind, &item.source, &item.root) {
        (ItemType::Files, _, None) => {
            Some(Words::new(format!("`{path}` needs `root:`"), format!("`{path}` には `root:` が必要です")))
        }
        (ItemType::Series | ItemType::Log | ItemType::Exec, None, _) => {
            Some(Words::new(format!("`{path}` needs `source:`"), format!("`{path}` には `source:` が必要です")))
        }
        _ => None,
    }
}
