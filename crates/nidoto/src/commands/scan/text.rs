//! A scan for people: the line of each finding with carets under what is meant.

use std::collections::HashMap;

use nidoto_config::scan::{Confidence, Issue, Scan, Severity, Spot, Unchecked};
use unicode_width::UnicodeWidthStr;

use crate::output::Output;

/// More findings of a rule that are not certain, and more places that could not be checked, are counted.
const SHOWN_MAX: usize = 20;

/// The whole report.
#[must_use]
pub fn write(scan: &Scan, known: usize, output: Output) -> String {
    let mut out = String::new();
    let mut hidden = 0;
    let mut likely: HashMap<&str, usize> = HashMap::new();
    for issue in &scan.issues {
        if issue.confidence == Confidence::Likely {
            let nth = likely.entry(issue.rule.code).or_default();
            *nth += 1;
            if *nth > SHOWN_MAX {
                hidden += 1;
                continue;
            }
        }
        out += &one(issue, output);
    }
    if hidden > 0 {
        out += &format!(
            "{hidden} {}\n\n",
            output.pick("more likely findings: --format json has all", "件の可能性を省きました: --format json で全件")
        );
    }
    for unchecked in scan.unchecked.iter().take(SHOWN_MAX) {
        out += &could_not(unchecked, output);
    }
    if scan.unchecked.len() > SHOWN_MAX {
        let more = scan.unchecked.len() - SHOWN_MAX;
        out += &format!(
            "{more} {}\n",
            output.pick(
                "more could not be checked: --format json has all",
                "件の確認不能を省きました: --format json で全件"
            )
        );
    }
    out + &counts(scan, known, output)
}

fn paint(output: Output, code: &str, text: &str) -> String {
    if output.style.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn one(issue: &Issue, output: Output) -> String {
    let (word, colour) = match issue.rule.severity {
        Severity::Error => (output.pick("error", "エラー"), "31;1"),
        Severity::Warning => (output.pick("warning", "警告"), "33;1"),
        Severity::Note => (output.pick("note", "注意"), "34;1"),
    };
    let sure = match issue.confidence {
        Confidence::Certain => "",
        Confidence::Likely => output.pick(" (likely)", "（可能性）"),
    };
    let head = paint(output, colour, &format!("{word}[{}]{sure}", issue.rule.code));
    let mut out = format!("{head}: {}\n", output.say(&issue.what));
    out += &place(&issue.spot, None, output);
    for (spot, what) in &issue.also {
        out += &place(spot, Some(output.say(what)), output);
    }
    if let Some(fix) = &issue.fix {
        let flag = if fix.is_safe { "--fix" } else { "--unsafe-fixes" };
        out += &format!("  = {flag}: {}\n", output.say(&fix.what));
    }
    out + "\n"
}

/// `file:line:column`, the line, and carets under what is meant.
fn place(spot: &Spot, label: Option<&str>, output: Output) -> String {
    let at = spot.pos();
    let path = &spot.file.path;
    let label = label.map(|label| format!(" ({label})")).unwrap_or_default();
    if at.line == 0 {
        return format!("  --> {path}{label}\n");
    }
    let text = &spot.file.text;
    let near = spot.line();
    let line = text[near.clone()].trim_end();
    let before = text[near.start..spot.bytes.start].replace('\t', "    ");
    let meant = text[spot.bytes.start..spot.bytes.end.min(near.end).max(spot.bytes.start)].trim_end();
    let carets = "^".repeat(meant.width().max(1));
    let gutter = at.line.to_string();
    let pad = " ".repeat(gutter.len());
    // A line that does not fit is cut on both sides of what is meant.
    let room = output.style.width.saturating_sub(gutter.len() + 4).max(20);
    let (line, indent) = fit(&line.replace('\t', "    "), before.width(), room);
    let carets: String = carets.chars().take(room.saturating_sub(indent).max(1)).collect();
    format!(
        "  --> {path}:{}:{}{label}\n {pad} |\n {gutter} | {line}\n {pad} | {}{}\n",
        at.line,
        at.column,
        " ".repeat(indent),
        paint(output, "31;1", &carets),
    )
}

/// A line that fits, and how far its marked part is from its start.
fn fit(line: &str, indent: usize, room: usize) -> (String, usize) {
    if line.width() <= room {
        return (line.to_owned(), indent);
    }
    let skip = indent.saturating_sub(room / 3);
    let mut seen = 0;
    let tail: String = line
        .chars()
        .skip_while(|c| {
            let is_before = seen < skip;
            seen += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
            is_before
        })
        .collect();
    let mut width = 0;
    let cut = tail.chars().take_while(|c| {
        width += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
        width <= room
    });
    (cut.collect(), indent.saturating_sub(skip))
}

fn could_not(unchecked: &Unchecked, output: Output) -> String {
    let head = paint(output, "35", output.pick("could not check", "確認不能"));
    let code = unchecked.rule.map(|rule| format!("[{}]", rule.code)).unwrap_or_default();
    let line = if unchecked.at.line > 0 { format!(":{}", unchecked.at.line) } else { String::new() };
    format!("{head}{code}: {}{line}: {}\n", unchecked.path, output.say(&unchecked.why))
}

fn counts(scan: &Scan, known: usize, output: Output) -> String {
    let certain = scan.certain().count();
    let likely = scan.issues.len() - certain;
    let (files, passes, unchecked) = (scan.files.len(), scan.passes, scan.unchecked.len());
    let mut text = match output.lang {
        nidoto_core::Lang::En => format!(
            "{files} files: {certain} certain, {likely} likely, {unchecked} could not be checked, {passes} passed"
        ),
        nidoto_core::Lang::Ja => {
            format!("{files} ファイル: 確実 {certain}、可能性 {likely}、確認不能 {unchecked}、合格 {passes}")
        }
    };
    if scan.other_files > 0 {
        text += &format!("; {} {}", scan.other_files, output.pick("other files", "件は対象外"));
    }
    if scan.not_enabled > 0 {
        text += &format!("; {} {}", scan.not_enabled, output.pick("units not enabled", "件のユニットは無効"));
    }
    if !scan.suppressed.is_empty() {
        text += &format!("; {} {}", scan.suppressed.len(), output.pick("suppressed", "件を抑制"));
    }
    if known > 0 {
        text += &format!("; {known} {}", output.pick("in the baseline", "件は既知"));
    }
    text + "\n"
}
