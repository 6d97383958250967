//! Checks a tree against the JSON Schema of a Rust type, so that one declaration serves editors,
//! documentation and errors with line, column and a "did you mean".
//!
//! Covers what `schemars` makes of our types: `type`, `properties`, `required`,
//! `additionalProperties`, `items`, `enum`, `const`, `oneOf`, `anyOf`, `$ref`, `format`, `minimum`,
//! `minItems`.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::format::misfit;
use super::tree::{Node, Value};
use crate::diag::{Diag, Pos, did_you_mean};
use crate::words::Words;

/// Reads a node into a type. `None` if the value is unusable; the errors say why.
pub fn decode<T: DeserializeOwned + JsonSchema + 'static>(file: &Path, node: &Node) -> (Option<T>, Vec<Diag>) {
    let schema = schema_of::<T>();
    let mut diags = check(file, node, &schema);
    if !diags.is_empty() {
        return (None, diags);
    }
    match serde_json::from_value(node.json()) {
        Ok(value) => (Some(value), diags),
        Err(error) => {
            diags.push(Diag::new(file, node.at, Words::same(error.to_string())));
            (None, diags)
        }
    }
}

/// The schema of a type, made once: a root decodes the same few types thousands of times.
fn schema_of<T: JsonSchema + 'static>() -> Arc<Json> {
    static KNOWN: Mutex<BTreeMap<TypeId, Arc<Json>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(schemars::schema_for!(T).to_value())).clone()
}

/// All places where a tree departs from a JSON Schema.
#[must_use]
pub fn check(file: &Path, node: &Node, schema: &Json) -> Vec<Diag> {
    check_within(file, node, schema, schema)
}

/// The same for a part of a schema, whose `$ref`s lead into `root`.
#[must_use]
pub fn check_within(file: &Path, node: &Node, root: &Json, schema: &Json) -> Vec<Diag> {
    let mut checker = Checker { file, root, diags: Vec::new() };
    checker.node(node, schema);
    checker.diags
}

struct Checker<'s> {
    file: &'s Path,
    root: &'s Json,
    diags: Vec<Diag>,
}

