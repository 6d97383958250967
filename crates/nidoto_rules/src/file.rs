//! The rule file: <https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/>.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use nidoto_core::yaml::{self, Node, Value};
use nidoto_core::{Diag, Pos, Words};
use nidoto_promql::Expr;

use crate::duration::parse_ms;
use crate::template::Template;

/// What a rule file holds.
#[derive(Clone, Debug, Default)]
pub struct RuleFile {
    /// The file, as it is named in errors.
    pub path: PathBuf,
    /// Its groups, in its order.
    pub groups: Vec<Group>,
}

/// Rules that are evaluated together, in order.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// How often it is evaluated, in milliseconds; `None`: as the server's configuration says.
    pub interval_ms: Option<i64>,
    /// How far back each evaluation asks, in milliseconds.
    pub offset_ms: i64,
    /// The most series or alerts that one rule may have; 0: any number.
    pub limit: usize,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A recording rule or an alert.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it records, or the alert's name.
    pub name: String,
    /// Where it begins.
    pub at: Pos,
    /// Its expression.
    pub expr: Expr,
    /// What it makes of the result.
    pub kind: RuleKind,
}

/// What a rule makes of its result.
#[derive(Clone, Debug)]
pub enum RuleKind {
    /// Series of a new name, with these labels.
    Record(Vec<(String, String)>),
    /// Alerts.
    Alert(Alert),
}

/// How results become alerts.
#[derive(Clone, Debug, Default)]
pub struct Alert {
    /// How long a result must last, in milliseconds.
    pub for_ms: i64,
    /// How long an alert stays after its result is gone, in milliseconds.
    pub keep_firing_ms: i64,
    /// Labels, as written and as templates.
    pub labels: Vec<Text>,
    /// Annotations.
    pub annotations: Vec<Text>,
}

/// The text of a label or annotation.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its name.
    pub name: String,
    /// As written.
    pub raw: String,
    /// As a template; an error that was told, where it is none.
    pub template: Result<Template, Diag>,
}

impl Rule {
    /// The alert, where it is one.
    #[must_use]
    pub fn alert(&self) -> Option<&Alert> {
        match &self.kind {
            RuleKind::Alert(alert) => Some(alert),
            RuleKind::Record(_) => None,
        }
    }
}

/// Reads a rule file, or the `PrometheusRule` of a Kubernetes operator that holds one. A rule with
/// an error is left out, its neighbours are not. A template with an error spoils its text only.
#[must_use]
pub fn read(path: &Path, text: &str) -> (RuleFile, Vec<Diag>) {
    let document = yaml::parse(path, text);
    let mut reader = Reader { path, text, diags: document.diags };
    let root = document.root.get("spec").filter(|spec| spec.get("groups").is_some()).unwrap_or(&document.root);
    let is_plain = std::ptr::eq(root, &document.root);
    if is_plain {
        reader.keys(root, &["groups", "namespace"]);
    }
    let mut groups = Vec::new();
    match root.get("groups").map(|node| &node.value) {
        Some(Value::List(nodes)) => groups.extend(nodes.iter().filter_map(|node| reader.group(node))),
        _ => reader.fault(root.at, "`groups` is missing", "`groups` がありません"),
    }
    let mut names = BTreeSet::new();
    for group in &groups {
        if !names.insert(group.name.as_str()) {
            let name = &group.name;
            reader.fault(
                Pos::default(),
                &format!("two groups are named `{name}`"),
                &format!("`{name}` というグループが二つあります"),
            );
        }
    }
    reader.diags.sort_by_key(|diag| diag.at);
    (RuleFile { path: path.to_owned(), groups }, reader.diags)
}

/// Keys that other programs of Prometheus's family write, and that change no alert.
const KEYS_OF_OTHERS: [&str; 6] = [
    "partial_response_strategy",
    "source_tenants",
    "concurrency",
    "align_evaluation_time_on_interval",
    "evaluation_delay",
    "type",
];

struct Reader<'r> {
    path: &'r Path,
    text: &'r str,
    diags: Vec<Diag>,
}

