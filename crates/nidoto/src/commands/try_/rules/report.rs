//! A backtest for machines.

use nidoto_core::folder::Urgency;
use nidoto_core::{Colour, Diag, Finding, Place, Words, when};
use nidoto_rules::{AlertRun, Firing, Reset, Rule};
use serde_json::{Value as Json, json};

use super::super::super::prove::text::duration;
use super::super::Trial;
use super::caught::{Caught, false_alarms};
use super::{Outage, Tried};
use crate::report::{Case, Report};

/// Findings of one alert beyond these stand in the JSON only.
const FINDINGS_MAX: usize = 20;

const WEEK_MS: f64 = 604_800_000.0;

pub(super) fn report(trial: &Trial<'_>, tried: &Tried<'_>, diags: &[Diag]) -> Report {
    let mut cases: Vec<Case> = Vec::new();
    if tried.is_named {
        cases.extend(tried.outages.iter().map(|outage| of_outage(tried, outage)));
    }
    let runs = tried.backtested.alerts.iter().zip(&tried.blind);
    cases.extend(runs.filter_map(|(run, blind)| of_alert(trial, tried, run, blind.as_ref())));
    Report { command: "try", at_ms: trial.span.1, cases, diags: diags.to_vec() }
}

/// Whether some alert caught the outage before anybody noticed.
fn of_outage(tried: &Tried<'_>, outage: &Outage<'_>) -> Case {
    let catches = tried.backtested.alerts.iter().filter_map(|run| Some((tried.rule(run)?, outage.caught_by(run)?)));
    let first = catches.min_by_key(|(_, caught)| caught.from_ms);
    let (verdict, summary) = match &first {
        Some((rule, caught)) if caught.is_in_time() => (Colour::Green, caught_words(&rule.name, caught)),
        Some((rule, caught)) => (Colour::Red, caught_words(&rule.name, caught)),
        None => (Colour::Red, Words::new("no alert fired for it", "どのアラートも鳴らない")),
    };
    let file = tried.file.path.clone();
    Case { verdict, summary, ..bare(outage.incident.id.clone(), "incident", file, Default::default()) }
}

fn caught_words(name: &str, caught: &Caught) -> Words {
    let lead = lead(caught);
    Words::new(format!("{name} fires {}", lead.en), format!("{name} が{}鳴る", lead.ja))
}

/// `15m before anybody noticed, 5m before users were hurt`.
pub(super) fn lead(caught: &Caught) -> Words {
    let told = |s: i64, of: (&str, &str)| {
        let length = duration(s.unsigned_abs());
        match s < 0 {
            true => (format!("{length} after {}", of.0), format!("{}の {length} 後に", of.1)),
            false => (format!("{length} before {}", of.0), format!("{}より {length} 前に", of.1)),
        }
    };
    let detected = caught.detected_s.map(|s| told(s, ("anybody noticed", "誰かが気づく時点")));
    let started = caught.started_s.map(|s| told(s, ("users were hurt", "影響の始まり")));
    let (en, ja): (Vec<String>, Vec<String>) = detected.into_iter().chain(started).unzip();
    Words::new(en.join(", "), ja.join("、"))
}

fn bare(name: String, kind: &'static str, file: std::path::PathBuf, at: nidoto_core::Pos) -> Case {
    Case {
        guard: name,
        incident: None,
        kind,
        severity: Urgency::default(),
        verdict: Colour::Green,
        summary: Words::default(),
        findings: Vec::new(),
        notes: Vec::new(),
        why: None,
        fix: None,
        file,
        at,
        proof: None,
        trial: None,
    }
}

