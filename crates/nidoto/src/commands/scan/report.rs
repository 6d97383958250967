//! A scan for machines: its own JSON, and the formats that guards have.

use nidoto_config::scan::{Confidence, Issue, RULES, Scan, Severity, Spot};
use nidoto_core::folder::Urgency;
use nidoto_core::{Colour, Finding, Place, Pos, Words};
use serde_json::{Value as Json, json};

use super::baseline::fingerprints;
use crate::report::{Case, Report};

/// One object; `docs/reports.md` describes it.
#[must_use]
pub fn json(scan: &Scan) -> String {
    let marks = fingerprints(&scan.issues);
    let issues: Vec<Json> = scan.issues.iter().zip(&marks).map(|(issue, mark)| issue_json(issue, mark)).collect();
    let unchecked =
        scan.unchecked.iter().map(|one| json!({ "code": one.rule, "path": one.path, "at": one.at, "why": one.why }));
    let value = json!({
        "version": 1,
        "command": "scan",
        "findings": issues,
        "unchecked": unchecked.collect::<Vec<_>>(),
        "suppressed": scan.suppressed.iter().map(|(issue, reason)| json!({
            "code": issue.rule.code, "place": spot_json(&issue.spot), "reason": reason,
        })).collect::<Vec<_>>(),
        "files": scan.files,
        "other_files": scan.other_files,
        "not_enabled": scan.not_enabled,
        "passes": scan.passes,
    });
    format!("{value:#}\n")
}

fn issue_json(issue: &Issue, fingerprint: &str) -> Json {
    json!({
        "code": issue.rule.code,
        "name": issue.rule.name,
        "severity": issue.rule.severity,
        "confidence": issue.confidence,
        "what": issue.what,
        "place": spot_json(&issue.spot),
        "also": issue.also.iter().map(|(spot, what)| json!({ "place": spot_json(spot), "what": what })).collect::<Vec<_>>(),
        "fix": issue.fix.as_ref().map(|fix| json!({ "safe": fix.is_safe, "what": fix.what })),
        "fingerprint": fingerprint,
    })
}

fn spot_json(spot: &Spot) -> Json {
    json!({ "path": spot.file.path, "at": spot.pos(), "text": spot.text() })
}

/// The report that the writers of guards know: a case for each certain finding, a note for each likely
/// one, a case for each thing that could not be checked and for each rule that is content.
#[must_use]
pub fn report(scan: &Scan, at_ms: i64) -> Report {
    let mut cases: Vec<Case> = scan.certain().map(found).collect();
    cases.extend(scan.unchecked.iter().map(|one| {
        let code = one.rule.map_or("scan", |rule| rule.code);
        let why = Words::new(format!("{}: {}", one.path, one.why.en), format!("{}: {}", one.path, one.why.ja));
        case(code, Colour::Blind, why, Urgency::Ticket, &one.path, one.at)
    }));
    let likely = scan.issues.iter().filter(|issue| issue.confidence == Confidence::Likely);
    cases.extend(likely.map(|issue| {
        let summary = Words::new(issue.rule.summary.0, issue.rule.summary.1);
        let at = issue.spot.pos();
        let green = case(issue.rule.code, Colour::Green, summary, Urgency::Note, &issue.spot.file.path, at);
        Case { notes: vec![finding(issue)], ..green }
    }));
    let is_content = |code: &str| !scan.issues.iter().any(|issue| issue.rule.code == code);
    cases.extend(RULES.iter().filter(|rule| is_content(rule.code)).map(|rule| {
        let summary = Words::new(rule.summary.0, rule.summary.1);
        case(rule.code, Colour::Green, summary, Urgency::Note, "", Pos::default())
    }));
    Report { command: "scan", at_ms, cases, diags: Vec::new() }
}

fn found(issue: &Issue) -> Case {
    let urgency = match issue.rule.severity {
        Severity::Error => Urgency::Page,
        Severity::Warning => Urgency::Ticket,
        Severity::Note => Urgency::Note,
    };
    let (path, at) = (issue.spot.file.path.as_str(), issue.spot.pos());
    Case {
        findings: vec![finding(issue)],
        why: Some(issue.rule.summary.0.to_owned()),
        fix: Some(issue.rule.fix.0.to_owned()),
        ..case(issue.rule.code, Colour::Red, issue.what.clone(), urgency, path, at)
    }
}

fn finding(issue: &Issue) -> Finding {
    Finding::new(issue.what.clone(), Place::File { path: (&issue.spot.file.path).into(), at: issue.spot.pos() })
}

fn case(code: &str, verdict: Colour, summary: Words, severity: Urgency, path: &str, at: Pos) -> Case {
    Case {
        guard: code.to_owned(),
        incident: None,
        kind: "config",
        severity,
        verdict,
        summary,
        findings: Vec::new(),
        notes: Vec::new(),
        why: None,
        fix: None,
        file: path.into(),
        at,
        proof: None,
        trial: None,
    }
}
