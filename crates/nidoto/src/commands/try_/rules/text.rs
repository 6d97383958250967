//! A backtest for people.

use nidoto_chart::{Cell, Chart, Column, Ink, State, Strip, Style, Table, terminal};
use nidoto_core::{Lang, Words, when};
use nidoto_rules::{AlertRun, Firing};

use super::super::super::prove::text::duration;
use super::super::Trial;
use super::Tried;
use super::caught::false_alarms;
use super::report::{fired, hints, lead, shown};
use crate::output::{Output, utc_offset};

/// So many firings of an alert are listed; all are in the JSON.
const LISTED: usize = 5;
/// So many alerts are drawn.
const DRAWN: usize = 20;

pub(super) fn write(trial: &Trial<'_>, tried: &Tried<'_>) -> String {
    let output = trial.output;
    let mut head = Table::new([Column::left("")]);
    let file = tried.file.path.display();
    head.push([Cell::new(format!("{file}  {} {}", output.pick("on", "対象"), trial.name), Ink::Strong)]);
    let length = duration(u64::try_from((trial.span.1 - trial.span.0) / 1_000).unwrap_or(0));
    head.push([Cell::new(format!("{}  ({length})", trial.times()), Ink::Faint)]);
    let mut out = head.render(&output.style);
    out += &picture(trial, tried);
    out.push('\n');
    let mut table = Table::new([Column::left(""), Column::left("")]);
    for (run, blind) in tried.backtested.alerts.iter().zip(&tried.blind) {
        alert(&mut table, trial, tried, run, blind.as_ref());
    }
    for (place, failures) in &tried.backtested.failed_records {
        let (Some((_, rule)), Some(failure)) = (tried.file.rules().nth(*place), failures.first()) else { continue };
        table.push([
            Cell::new(output.pick("? record", "? 記録"), Ink::Blind),
            Cell::from(format!("{}: {}", rule.name, output.say(&failure.why))),
        ]);
    }
    out += &table.render(&output.style);
    out += &count(trial, tried);
    out
}

/// A strip for each alert that had something to say.
fn picture(trial: &Trial<'_>, tried: &Tried<'_>) -> String {
    let output = trial.output;
    let mut chart = Chart::new("", trial.span.0, trial.span.1);
    chart.utc_offset = utc_offset(&trial.zone);
    let loud = |run: &&AlertRun| !run.firings.is_empty() || !run.pendings.is_empty() || !run.failures.is_empty();
    let runs = tried.backtested.alerts.iter().filter(loud).take(DRAWN);
    chart.strips = runs.filter_map(|run| Some(Strip::new(tried.rule(run)?.name.clone(), strip(trial, run)))).collect();
    if chart.strips.is_empty() {
        return String::new();
    }
    chart.markers = trial.events(tried.outages.iter().map(|outage| outage.incident));
    terminal(&chart, &Style { height: 1, width: output.style.width.min(140), ..output.style })
}

fn strip(trial: &Trial<'_>, run: &AlertRun) -> Vec<(i64, i64, State)> {
    let mut spans = vec![(trial.span.0, trial.span.1, State::Green)];
    let until = |ms: i64| ms + run.interval_ms;
    spans.extend(run.pendings.iter().map(|(from, to)| (*from, until(*to), State::Pending)));
    spans.extend(run.failures.iter().map(|failure| (failure.from_ms, until(failure.to_ms), State::Blind)));
    for firing in &run.firings {
        spans.push((firing.active_ms, firing.from_ms, State::Pending));
        spans.push((firing.from_ms, until(firing.to_ms), State::Red));
    }
    spans.into_iter().map(|(from, to, state)| (from.max(trial.span.0), to.min(trial.span.1), state)).collect()
}

