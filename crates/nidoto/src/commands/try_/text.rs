//! What a guard would have said, for people.

use nidoto_chart::{Cell, Column, Ink, Table};
use nidoto_core::prove::Episode;
use nidoto_core::{Lang, when};

use super::super::prove::picture;
use super::super::prove::text::duration;
use super::Trial;
use super::guards::{Calm, Tried};
use crate::output::Output;

/// So many red stretches are listed; all are in the JSON.
const LISTED: usize = 20;

pub(super) fn guards(trial: &Trial<'_>, tried: &[Tried<'_>], made: Option<&str>) -> String {
    let mut out = String::new();
    for one in tried {
        out += &guard(trial, one);
        out.push('\n');
    }
    if let Some(yaml) = made {
        let intro = trial
            .output
            .pick("To adopt it, put this into guards.yaml:", "採用するには guards.yaml に次を書いてください:");
        out += &format!("{intro}\n\n{yaml}");
    }
    out
}

fn guard(trial: &Trial<'_>, tried: &Tried<'_>) -> String {
    let output = trial.output;
    let mut head = Table::new([Column::left("")]);
    head.push([Cell::new(format!("{}  {} {}", tried.spec.name, output.pick("on", "対象"), trial.name), Ink::Strong)]);
    head.push([Cell::new(
        format!("{}  ({})", trial.times(), duration(seconds(trial.span.1 - trial.span.0))),
        Ink::Faint,
    )]);
    let mut out = head.render(&output.style);
    out += &picture::replayed(
        tried.spec,
        &tried.track,
        &tried.sketch,
        &trial.zone,
        trial.events(trial.incident()),
        output,
    );
    out.push('\n');
    out += &stretches(trial, tried);
    out += &calm(&tried.calm, tried, output);
    if let Some(blind) = tried.track.blind.as_ref().filter(|_| tried.calm.blind_share > 0.0) {
        out += &format!("{}: {}\n", output.pick("blind", "判定不能"), output.say(&blind.why));
    }
    out
}

fn seconds(ms: i64) -> u64 {
    u64::try_from(ms / 1_000).unwrap_or(0)
}

fn stretches(trial: &Trial<'_>, tried: &Tried<'_>) -> String {
    let output = trial.output;
    let mut table = Table::new([
        Column::left(output.pick("from", "から")),
        Column::left(output.pick("to", "まで")),
        Column::right(output.pick("for", "長さ")),
        Column::left(output.pick("first finding", "最初の指摘")),
    ]);
    let every_ms = tried.spec.every_ms();
    let row = |episode: &Episode, word: &str, ink: Ink| {
        let what = episode.findings.first().map(|finding| format!("{}: {}", finding.place, output.say(&finding.what)));
        let at_least = if episode.from_the_beginning { "≥ " } else { "" };
        [
            Cell::new(format!("{word} {}", when::short(episode.from_ms, &trial.zone)), ink),
            Cell::from(when::short(episode.to_ms + every_ms, &trial.zone)),
            Cell::from(format!("{at_least}{}", duration(seconds(episode.to_ms + every_ms - episode.from_ms)))),
            Cell::from(what.unwrap_or_default()),
        ]
    };
    let episodes = &tried.track.episodes;
    episodes.iter().take(LISTED).for_each(|episode| table.push(row(episode, output.pick("red", "異常"), Ink::Red)));
    let notes = &tried.track.notes;
    notes.iter().take(LISTED).for_each(|episode| table.push(row(episode, output.pick("note", "参考"), Ink::Pending)));
    if table.is_empty() {
        return String::new();
    }
    let more = episodes.len().saturating_sub(LISTED) + notes.len().saturating_sub(LISTED);
    let rest = match (more, output.lang) {
        (0, _) => String::new(),
        (more, Lang::En) => format!("and {more} more\n"),
        (more, Lang::Ja) => format!("ほか {more} 回\n"),
    };
    format!("{}{rest}\n", table.render(&output.style))
}

/// `red on 3 days (0.8 a week; by week 0, 2, 1, 0), 0.4 % of the time; blind 0 %`
fn calm(calm: &Calm, tried: &Tried<'_>, output: Output) -> String {
    let by_week: Vec<String> = calm.red_days_by_week.iter().map(ToString::to_string).collect();
    let (by_week, days) = (by_week.join(", "), calm.red_days);
    let rate = days as f64 / calm.weeks.max(f64::MIN_POSITIVE);
    // A rate of a few hours says nothing.
    let rate = match (calm.weeks >= 1.0, output.lang) {
        (false, _) => String::new(),
        (true, Lang::En) => format!(" ({rate:.1} a week; by week: {by_week})"),
        (true, Lang::Ja) => format!("（週 {rate:.1} 日、週ごとに {by_week}）"),
    };
    let (red, blind) = (percent(calm.red_share), percent(calm.blind_share));
    let times = tried.track.episodes.len();
    match output.lang {
        Lang::En => {
            let s = |n: usize| if n == 1 { "" } else { "s" };
            format!(
                "red {times} time{} on {days} day{}{rate}, {red} of the time; blind {blind} of the time\n",
                s(times),
                s(days)
            )
        }
        Lang::Ja => format!("異常 {times} 回、{days} 日{rate}、時間の {red}。判定不能は時間の {blind}\n"),
    }
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        p if p < 0.1 => "< 0.1 %".to_owned(),
        p => format!("{p:.1} %"),
    }
}
