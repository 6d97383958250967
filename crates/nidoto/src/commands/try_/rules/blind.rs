//! Alerts that never had a result because nothing that they look at is there: a renamed metric is
//! not calm.

use nidoto_core::Words;
use nidoto_promql::{Matchers, Series};
use nidoto_rules::{AlertRun, Outcome, RuleFile};

use super::super::super::on::On;
use super::super::Trial;
use super::super::fetch::{Question, ask};

/// So many points are asked of a server to see whether anything is there.
const LOOKS: i64 = 700;

/// For each alert, why it could not look; `None` for those that could.
pub(super) fn reasons(trial: &Trial<'_>, file: &RuleFile, outcome: &Outcome, series: &[Series]) -> Vec<Option<Words>> {
    let silent: Vec<Option<Vec<Matchers>>> = outcome.alerts.iter().map(|run| selectors(file, run)).collect();
    let mut all: Vec<String> = silent.iter().flatten().flatten().map(ToString::to_string).collect();
    all.sort();
    all.dedup();
    let absent = match &trial.on {
        On::Series(_) => {
            let is_absent = |matchers: &Matchers| !series.iter().any(|series| matchers.matches(&series.labels));
            silent.iter().flatten().flatten().filter(|matchers| is_absent(matchers)).map(ToString::to_string).collect()
        }
        On::Server(..) => absent_there(trial, &all),
    };
    let why = |run: &AlertRun, selectors: &Option<Vec<Matchers>>| {
        let is_blind =
            |selectors: &&Vec<Matchers>| selectors.iter().all(|matchers| absent.contains(&matchers.to_string()));
        let failed = || (run.failed() > 0).then(|| run.failures.last().map(|failure| failure.why.clone())).flatten();
        let nothing = selectors.as_ref().filter(is_blind).and_then(|selectors| selectors.first());
        nothing.map(no_series).or_else(failed)
    };
    outcome.alerts.iter().zip(&silent).map(|(run, selectors)| why(run, selectors)).collect()
}

fn no_series(matchers: &Matchers) -> Words {
    let shown = shown(matchers);
    Words::new(
        format!("it looks at nothing: no series matches {shown}"),
        format!("見るものがありません: {shown} に合う系列がありません"),
    )
}

/// `up{job="a"}` rather than `{__name__="up",job="a"}`.
fn shown(matchers: &Matchers) -> String {
    let Some(name) = matchers.metric_name() else { return matchers.to_string() };
    let rest: Vec<String> = matchers
        .iter()
        .filter(|matcher| matcher.name() != nidoto_promql::METRIC_NAME)
        .map(ToString::to_string)
        .collect();
    if rest.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", rest.join(",")) }
}

/// What an alert without any result looks at; `None` where it had one, or looks at no series.
fn selectors(file: &RuleFile, run: &AlertRun) -> Option<Vec<Matchers>> {
    if !run.firings.is_empty() || !run.pendings.is_empty() {
        return None;
    }
    let (_, rule) = file.rules().nth(run.rule)?;
    Some(file.foreign_selectors(rule)).filter(|selectors| !selectors.is_empty())
}

/// The selectors that match nothing on the server. One that it does not answer counts as there.
fn absent_there(trial: &Trial<'_>, selectors: &[String]) -> Vec<String> {
    let On::Server(name, source) = &trial.on else { return Vec::new() };
    let (from_ms, to_ms) = trial.span;
    let step_ms = ((to_ms - from_ms) / LOOKS).max(60_000);
    let question = |selector: &String| Question::Range {
        // Look-back would miss a job that is scraped for some minutes only.
        query: format!("count(last_over_time({selector}[{}s]))", step_ms / 1_000),
        span: (from_ms, to_ms),
        step_ms,
    };
    let questions: Vec<Question> = selectors.iter().map(question).collect();
    let answers = ask(name, source, &questions, trial.output);
    let is_empty = |answer: &super::super::fetch::Answer| answer.as_ref().is_ok_and(Vec::is_empty);
    selectors.iter().zip(answers).filter(|(_, answer)| is_empty(answer)).map(|(selector, _)| selector.clone()).collect()
}
