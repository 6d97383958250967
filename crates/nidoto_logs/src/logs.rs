//! `logs`: lines that must not be written, or not that often.

use nidoto_core::guard::{Guard, Judgement, Kind, Need};
use nidoto_core::yaml::Pattern;
use nidoto_core::{Blind, Finding, Place, Pos, Span, View, Words};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

/// `logs`: lines that must not be written, or not that often.
pub const KIND: Kind = Kind {
    name: "logs",
    summary: ("log lines that must not be written, or not that often", "書かれてはならない、または多すぎるログ行"),
    doc: "\
Red when at least `at_least` lines of the last `within` hold a text (`find`), a pattern (`match`) or
an error code (`code`). A code stands for itself: `1040` is found in `ERROR 1040 (08004)` and
`(1040, 'Too many connections')`, not in `10400` or `took 1040ms`.

Patterns are tried on single lines. A line's time is the time stamp it carries, else that of the
line before it. A log in which nothing was written is green; a log that is not there is blind.

```yaml
database-refuses-connections:
  logs:
    code: \"1040\"
    at_least: 20
    within: 5m
  source: app-log
```",
    every: Span::seconds(60),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        Logs::new(keys).map(|guard| Box::new(guard) as Box<dyn Guard>)
    },
};

/// The keys of `logs`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Logs")]
struct Keys {
    /// A text that the line holds, to the letter.
    find: Option<String>,
    /// A regular expression that the line matches.
    #[serde(rename = "match")]
    pattern: Option<Pattern>,
    /// An error code that stands in the line by itself.
    code: Option<String>,
    /// How many such lines are red. Default 1.
    #[schemars(range(min = 1))]
    at_least: Option<u64>,
    /// How far back to look. Default 5m.
    within: Option<Span>,
}

#[derive(Debug)]
enum Wanted {
    Text(String),
    Pattern(Regex),
    Code(String),
}

impl Wanted {
    fn is_in(&self, line: &str) -> bool {
        match self {
            Self::Text(text) => line.contains(text),
            Self::Pattern(pattern) => pattern.is_match(line),
            Self::Code(code) => holds_code(line, code),
        }
    }

    fn shown(&self) -> &str {
        match self {
            Self::Text(text) | Self::Code(text) => text,
            Self::Pattern(pattern) => pattern.as_str(),
        }
    }
}

/// Whether a code stands in a line by itself: not a part of a longer word, number or version.
fn holds_code(line: &str, code: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(code).any(|(start, _)| {
        let mut before = line[..start].chars().rev();
        let mut after = line[start + code.len()..].chars();
        let glued = |next: Option<char>, beyond: Option<char>| match next {
            Some('.' | '-') => beyond.is_some_and(|c| c.is_ascii_digit()),
            Some(c) => joins(c),
            None => false,
        };
        let is_glued_before = glued(before.next(), before.next());
        let is_glued_after = glued(after.next(), after.next());
        !is_glued_before && !is_glued_after
    })
}

#[derive(Debug)]
struct Logs {
    wanted: Wanted,
    at_least: u64,
    within_ms: i64,
}

impl Logs {
    fn new(keys: Keys) -> Result<Self, Words> {
        let wanted = match (keys.find, keys.pattern, keys.code) {
            (Some(text), None, None) => Wanted::Text(text),
            (None, Some(Pattern(pattern)), None) => {
                Wanted::Pattern(Regex::new(&pattern).map_err(|error| Words::same(error.to_string()))?)
            }
            (None, None, Some(code)) => Wanted::Code(code),
            _ => {
                return Err(Words::new(
                    "exactly one of `find`, `match`, `code` is needed",
                    "`find`、`match`、`code` のどれか一つが必要です",
                ));
            }
        };
        if wanted.shown().is_empty() {
            return Err(Words::new("the text to find is empty", "探す文字列が空です"));
        }
        let within_ms = keys.within.unwrap_or(Span::seconds(300)).ms();
        Ok(Self { wanted, at_least: keys.at_least.unwrap_or(1), within_ms })
    }
}

/// So much of a line is shown in a finding.
const SHOWN_CHARS: usize = 160;

impl Guard for Logs {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Log { window_ms: self.within_ms }]
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        let lines = view.log(self.within_ms)?;
        let mut found = lines.iter().filter(|line| self.wanted.is_in(&line.text));
        let first = found.next();
        let count = found.count() as u64 + u64::from(first.is_some());
        let mut judgement =
            Judgement { value: Some(count as f64), limit: Some(self.at_least as f64), ..Judgement::default() };
        if let Some(first) = first.filter(|_| count >= self.at_least) {
            let (within, wanted) = (Span::seconds(self.within_ms / 1_000), self.wanted.shown());
            let line: String = first.text.chars().take(SHOWN_CHARS).collect();
            let (noun, verb) = if count == 1 { ("line", "holds") } else { ("lines", "hold") };
            let what = Words::new(
                format!("{count} {noun} within {within} {verb} `{wanted}`: {line}"),
                format!("{within} のうちに `{wanted}` を含む行が {count} 行あります: {line}"),
            );
            let place = Place::File { path: view.log_path(first), at: Pos { line: first.line as usize, column: 0 } };
            judgement.findings.push(Finding::new(what, place).since(first.at_ms));
        }
        Ok(judgement)
    }
}

#[cfg(test)]
mod tests {
    use super::holds_code;

    #[test]
    fn a_code_stands_by_itself() {
        for line in [
            "ERROR 1040 (08004): Too many",
            "(1040, 'Too many connections')",
            "errno=1040",
            "code:1040.",
            "1040",
            "エラー 1040 が",
        ] {
            assert!(holds_code(line, "1040"), "{line}");
        }
        for line in ["10400", "took 1040ms", "v1.1040.2", "2021-1040", "x1040"] {
            assert!(!holds_code(line, "1040"), "{line}");
        }
        assert!(holds_code("SQL State  : 23505", "23505") && holds_code("MongoError: E11000 duplicate", "E11000"));
    }
}
