//! `guards.yaml` and `guards/*.yaml`: names, kinds and how to treat each guard.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::config::Config;
use crate::diag::{Diag, Pos};
use crate::guard::{Guard, GuardSpec, Hours, Kind};
use crate::span::Span;
use crate::words::Words;
use crate::yaml::{self, Node};

/// How to treat a guard; these keys stand beside its kind.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// The source of `nidoto.yaml` that it asks. Needed where several fit.
    pub source: Option<String>,
    /// How often it is asked, such as 1m. Default: the kind's.
    pub every: Option<Span>,
    /// A red this long before an outage is a warning of it, an earlier one is false. Default 24h.
    pub warn: Option<Span>,
    /// What a red does to people. Default ticket.
    pub severity: Urgency,
    /// Why this must never happen again.
    pub why: Option<String>,
    /// What to do when it is red.
    pub fix: Option<String>,
    /// Words to pick guards by.
    pub tags: Vec<String>,
}

/// What a red does to people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// It is written down.
    Note,
    /// Somebody looks in working hours.
    #[default]
    Ticket,
    /// It wakes people.
    Page,
}

impl Urgency {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Ticket => "ticket",
            Self::Page => "page",
        }
    }
}

/// A guard that could not be read: it is blind, never forgotten.
#[derive(Clone, Debug)]
pub struct BrokenGuard {
    /// Its name.
    pub name: String,
    /// The incident that left it behind.
    pub incident: Option<String>,
    /// What is wrong with it.
    pub diags: Vec<Diag>,
}

/// What a guard file holds.
#[derive(Debug, Default)]
pub struct GuardFile {
    /// Guards that can be asked.
    pub guards: Vec<GuardSpec>,
    /// Guards that cannot.
    pub broken: Vec<BrokenGuard>,
    /// What is wrong with the file as a whole.
    pub diags: Vec<Diag>,
}

/// The JSON Schema of a guard file, made of the kinds' own.
#[must_use]
pub fn guard_file_schema(kinds: &[&'static Kind]) -> Json {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let settings = generator.subschema_for::<Settings>();
    let mut properties = Map::new();
    for kind in kinds {
        let mut schema = (kind.schema)(&mut generator);
        // The kind's summary is what an editor shows while one types.
        schema.insert("description".into(), kind.summary.0.into());
        properties.insert(kind.name.into(), schema.into());
    }
    let mut definitions = generator.take_definitions(true);
    let own =
        settings.as_value().get("$ref").and_then(Json::as_str).and_then(|r| r.rsplit('/').next()).unwrap_or("Settings");
    if let Some(Json::Object(common)) = definitions.get_mut(own).and_then(|s| s.get_mut("properties")).map(Json::take) {
        properties.extend(common);
    }
    definitions.remove(own);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "guards.yaml",
        "description": "Guards by name; each has one kind and how to treat it.",
        "type": "object",
        "additionalProperties": { "type": "object", "properties": properties, "additionalProperties": false },
        "$defs": definitions,
    })
}

/// Everything that reading a guard file needs.
pub struct Reader<'r> {
    /// The kinds that exist.
    pub kinds: &'r [&'static Kind],
    /// Their schema, by [`guard_file_schema`].
    pub schema: &'r Json,
    /// The sources that exist.
    pub config: &'r Config,
}

/// Reads a guard file. A guard with an error does not spoil its neighbours.
#[must_use]
pub fn read_guards(reader: &Reader<'_>, file: &Path, text: &str, incident: Option<&str>) -> GuardFile {
    let document = yaml::parse(file, text);
    let mut out = GuardFile { diags: document.diags, ..GuardFile::default() };
    if !matches!(document.root.value, yaml::Value::Map(_) | yaml::Value::Null) {
        out.diags.push(Diag::new(
            file,
            document.root.at,
            Words::new("expected guards by name", "ガードを名前ごとに書いてください"),
        ));
    }
    for (key, node) in document.root.entries() {
        let name = key.text().unwrap_or_default().to_owned();
        let site = Site { file, at: key.at, name: &name, incident };
        match read_guard(reader, &site, node) {
            Ok(spec) => out.guards.push(spec),
            Err(diags) => out.broken.push(BrokenGuard { name, incident: incident.map(str::to_owned), diags }),
        }
    }
    out
}

struct Site<'s> {
    file: &'s Path,
    at: Pos,
    name: &'s str,
    incident: Option<&'s str>,
}

impl Site<'_> {
    fn fault(&self, at: Pos, what: Words, mend: Words) -> Vec<Diag> {
        vec![Diag::new(self.file, at, what).mend(mend)]
    }
}

