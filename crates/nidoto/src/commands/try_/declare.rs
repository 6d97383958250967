//! From a command line to guards: through the very YAML that `guards.yaml` would hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nidoto_core::folder::{Config, PrometheusSource, Reader, Settings, Source, guard_file_schema, read_guards};
use nidoto_core::{Diag, GuardSpec, Kind, Pos, Words, yaml};
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use super::super::on::On;
use super::Trial;
use crate::kinds;

/// Guards to be tried.
pub(super) struct Declared {
    pub guards: Vec<GuardSpec>,
    /// What is wrong with those that could not be read.
    pub diags: Vec<Diag>,
    /// The guard as YAML, where the command line made it.
    pub made: Option<String>,
}

pub(super) fn read(trial: &Trial<'_>) -> Result<Declared> {
    let Some(path) = &trial.args.guard else { return made(trial) };
    let (path, text) = match path.as_os_str() == "-" {
        true => (
            PathBuf::from("-"),
            std::io::read_to_string(std::io::stdin().lock()).context("failed to read standard input")?,
        ),
        false => {
            let text = std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
            (path.clone(), text)
        }
    };
    let mut declared = parse(trial, &path, &text);
    if declared.guards.is_empty() && declared.diags.is_empty() {
        let path = path.display();
        bail!(Words::new(format!("{path} holds no guard"), format!("{path} にガードがありません")));
    }
    for spec in &mut declared.guards {
        spec.settings.every = trial.args.every.or(spec.settings.every);
    }
    Ok(declared)
}

/// Whatever source a guard names, it is asked of the one that is tried.
fn parse(trial: &Trial<'_>, path: &Path, text: &str) -> Declared {
    let kinds = kinds::all();
    let schema = guard_file_schema(&kinds);
    let document = yaml::parse(path, text);
    let source_of: BTreeMap<String, Option<String>> = document
        .root
        .entries()
        .filter_map(|(name, guard)| {
            Some((name.text()?.to_owned(), guard.get("source").and_then(yaml::Node::text).map(str::to_owned)))
        })
        .collect();
    let mut names: Vec<Option<String>> = source_of.values().cloned().collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        names.push(None);
    }
    let mut declared = Declared { guards: Vec::new(), diags: Vec::new(), made: None };
    for (i, name) in names.iter().enumerate() {
        let config = config(trial, name.as_deref().unwrap_or(&trial.name));
        let file = read_guards(&Reader { kinds: &kinds, schema: &schema, config: &config }, path, text, None);
        let is_mine = |guard: &str| source_of.get(guard).is_none_or(|source| source == name);
        let mine = file.guards.into_iter().filter(|spec| is_mine(&spec.name));
        declared.guards.extend(mine.map(|spec| GuardSpec { source: Some(trial.name.clone()), ..spec }));
        declared
            .diags
            .extend(file.broken.into_iter().filter(|broken| is_mine(&broken.name)).flat_map(|broken| broken.diags));
        if i == 0 {
            declared.diags.extend(file.diags);
        }
    }
    declared
}

/// The team's hours, and one source of this name.
fn config(trial: &Trial<'_>, name: &str) -> Config {
    let team = trial.root.map(|root| root.config.team.clone()).unwrap_or_default();
    let source = match &trial.on {
        On::Server(_, source) => source.clone(),
        On::Series(_) => PrometheusSource {
            prometheus: "http://recorded.invalid".to_owned(),
            bearer: None,
            user: None,
            password: None,
            headers: BTreeMap::new(),
            timeout: None,
        },
    };
    Config { team, sources: BTreeMap::from([(name.to_owned(), Source::Prometheus(source))]) }
}

/// A guard of `KIND --query Q --set KEY=VALUE`.
fn made(trial: &Trial<'_>) -> Result<Declared> {
    let args = trial.args;
    let given = args.kind.as_deref().unwrap_or_default();
    let kinds = kinds::all();
    let Some(kind) = kinds.iter().find(|kind| kind.name == given) else {
        let known = kinds.iter().map(|kind| kind.name);
        match nidoto_core::diag::did_you_mean(given, known.clone()) {
            Some(meant) => bail!(Words::new(
                format!("no kind `{given}`: did you mean `{meant}`?"),
                format!("`{given}` という種類はありません: `{meant}` のことですか?")
            )),
            None => bail!(Words::new(
                format!("no kind `{given}`: `nidoto explain` lists them"),
                format!("`{given}` という種類はありません: `nidoto explain` で一覧できます")
            )),
        }
    };
    let (text, origins) = written(trial, kind)?;
    let path = PathBuf::from(given);
    let mut declared = parse(trial, &path, &text);
    // An error belongs to the argument that made its line.
    for diag in &mut declared.diags {
        if let Some(origin) = origins.get(diag.at.line.wrapping_sub(1)).filter(|origin| !origin.is_empty()) {
            diag.file = PathBuf::from(origin);
        }
        diag.at = Pos::default();
    }
    declared.made = Some(text);
    Ok(declared)
}

