//! The series that rules see. A server evaluates what reads nothing of the file's own: then only
//! results travel. What reads records of the file is evaluated here, over raw samples.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Result, bail};
use nidoto_core::evidence::SpanMs;
use nidoto_promql::{METRIC_NAME, MatchOp, Matcher, Matchers, Series};
use nidoto_rules::{Rule, RuleFile, Settings, World};

use super::super::super::on::On;
use super::super::Trial;
use super::super::fetch::{Question, ask};

pub(super) fn world(trial: &Trial<'_>, file: &RuleFile, settings: &Settings) -> Result<World> {
    let (name, source) = match &trial.on {
        On::Series(recorded) => return Ok(World { series: recorded.series.clone(), ..World::default() }),
        On::Server(name, source) => (name, source),
    };
    let ranges = ranges(file, settings);
    let raws = raws(file, settings);
    let questions: Vec<Question> = ranges.iter().map(|(_, question)| question.clone()).chain(raws).collect();
    let mut world = World { series: Vec::new(), answers: HashMap::new() };
    let mut series = BTreeMap::new();
    for (i, answer) in ask(name, source, &questions, trial.output).into_iter().enumerate() {
        let matrix = match answer {
            Ok(matrix) => matrix,
            Err(why) => bail!(why),
        };
        match ranges.get(i) {
            Some((key, _)) => drop(world.answers.insert(key.clone(), matrix)),
            // Several selectors may have a series in common.
            None => series.extend(matrix),
        }
    }
    world.series = series.into_iter().map(|(labels, points)| Series::new(labels, points)).collect();
    Ok(world)
}

/// Whole expressions, at the instants of their group.
fn ranges(file: &RuleFile, settings: &Settings) -> Vec<((String, i64), Question)> {
    let mut ranges = BTreeMap::new();
    for (group, rule) in file.rules().filter(|(_, rule)| file.is_foreign(rule)) {
        let group = &file.groups[group];
        let step_ms = group.every_ms(settings);
        let (from_ms, to_ms) = settings.span_ms;
        let on_grid = |ms: i64| ms.div_euclid(step_ms) * step_ms - group.offset_ms;
        let query = rule.expr.text().to_owned();
        let span = (on_grid(from_ms + step_ms - 1), on_grid(to_ms));
        ranges.insert((query.clone(), step_ms), Question::Range { query, span, step_ms });
    }
    ranges.into_iter().collect()
}

/// Raw samples of what is read beside the file's own records, and of what texts ask for.
fn raws(file: &RuleFile, settings: &Settings) -> Vec<Question> {
    let mut raws: BTreeMap<String, SpanMs> = BTreeMap::new();
    let mut want = |selector: String, span: SpanMs| {
        let widest = raws.entry(selector).or_insert(span);
        *widest = (widest.0.min(span.0), widest.1.max(span.1));
    };
    let is_own = |matchers: &Matchers| {
        matchers
            .metric_name()
            .is_some_and(|name| file.rules().any(|(_, rule)| rule.alert().is_none() && rule.name == name))
    };
    for (_, rule) in file.rules() {
        if !file.is_foreign(rule) {
            let selections = rule.expr.selectors(&settings.options);
            for selection in selections.into_iter().filter(|selection| !is_own(&selection.matchers)) {
                let span = selection.window_ms(settings.span_ms.0, settings.span_ms.1);
                want(selection.matchers.to_string(), span);
            }
        }
        for metric in asked(file, rule) {
            let span = (settings.span_ms.0 - settings.options.look_back_ms, settings.span_ms.1);
            want(metric, span);
        }
    }
    raws.into_iter().map(|(selector, span)| Question::Raw { selector, span }).collect()
}

fn asked(file: &RuleFile, rule: &Rule) -> Vec<String> {
    let names = rule.texts_ask().into_iter().filter(|name| !file.rules().any(|(_, rule)| rule.name == *name));
    let named = |name: String| Matcher::new(METRIC_NAME, MatchOp::Equal, name).ok();
    names.filter_map(named).map(|matcher| Matchers(vec![matcher]).to_string()).collect()
}
