//! A rule file over recorded series.

use std::collections::BTreeSet;
use std::ops::Range;

use nidoto_core::Words;
use nidoto_promql::{EvalError, Expr, Labels, METRIC_NAME, Matrix, Options, STALE, Source, Value, instant, range};

use crate::alert::{Alerter, Surroundings};
use crate::file::{Group, Rule, RuleFile, RuleKind};
use crate::reads::{ALERTS, ALERTS_FOR_STATE, reads_any};
use crate::run::{AlertRun, Failure, Outcome, Reset, note};
use crate::template::Vector;
use crate::world::{Store, World};

/// How a rule file is evaluated.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The first and the last instant at which rules may be evaluated, in milliseconds since the
    /// epoch. A group is evaluated at the multiples of its interval between them.
    pub span_ms: (i64, i64),
    /// The interval of groups that name none, in milliseconds.
    pub interval_ms: i64,
    /// `external_labels` of the server's configuration, which templates may show.
    pub external_labels: Labels,
    /// The server's own address, which templates may show.
    pub external_url: String,
    /// How expressions are evaluated.
    pub options: Options,
}

impl Group {
    /// How often it is evaluated, in milliseconds.
    #[must_use]
    pub fn every_ms(&self, settings: &Settings) -> i64 {
        self.interval_ms.unwrap_or(settings.interval_ms).max(1)
    }

    /// The instants at which it is evaluated: first, last and step.
    fn grid(&self, settings: &Settings) -> Option<(i64, i64, i64)> {
        let every_ms = self.every_ms(settings);
        let (from_ms, to_ms) = settings.span_ms;
        let first = from_ms.div_euclid(every_ms) * every_ms;
        let first = if first < from_ms { first + every_ms } else { first };
        let last = to_ms.div_euclid(every_ms) * every_ms;
        (first <= last).then_some((first, last, every_ms))
    }
}

/// What every alert of a file would have done over the recorded series.
///
/// Groups and rules are evaluated in the order of the file, so a rule sees what the rules before
/// it wrote at the same instant, and of later ones what they wrote before.
#[must_use]
pub fn backtest(file: &RuleFile, world: &World, settings: &Settings) -> Outcome {
    let rules: Vec<(usize, &Rule)> = file.rules().collect();
    let is_written = |labels: &Labels| rules.iter().any(|(_, rule)| replaces(rule, labels));
    let mut run = Backtest {
        file,
        world,
        settings,
        store: Store::new(&world.series, is_written),
        alerts_are_read: alerts_are_read(&rules),
        outcome: Outcome::default(),
        rules,
    };
    for block in file.blocks() {
        run.block(block);
    }
    run.outcome.alerts.sort_by_key(|alert| alert.rule);
    run.outcome
}

/// Whether a recorded series stands for what a rule itself writes.
fn replaces(rule: &Rule, labels: &Labels) -> bool {
    match &rule.kind {
        RuleKind::Record(_) => labels.metric_name() == rule.name,
        RuleKind::Alert(_) => {
            [ALERTS, ALERTS_FOR_STATE].contains(&labels.metric_name()) && labels.get("alertname") == rule.name
        }
    }
}

/// Whether a rule or a text asks for the state of alerts.
fn alerts_are_read(rules: &[(usize, &Rule)]) -> bool {
    let names = [ALERTS, ALERTS_FOR_STATE];
    rules.iter().any(|(_, rule)| {
        let texts = rule.alert().into_iter().flat_map(|alert| alert.labels.iter().chain(&alert.annotations));
        reads_any(&rule.expr, &names) || texts.into_iter().any(|text| text.raw.contains(ALERTS))
    })
}

struct Backtest<'b> {
    file: &'b RuleFile,
    world: &'b World,
    settings: &'b Settings,
    rules: Vec<(usize, &'b Rule)>,
    store: Store<'b>,
    alerts_are_read: bool,
    outcome: Outcome,
}

/// A rule's result at an instant.
type Answer = Result<Vector, Words>;

/// A rule that is evaluated step by step.
struct Stepper<'b> {
    rule: &'b Rule,
    group: &'b Group,
    grid: (i64, i64, i64),
    alerter: Option<Alerter<'b>>,
    /// The series of the evaluation before: those that are gone are marked stale.
    previous: BTreeSet<Labels>,
    /// Of a recording rule: evaluations that failed.
    failures: Vec<Failure>,
}