fn of_alert(trial: &Trial<'_>, tried: &Tried<'_>, run: &AlertRun, blind: Option<&Words>) -> Option<Case> {
    let rule = tried.rule(run)?;
    let verdict = match (run.firings.is_empty(), blind) {
        (true, Some(_)) => Colour::Blind,
        // Where an outage was to be caught, firing is no fault.
        (false, _) if !tried.is_named => Colour::Red,
        _ => Colour::Green,
    };
    let summary = match (run.firings.is_empty(), blind) {
        (true, Some(why)) => why.clone(),
        _ => fired(run),
    };
    let findings = run.firings.iter().take(FINDINGS_MAX).map(|firing| finding(rule, firing)).collect();
    let severity = rule.alert().and_then(|alert| alert.labels.iter().find(|label| label.name == "severity"));
    Some(Case {
        verdict,
        summary,
        findings,
        severity: urgency(severity.map_or("", |label| &label.raw)),
        trial: Some(details(trial, tried, run)),
        ..bare(rule.name.clone(), "alert", tried.file.path.clone(), rule.at)
    })
}

/// What teams write into `severity`.
fn urgency(severity: &str) -> Urgency {
    match severity {
        "page" | "critical" | "error" | "high" => Urgency::Page,
        "info" | "none" | "low" => Urgency::Note,
        _ => Urgency::Ticket,
    }
}

/// `fired 3 times for 2 series, 1h 10m in all`.
pub(super) fn fired(run: &AlertRun) -> Words {
    let stretches = run.stretches();
    if stretches.is_empty() {
        return match run.pendings.len() {
            0 => Words::new("never fired", "一度も鳴らない"),
            n => Words::new(format!("never fired, {n} times pending"), format!("一度も鳴らない（保留 {n} 回）")),
        };
    }
    let mut series: Vec<_> = run.firings.iter().map(|firing| &firing.labels).collect();
    series.sort();
    series.dedup();
    let ms: i64 = stretches.iter().map(|(from, to)| to + run.interval_ms - from).sum();
    let (times, series, whole) = (stretches.len(), series.len(), duration(u64::try_from(ms / 1_000).unwrap_or(0)));
    let s = if times == 1 { "" } else { "s" };
    Words::new(
        format!("fired {times} time{s} for {series} series, {whole} in all"),
        format!("{times} 回鳴る（系列 {series} 個、合わせて {whole}）"),
    )
}

fn finding(rule: &Rule, firing: &Firing) -> Finding {
    let text = ["summary", "message", "description"]
        .iter()
        .find_map(|wanted| firing.annotations.iter().find(|(name, _)| name == wanted))
        .or(firing.annotations.first());
    let what = text.map_or(rule.name.as_str(), |(_, text)| text.lines().next().unwrap_or_default());
    Finding::new(Words::same(what), Place::Series { labels: shown(firing) }).since(firing.from_ms)
}

/// The labels of an alert without its name.
pub(super) fn shown(firing: &Firing) -> String {
    let mut labels = firing.labels.clone();
    labels.remove("alertname");
    labels.to_string()
}

fn details(trial: &Trial<'_>, tried: &Tried<'_>, run: &AlertRun) -> Json {
    let object = |pairs: &mut dyn Iterator<Item = (&str, &str)>| -> Json {
        pairs.map(|(name, value)| (name.to_owned(), Json::from(value))).collect::<serde_json::Map<_, _>>().into()
    };
    let firing = |firing: &Firing| {
        json!({
            "labels": object(&mut firing.labels.iter()),
            "annotations": object(&mut firing.annotations.iter().map(|(name, text)| (name.as_str(), text.as_str()))),
            "active_ms": firing.active_ms, "from_ms": firing.from_ms, "to_ms": firing.to_ms,
            "from_the_beginning": firing.from_the_beginning, "to_the_end": firing.to_the_end,
        })
    };
    let caught = |(outage, caught): (&Outage<'_>, Option<Caught>)| {
        json!({
            "incident": outage.incident.id,
            "from_ms": caught.map(|caught| caught.from_ms),
            "detected_s": caught.and_then(|caught| caught.detected_s),
            "started_s": caught.and_then(|caught| caught.started_s),
        })
    };
    json!({
        "from_ms": trial.span.0,
        "to_ms": trial.span.1,
        "group": tried.file.groups[run.group].name,
        "interval_ms": run.interval_ms,
        "evaluations": run.evaluations,
        "failed": run.failed(),
        "fired": run.stretches().len(),
        "firings": run.firings.iter().map(firing).collect::<Vec<_>>(),
        "caught": tried.caught(run).into_iter().map(caught).collect::<Vec<_>>(),
        "false_alarms": false_alarms(run, &tried.outages),
        "weeks": (trial.span.1 - trial.span.0) as f64 / WEEK_MS,
        "hints": hints(trial, tried, run),
    })
}