fn read_guard(reader: &Reader<'_>, site: &Site<'_>, node: &Node) -> Result<GuardSpec, Vec<Diag>> {
    check_name(site)?;
    let diags = yaml::check_within(site.file, node, reader.schema, &reader.schema["additionalProperties"]);
    if !diags.is_empty() {
        return Err(diags);
    }
    let (kind, keys) = kind_of(reader, site, node)?;
    let guard = (kind.build)(keys.json()).map_err(|what| {
        site.fault(
            keys.at,
            what,
            Words::new(
                format!("see `nidoto explain {}`", kind.name),
                format!("`nidoto explain {}` をご覧ください", kind.name),
            ),
        )
    })?;
    let settings: Settings = serde_json::from_value(node.json())
        .map_err(|error| vec![Diag::new(site.file, node.at, Words::same(error.to_string()))])?;
    let source = source_of(reader.config, site, node, guard.as_ref(), &settings)?;
    Ok(GuardSpec {
        name: site.name.to_owned(),
        incident: site.incident.map(str::to_owned),
        kind,
        guard,
        source,
        settings,
        hours: Hours { zone: reader.config.zone(), night: reader.config.night() },
        file: PathBuf::from(site.file),
        at: site.at,
    })
}

fn check_name(site: &Site<'_>) -> Result<(), Vec<Diag>> {
    let fits = |c: char| c.is_alphanumeric() && !c.is_uppercase() || c == '-' || c == '_';
    if !site.name.is_empty() && site.name.chars().all(fits) && !site.name.starts_with('-') {
        return Ok(());
    }
    Err(site.fault(
        site.at,
        Words::new(format!("`{}` is no guard name", site.name), format!("`{}` はガードの名前になりません", site.name)),
        Words::new("join lower-case words with `-`", "小文字の語を `-` でつないでください"),
    ))
}

fn kind_of<'n>(reader: &Reader<'_>, site: &Site<'_>, node: &'n Node) -> Result<(&'static Kind, &'n Node), Vec<Diag>> {
    let mut found = reader.kinds.iter().filter_map(|kind| node.get(kind.name).map(|keys| (*kind, keys)));
    let names = || reader.kinds.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
    let Some(first) = found.next() else {
        return Err(site.fault(
            site.at,
            Words::new(format!("`{}` has no kind", site.name), format!("`{}` に種類がありません", site.name)),
            Words::new(format!("add one of: {}", names()), format!("次のどれかを書いてください: {}", names())),
        ));
    };
    if let Some((second, keys)) = found.next() {
        return Err(site.fault(
            keys.at,
            Words::new(
                format!("`{}` has two kinds, {} and {}", site.name, first.0.name, second.name),
                format!("`{}` に {} と {} の二つの種類があります", site.name, first.0.name, second.name),
            ),
            Words::new("make two guards of it", "二つのガードに分けてください"),
        ));
    }
    Ok(first)
}

/// The source that a guard asks: the one it names, or the only one that fits its needs.
fn source_of(
    config: &Config,
    site: &Site<'_>,
    node: &Node,
    guard: &dyn Guard,
    settings: &Settings,
) -> Result<Option<String>, Vec<Diag>> {
    let Some(wanted) = guard.needs().iter().find_map(crate::guard::Need::source_name) else {
        return Ok(None);
    };
    let fitting: Vec<&str> =
        config.sources.iter().filter(|(_, s)| s.name() == wanted).map(|(name, _)| name.as_str()).collect();
    let list = if fitting.is_empty() { "-".to_owned() } else { fitting.join(", ") };
    if let Some(name) = &settings.source {
        let at = node.get("source").map_or(site.at, |node| node.at);
        return match config.sources.get(name) {
            Some(source) if source.name() == wanted => Ok(Some(name.clone())),
            Some(source) => Err(site.fault(
                at,
                Words::new(
                    format!("`{name}` is a {} source, this guard needs a {wanted} source", source.name()),
                    format!("`{name}` は {} ですが、このガードには {wanted} が必要です", source.name()),
                ),
                Words::new(format!("that fit: {list}"), format!("使えるもの: {list}")),
            )),
            None => Err(site.fault(
                at,
                Words::new(
                    format!("nidoto.yaml has no source `{name}`"),
                    format!("nidoto.yaml に `{name}` という source はありません"),
                ),
                Words::new(format!("that fit: {list}"), format!("使えるもの: {list}")),
            )),
        };
    }
    match fitting.as_slice() {
        [only] => Ok(Some((*only).to_owned())),
        _ => Err(site.fault(
            site.at,
            Words::new(
                format!("`{}` needs a {wanted} source and nidoto.yaml has {}", site.name, fitting.len()),
                format!(
                    "`{}` には {wanted} の source が必要ですが、nidoto.yaml には {} 個あります",
                    site.name,
                    fitting.len()
                ),
            ),
            Words::new(format!("name it with `source:` ({list})"), format!("`source:` で指定してください ({list})")),
        )),
    }
}