impl<'b> Backtest<'b> {
    fn block(&mut self, block: Range<usize>) {
        if block.len() == 1 {
            let (group, rule) = self.rules[block.start];
            let group = &self.file.groups[group];
            let Some(grid) = group.grid(self.settings) else { return };
            let answer = self.world.answers.get(&(rule.expr.text().to_owned(), grid.2));
            let is_alone = answer.is_some() || !rule.reads(rule);
            if is_alone && self.at_once(block.start, rule, group, grid, answer) {
                return;
            }
        }
        self.step_by_step(block);
    }

    /// Evaluates a rule for all instants in one pass; false where that is not the same as step by
    /// step: an error that may hold for some instants only, series that would be told apart no
    /// more.
    fn at_once(
        &mut self,
        place: usize,
        rule: &'b Rule,
        group: &'b Group,
        grid: (i64, i64, i64),
        answer: Option<&Matrix>,
    ) -> bool {
        let (first_ms, last_ms, step_ms) = grid;
        let shift = group.offset_ms;
        let evaluated = match answer {
            Some(matrix) => Ok(matrix.clone()),
            None => range(&self.store, &rule.expr, first_ms - shift, last_ms - shift, step_ms, &self.settings.options),
        };
        let matrix = match evaluated {
            Ok(matrix) => matrix,
            Err(EvalError::Query(_)) => return false,
            Err(error) => {
                let mut failures = Vec::new();
                let instants = (first_ms..=last_ms).step_by(step_ms as usize);
                instants.for_each(|at_ms| note(&mut failures, at_ms, step_ms, failed(&error)));
                match rule.alert() {
                    Some(_) => {
                        let evaluations = failures.iter().map(|failure| failure.evaluations).sum();
                        self.outcome.alerts.push(AlertRun { failures, evaluations, ..self.new_run(place, grid) });
                    }
                    None => self.outcome.failed_records.push((place, failures)),
                }
                return true;
            }
        };
        match &rule.kind {
            RuleKind::Record(labels) => self.record_at_once(rule, labels, group, matrix, grid),
            RuleKind::Alert(alert) => {
                let alerter = Alerter::new(rule, alert, group.limit, first_ms, self.new_run(place, grid));
                self.alert_at_once(alerter, place, rule, group, &matrix, grid);
                true
            }
        }
    }

    fn record_at_once(
        &mut self,
        rule: &Rule,
        labels: &[(String, String)],
        group: &Group,
        matrix: Matrix,
        grid: (i64, i64, i64),
    ) -> bool {
        let named: Vec<(Labels, Vec<(i64, f64)>)> =
            matrix.into_iter().map(|(series, points)| (recorded(rule, labels, &series), points)).collect();
        let different: BTreeSet<&Labels> = named.iter().map(|(series, _)| series).collect();
        if group.limit > 0 || different.len() < named.len() {
            return false;
        }
        let (_, last_ms, step_ms) = grid;
        for (series, points) in named {
            let mut samples = Vec::with_capacity(points.len() + 8);
            for (i, (at_ms, value)) in points.iter().enumerate() {
                samples.push((*at_ms, *value));
                let next_ms = points.get(i + 1).map_or(i64::MAX, |(next, _)| *next);
                // The evaluation that misses it marks its end.
                if at_ms + step_ms < next_ms && at_ms + step_ms <= last_ms - group.offset_ms {
                    samples.push((at_ms + step_ms, STALE));
                }
            }
            self.store.write(&series, samples);
        }
        true
    }

