//! SARIF 2.1.0, for code scanning: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>.

use nidoto_core::evidence::sha256_bytes;
use nidoto_core::folder::Urgency;
use nidoto_core::{Colour, Finding, Lang, Place};
use serde_json::{Value as Json, json};

use super::{Case, Report};

pub(super) fn write(report: &Report, lang: Lang) -> String {
    let rules: Vec<Json> = report.cases.iter().map(rule).collect();
    let results: Vec<Json> =
        report.cases.iter().enumerate().flat_map(|(i, case)| case_results(case, i, lang)).collect();
    let blind = report.cases.iter().filter(|case| case.verdict == Colour::Blind);
    let notices: Vec<Json> = blind
        .map(|case| format!("{}: {}", case.guard, case.summary.get(lang)))
        .chain(report.diags.iter().map(|diag| diag.text(lang)))
        .map(|text| json!({ "level": "error", "message": { "text": text } }))
        .collect();
    let value = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "nidoto", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            // Blind guards are no results, but the run must not look complete.
            "invocations": [{ "executionSuccessful": notices.is_empty(), "toolExecutionNotifications": notices }],
            "results": results,
        }],
    });
    format!("{value:#}\n")
}

fn rule(case: &Case) -> Json {
    // What a guard says today is no description of it.
    let why = case.why.as_ref().unwrap_or(&case.guard);
    json!({
        "id": case.guard,
        "shortDescription": { "text": why },
        "help": { "text": case.fix.as_ref().unwrap_or(why) },
        "properties": { "tags": case.incident.iter().collect::<Vec<_>>() },
    })
}

fn case_results(case: &Case, index: usize, lang: Lang) -> Vec<Json> {
    let level = match case.severity {
        Urgency::Page => "error",
        Urgency::Ticket => "warning",
        Urgency::Note => "note",
    };
    let one = |level: &str, finding: &Finding| result(case, index, level, finding.what.get(lang), Some(finding));
    let notes = case.notes.iter().map(|note| one("note", note));
    if case.verdict != Colour::Red {
        return notes.collect();
    }
    if case.findings.is_empty() {
        return std::iter::once(result(case, index, level, case.summary.get(lang), None)).chain(notes).collect();
    }
    case.findings.iter().map(|finding| one(level, finding)).chain(notes).collect()
}

fn result(case: &Case, index: usize, level: &str, text: &str, finding: Option<&Finding>) -> Json {
    // What is outside of the repository is shown at the guard that asked for it.
    let (path, line) = match finding.map(|f| &f.place) {
        Some(Place::File { path, at }) if path.is_relative() => (path.clone(), at.line),
        _ => (case.file.clone(), case.at.line),
    };
    let place = finding.map(|f| f.place.to_string()).unwrap_or_default();
    let text = if place.is_empty() { text.to_owned() } else { format!("{place}: {text}") };
    // Numbers change from run to run; guard and place say whether it is the same finding.
    let fingerprint = sha256_bytes(format!("{}\n{place}", case.guard).as_bytes());
    json!({
        "ruleId": case.guard,
        "ruleIndex": index,
        "level": level,
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&path.to_string_lossy()) },
            "region": { "startLine": line.max(1) },
        } }],
        "partialFingerprints": { "nidoto/v1": fingerprint },
    })
}

/// A path as a URI reference (RFC 3986): bytes that it may not hold are written as `%XX`.
pub(crate) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}
