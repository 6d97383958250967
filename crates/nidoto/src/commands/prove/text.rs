//! Proofs for people: a picture where one would rather look, and a table of all.

use nidoto_chart::{Cell, Column, Ink, Table};
use nidoto_core::folder::{Incident, Root};
use nidoto_core::prove::{Episode, Lead, Proof, State, Status};
use nidoto_core::{Lang, Words, when};

use super::picture;
use super::run::{Crossing, Proved, summary};
use crate::output::Output;

/// Everything that was proved. With `all_pictures` every proof is drawn, else the earliest warning
/// of each incident.
#[must_use]
pub fn write(root: &Root, proved: &Proved, output: Output, all_pictures: bool) -> String {
    let mut out = String::new();
    for incident in &root.incidents {
        let own: Vec<&(usize, Proof)> =
            proved.proofs.iter().filter(|(i, _)| root.guards[*i].incident.as_deref() == Some(&incident.id)).collect();
        let drawn: Vec<&(usize, Proof)> = if all_pictures { own } else { earliest(&own).into_iter().collect() };
        for (i, proof) in drawn {
            out += &heading(root, incident, &root.guards[*i].name, proof, output);
            out += &picture::draw(root, incident, &root.guards[*i], proof, output);
            out.push('\n');
        }
    }
    out += &table(root, proved, output);
    out += &count(root, proved, output);
    out += &open_ends(root, proved, output);
    out
}

/// The proof that warned first, among those with something to look at.
fn earliest<'p>(own: &[&'p (usize, Proof)]) -> Option<&'p (usize, Proof)> {
    let measured = |proof: &Proof| proof.outage.moments.iter().any(|moment| moment.value.is_some());
    let best = |pool: Vec<&'p (usize, Proof)>| {
        pool.into_iter().min_by_key(|(_, proof)| proof.lead.map_or(i64::MAX, |lead| lead.red_ms))
    };
    let pool: Vec<_> = own.iter().copied().filter(|(_, proof)| proof.lead.is_some() && measured(proof)).collect();
    best(pool).or_else(|| best(own.to_vec()))
}

fn heading(root: &Root, incident: &Incident, guard: &str, proof: &Proof, output: Output) -> String {
    let mut table = Table::new([Column::left("")]);
    table.push([Cell::new(format!("{}  {}", incident.id, incident.title()), Ink::Strong)]);
    let text = match &proof.lead {
        Some(lead) => {
            let at = when::short(lead.red_ms, &root.zone());
            let early = lead_text(lead.detected_s.or(lead.started_s), lead.at_least, output.lang);
            match output.lang {
                Lang::En => format!(
                    "{guard} turns red at {at}, {early} {}; {}",
                    if lead.detected_s.is_some() { "before anybody noticed" } else { "before it began" },
                    calm_text(proof, output)
                ),
                Lang::Ja => format!(
                    "{guard} は {at} に異常、{} {early} 前。{}",
                    if lead.detected_s.is_some() { "誰かが気づく" } else { "始まる" },
                    calm_text(proof, output)
                ),
            }
        }
        None => format!("{guard}: {}", output.say(&summary(proof))),
    };
    table.push([Cell::from(text)]);
    table.push([Cell::new(red_times(root, proof, output), Ink::Faint)]);
    table.render(&output.style)
}

/// A lead is worth what it cost: it is never told without the false reds.
fn calm_text(proof: &Proof, output: Output) -> String {
    let calm = proof.calm;
    match (calm.per_week(), output.lang) {
        (None, _) => output.pick("false reds unknown: no quiet evidence", "空振りは不明: 平時の証拠なし").to_owned(),
        (_, Lang::En) => format!("{} false reds in {}", calm.false_reds, weeks(calm.weeks, output)),
        (_, Lang::Ja) => format!("空振り {} 回 / {}", calm.false_reds, weeks(calm.weeks, output)),
    }
}

/// So many red stretches are told with their times.
const STRETCHES_SHOWN: usize = 4;

/// Red from when to when.
fn red_times(root: &Root, proof: &Proof, output: Output) -> String {
    let zone = root.zone();
    let time = |ms: i64| when::short(ms, &zone);
    let stretch = |episode: &Episode| match episode.from_ms == episode.to_ms {
        true => time(episode.from_ms),
        false => format!("{} – {}", time(episode.from_ms), time(episode.to_ms)),
    };
    let episodes = &proof.outage.episodes;
    let mut parts: Vec<String> = episodes.iter().take(STRETCHES_SHOWN).map(stretch).collect();
    if episodes.len() > STRETCHES_SHOWN {
        let more = episodes.len() - STRETCHES_SHOWN;
        parts.push(match output.lang {
            Lang::En => format!("and {more} more"),
            Lang::Ja => format!("ほか {more} 回"),
        });
    }
    match parts.is_empty() {
        true => String::new(),
        false => format!("{}: {}", output.pick("red", "異常"), parts.join(", ")),
    }
}

