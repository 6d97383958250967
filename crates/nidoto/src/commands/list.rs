//! `nidoto list`: which incidents are guarded, and which are not.

use anyhow::Result;
use jiff::Timestamp;
use nidoto_chart::{Cell, Column, Ink, Table};
use nidoto_core::Lang;
use nidoto_core::folder::{Incident, Root, Severity, Status};
use serde::Serialize;

use super::prove::memory::{self, Memory};
use super::prove::text::duration;
use super::{open, warn};
use crate::Outcome;
use crate::cli::{Cli, List, ListFormat};
use crate::output::Output;

/// How well an incident is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Cover {
    /// At least one guard is proven on its evidence as it stands.
    Guarded,
    /// It has guards; none is proven, or the evidence or guards changed since.
    Unproven,
    /// It has no guard.
    NoGuard,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    title: String,
    severity: Option<Severity>,
    status: Option<Status>,
    is_open: bool,
    guarded: Cover,
    guards: usize,
    proven: usize,
    /// Days since it was resolved (or, where that is not known, started), while it has no guard.
    unguarded_days: Option<i64>,
    time_to_detect_s: Option<i64>,
    time_to_recover_s: Option<i64>,
    open_actions: usize,
}

/// Runs `nidoto list`.
pub fn run(cli: &Cli, output: Output, args: &List) -> Result<Outcome> {
    let (root, output) = open(cli, &cli.root, output)?;
    let memory = memory::recall(&root);
    let now = Timestamp::now();
    let rows: Vec<Row> = root.incidents.iter().map(|incident| row(&root, incident, &memory, now)).collect();
    match args.format {
        ListFormat::Json => println!("{}", serde_json::to_string_pretty(&rows)?),
        ListFormat::Text => print!("{}", text(&rows, output)),
    }
    warn(output, &root.diags);
    Ok(if root.diags.is_empty() { Outcome::Green } else { Outcome::Blind })
}

fn row(root: &Root, incident: &Incident, memory: &Memory, now: Timestamp) -> Row {
    let of = |name: Option<&String>| name == Some(&incident.id);
    let own: Vec<&str> =
        root.guards.iter().filter(|spec| of(spec.incident.as_ref())).map(|spec| spec.name.as_str()).collect();
    let guards = own.len() + root.broken.iter().filter(|broken| of(broken.incident.as_ref())).count();
    let key = if own.is_empty() { String::new() } else { memory::key(root, incident) };
    let proven = own
        .iter()
        .filter(|name| memory.proofs.get(**name).is_some_and(|proof| proof.key == key && proof.is_proven()))
        .count();
    let guarded = match (guards, proven) {
        (0, _) => Cover::NoGuard,
        (_, 0) => Cover::Unproven,
        _ => Cover::Guarded,
    };
    let since = incident.times.resolved.or(incident.times.started);
    let days = since.map(|since| (now.as_second() - since.as_second()).max(0) / 86_400);
    Row {
        id: incident.id.clone(),
        title: incident.title().to_owned(),
        severity: incident.front.severity,
        status: incident.front.status,
        is_open: incident.is_open(),
        guarded,
        guards,
        proven,
        unguarded_days: days.filter(|_| guarded == Cover::NoGuard),
        time_to_detect_s: incident.times.to_detect_s(),
        time_to_recover_s: incident.times.to_recover_s(),
        open_actions: incident.actions.iter().filter(|(action, _)| !action.done).count(),
    }
}

fn text(rows: &[Row], output: Output) -> String {
    let mut table = Table::new([
        Column::left(output.pick("incident", "障害")),
        Column::left(output.pick("guards", "ガード")),
        Column::right(output.pick("detect", "検知まで")),
        Column::right(output.pick("recover", "復旧まで")),
        Column::right(output.pick("open actions", "残る対策")),
        Column::left(output.pick("title", "題")),
    ]);
    for row in rows {
        let time = |s: Option<i64>| s.map_or_else(|| "-".to_owned(), |s| duration(s.unsigned_abs()));
        let ink = if row.is_open { Ink::Red } else { Ink::Plain };
        table.push([
            Cell::new(row.id.clone(), ink),
            guarded(row, output),
            Cell::from(time(row.time_to_detect_s)),
            Cell::from(time(row.time_to_recover_s)),
            Cell::from(row.open_actions.to_string()),
            Cell::from(row.title.clone()),
        ]);
    }
    if rows.is_empty() {
        return format!(
            "{}\n",
            output.pick(
                "no incident yet: `nidoto new \"what happened\"` begins one",
                "障害はまだありません: `nidoto new \"何が起きたか\"` で始めます"
            )
        );
    }
    let note = output.pick(
        "detect = detected - started; recover = mitigated (else resolved) - started; guards are proven by `nidoto prove`",
        "検知まで = detected - started、復旧まで = mitigated（なければ resolved）- started。ガードの証明は `nidoto prove`",
    );
    format!("{}\n{note}\n", table.render(&output.style))
}

fn guarded(row: &Row, output: Output) -> Cell {
    match row.guarded {
        Cover::Guarded => {
            let text = match output.lang {
                Lang::En => format!("✔ guarded ({}/{} proven)", row.proven, row.guards),
                Lang::Ja => format!("✔ 守られている（{}/{} 証明済み）", row.proven, row.guards),
            };
            Cell::new(text, Ink::Green)
        }
        Cover::Unproven => Cell::new(output.pick("▲ unproven", "▲ 未証明"), Ink::Pending),
        Cover::NoGuard => {
            let text = match (output.lang, row.unguarded_days) {
                (Lang::En, Some(days)) => format!("✘ no guard for {days} days"),
                (Lang::En, None) => "✘ no guard".to_owned(),
                (Lang::Ja, Some(days)) => format!("✘ {days} 日間ガードなし"),
                (Lang::Ja, None) => "✘ ガードなし".to_owned(),
            };
            Cell::new(text, Ink::Red)
        }
    }
}
