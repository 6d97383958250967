//! `nidoto check`: ask guards about today's world.

use std::path::Path;

use anyhow::{Result, bail};
use nidoto_chart::{Cell, Column, Ink, Table};
use nidoto_core::evidence::tree;
use nidoto_core::folder::Root;
use nidoto_core::{Colour, Finding, GuardSpec, Lang, Need, Words, run as judge};

use super::git::Changes;
use super::{open, warn};
use crate::cli::{Check, Cli, Format};
use crate::output::Output;
use crate::report::{Case, Report};
use crate::{Outcome, collect, parallel};

/// Runs `nidoto check`.
pub fn run(cli: &Cli, output: Output, args: &Check) -> Result<Outcome> {
    let (root, output) = open(cli, &cli.root, output)?;
    let since = |base| Changes::since(&root.dir, &root.dir.to_string_lossy(), base);
    let changed = args.changed.as_deref().map(since).transpose()?;
    let wanted = |name: &str, incident: Option<&str>, tags: &[String]| {
        let named = args.what.is_empty()
            || args
                .what
                .iter()
                .any(|what| what == name || incident.is_some_and(|id| id.contains(what.trim_end_matches('/'))));
        named && (args.tag.is_empty() || args.tag.iter().any(|tag| tags.contains(tag)))
    };
    let specs: Vec<&GuardSpec> = root
        .guards
        .iter()
        .filter(|spec| wanted(&spec.name, spec.incident.as_deref(), &spec.settings.tags))
        .filter(|spec| changed.as_ref().is_none_or(|changed| touches(spec, changed, &root.dir)))
        .collect();
    let broken: Vec<_> = root
        .broken
        .iter()
        .filter(|broken| args.tag.is_empty() && wanted(&broken.name, broken.incident.as_deref(), &[]))
        .collect();
    if specs.is_empty() && broken.is_empty() && (!args.what.is_empty() || !args.tag.is_empty()) {
        bail!(Words::new(
            "no guard fits: `nidoto list` shows the incidents, guards.yaml the guards",
            "当てはまるガードがありません: 障害は `nidoto list`、ガードは guards.yaml にあります"
        ));
    }
    let at_ms = jiff::Timestamp::now().as_millisecond();
    let evidence = collect::collect(&root, &specs, at_ms, output);
    let mut cases =
        parallel::map(&specs, parallel::cores(), |spec| Case::of(spec).judged(judge(spec, &evidence, at_ms)));
    cases.extend(broken.into_iter().map(Case::broken));
    let report = Report { command: "check", at_ms, cases, diags: root.diags.clone() };
    match report.write(args.format, output.lang) {
        Some(text) => print!("{text}"),
        None => {
            print!("{}", text(&report, &root, output));
            warn(output, &report.diags);
        }
    }
    if args.format != Format::Text {
        warn(output, &report.diags);
    }
    Ok(report.outcome())
}

/// The report for people: what is red or blind in full, what is green in a number.
fn text(report: &Report, root: &Root, output: Output) -> String {
    let mut table = Table::new([Column::left(""), Column::left(""), Column::left("")]);
    for case in report.cases.iter().filter(|case| case.verdict != Colour::Green) {
        let (word, ink) = match case.verdict {
            Colour::Red => (output.pick("✘ red", "✘ 異常"), Ink::Red),
            _ => (output.pick("? blind", "? 判定不能"), Ink::Blind),
        };
        let from = case.incident.clone().unwrap_or_default();
        table.push([Cell::new(word, ink), Cell::new(case.guard.clone(), Ink::Strong), Cell::new(from, Ink::Faint)]);
        for line in details(case, root, output) {
            table.push([Cell::from(""), Cell::from(""), Cell::from(line)]);
        }
    }
    let mut out = if table.is_empty() { String::new() } else { table.render(&output.style) + "\n" };
    out += &notes(report, root, output);
    let counts = [Colour::Green, Colour::Red, Colour::Blind].map(|colour| report.count(colour));
    out += &match output.lang {
        Lang::En => format!("{} green, {} red, {} blind\n", counts[0], counts[1], counts[2]),
        Lang::Ja => format!("正常 {}、異常 {}、判定不能 {}\n", counts[0], counts[1], counts[2]),
    };
    out
}

/// What no guard is red for and yet is worth a look.
fn notes(report: &Report, root: &Root, output: Output) -> String {
    let mut table = Table::new([Column::left(""), Column::left(""), Column::left("")]);
    for case in &report.cases {
        for note in &case.notes {
            let mark = Cell::new(output.pick("~ note", "~ 注意"), Ink::Pending);
            table.push([
                mark,
                Cell::new(case.guard.clone(), Ink::Strong),
                Cell::from(finding_line(note, root, output)),
            ]);
        }
    }
    if table.is_empty() { String::new() } else { table.render(&output.style) + "\n" }
}

fn finding_line(finding: &Finding, root: &Root, output: Output) -> String {
    let since = finding.since_ms.filter(|_| !matches!(finding.place, nidoto_core::Place::File { .. }));
    let since = since.map(|ms| nidoto_core::when::short(ms, &root.zone()));
    let since = since.map(|at| match output.lang {
        Lang::En => format!(" (since {at})"),
        Lang::Ja => format!("（{at} から）"),
    });
    format!("{}: {}{}", finding.place, output.say(&finding.what), since.unwrap_or_default())
}

fn details(case: &Case, root: &Root, output: Output) -> Vec<String> {
    if case.verdict == Colour::Blind {
        return vec![output.say(&case.summary).to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    lines.extend(case.findings.iter().map(|finding| finding_line(finding, root, output)));
    lines.extend(case.why.iter().map(|why| format!("{}: {why}", output.pick("why", "理由"))));
    lines.extend(case.fix.iter().map(|fix| format!("{}: {fix}", output.pick("fix", "対処"))));
    lines
}

/// Whether a guard looks at a changed file, or was itself changed.
fn touches(spec: &GuardSpec, changed: &Changes, root: &Path) -> bool {
    let own = spec.file.strip_prefix(root).unwrap_or(&spec.file);
    if changed.paths().any(|path| Path::new(path) == own) {
        return true;
    }
    spec.guard.needs().iter().any(|need| match need {
        Need::Files { pattern } => {
            let matcher = tree::matcher(pattern);
            matcher.is_ok_and(|matcher| changed.paths().any(|path| matcher.is_match(path)))
        }
        _ => false,
    })
}