/// What is worth a change of the rule.
pub(super) fn hints(trial: &Trial<'_>, tried: &Tried<'_>, run: &AlertRun) -> Vec<Words> {
    let mut hints = Vec::new();
    let hold_ms = tried.rule(run).and_then(Rule::alert).map_or(0, |alert| alert.for_ms);
    if let Some(label) = run.value_in_label.as_ref().filter(|_| hold_ms > 0) {
        hints.push(Words::new(
            format!("the label `{label}` changes with the value: each change is a new alert and begins `for` anew; move it to an annotation"),
            format!("ラベル `{label}` が値とともに変わるので、変わるたびに別のアラートになり `for` が最初からになります。アノテーションに移してください"),
        ));
    }
    hints.extend(run.resets.first().map(|reset| reset_words(trial, run, reset)));
    for error in run.template_errors.iter().take(3) {
        hints.push(Words::new(
            format!("Prometheus would send an error instead of the text of {}", error.en),
            format!("Prometheus は文面の代わりにエラーを送ります: {}", error.ja),
        ));
    }
    if let Some(failure) = run.failures.first() {
        let (n, of, at) = (run.failed(), run.evaluations, when::short(failure.from_ms, &trial.zone));
        hints.push(Words::new(
            format!("{n} of {of} evaluations failed, the first at {at}: {}", failure.why.en),
            format!("評価 {of} 回のうち {n} 回が失敗（最初は {at}）: {}", failure.why.ja),
        ));
    }
    hints
}

/// A gap that began `for` anew: users take it for a bug, and it hides outages.
fn reset_words(trial: &Trial<'_>, run: &AlertRun, reset: &Reset) -> Words {
    let time = |ms: i64| when::short(ms, &trial.zone);
    let (gap_ms, back_ms) = reset.gaps.first().copied().unwrap_or_default();
    let gap = duration(u64::try_from((back_ms - gap_ms) / 1_000).unwrap_or(0));
    let (at, due) = (time(gap_ms), time(reset.due_ms));
    let (fired_en, fired_ja) = match reset.fired_ms {
        Some(ms) => (format!("fired at {}", time(ms)), format!("{} に鳴りました", time(ms))),
        None => ("did not fire".to_owned(), "鳴りませんでした".to_owned()),
    };
    let (why_en, why_ja, mend) = match reset.was_missing {
        Some(true) => ("missing samples", "サンプルの欠け", "last_over_time(x[10m])"),
        Some(false) => ("a short slip of the condition", "条件が短く外れたこと", "avg_over_time(x[10m])"),
        None => ("a gap in the result", "結果の途切れ", "last_over_time(x[10m])"),
    };
    let (more_en, more_ja) = match run.resets.len() {
        1 => (String::new(), String::new()),
        n => (format!(" (and {} more such)", n - 1), format!("（ほか {} 回）", n - 1)),
    };
    let alert = &reset.labels;
    Words::new(
        format!(
            "{why_en} ({gap} at {at}) began `for` anew: it would have fired at {due} and {fired_en}{more_en}; smooth it with `{mend}`, or use nidoto's `threshold`, whose hold survives gaps. {alert}"
        ),
        format!(
            "{why_ja}（{at} から {gap}）で `for` が最初からになりました。なければ {due} に鳴るはずが、{fired_ja}{more_ja}。`{mend}` でならすか、途切れでは数え直さない nidoto の `threshold` を使ってください。{alert}"
        ),
    )
}