fn table(root: &Root, proved: &Proved, output: Output) -> String {
    let mut columns = vec![
        Column::left(output.pick("guard", "ガード")),
        Column::left(output.pick("outcome", "結果")),
        Column::right(output.pick("before noticed", "気づく前")),
        Column::right(output.pick("before hurt", "影響前")),
        Column::left(output.pick("after fix", "修正後")),
        Column::right(output.pick("false reds", "空振り")),
    ];
    // Room is short: a column that would be empty is left out.
    if !proved.crossings.is_empty() {
        columns.push(Column::left(output.pick("also red on", "ほかで異常")));
    }
    let mut table = Table::new(columns);
    for incident in &root.incidents {
        let own: Vec<&(usize, Proof)> =
            proved.proofs.iter().filter(|(i, _)| root.guards[*i].incident.as_deref() == Some(&incident.id)).collect();
        let broken: Vec<usize> = proved
            .broken
            .iter()
            .copied()
            .filter(|i| root.broken[*i].incident.as_deref() == Some(&incident.id))
            .collect();
        if own.is_empty() && broken.is_empty() {
            continue;
        }
        table.push_heading(incident.id.clone(), Ink::Strong);
        for (i, proof) in own {
            let name = &root.guards[*i].name;
            let elsewhere: Vec<&Crossing> =
                proved.crossings.iter().filter(|crossing| crossing.guard == *name).collect();
            table.push(row(name, proof, &elsewhere, output));
        }
        for i in broken {
            table.push([Cell::from(format!("  {}", root.broken[i].name)), status_cell(Status::Blind, output)]);
        }
    }
    if table.is_empty() {
        return format!(
            "{}\n",
            output.pick(
                "no guard has an incident here: `nidoto new` begins one",
                "障害に結びついたガードがありません: `nidoto new` で始めてください"
            )
        );
    }
    table.render(&output.style)
}

/// The result in a line.
fn count(root: &Root, proved: &Proved, output: Output) -> String {
    let guards = proved.proofs.len() + proved.broken.len();
    let proven = proved.proofs.iter().filter(|(_, proof)| proof.status.holds()).count();
    let incidents = root.incidents.iter().filter(|incident| {
        proved
            .proofs
            .iter()
            .any(|(i, proof)| proof.status.holds() && root.guards[*i].incident.as_deref() == Some(&incident.id))
    });
    let incidents = incidents.count();
    match output.lang {
        Lang::En => format!("\n{proven} of {guards} guards proven, {incidents} incidents guarded\n"),
        Lang::Ja => format!("\nガード {guards} 個のうち {proven} 個が証明済み、守られている障害は {incidents} 件\n"),
    }
}

fn row(name: &str, proof: &Proof, elsewhere: &[&Crossing], output: Output) -> Vec<Cell> {
    let lead = |of: fn(&Lead) -> Option<i64>| {
        let lead = proof.lead.as_ref()?;
        let s = of(lead)?;
        let ink = if s < 0 { Ink::Pending } else { Ink::Plain };
        Some(Cell::new(lead_text(Some(s), lead.at_least, output.lang), ink))
    };
    let fixed = match () {
        () if !proof.fixed.episodes.is_empty() => Cell::new(output.pick("red", "異常"), Ink::Red),
        () if proof.fixed.has(State::Green) || proof.fixed.has(State::Pending) => {
            Cell::new(output.pick("green", "正常"), Ink::Green)
        }
        () => Cell::new(output.pick("not shown", "証拠なし"), Ink::Blind),
    };
    let calm = match proof.calm.per_week() {
        Some(_) => {
            let ink = if proof.calm.false_reds > 0 { Ink::Pending } else { Ink::Plain };
            Cell::new(format!("{} / {}", proof.calm.false_reds, weeks(proof.calm.weeks, output)), ink)
        }
        None => Cell::from("-"),
    };
    let is_false = elsewhere.iter().any(|crossing| crossing.is_false_alarm());
    let names: Vec<String> =
        elsewhere.iter().map(|crossing| format!("{} ({})", crossing.incident, crossing.phase.name())).collect();
    vec![
        Cell::from(format!("  {name}")),
        status_cell(proof.status, output),
        lead(|lead| lead.detected_s).unwrap_or_else(|| Cell::from("-")),
        lead(|lead| lead.started_s).unwrap_or_else(|| Cell::from("-")),
        fixed,
        calm,
        Cell::new(names.join(", "), if is_false { Ink::Red } else { Ink::Faint }),
    ]
}