impl<'s> Checker<'s> {
    fn node(&mut self, node: &Node, schema: &'s Json) {
        let schema = self.resolve(schema);
        if let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Json::as_array) {
            return self.choice(node, choices);
        }
        if let Some(known) = constants(schema) {
            return self.constant(node, &known);
        }
        if !self.type_fits(node, schema) {
            return;
        }
        match &node.value {
            Value::Map(_) => self.map(node, schema),
            Value::List(items) => self.list(node, items, schema),
            Value::Text(text) => self.text(node, text, schema),
            Value::Number(number, text) => self.number(node, *number, text, schema),
            _ => {}
        }
    }

    fn resolve(&self, schema: &'s Json) -> &'s Json {
        let mut schema = schema;
        while let Some(path) = schema.get("$ref").and_then(Json::as_str) {
            match self.root.pointer(path.trim_start_matches('#')) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    /// One of several shapes: the errors shown are those of the shape that fits best, which is one
    /// of the value's own type (or, among mappings, one that knows its keys).
    fn choice(&mut self, node: &Node, choices: &'s [Json]) {
        let mut best: Option<(usize, Vec<Diag>)> = None;
        for choice in choices {
            let mut attempt = Checker { file: self.file, root: self.root, diags: Vec::new() };
            attempt.node(node, choice);
            if attempt.diags.is_empty() {
                return;
            }
            let rank = self.distance(node, self.resolve(choice)) * 1_000 + attempt.diags.len();
            if best.as_ref().is_none_or(|(least, _)| rank < *least) {
                best = Some((rank, attempt.diags));
            }
        }
        let all: Option<Vec<Vec<String>>> = choices.iter().map(|c| constants(self.resolve(c))).collect();
        match all {
            Some(known) => self.constant(node, &known.concat()),
            None => self.diags.extend(best.map(|(_, diags)| diags).unwrap_or_default()),
        }
    }

    fn distance(&self, node: &Node, schema: &Json) -> usize {
        if !types(schema).iter().any(|name| is_a(&node.value, name)) {
            return 100;
        }
        let properties = schema.get("properties").and_then(Json::as_object);
        node.entries().filter(|(k, _)| properties.is_some_and(|p| !p.contains_key(k.text().unwrap_or("")))).count()
    }

    fn constant(&mut self, node: &Node, known: &[String]) {
        let given = node.text().unwrap_or_default();
        if known.iter().any(|k| k == given) {
            return;
        }
        let list = known.join(", ");
        let mend = match did_you_mean(given, known.iter().map(String::as_str)) {
            Some(meant) => Words::new(format!("did you mean `{meant}`?"), format!("`{meant}` のことですか?")),
            None => Words::new(format!("one of: {list}"), format!("次のどれか: {list}")),
        };
        self.fault(
            node.at,
            Words::new(format!("`{given}` is not known here"), format!("`{given}` はここでは使えません")),
            mend,
        );
    }

    fn type_fits(&mut self, node: &Node, schema: &Json) -> bool {
        let wanted = types(schema);
        if wanted.is_empty() || wanted.iter().any(|name| is_a(&node.value, name)) {
            return true;
        }
        let (en, ja) =
            wanted.iter().filter(|name| **name != "null").map(|name| type_words(name)).next().unwrap_or_default();
        let given = describe(&node.value);
        self.fault(
            node.at,
            Words::new(
                format!("expected {en}, found {}", given.en),
                format!("{ja}が必要ですが、{}があります", given.ja),
            ),
            Words::new(format!("write {en} here"), format!("ここに{ja}を書いてください")),
        );
        false
    }

    fn map(&mut self, node: &Node, schema: &'s Json) {
        let properties = schema.get("properties").and_then(Json::as_object);
        let others = schema.get("additionalProperties");
        for (key, value) in node.entries() {
            let name = key.text().unwrap_or_default();
            if let Some(schema) = properties.and_then(|p| p.get(name)) {
                // A key without a value is a key left out.
                if value.value != Value::Null {
                    self.node(value, schema);
                }
                continue;
            }
            match others {
                Some(Json::Bool(false)) => self.unknown_key(key, name, properties),
                Some(schema @ Json::Object(_)) => self.node(value, schema),
                _ => {}
            }
        }
        for name in schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            if node.get(name).is_none_or(|value| value.value == Value::Null) {
                self.fault(
                    node.at,
                    Words::new(format!("`{name}` is missing"), format!("`{name}` がありません")),
                    Words::new(format!("add `{name}:`"), format!("`{name}:` を書き足してください")),
                );
            }
        }
    }

    fn unknown_key(&mut self, key: &Node, name: &str, known: Option<&serde_json::Map<String, Json>>) {
        let known: Vec<&str> = known.map(|p| p.keys().map(String::as_str).collect()).unwrap_or_default();
        let mend = match did_you_mean(name, known.iter().copied()) {
            Some(meant) => Words::new(format!("did you mean `{meant}`?"), format!("`{meant}` のことですか?")),
            None => Words::new(format!("known: {}", known.join(", ")), format!("使えるもの: {}", known.join(", "))),
        };
        self.fault(
            key.at,
            Words::new(format!("unknown key `{name}`"), format!("`{name}` という項目はありません")),
            mend,
        );
    }

    fn list(&mut self, node: &Node, items: &[Node], schema: &'s Json) {
        if let Some(schema) = schema.get("items") {
            for item in items {
                self.node(item, schema);
            }
        }
        let least = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0);
        if (items.len() as u64) < least {
            self.fault(
                node.at,
                Words::new(
                    format!("at least {least} needed, {} found", items.len()),
                    format!("{least} 個以上必要ですが {} 個しかありません", items.len()),
                ),
                Words::new("add what is missing", "足りないものを書き足してください"),
            );
        }
    }

    fn text(&mut self, node: &Node, text: &str, schema: &Json) {
        let format = schema.get("format").and_then(Json::as_str);
        if let Some((what, mend)) = format.and_then(|format| misfit(format, text)) {
            self.fault(node.at, what, mend);
        }
    }

    fn number(&mut self, node: &Node, number: f64, text: &str, schema: &Json) {
        if let Some(least) = schema.get("minimum").and_then(Json::as_f64)
            && number < least
        {
            self.fault(
                node.at,
                Words::new(format!("{text} is less than {least}"), format!("{text} は {least} 未満です")),
                Words::new(format!("write {least} or more"), format!("{least} 以上を書いてください")),
            );
        }
    }

    fn fault(&mut self, at: Pos, what: Words, mend: Words) {
        self.diags.push(Diag::new(self.file, at, what).mend(mend));
    }
}