fn alert(table: &mut Table, trial: &Trial<'_>, tried: &Tried<'_>, run: &AlertRun, blind: Option<&Words>) {
    let (Some(rule), output) = (tried.rule(run), trial.output) else { return };
    let (mark, ink, words) = match (run.firings.is_empty(), blind) {
        (false, _) => (output.pick("● fired", "● 鳴る"), Ink::Red, fired(run)),
        (true, Some(why)) => (output.pick("? blind", "? 判定不能"), Ink::Blind, why.clone()),
        (true, None) => (output.pick("  calm", "  静か"), Ink::Green, fired(run)),
    };
    let mark = if output.style.unicode { mark } else { mark.trim_start_matches(['●', '?', ' ']) };
    table.push([Cell::new(mark, ink), Cell::new(format!("{}: {}", rule.name, output.say(&words)), Ink::Strong)]);
    let mut line = |text: String, ink: Ink| table.push([Cell::from(""), Cell::new(text, ink)]);
    for firing in run.firings.iter().take(LISTED) {
        line(when_fired(trial, run, firing), Ink::Plain);
    }
    let more = run.firings.len().saturating_sub(LISTED);
    if more > 0 {
        line(if output.lang == Lang::Ja { format!("ほか {more} 件") } else { format!("and {more} more") }, Ink::Faint);
    }
    for (outage, caught) in tried.caught(run) {
        let id = &outage.incident.id;
        match caught {
            Some(caught) => {
                let lead = output.say(&lead(&caught)).to_owned();
                let ink = if caught.is_in_time() { Ink::Green } else { Ink::Pending };
                line(format!("{} {id}: {lead}", output.pick("caught", "捕捉")), ink);
            }
            None if run.firings.is_empty() => {}
            None => line(format!("{} {id}", output.pick("did not catch", "捕捉せず")), Ink::Faint),
        }
    }
    if !tried.outages.is_empty() && !run.firings.is_empty() {
        line(elsewhere(trial, false_alarms(run, &tried.outages), output), Ink::Faint);
    }
    for hint in hints(trial, tried, run) {
        line(format!("{}: {}", output.pick("hint", "ヒント"), output.say(&hint)), Ink::Pending);
    }
}

/// `2021-06-28 03:00 – 04:10 (1h 10m) {instance="a"}: summary`.
fn when_fired(trial: &Trial<'_>, run: &AlertRun, firing: &Firing) -> String {
    let end_ms = firing.to_ms + run.interval_ms;
    let (from, to) = (when::short(firing.from_ms, &trial.zone), when::short(end_ms, &trial.zone));
    let to = if from[..10.min(from.len())] == to[..10.min(to.len())] { to[11.min(to.len())..].to_owned() } else { to };
    let length = duration(u64::try_from((end_ms - firing.from_ms) / 1_000).unwrap_or(0));
    let at_least = if firing.from_the_beginning || firing.to_the_end { "≥ " } else { "" };
    let texts: Vec<String> =
        firing.annotations.iter().map(|(name, text)| format!("\n  {name}: {}", text.trim())).collect();
    format!("{from} – {to} ({at_least}{length}) {}{}", shown(firing), texts.concat())
}

fn elsewhere(trial: &Trial<'_>, n: usize, output: Output) -> String {
    let weeks = (trial.span.1 - trial.span.0) as f64 / 604_800_000.0;
    match output.lang {
        Lang::En => format!("{n} false alarms in {weeks:.1} weeks"),
        Lang::Ja => format!("空振り {n} 回（{weeks:.1} 週間で）"),
    }
}

fn count(trial: &Trial<'_>, tried: &Tried<'_>) -> String {
    let runs = &tried.backtested.alerts;
    let fired = runs.iter().filter(|run| !run.firings.is_empty()).count();
    let blind = tried.blind.iter().zip(runs).filter(|(blind, run)| blind.is_some() && run.firings.is_empty()).count();
    let alerts = runs.len();
    let mut out = match trial.output.lang {
        Lang::En => format!("\n{alerts} alerts: {fired} fired, {} calm, {blind} blind", alerts - fired - blind),
        Lang::Ja => format!("\nアラート {alerts} 個: 鳴る {fired}、静か {}、判定不能 {blind}", alerts - fired - blind),
    };
    for outage in &tried.outages {
        let in_time = runs.iter().filter_map(|run| outage.caught_by(run)).filter(super::Caught::is_in_time).count();
        let id = &outage.incident.id;
        out += &match trial.output.lang {
            Lang::En => format!("; {in_time} caught {id} before anybody noticed"),
            Lang::Ja => format!("。{id} を誰かが気づく前に捉えたもの {in_time}"),
        };
    }
    out + "\n"
}
