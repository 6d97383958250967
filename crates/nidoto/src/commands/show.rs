//! `nidoto show`: one incident on one page.

use anyhow::Result;
use nidoto_chart::{Cell, Column, Ink, Table};
use nidoto_core::folder::{Action, Incident, Root, SectionKind};
use nidoto_core::{Lang, when};

use super::prove::memory;
use super::prove::text::duration;
use super::{note, open, warn};
use crate::Outcome;
use crate::cli::{Cli, Show};
use crate::output::Output;

/// Changes so long before an incident are its first suspects.
const SUSPECT_MS: i64 = 86_400_000;

/// Runs `nidoto show`.
pub fn run(cli: &Cli, output: Output, args: &Show) -> Result<Outcome> {
    let (root, output) = open(cli, &cli.root, output)?;
    let incident = note::chosen(&root, args.incident.as_deref())?;
    let mut parts = vec![facts(&root, incident, output)];
    for kind in [
        SectionKind::Summary,
        SectionKind::Impact,
        SectionKind::Trigger,
        SectionKind::Causes,
        SectionKind::TemporaryFix,
        SectionKind::FinalFix,
    ] {
        parts.extend(prose(incident, kind, output));
    }
    parts.extend(timeline(&root, incident, output));
    parts.extend(suspects(&root, incident, output));
    parts.extend(actions(incident, output));
    parts.extend(guards(&root, incident, output));
    parts.extend(evidence(&root, incident, output));
    for kind in [SectionKind::ResponseProblems, SectionKind::Luck, SectionKind::Lessons] {
        parts.extend(prose(incident, kind, output));
    }
    parts.extend(links(incident, output));
    print!("{}", parts.join("\n"));
    warn(output, &incident.diags);
    Ok(Outcome::Green)
}

fn heading(text: &str, output: Output) -> String {
    let mut table = Table::new([Column::left("")]);
    table.push([Cell::new(text, Ink::Strong)]);
    table.render(&output.style)
}

fn facts(root: &Root, incident: &Incident, output: Output) -> String {
    let zone = root.zone();
    let mut out = heading(&format!("{}  {}", incident.id, incident.title()), output);
    let mut table = Table::new([Column::left(""), Column::left("")]);
    let mut row = |name: &str, value: String| table.push([Cell::new(name, Ink::Faint), Cell::from(value)]);
    let word = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_else(|| "-".into())
    };
    row(output.pick("status", "状態"), word(serde_json::to_value(incident.front.status)));
    row(output.pick("severity", "重さ"), word(serde_json::to_value(incident.front.severity)));
    if !incident.front.services.is_empty() {
        row(output.pick("services", "サービス"), incident.front.services.join(", "));
    }
    let names = ["開始", "検知", "宣言", "緩和", "解決"];
    for ((en, at), ja) in incident.times.named().into_iter().zip(names) {
        row(output.pick(en, ja), at.map_or_else(|| "-".into(), |at| when::short(when::ms(at), &zone)));
    }
    if let Some(s) = incident.times.to_detect_s() {
        row(output.pick("time to detect", "検知まで"), format!("{} (detected - started)", duration(s.unsigned_abs())));
    }
    if let Some(s) = incident.times.to_recover_s() {
        let formula = if incident.times.mitigated.is_some() { "mitigated - started" } else { "resolved - started" };
        row(output.pick("time to recover", "復旧まで"), format!("{} ({formula})", duration(s.unsigned_abs())));
    }
    if !incident.front.tags.is_empty() {
        row(output.pick("tags", "タグ"), incident.front.tags.join(", "));
    }
    out += &table.render(&output.style);
    out
}

fn prose(incident: &Incident, kind: SectionKind, output: Output) -> Option<String> {
    let text = incident.section(kind).filter(|text| !text.is_empty())?;
    let (en, ja) = kind.headings();
    Some(format!("{}{}\n", heading(output.pick(en, ja), output), wrapped(text, output)))
}

fn wrapped(text: &str, output: Output) -> String {
    let mut table = Table::new([Column::left("")]);
    for line in text.lines() {
        table.push([Cell::from(line)]);
    }
    table.render(&output.style).trim_end().to_owned()
}

fn timeline(root: &Root, incident: &Incident, output: Output) -> Option<String> {
    if incident.timeline.is_empty() {
        return None;
    }
    let zone = root.zone();
    let mut table = Table::new([Column::left(""), Column::left("")]);
    for entry in &incident.timeline {
        let noted =
            entry.noted.map(|at| format!("{} {}", output.pick("noted", "記録"), when::short(when::ms(at), &zone)));
        let note: Vec<String> = entry.source.clone().into_iter().chain(noted).collect();
        let note = if note.is_empty() { String::new() } else { format!(" ({})", note.join(", ")) };
        table.push([
            Cell::new(when::short(when::ms(entry.at), &zone), Ink::Faint),
            Cell::from(format!("{}{note}", entry.text)),
        ]);
    }
    Some(heading(output.pick("Timeline", "時系列"), output) + &table.render(&output.style))
}