    fn alert_at_once(
        &mut self,
        mut alerter: Alerter<'b>,
        place: usize,
        rule: &'b Rule,
        group: &'b Group,
        matrix: &Matrix,
        grid: (i64, i64, i64),
    ) {
        let (first_ms, last_ms, step_ms) = grid;
        let mut events: Vec<(i64, usize, f64)> = Vec::new();
        for (i, (_, points)) in matrix.iter().enumerate() {
            let shifted = points.iter().map(|(at_ms, value)| (*at_ms + group.offset_ms, i, *value));
            events.extend(shifted.filter(|(at_ms, ..)| *at_ms >= first_ms));
        }
        events.sort_by_key(|(at_ms, i, _)| (*at_ms, *i));
        let mut stepper = Stepper { rule, group, grid, alerter: None, previous: BTreeSet::new(), failures: Vec::new() };
        let mut next = 0;
        let mut result: Vec<(&Labels, f64)> = Vec::new();
        for at_ms in (first_ms..=last_ms).step_by(step_ms as usize) {
            result.clear();
            while let Some((_, i, value)) = events.get(next).filter(|(event_ms, ..)| *event_ms <= at_ms) {
                result.push((&matrix[*i].0, *value));
                next += 1;
            }
            self.with_surroundings(|around| alerter.step(at_ms, Ok(&result), around));
            if self.alerts_are_read {
                self.write(&mut stepper, at_ms, alerter.written());
            }
        }
        let asked_here = !self.world.answers.contains_key(&(rule.expr.text().to_owned(), step_ms));
        self.finish(place, alerter, asked_here);
    }