/// The YAML of a guard, and the argument that each line comes of.
fn written(trial: &Trial<'_>, kind: &Kind) -> Result<(String, Vec<String>)> {
    let args = trial.args;
    let own = properties(kind);
    let mut of_kind: Vec<(String, String)> = Vec::new();
    let mut of_guard: Vec<(String, String)> = Vec::new();
    for set in &args.set {
        let Some((key, value)) = set.split_once('=') else {
            bail!(Words::new(
                format!("--set {set}: write it like limit=1.5e9"),
                format!("--set {set}: limit=1.5e9 のように書いてください")
            ));
        };
        let line = (format!("{key}: {}", scalar(value)), format!("--set {set}"));
        let is_setting = settings().contains(&key.to_owned()) && !own.contains(&key.to_owned());
        if is_setting { of_guard.push(line) } else { of_kind.push(line) }
    }
    let query = args.query.iter().map(|query| (format!("query: {}", quoted(query)), "--query".to_owned()));
    let every = args.every.iter().map(|every| (format!("every: {every}"), "--every".to_owned()));
    let mut lines =
        vec![(format!("{}:", name(trial, kind)), "--name".to_owned()), (format!("  {}:", kind.name), String::new())];
    lines.extend(query.chain(of_kind).map(|(line, origin)| (format!("    {line}"), origin)));
    lines.extend(every.chain(of_guard).map(|(line, origin)| (format!("  {line}"), origin)));
    let text = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
    Ok((text, lines.into_iter().map(|(_, origin)| origin).collect()))
}

/// The keys of a kind.
fn properties(kind: &Kind) -> Vec<String> {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let own = (kind.schema)(&mut generator);
    let definitions = generator.take_definitions(true);
    let of = |schema: &Json| -> Vec<String> {
        let properties = schema.get("properties").and_then(Json::as_object);
        properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
    };
    definitions.values().chain([own.as_value()]).flat_map(of).collect()
}

/// The keys that stand beside the kind.
fn settings() -> Vec<String> {
    let schema = schemars::schema_for!(Settings).to_value();
    let properties = schema.get("properties").and_then(Json::as_object);
    properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

/// `node_load1` and `threshold` make `node-load1-threshold`.
fn name(trial: &Trial<'_>, kind: &Kind) -> String {
    if let Some(name) = &trial.args.name {
        return name.clone();
    }
    let expr = trial.args.query.as_deref().and_then(|query| nidoto_promql::Expr::parse(query).ok());
    let metric = expr.and_then(|expr| expr.metric_names().into_iter().next()).unwrap_or_else(|| "tried".to_owned());
    let plain: String =
        metric.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    format!("{}-{}", plain.trim_matches('-'), kind.name)
}

/// A value as YAML: numbers, lists and mappings as they are, anything else as text.
fn scalar(value: &str) -> String {
    let document = yaml::parse(Path::new("--set"), value);
    let is_plain = document.diags.is_empty()
        && !value.contains(['\n', '#'])
        && match &document.root.value {
            yaml::Value::Number(..) | yaml::Value::Bool(_) => true,
            yaml::Value::List(_) => value.starts_with('['),
            yaml::Value::Map(_) => value.starts_with('{'),
            yaml::Value::Text(text) => text == value,
            yaml::Value::Null => false,
        };
    if is_plain { value.to_owned() } else { quoted(value) }
}

/// A query or text as YAML: plain where that is safe, else in quotes.
fn quoted(text: &str) -> String {
    let starts_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_safe =
        !text.contains(": ") && !text.contains(" #") && !text.ends_with(':') && !text.chars().any(char::is_control);
    let is_word = !["true", "false", "null", "yes", "no", "on", "off"].contains(&text.to_ascii_lowercase().as_str());
    if starts_plain && is_safe && is_word && text.trim() == text {
        return text.to_owned();
    }
    // A JSON text is a YAML text; single quotes read better where they suffice.
    if text.chars().any(char::is_control) {
        Json::from(text).to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_so_that_yaml_reads_them_back() {
        for value in [
            "5",
            "1.5e9",
            "true",
            "0.8 * x",
            "a: b",
            "[a, b]",
            "x{a=\"b\"}",
            "'",
            "-x",
            "yes",
            "",
            "# no",
            "a\nb",
            "{a: 1}",
            "0.8 * \"#\"",
        ] {
            for text in [scalar(value), quoted(value)] {
                let document = yaml::parse(Path::new("t"), &format!("key: {text}\n"));
                assert_eq!(document.diags, [], "{value} as {text}");
                let read = document.root.get("key").unwrap();
                let is_structure = matches!(read.value, yaml::Value::List(_) | yaml::Value::Map(_));
                assert!(is_structure || read.text() == Some(value), "{value} as {text}");
            }
        }
        assert_eq!(quoted("rate(x{a=\"b\"}[5m]) > 1"), "rate(x{a=\"b\"}[5m]) > 1");
    }
}
