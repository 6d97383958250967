//! A scan as SARIF 2.1.0, for code scanning: each rule once, each finding with its line, its columns and
//! the other places that matter.

use nidoto_config::scan::{Confidence, Issue, RULES, Rule, Scan, Severity, Spot};
use nidoto_core::{Lang, Words};
use serde_json::{Value as Json, json};

use super::baseline::fingerprints;
use crate::report::sarif::uri;

/// The whole log.
#[must_use]
pub fn write(scan: &Scan, lang: Lang) -> String {
    let here = std::env::current_dir().unwrap_or_default().to_string_lossy().into_owned();
    let writer = Writer { lang, here: format!("{here}/") };
    let marks = fingerprints(&scan.issues);
    let found = scan.issues.iter().zip(&marks).map(|(issue, mark)| writer.result(issue, mark));
    let silenced = scan.suppressed.iter().map(|(issue, reason)| {
        let mut result = writer.result(issue, &issue.fingerprint(1));
        result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
        result
    });
    let notices: Vec<Json> = scan
        .unchecked
        .iter()
        .map(|one| {
            let code = one.rule.map_or("scan", |rule| rule.code);
            let text = format!("{code}: {}: {}", one.path, one.why.get(lang));
            let region = (one.at.line > 0).then(|| json!({ "startLine": one.at.line, "startColumn": one.at.column }));
            let place = writer.place(&one.path, region);
            json!({ "level": "warning", "message": { "text": text }, "locations": [place] })
        })
        .collect();
    let value = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "nidoto",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": RULES.iter().map(|rule| writer.rule(rule)).collect::<Vec<_>>(),
            } },
            // What could not be checked is no result, but the run must not look complete.
            "invocations": [{ "executionSuccessful": notices.is_empty(), "toolExecutionNotifications": notices }],
            "columnKind": "unicodeCodePoints",
            "results": found.chain(silenced).collect::<Vec<_>>(),
        }],
    });
    format!("{value:#}\n")
}

struct Writer {
    lang: Lang,
    /// The current folder with a slash: code scanning wants paths of the repository.
    here: String,
}

impl Writer {
    fn pick(&self, (en, ja): (&'static str, &'static str)) -> &'static str {
        if self.lang == Lang::Ja { ja } else { en }
    }

    fn rule(&self, rule: &Rule) -> Json {
        let (why, fix) = (self.pick(rule.why), self.pick(rule.fix));
        json!({
            "id": rule.code,
            "name": rule.name,
            "shortDescription": { "text": self.pick(rule.summary) },
            "fullDescription": { "text": why },
            "help": { "text": format!("{why}\n\n{fix}"), "markdown": nidoto_config::scan::explain(rule, self.lang) },
            "defaultConfiguration": { "level": rule.severity.word() },
            "properties": {
                "tags": ["reliability", rule.room],
                "problem.severity": match rule.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Note => "recommendation",
                },
            },
        })
    }

    fn result(&self, issue: &Issue, mark: &str) -> Json {
        let is_certain = issue.confidence == Confidence::Certain;
        let also = issue.also.iter().map(|(spot, what)| {
            let mut place = self.location(spot);
            place["message"] = json!({ "text": self.say(what) });
            place
        });
        json!({
            "ruleId": issue.rule.code,
            "ruleIndex": RULES.iter().position(|rule| *rule == issue.rule),
            // What is only likely never fails a build.
            "level": if is_certain { issue.rule.severity.word() } else { "note" },
            "message": { "text": self.say(&issue.what) },
            "locations": [self.location(&issue.spot)],
            "relatedLocations": also.collect::<Vec<_>>(),
            "partialFingerprints": { "nidoto/v1": mark },
            "properties": { "confidence": issue.confidence },
        })
    }

    fn say<'w>(&self, words: &'w Words) -> &'w str {
        words.get(self.lang)
    }

    fn location(&self, spot: &Spot) -> Json {
        self.place(&spot.file.path, region(spot))
    }

    /// Code scanning shows nothing without a line: a file as a whole is shown at its first.
    fn place(&self, path: &str, region: Option<Json>) -> Json {
        let path = path.strip_prefix(&self.here).unwrap_or(path);
        json!({ "physicalLocation": {
            "artifactLocation": { "uri": uri(path) },
            "region": region.unwrap_or_else(|| json!({ "startLine": 1 })),
        } })
    }
}

/// Lines and columns; the end is the column behind the last character.
fn region(spot: &Spot) -> Option<Json> {
    let start = spot.pos();
    (start.line > 0).then(|| {
        let end = Spot::new(&spot.file, spot.bytes.end..spot.bytes.end).pos();
        json!({
            "startLine": start.line, "startColumn": start.column,
            "endLine": end.line, "endColumn": end.column,
        })
    })
}
