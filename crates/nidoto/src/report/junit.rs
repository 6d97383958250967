//! JUnit XML: a test case for each guard, a failure for red, skipped for blind.

use nidoto_core::{Colour, Finding, Lang};

use super::{Case, Report};

pub(super) fn write(report: &Report, lang: Lang) -> String {
    let (red, blind) = (report.count(Colour::Red), report.count(Colour::Blind));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests = report.cases.len() + report.diags.len();
    out += &format!(
        "<testsuites>\n<testsuite name=\"nidoto {}\" tests=\"{tests}\" failures=\"{red}\" errors=\"{}\" skipped=\"{blind}\">\n",
        report.command,
        report.diags.len(),
    );
    for case in &report.cases {
        out += &test_case(case, lang);
    }
    for diag in &report.diags {
        let name = escape(&diag.place());
        out += &format!(
            "<testcase classname=\"files\" name=\"{name}\"><error message=\"{}\"/></testcase>\n",
            escape(&diag.text(lang))
        );
    }
    out + "</testsuite>\n</testsuites>\n"
}

fn test_case(case: &Case, lang: Lang) -> String {
    let class = escape(case.incident.as_deref().unwrap_or("guards"));
    let head = format!(
        "<testcase classname=\"{class}\" name=\"{}\" file=\"{}\" line=\"{}\"",
        escape(&case.guard),
        escape(&case.file.to_string_lossy()),
        case.at.line
    );
    let summary = escape(case.summary.get(lang));
    let told = |findings: &[Finding]| {
        let lines = findings.iter().map(|f| escape(&format!("{}: {}", f.place, f.what.get(lang))));
        lines.collect::<Vec<_>>().join("\n")
    };
    match case.verdict {
        Colour::Green if case.notes.is_empty() => format!("{head}/>\n"),
        Colour::Green => format!("{head}><system-out>{}</system-out></testcase>\n", told(&case.notes)),
        Colour::Blind => format!("{head}><skipped message=\"{summary}\"/></testcase>\n"),
        Colour::Red => {
            let body = told(&case.findings);
            format!("{head}><failure message=\"{summary}\" type=\"{}\">{body}</failure></testcase>\n", case.kind)
        }
    }
}

/// Text within XML; control characters that XML 1.0 cannot hold become U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
