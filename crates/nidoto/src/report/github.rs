//! Annotations of GitHub Actions. Only the first ten of a step are shown, so the worst come first.

use nidoto_core::{Colour, Lang, Place};

use super::{Case, Report};

pub(super) fn write(report: &Report, lang: Lang) -> String {
    let mut cases: Vec<&Case> = report.cases.iter().filter(|case| case.verdict != Colour::Green).collect();
    cases.sort_by_key(|case| (std::cmp::Reverse(case.verdict), std::cmp::Reverse(case.severity)));
    let mut out = String::new();
    for case in cases {
        let (path, line) = match case.findings.first().map(|f| &f.place) {
            Some(Place::File { path, at }) if path.is_relative() => (path.to_string_lossy(), at.line),
            _ => (case.file.to_string_lossy(), case.at.line),
        };
        let level = if case.verdict == Colour::Red { "error" } else { "warning" };
        let word = if case.verdict == Colour::Red { "red" } else { "blind" };
        let title = format!("{} is {word}", case.guard);
        let place = case.findings.first().map(|f| format!("{}: ", f.place)).unwrap_or_default();
        let text = format!("{place}{}", case.summary.get(lang));
        out += &format!(
            "::{level} file={},line={},title={}::{}\n",
            property(&path),
            line.max(1),
            property(&title),
            data(&text)
        );
    }
    for (case, note) in report.cases.iter().flat_map(|case| case.notes.iter().map(move |note| (case, note))) {
        let (path, line) = match &note.place {
            Place::File { path, at } if path.is_relative() => (path.to_string_lossy(), at.line),
            _ => (case.file.to_string_lossy(), case.at.line),
        };
        out += &format!(
            "::notice file={},line={},title={}::{}\n",
            property(&path),
            line.max(1),
            property(&case.guard),
            data(&format!("{}: {}", note.place, note.what.get(lang)))
        );
    }
    for diag in &report.diags {
        out += &format!(
            "::error file={},line={}::{}\n",
            property(&diag.file.to_string_lossy()),
            diag.at.line.max(1),
            data(&diag.text(lang))
        );
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
