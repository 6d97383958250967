//! `files`: a file or a line that must, or must not, be there.

use nidoto_core::evidence::TreeFile;
use nidoto_core::guard::{Guard, Judgement, Kind, Need};
use nidoto_core::yaml::Pattern;
use nidoto_core::{Blind, Finding, Place, Pos, Span, View, Words};
use regex::bytes::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

/// `files`: a file or a line that must, or must not, be there.
pub const KIND: Kind = Kind {
    name: "files",
    summary: ("a file or a line that must, or must not, be there", "あるべき、またはあってはならないファイルや行"),
    doc: "\
The simplest guard of configuration. `path` names files, absolute or relative to the root, with
`*`, `?`, `[ab]`, `{a,b}` within a folder and `**` across folders; and one of these says what must
hold:

- `must_exist: true`: some file matches
- `must_not_exist: true`: no file matches
- `has` (text) or `has_match` (pattern): every matching file has such a line
- `lacks` (text) or `lacks_match` (pattern): no matching file has such a line

Patterns are tried on single lines. With `has` and `lacks`, a path that matches no file is blind: a
guard of a file that was renamed guards nothing. So is a file that cannot be read.

```yaml
upstream-name-resolved-once:
  files:
    path: /etc/nginx/**/*.conf
    lacks_match: '^\\s*proxy_pass\\s+http://api\\.local:8080;'
```",
    every: Span::seconds(3_600),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        Files::new(keys).map(|guard| Box::new(guard) as Box<dyn Guard>)
    },
};

/// The keys of `files`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Files")]
struct Keys {
    /// Which files: a path with wildcards, absolute or relative to the root.
    path: String,
    /// Some file must match.
    #[serde(default)]
    must_exist: bool,
    /// No file may match.
    #[serde(default)]
    must_not_exist: bool,
    /// Every matching file must have a line with this text.
    has: Option<String>,
    /// Every matching file must have a line that matches this pattern.
    has_match: Option<Pattern>,
    /// No matching file may have a line with this text.
    lacks: Option<String>,
    /// No matching file may have a line that matches this pattern.
    lacks_match: Option<Pattern>,
}

#[derive(Debug)]
enum Rule {
    MustExist,
    MustNotExist,
    Has(Regex),
    Lacks(Regex),
}

#[derive(Debug)]
struct Files {
    path: String,
    rule: Rule,
    /// The text or pattern as it was declared.
    shown: String,
}

impl Files {
    fn new(keys: Keys) -> Result<Self, Words> {
        nidoto_core::evidence::tree::matcher(&keys.path).map_err(|error| {
            Words::new(format!("`path` is no pattern: {error}"), format!("`path` がパターンではありません: {error}"))
        })?;
        let escaped = |text: Option<String>| text.map(|text| (regex::escape(&text), text));
        let pattern = |pattern: Option<Pattern>| pattern.map(|Pattern(text)| (text.clone(), text));
        let regex = |text: &str| Regex::new(text).map_err(|error| Words::same(error.to_string()));
        let mut rules = Vec::new();
        rules.extend(keys.must_exist.then(|| (Rule::MustExist, String::new())));
        rules.extend(keys.must_not_exist.then(|| (Rule::MustNotExist, String::new())));
        for (text, shown) in escaped(keys.has).into_iter().chain(pattern(keys.has_match)) {
            rules.push((Rule::Has(regex(&text)?), shown));
        }
        for (text, shown) in escaped(keys.lacks).into_iter().chain(pattern(keys.lacks_match)) {
            rules.push((Rule::Lacks(regex(&text)?), shown));
        }
        let (Some((rule, shown)), true) = (rules.pop(), rules.is_empty()) else {
            return Err(Words::new(
                "exactly one of `must_exist`, `must_not_exist`, `has`, `has_match`, `lacks`, `lacks_match` is needed",
                "`must_exist`、`must_not_exist`、`has`、`has_match`、`lacks`、`lacks_match` のどれか一つが必要です",
            ));
        };
        Ok(Self { path: keys.path, rule, shown })
    }
}

impl Guard for Files {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Files { pattern: self.path.clone() }]
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        let files = view.files(&self.path)?;
        let mut judgement = Judgement::default();
        match &self.rule {
            Rule::MustExist if files.matching.is_empty() => {
                let what = Words::new("no such file", "ファイルがありません");
                judgement.findings.push(self.finding(what, &self.path, Pos::default(), files.since_ms));
            }
            Rule::MustExist => {}
            Rule::MustNotExist => {
                for file in &files.matching {
                    let what = Words::new("this file must not be here", "あってはならないファイルです");
                    judgement.findings.push(self.finding(what, &file.path, Pos::default(), files.since_ms));
                }
            }
            Rule::Has(_) | Rule::Lacks(_) if files.matching.is_empty() => {
                return Err(Blind::broken(Words::new(
                    format!("no file matches `{}`", self.path),
                    format!("`{}` に当てはまるファイルがありません", self.path),
                )));
            }
            Rule::Has(pattern) | Rule::Lacks(pattern) => {
                for file in &files.matching {
                    self.look(&mut judgement, pattern, file, files.since_ms);
                }
            }
        }
        Ok(judgement)
    }
}

impl Files {
    fn look(&self, judgement: &mut Judgement, pattern: &Regex, file: &TreeFile, since_ms: i64) {
        let bytes = match &file.bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                let why = Words::new(
                    format!("{} cannot be read: {error}", file.path),
                    format!("{} が読めません: {error}", file.path),
                );
                judgement.blind = Some(Blind::broken(why));
                return;
            }
        };
        let mut lines = bytes.split(|b| *b == b'\n').enumerate();
        let mut hits = lines.by_ref().filter(|(_, line)| pattern.is_match(line.strip_suffix(b"\r").unwrap_or(line)));
        let shown = &self.shown;
        if matches!(self.rule, Rule::Has(_)) {
            if hits.next().is_none() {
                let what = Words::new(format!("no line has `{shown}`"), format!("`{shown}` のある行がありません"));
                judgement.findings.push(self.finding(what, &file.path, Pos::default(), since_ms));
            }
            return;
        }
        for (i, line) in hits {
            let line = String::from_utf8_lossy(line);
            let line: String = line.trim().chars().take(160).collect();
            let what =
                Words::new(format!("this line must not be here: {line}"), format!("あってはならない行です: {line}"));
            judgement.findings.push(self.finding(what, &file.path, Pos { line: i + 1, column: 0 }, since_ms));
        }
    }

    fn finding(&self, what: Words, path: &str, at: Pos, since_ms: i64) -> Finding {
        Finding::new(what, Place::File { path: path.into(), at }).since(since_ms)
    }
}