impl Reader<'_> {
    fn fault(&mut self, at: Pos, en: &str, ja: &str) {
        self.diags.push(Diag::new(self.path, at, Words::new(en, ja)));
    }

    fn keys(&mut self, node: &Node, known: &[&str]) {
        for (key, _) in node.entries() {
            let name = key.text().unwrap_or_default();
            if known.contains(&name) || KEYS_OF_OTHERS.contains(&name) {
                continue;
            }
            let what = Words::new(format!("unknown key `{name}`"), format!("`{name}` という項目はありません"));
            let mend = match nidoto_core::diag::did_you_mean(name, known.iter().copied()) {
                Some(meant) => Words::new(format!("did you mean `{meant}`?"), format!("`{meant}` のことですか?")),
                None => Words::new(format!("known: {}", known.join(", ")), format!("使えるもの: {}", known.join(", "))),
            };
            self.diags.push(Diag::new(self.path, key.at, what).mend(mend));
        }
    }

    fn group(&mut self, node: &Node) -> Option<Group> {
        self.keys(node, &["name", "interval", "query_offset", "limit", "labels", "rules"]);
        let Some(name) = node.get("name").and_then(Node::text) else {
            self.fault(node.at, "a group needs a `name`", "グループには `name` が必要です");
            return None;
        };
        let interval_ms = self.duration(node, "interval").filter(|ms| *ms > 0);
        let offset_ms = self.duration(node, "query_offset").unwrap_or(0);
        let limit = match node.get("limit").map(|node| &node.value) {
            Some(Value::Number(limit, _)) if *limit >= 0.0 => *limit as usize,
            _ => 0,
        };
        let common = self.texts(node, "labels");
        let nodes = node.get("rules").map(Node::items).unwrap_or_default();
        let rules = nodes.iter().filter_map(|node| self.rule(node, &common)).collect();
        Some(Group { name: name.to_owned(), interval_ms, offset_ms, limit, rules })
    }

    fn rule(&mut self, node: &Node, common: &[Text]) -> Option<Rule> {
        self.keys(node, &["record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"]);
        let name = |key: &str| node.get(key).and_then(Node::text).filter(|name| !name.is_empty());
        let (name, is_alert) = match (name("record"), name("alert")) {
            (Some(name), None) => (name, false),
            (None, Some(name)) => (name, true),
            _ => {
                self.fault(
                    node.at,
                    "a rule needs `record` or `alert`",
                    "ルールには `record` か `alert` のどちらかが必要です",
                );
                return None;
            }
        };
        let expr = self.expr(node)?;
        let mut labels: Vec<Text> = common.to_vec();
        for own in self.texts(node, "labels") {
            labels.retain(|label| label.name != own.name);
            labels.push(own);
        }
        let kind = match is_alert {
            true => RuleKind::Alert(Alert {
                for_ms: self.duration(node, "for").unwrap_or(0),
                keep_firing_ms: self.duration(node, "keep_firing_for").unwrap_or(0),
                labels,
                annotations: self.texts(node, "annotations"),
            }),
            false => {
                self.check_record(node, name);
                RuleKind::Record(labels.into_iter().map(|label| (label.name, label.raw)).collect())
            }
        };
        Some(Rule { name: name.to_owned(), at: node.at, expr, kind })
    }

    fn check_record(&mut self, node: &Node, name: &str) {
        for key in ["for", "keep_firing_for", "annotations"] {
            if let Some((at, _)) = node.entry(key) {
                self.fault(
                    at.at,
                    &format!("a recording rule has no `{key}`"),
                    &format!("記録ルールに `{key}` は書けません"),
                );
            }
        }
        let fits = |c: char| c == '_' || c == ':' || c.is_ascii_alphanumeric();
        if !name.chars().all(fits) || name.starts_with(|c: char| c.is_ascii_digit()) {
            self.fault(node.at, &format!("`{name}` is no metric name"), &format!("`{name}` は指標の名前になりません"));
        }
    }

    fn expr(&mut self, node: &Node) -> Option<Expr> {
        let Some((text, at)) = node.get("expr").and_then(|expr| Some((expr.text()?, expr))) else {
            self.fault(node.at, "a rule needs an `expr`", "ルールには `expr` が必要です");
            return None;
        };
        match Expr::parse(text) {
            Ok(expr) => Some(expr),
            Err(error) => {
                let what = format!("{}\n{}", error.message(), error.caret());
                self.diags.push(Diag::new(self.path, self.place(at, text, error.position()), Words::same(what)));
                None
            }
        }
    }

    fn duration(&mut self, node: &Node, key: &str) -> Option<i64> {
        let value = node.get(key).filter(|value| value.value != Value::Null)?;
        match parse_ms(value.text().unwrap_or_default()) {
            Ok(ms) => Some(ms),
            Err(what) => {
                self.diags.push(Diag::new(self.path, value.at, what));
                None
            }
        }
    }

    fn texts(&mut self, node: &Node, key: &str) -> Vec<Text> {
        let entries = node.get(key).into_iter().flat_map(Node::entries);
        let texts: Vec<(&Node, &Node)> = entries.collect();
        texts.into_iter().filter_map(|(name, value)| self.text(name, value)).collect()
    }

    fn text(&mut self, name: &Node, value: &Node) -> Option<Text> {
        let raw = match value.value {
            Value::Null => "",
            _ => value.text()?,
        };
        let template = Template::parse(raw).map_err(|error| {
            let what =
                Words::new(format!("in this template: {}", error.what.en), format!("テンプレート: {}", error.what.ja));
            Diag::new(self.path, self.place(value, raw, error.byte), what)
        });
        if let Err(diag) = &template {
            self.diags.push(diag.clone());
        }
        Some(Text { name: name.text()?.to_owned(), raw: raw.to_owned(), template })
    }

    /// Where a byte of a scalar's text stands in the file: its line is searched among the scalar's
    /// own, since quotes, indentation and folding move it.
    fn place(&self, node: &Node, text: &str, byte: usize) -> Pos {
        let byte = (0..=byte.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let start = text[..byte].rfind('\n').map_or(0, |i| i + 1);
        let line = text[start..].lines().next().unwrap_or_default().trim_end();
        let raw = self.text.get(node.bytes.clone()).unwrap_or_default();
        match raw.find(line).filter(|_| !line.is_empty()) {
            Some(found) => Pos::of(self.text, node.bytes.start + found + byte - start),
            None => node.at,
        }
    }
}