    fn step_by_step(&mut self, block: Range<usize>) {
        let mut steppers: Vec<(usize, Stepper<'b>)> = Vec::new();
        let mut instants: BTreeSet<i64> = BTreeSet::new();
        for place in block {
            let (group, rule) = self.rules[place];
            let group = &self.file.groups[group];
            let Some(grid) = group.grid(self.settings) else { continue };
            instants.extend((grid.0..=grid.1).step_by(grid.2 as usize));
            let alerter =
                rule.alert().map(|alert| Alerter::new(rule, alert, group.limit, grid.0, self.new_run(place, grid)));
            steppers
                .push((place, Stepper { rule, group, grid, alerter, previous: BTreeSet::new(), failures: Vec::new() }));
        }
        for at_ms in instants {
            for (_, stepper) in steppers.iter_mut().filter(|(_, stepper)| at_ms % stepper.grid.2 == 0) {
                self.step(stepper, at_ms);
            }
        }
        for (place, stepper) in steppers {
            match stepper.alerter {
                Some(alerter) => self.finish(place, alerter, true),
                None if stepper.failures.is_empty() => {}
                None => self.outcome.failed_records.push((place, stepper.failures)),
            }
        }
    }

    fn step(&mut self, stepper: &mut Stepper<'b>, at_ms: i64) {
        let answer = ask(&self.store, &stepper.rule.expr, at_ms - stepper.group.offset_ms, &self.settings.options);
        let Some(mut alerter) = stepper.alerter.take() else {
            match self.named(stepper, answer) {
                Ok(samples) => self.write(stepper, at_ms, samples),
                Err(why) => note(&mut stepper.failures, at_ms, stepper.grid.2, why),
            }
            return;
        };
        let had_failed = alerter.run.failed();
        let borrowed =
            answer.as_ref().map(|result| result.iter().map(|(series, value)| (series, *value)).collect::<Vec<_>>());
        self.with_surroundings(|around| alerter.step(at_ms, borrowed.as_deref().map_err(|why| (*why).clone()), around));
        if self.alerts_are_read && alerter.run.failed() == had_failed {
            self.write(stepper, at_ms, alerter.written());
        }
        stepper.alerter = Some(alerter);
    }

    /// What a recording rule makes of its result.
    fn named(&self, stepper: &Stepper<'b>, answer: Answer) -> Answer {
        let RuleKind::Record(labels) = &stepper.rule.kind else { return Ok(Vec::new()) };
        let named: Vec<(Labels, f64)> =
            answer?.iter().map(|(series, value)| (recorded(stepper.rule, labels, series), *value)).collect();
        let different: BTreeSet<&Labels> = named.iter().map(|(series, _)| series).collect();
        if different.len() < named.len() {
            return Err(Words::new(
                "several series have the same labels once the labels of the rule are applied",
                "ルールのラベルを付けると、複数の系列のラベルが同じになります",
            ));
        }
        let (n, limit) = (named.len(), stepper.group.limit);
        match limit > 0 && n > limit {
            false => Ok(named),
            true => Err(Words::new(
                format!("{n} series are more than the group's limit of {limit}"),
                format!("系列 {n} 個は、グループの上限 {limit} を超えています"),
            )),
        }
    }

    /// Writes a rule's samples of an instant, and marks those that are gone.
    fn write(&mut self, stepper: &mut Stepper<'b>, at_ms: i64, samples: Vec<(Labels, f64)>) {
        let at_ms = at_ms - stepper.group.offset_ms;
        let now: BTreeSet<Labels> = samples.iter().map(|(series, _)| series.clone()).collect();
        for (series, value) in samples {
            self.store.write(&series, [(at_ms, value)]);
        }
        for gone in stepper.previous.difference(&now) {
            self.store.write(gone, [(at_ms, STALE)]);
        }
        stepper.previous = now;
    }

    fn with_surroundings(&self, work: impl FnOnce(&Surroundings<'_>)) {
        let query = |text: &str, at_ms: i64| {
            let expr = Expr::parse(text).map_err(|error| {
                Words::new(format!("query: {}", error.message()), format!("query: {}", error.message()))
            })?;
            ask(&self.store, &expr, at_ms, &self.settings.options)
        };
        work(&Surroundings {
            external_labels: &self.settings.external_labels,
            external_url: &self.settings.external_url,
            query: &query,
        });
    }

    fn new_run(&self, place: usize, grid: (i64, i64, i64)) -> AlertRun {
        AlertRun { rule: place, group: self.rules[place].0, interval_ms: grid.2, ..AlertRun::default() }
    }

    fn finish(&mut self, place: usize, alerter: Alerter<'_>, asked_here: bool) {
        let mut run = alerter.finish();
        if asked_here {
            let (_, rule) = self.rules[place];
            for reset in &mut run.resets {
                reset.was_missing = self.was_missing(rule, reset, run.interval_ms);
            }
        }
        // A condition that was untrue for long ended what there was: only a short slip is a gap.
        let hold_ms = self.rules[place].1.alert().map_or(0, |alert| alert.for_ms);
        let longest_ms = (hold_ms / 4).max(2 * run.interval_ms);
        let is_short = |reset: &Reset| reset.gaps.iter().all(|(from, to)| to - from <= longest_ms);
        run.resets.retain(|reset| reset.was_missing == Some(true) || is_short(reset));
        self.outcome.alerts.push(run);
    }

    /// Whether the expression read fewer series in a gap than at the evaluation before it.
    fn was_missing(&self, rule: &Rule, reset: &Reset, step_ms: i64) -> Option<bool> {
        let (gap_ms, _) = *reset.gaps.first()?;
        let options = &self.settings.options;
        let count = |at_ms: i64| -> Option<usize> {
            let mut n = 0;
            for selection in rule.expr.selectors(options) {
                let (from_ms, to_ms) = selection.window_ms(at_ms, at_ms);
                let series = self.store.select(&selection.matchers, from_ms, to_ms).ok()?;
                let is_there = |samples: &nidoto_promql::Samples| {
                    let end = samples.timestamps_ms.partition_point(|at| *at <= to_ms);
                    end > 0
                        && samples.timestamps_ms[end - 1] > from_ms
                        && !nidoto_promql::is_stale(samples.values[end - 1])
                };
                n += series.iter().filter(|series| is_there(&series.samples)).count();
            }
            Some(n)
        };
        Some(count(gap_ms)? < count(gap_ms - step_ms)?)
    }
}

/// The series that a recording rule makes of a series of its result.
fn recorded(rule: &Rule, labels: &[(String, String)], series: &Labels) -> Labels {
    let mut out = series.clone();
    out.set(METRIC_NAME, rule.name.as_str());
    labels.iter().for_each(|(name, value)| out.set(name, value.as_str()));
    out
}

fn failed(error: &EvalError) -> Words {
    Words::same(error.to_string().lines().next().unwrap_or_default())
}

fn ask(store: &Store<'_>, expr: &Expr, at_ms: i64, options: &Options) -> Answer {
    match instant(store, expr, at_ms, options) {
        Ok(Value::Vector(result)) => Ok(result),
        Ok(Value::Scalar(value)) => Ok(vec![(Labels::default(), value)]),
        Ok(_) => {
            Err(Words::new("the result is neither a vector nor a scalar", "結果がベクトルでもスカラーでもありません"))
        }
        Err(error) => Err(failed(&error)),
    }
}