/// Quiet time in weeks, or in smaller units where it was short.
fn weeks(weeks: f64, output: Output) -> String {
    if weeks < 0.95 {
        return duration((weeks * 604_800.0).round() as u64);
    }
    format!("{weeks:.1} {}", output.pick("weeks", "週"))
}

fn status_cell(status: Status, output: Output) -> Cell {
    let (mark, ja, ink) = match status {
        Status::Proven => ("✔", "証明済み", Ink::Green),
        Status::Late => ("▲", "遅い", Ink::Pending),
        Status::NoFix => ("▲", "修正の証拠なし", Ink::Red),
        Status::Unproven => ("✘", "未証明", Ink::Red),
        Status::RedAfterFix => ("✘", "修正後も異常", Ink::Red),
        Status::Useless => ("✘", "役に立たない", Ink::Red),
        Status::Blind => ("?", "判定不能", Ink::Blind),
    };
    let mark = if output.style.unicode { format!("{mark} ") } else { String::new() };
    Cell::new(format!("{mark}{}", output.pick(status.name(), ja)), ink)
}

/// `3d 4h`, `12m late`, `≥ 2h`.
fn lead_text(lead_s: Option<i64>, at_least: bool, lang: Lang) -> String {
    let Some(s) = lead_s else { return "-".to_owned() };
    let length = duration(s.unsigned_abs());
    match (s < 0, at_least, lang) {
        (true, _, Lang::En) => format!("{length} late"),
        (true, _, Lang::Ja) => format!("{length} 遅れ"),
        (false, true, _) => format!("≥ {length}"),
        (false, false, _) => length,
    }
}

/// The two largest units: `3d 4h`.
#[must_use]
pub fn duration(s: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let first = units.iter().position(|(length, _)| s >= *length).unwrap_or(3);
    let (length, unit) = units[first];
    let rest = units.get(first + 1).map(|(smaller, unit)| (s % length / smaller, unit)).filter(|(n, _)| *n > 0);
    match rest {
        Some((n, smaller)) => format!("{}{unit} {n}{smaller}", s / length),
        None => format!("{}{unit}", s / length),
    }
}

/// What is still open: guards that prove nothing, actions without a guard, guards without an incident.
fn open_ends(root: &Root, proved: &Proved, output: Output) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (i, proof) in proved.proofs.iter().filter(|(_, proof)| !proof.status.holds()) {
        let spec = &root.guards[*i];
        lines.push(format!(
            "{}: {} ({}:{})",
            spec.name,
            output.say(&summary(proof)),
            spec.file.display(),
            spec.at.line
        ));
    }
    for i in &proved.broken {
        lines.extend(root.broken[*i].diags.iter().map(|diag| diag.text(output.lang)));
    }
    for crossing in &proved.crossings {
        let (guard, incident, phase) = (&crossing.guard, &crossing.incident, crossing.phase.name());
        if crossing.is_false_alarm() {
            lines.push(match output.lang {
                Lang::En => format!("{guard}: a false alarm, it is red on the {phase} evidence of {incident}"),
                Lang::Ja => format!("{guard}: 空振り。{incident} の {phase} の証拠で異常になる"),
            });
        }
    }
    let proven_incidents = root.incidents.iter().filter(|incident| {
        proved.proofs.iter().any(|(i, _)| root.guards[*i].incident.as_deref() == Some(&incident.id))
    });
    for incident in proven_incidents {
        for (action, line) in incident.actions.iter().filter(|(action, _)| action.guards.is_empty()) {
            let words = Words::new("action without a guard", "ガードのない対策");
            lines.push(format!(
                "{}: {} ({}:{line})",
                output.say(&words),
                action.text,
                incident.dir.join("incident.md").display()
            ));
        }
    }
    for i in &proved.orphans {
        let words = Words::new("no incident asked for it: unproven", "どの障害にも結びついていない: 未証明");
        lines.push(format!("{}: {}", root.guards[*i].name, output.say(&words)));
    }
    if lines.is_empty() {
        return String::new();
    }
    let title = output.pick("Open ends", "残っていること");
    format!("\n{title}\n{}\n", lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"))
}