fn constants(schema: &Json) -> Option<Vec<String>> {
    let one = |value: &Json| value.as_str().map(str::to_owned);
    match (schema.get("enum").and_then(Json::as_array), schema.get("const")) {
        (Some(values), _) => values.iter().map(one).collect(),
        (None, Some(value)) => one(value).map(|value| vec![value]),
        _ => None,
    }
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(name)) => vec![name],
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_a(value: &Value, name: &str) -> bool {
    match (value, name) {
        (Value::Null, "null")
        | (Value::Bool(_), "boolean")
        | (Value::Number(..), "number")
        | (Value::Text(_), "string")
        | (Value::List(_), "array")
        | (Value::Map(_), "object") => true,
        (Value::Number(number, _), "integer") => number.fract() == 0.0,
        _ => false,
    }
}

fn type_words(name: &str) -> (&'static str, &'static str) {
    match name {
        "boolean" => ("true or false", "true か false "),
        "number" => ("a number", "数"),
        "integer" => ("a whole number", "整数"),
        "array" => ("a list", "リスト"),
        "object" => ("a mapping of keys", "項目の並び"),
        _ => ("text", "文字列"),
    }
}

fn describe(value: &Value) -> Words {
    match value {
        Value::Null => Words::new("nothing", "空"),
        Value::Bool(b) => Words::same(format!("`{b}`")),
        Value::Number(_, text) => Words::new(format!("the number `{text}`"), format!("数 `{text}` ")),
        Value::Text(text) => Words::new(format!("the text `{text}`"), format!("文字列 `{text}` ")),
        Value::List(_) => Words::new("a list", "リスト"),
        Value::Map(_) => Words::new("a mapping", "項目の並び"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;
    use schemars::JsonSchema;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Guard {
        query: String,
        above: Limit,
        severity: Option<Severity>,
        #[serde(default)]
        tags: Vec<String>,
        hold: Option<crate::span::Span>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only its schema is used")]
    enum Limit {
        Number(f64),
        Query(super::super::Pattern),
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    enum Severity {
        /// Wakes people.
        Page,
        Ticket,
    }

    fn errors(text: &str) -> String {
        let file = Path::new("g.yaml");
        let (value, diags) = decode::<Guard>(file, &parse(file, text).root);
        assert_eq!(value.is_some(), diags.is_empty());
        diags.iter().map(|d| format!("{d}\n")).collect()
    }

    #[test]
    fn every_error_has_a_place_and_a_mend() {
        assert_eq!(errors("query: up\nabove: 1e3\ntags: [a]\nseverity: page\nhold: 1h\n"), "");
        insta::assert_snapshot!(
            errors("qurey: up\nabove: [1]\nseverity: pge\ntags: {a: 1}\nhold: 5x\n"),
            @r"
        g.yaml:1:1: unknown key `qurey` (did you mean `query`?)
        g.yaml:2:8: expected a number, found a list (write a number here)
        g.yaml:3:11: `pge` is not known here (did you mean `page`?)
        g.yaml:4:7: expected a list, found a mapping (write a list here)
        g.yaml:5:7: `5x` is no duration (write it like 30s, 10m, 1h30m, 7d)
        g.yaml:1:1: `query` is missing (add `query:`)
        ");
        insta::assert_snapshot!(errors("query: 5\nabove: '('\n"), @r"
        g.yaml:1:8: expected text, found the number `5` (write text here)
        g.yaml:2:8: `(` is no regular expression (error: unclosed group)
        ");
    }
}