/// What was changed in the day before it began, the latest first.
fn suspects(root: &Root, incident: &Incident, output: Output) -> Option<String> {
    let zone = root.zone();
    let started_ms = when::ms(incident.times.started?);
    let end_ms = incident.times.detected.map_or(started_ms, when::ms);
    let mut table = Table::new([Column::left(""), Column::left(""), Column::left("")]);
    for change in root.changes.iter().rev() {
        let Some(at_ms) = change.time(&zone).map(when::ms) else { continue };
        if (started_ms - SUSPECT_MS..=end_ms).contains(&at_ms) {
            let before_s = (started_ms - at_ms) / 1_000;
            let length = duration(before_s.unsigned_abs());
            let before = match (output.lang, before_s >= 0) {
                (Lang::En, true) => format!("{length} before"),
                (Lang::En, false) => format!("{length} after"),
                (Lang::Ja, true) => format!("{length} 前"),
                (Lang::Ja, false) => format!("{length} 後"),
            };
            let what = change.by.as_ref().map_or_else(|| change.what.clone(), |by| format!("{} ({by})", change.what));
            table.push([Cell::new(when::short(at_ms, &zone), Ink::Faint), Cell::from(before), Cell::from(what)]);
        }
    }
    if table.is_empty() {
        return None;
    }
    Some(
        heading(output.pick("First suspects: what was changed", "最初に疑うもの: 直前の変更"), output)
            + &table.render(&output.style),
    )
}

fn actions(incident: &Incident, output: Output) -> Option<String> {
    if incident.actions.is_empty() {
        return None;
    }
    let mut table = Table::new([Column::left(""), Column::left(""), Column::left("")]);
    for (action, _) in &incident.actions {
        let Action { done, text, owner, due, ticket, guards } = action;
        let mark = if *done {
            Cell::new(output.pick("✔ done", "✔ 済"), Ink::Green)
        } else {
            Cell::new(output.pick("▲ open", "▲ 未"), Ink::Pending)
        };
        let mut notes: Vec<String> = [owner, due, ticket].into_iter().flatten().cloned().collect();
        notes.push(match guards.as_slice() {
            [] => output.pick("no guard", "ガードなし").to_owned(),
            guards => guards.join(", "),
        });
        table.push([mark, Cell::from(text.clone()), Cell::new(notes.join(", "), Ink::Faint)]);
    }
    Some(heading(output.pick("Actions", "再発防止策"), output) + &table.render(&output.style))
}

fn guards(root: &Root, incident: &Incident, output: Output) -> Option<String> {
    let remembered = memory::recall(root);
    let key = memory::key(root, incident);
    let mut table = Table::new([Column::left(""), Column::left(""), Column::left(""), Column::left("")]);
    for spec in root.guards.iter().filter(|spec| spec.incident.as_deref() == Some(&incident.id)) {
        let proof = remembered.proofs.get(&spec.name).filter(|proof| proof.key == key);
        let status = match proof {
            Some(proof) if proof.is_proven() => {
                let lead = proof
                    .lead_s
                    .filter(|s| *s >= 0)
                    .map(|s| format!(" {}", duration(s.unsigned_abs())))
                    .unwrap_or_default();
                Cell::new(format!("✔ {}{lead}", proof.status), Ink::Green)
            }
            Some(proof) => Cell::new(format!("✘ {}", proof.status), Ink::Red),
            None => Cell::new(output.pick("not proved yet", "未検証"), Ink::Pending),
        };
        table.push([
            Cell::from(spec.name.clone()),
            Cell::new(spec.kind.name, Ink::Faint),
            status,
            Cell::from(spec.settings.why.clone().unwrap_or_default()),
        ]);
    }
    for broken in root.broken.iter().filter(|broken| broken.incident.as_deref() == Some(&incident.id)) {
        let why = broken.diags.first().map(|diag| diag.text(output.lang)).unwrap_or_default();
        table.push([
            Cell::from(broken.name.clone()),
            Cell::from(""),
            Cell::new(output.pick("? blind", "? 判定不能"), Ink::Blind),
            Cell::from(why),
        ]);
    }
    if table.is_empty() {
        return Some(heading(
            output.pick("No guard yet: it may happen again", "ガードがありません: また起きるかもしれません"),
            output,
        ));
    }
    Some(heading(output.pick("Guards", "ガード"), output) + &table.render(&output.style))
}

fn evidence(root: &Root, incident: &Incident, output: Output) -> Option<String> {
    let (manifest, diags) = root.manifest(incident);
    warn(output, &diags);
    if manifest.items.is_empty() {
        return None;
    }
    let zone = root.zone();
    let mut table = Table::new([Column::left(""), Column::left(""), Column::left(""), Column::left("")]);
    for (item, _) in &manifest.items {
        let (from_ms, to_ms) = item.span_ms(&zone);
        let origin =
            serde_json::to_value(item.origin).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        table.push([
            Cell::from(item.path.clone()),
            Cell::new(origin, Ink::Faint),
            Cell::from(format!("{} – {}", when::short(from_ms, &zone), when::short(to_ms, &zone))),
            Cell::new(item.sha256.chars().take(12).collect::<String>(), Ink::Faint),
        ]);
    }
    Some(heading(output.pick("Evidence", "証拠"), output) + &table.render(&output.style))
}

fn links(incident: &Incident, output: Output) -> Option<String> {
    if incident.links.is_empty() {
        return None;
    }
    let mut table = Table::new([Column::left(""), Column::left("")]);
    for link in &incident.links {
        let kind = serde_json::to_value(link.kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        table.push([Cell::new(kind, Ink::Faint), Cell::from(link.target.clone())]);
    }
    Some(heading(output.pick("Links", "リンク"), output) + &table.render(&output.style))
}
