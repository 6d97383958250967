//! `nidoto explain`, and the pages of docs/guards: both are made of the kinds themselves.

use anyhow::{Result, bail};
use nidoto_chart::{Cell, Column, Table};
use nidoto_core::folder::{Root, Settings};
use nidoto_core::{Kind, Lang, Words};
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use crate::Outcome;
use crate::cli::{Cli, Explain};
use crate::kinds;
use crate::output::Output;

/// Runs `nidoto explain`.
pub fn run(cli: &Cli, output: Output, args: &Explain) -> Result<Outcome> {
    let all = kinds::all();
    // Outside of a root it explains all the same.
    let root = Root::above(&cli.root).and_then(|dir| Root::read(&dir, &all).ok());
    let output = match (cli.lang, root.as_ref().and_then(|root| root.config.team.language)) {
        (None, Some(lang)) => output.speaking(lang.into()),
        _ => output,
    };
    let Some(name) = &args.name else {
        let mut table = Table::new([Column::left(output.pick("kind", "種類")), Column::left("")]);
        for kind in &all {
            table.push([Cell::from(kind.name), Cell::from(output.pick(kind.summary.0, kind.summary.1))]);
        }
        print!("{}", table.render(&output.style));
        return Ok(Outcome::Green);
    };
    if name == "rules" {
        print!("{}", super::scan::list(output.lang));
        return Ok(Outcome::Green);
    }
    if let Some(rule) = nidoto_config::scan::rule(name) {
        print!("{}{}", nidoto_config::scan::explain(rule, output.lang), own_guards(rule.code, root.as_ref(), output));
        return Ok(Outcome::Green);
    }
    let Some(kind) = all.iter().find(|kind| kind.name == name) else {
        match nidoto_core::diag::did_you_mean(name, all.iter().map(|kind| kind.name)) {
            Some(meant) => bail!(Words::new(
                format!("no kind `{name}`: did you mean `{meant}`?"),
                format!("`{name}` という種類はありません: `{meant}` のことですか?")
            )),
            None => bail!(Words::new(
                format!("no kind `{name}`: `nidoto explain` lists them"),
                format!("`{name}` という種類はありません: `nidoto explain` で一覧できます")
            )),
        }
    };
    print!("{}", page(kind, output.lang));
    let own = root.iter().flat_map(|root| &root.guards).filter(|spec| spec.kind.name == kind.name);
    let own: Vec<String> =
        own.map(|spec| format!("- {} ({}:{})", spec.name, spec.file.display(), spec.at.line)).collect();
    if !own.is_empty() {
        println!("\n## {}\n\n{}", output.pick("Your guards of this kind", "この種類のガード"), own.join("\n"));
    }
    Ok(Outcome::Green)
}

/// The guards of this root that ask a rule, and the incidents that left them behind.
fn own_guards(code: &str, root: Option<&Root>, output: Output) -> String {
    let asks = |spec: &&nidoto_core::GuardSpec| {
        let text = root.and_then(|root| std::fs::read_to_string(root.dir.join(&spec.file)).ok()).unwrap_or_default();
        let block = text.lines().skip(spec.at.line.saturating_sub(1));
        let own = block.enumerate().take_while(|(i, line)| *i == 0 || line.starts_with([' ', '#']) || line.is_empty());
        spec.kind.name == "config" && own.into_iter().any(|(_, line)| line.contains(code))
    };
    let guards = root.iter().flat_map(|root| &root.guards).filter(asks);
    let lines: String =
        guards.map(|spec| format!("- {} ({})\n", spec.name, spec.incident.as_deref().unwrap_or("guards/"))).collect();
    if lines.is_empty() {
        lines
    } else {
        format!("\n## {}\n\n{lines}", output.pick("Your incidents", "この規則を挙げた障害"))
    }
}

/// The page of a kind, in Markdown: what it does, an example, its keys.
#[must_use]
pub fn page(kind: &Kind, lang: Lang) -> String {
    let summary = if lang == Lang::Ja { kind.summary.1 } else { kind.summary.0 };
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let schema = (kind.schema)(&mut generator);
    let definitions = Json::Object(generator.take_definitions(true));
    let mut out = format!("# {}\n\n{summary}\n\n{}\n\n## Keys\n\n", kind.name, kind.doc);
    out += &keys(schema.as_value(), &definitions);
    out += &format!("\nAsked every {} unless `every` says otherwise.\n", kind.every);
    out
}

/// The page of the keys that every guard takes.
#[must_use]
pub fn settings_page() -> String {
    let schema = schemars::schema_for!(Settings);
    let definitions = schema.as_value().get("$defs").cloned().unwrap_or_default();
    format!(
        "# Guards\n\nA guard has a name, one kind, and these keys beside it.\n\n{}\n## Kinds\n\n{}",
        keys(schema.as_value(), &definitions),
        kinds::all()
            .iter()
            .map(|kind| format!("- [{}]({}.md): {}\n", kind.name, kind.name, kind.summary.0))
            .collect::<String>(),
    )
}

/// A table of the keys of an object, those of objects within it behind.
fn keys(schema: &Json, definitions: &Json) -> String {
    let schema = resolve(schema, definitions);
    let required: Vec<&str> =
        schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let mut out = String::from("| key | value | meaning |\n|---|---|---|\n");
    let mut nested = String::new();
    for (name, key) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
        let text = key.get("description").and_then(Json::as_str).unwrap_or_default().replace('\n', " ");
        let needed = if required.contains(&name.as_str()) { " (required)" } else { "" };
        out += &format!("| `{name}` | {} | {}{needed} |\n", value_words(key, definitions), text.replace('|', "\\|"));
        if let Some(item) =
            key.get("items").map(|item| resolve(item, definitions)).filter(|item| item.get("properties").is_some())
        {
            nested += &format!("\nEach of `{name}`:\n\n{}", keys(item, definitions));
        }
    }
    out + &nested
}

fn resolve<'j>(schema: &'j Json, definitions: &'j Json) -> &'j Json {
    let name = schema.get("$ref").and_then(Json::as_str).and_then(|path| path.rsplit('/').next());
    name.and_then(|name| definitions.get(name)).unwrap_or(schema)
}

/// What a value is, in a word or two.
fn value_words(schema: &Json, definitions: &Json) -> String {
    let schema = resolve(schema, definitions);
    let choices = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Json::as_array);
    if let Some(choices) = choices {
        let mut words: Vec<String> =
            choices.iter().map(|choice| value_words(choice, definitions)).filter(|word| word != "nothing").collect();
        words.dedup();
        return words.join(" or ");
    }
    if let Some(value) = schema.get("const").and_then(Json::as_str) {
        return value.to_owned();
    }
    if let Some(values) = schema.get("enum").and_then(Json::as_array) {
        return values.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", ");
    }
    match schema.get("format").and_then(Json::as_str) {
        Some("span") => return "duration".into(),
        Some("promql") => return "PromQL".into(),
        Some("regex") => return "pattern".into(),
        Some("time") => return "time".into(),
        _ => {}
    }
    let first = match schema.get("type") {
        Some(Json::String(name)) => Some(name.as_str()),
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).find(|name| *name != "null"),
        _ => None,
    };
    match first {
        Some("string") => "text".into(),
        Some("number") => "number".into(),
        Some("integer") => "whole number".into(),
        Some("boolean") => "true or false".into(),
        Some("array") => "list".into(),
        Some("object") => "mapping".into(),
        Some("null") => "nothing".into(),
        _ => "any value".into(),
    }
}
