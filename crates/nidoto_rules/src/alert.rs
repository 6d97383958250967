//! One alert, evaluation by evaluation, as Prometheus runs it: each set of labels is pending until
//! its result has been there for the hold time, and gone as soon as the result is.

use std::collections::HashMap;

use nidoto_core::Words;
use nidoto_promql::{Labels, METRIC_NAME};

use crate::file::{Alert, Rule, Text};
use crate::reads::{ALERTS, ALERTS_FOR_STATE};
use crate::run::{AlertRun, Firing, Reset};
use crate::template::{Context, Vector};

/// What the texts of an alert may see besides its own series.
pub(crate) struct Surroundings<'s> {
    pub external_labels: &'s Labels,
    pub external_url: &'s str,
    /// Answers a query at an instant.
    pub query: &'s dyn Fn(&str, i64) -> Result<Vector, Words>,
}

/// The state of one alert.
pub(crate) struct Alerter<'r> {
    rule: &'r Rule,
    alert: &'r Alert,
    limit: usize,
    first_ms: i64,
    /// The slot of each set of labels of alerts.
    slots_by_labels: HashMap<Labels, usize>,
    /// The slot of each series, where labels do not depend on its value.
    slots_by_series: Option<HashMap<Labels, usize>>,
    slots: Vec<Slot>,
    /// The slots that are active.
    live: Vec<usize>,
    pub run: AlertRun,
}

#[derive(Default)]
struct Slot {
    labels: Labels,
    active: Option<Active>,
    /// What its hold would be if gaps did not count.
    chain: Option<Chain>,
    /// The evaluation that saw it last.
    seen_ms: Option<i64>,
}

struct Active {
    series: Labels,
    since_ms: i64,
    firing: Option<usize>,
    keep_since_ms: Option<i64>,
    points: Vec<(i64, f64)>,
}

struct Chain {
    from_ms: i64,
    last_ms: i64,
    gaps: Vec<(i64, i64)>,
    reset: Option<usize>,
}

impl<'r> Alerter<'r> {
    pub(crate) fn new(rule: &'r Rule, alert: &'r Alert, limit: usize, first_ms: i64, run: AlertRun) -> Self {
        let reads_value = |text: &&Text| text.template.as_ref().is_ok_and(|template| !template.reads_labels_only());
        let value_in_label = alert.labels.iter().find(reads_value).map(|text| text.name.clone());
        let slots_by_series = value_in_label.is_none().then(HashMap::new);
        Self {
            rule,
            alert,
            limit,
            first_ms,
            slots_by_labels: HashMap::new(),
            slots_by_series,
            slots: Vec::new(),
            live: Vec::new(),
            run: AlertRun { value_in_label, ..run },
        }
    }

    /// One evaluation: the series of the result and their values.
    pub(crate) fn step(&mut self, at_ms: i64, result: Result<&[(&Labels, f64)], Words>, around: &Surroundings<'_>) {
        self.run.evaluations += 1;
        let result = match result {
            Ok(result) => result,
            Err(why) => return self.run.fail(at_ms, why),
        };
        let mut found = Vec::with_capacity(result.len());
        for (series, value) in result {
            found.push((self.slot(series, *value, at_ms, around), *series, *value));
        }
        let mut ids: Vec<usize> = found.iter().map(|(id, ..)| *id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            let why = Words::new(
                "several series have the same labels once the labels of the alert are applied",
                "アラートのラベルを付けると、複数の系列のラベルが同じになります",
            );
            return self.run.fail(at_ms, why);
        }
        for (id, series, value) in found {
            self.see(id, series, value, at_ms);
        }
        self.settle(at_ms, around);
    }

    fn slot(&mut self, series: &Labels, value: f64, at_ms: i64, around: &Surroundings<'_>) -> usize {
        if let Some(id) = self.slots_by_series.as_ref().and_then(|known| known.get(series)) {
            return *id;
        }
        let labels = self.labels(series, value, at_ms, around);
        let next = self.slots.len();
        let id = *self.slots_by_labels.entry(labels.clone()).or_insert(next);
        if id == next {
            self.slots.push(Slot { labels, ..Slot::default() });
        }
        if let Some(known) = &mut self.slots_by_series {
            known.insert(series.clone(), id);
        }
        id
    }

    fn labels(&mut self, series: &Labels, value: f64, at_ms: i64, around: &Surroundings<'_>) -> Labels {
        let mut labels = series.clone();
        labels.remove(METRIC_NAME);
        let alert = self.alert;
        for text in &alert.labels {
            labels.set(&text.name, self.expand(text, series, value, at_ms, around));
        }
        labels.set("alertname", self.rule.name.as_str());
        labels
    }

    /// A text filled in; an error takes its place, as in Prometheus.
    fn expand(&mut self, text: &Text, series: &Labels, value: f64, at_ms: i64, around: &Surroundings<'_>) -> String {
        let what = match &text.template {
            Ok(template) => {
                let query = |query: &str| (around.query)(query, at_ms);
                let context = Context {
                    labels: series,
                    value,
                    at_ms,
                    external_labels: around.external_labels,
                    external_url: around.external_url,
                    query: &query,
                };
                match template.expand(&context) {
                    Ok(filled) => return filled,
                    Err(error) => {
                        let place = format!("`{}` {}:{}", text.name, error.at.line, error.at.column);
                        let told =
                            Words::new(format!("{place}: {}", error.what.en), format!("{place}: {}", error.what.ja));
                        if !self.run.template_errors.contains(&told) {
                            self.run.template_errors.push(told);
                        }
                        error.what.en
                    }
                }
            }
            Err(diag) => diag.what.en.clone(),
        };
        format!("<error expanding template: {what}>")
    }

    fn see(&mut self, id: usize, series: &Labels, value: f64, at_ms: i64) {
        let slot = &mut self.slots[id];
        slot.seen_ms = Some(at_ms);
        match &mut slot.active {
            Some(active) => {
                active.points.push((at_ms, value));
                active.keep_since_ms = None;
            }
            None => {
                slot.active = Some(Active {
                    series: series.clone(),
                    since_ms: at_ms,
                    firing: None,
                    keep_since_ms: None,
                    points: vec![(at_ms, value)],
                });
                self.live.push(id);
            }
        }
        if self.alert.for_ms > 0 {
            self.chain(id, at_ms);
        }
    }

    /// Keeps count of the hold as it would be without gaps shorter than itself.
    fn chain(&mut self, id: usize, at_ms: i64) {
        let (slot, step_ms, for_ms) = (&mut self.slots[id], self.run.interval_ms, self.alert.for_ms);
        let chain = slot.chain.get_or_insert(Chain { from_ms: at_ms, last_ms: at_ms, gaps: Vec::new(), reset: None });
        let pause_ms = at_ms - chain.last_ms;
        if pause_ms > for_ms.max(2 * step_ms) {
            *chain = Chain { from_ms: at_ms, last_ms: at_ms, gaps: Vec::new(), reset: None };
        } else if pause_ms > step_ms {
            chain.gaps.push((chain.last_ms + step_ms, at_ms));
        }
        chain.last_ms = at_ms;
        let held_ms = slot.active.as_ref().map_or(0, |active| at_ms - active.since_ms);
        let is_due = at_ms - chain.from_ms >= for_ms && held_ms < for_ms;
        let is_firing = slot.active.as_ref().is_some_and(|active| active.firing.is_some());
        if is_due && !is_firing && chain.reset.is_none() && !chain.gaps.is_empty() {
            chain.reset = Some(self.run.resets.len());
            self.run.resets.push(Reset {
                labels: slot.labels.clone(),
                active_ms: chain.from_ms,
                gaps: chain.gaps.clone(),
                due_ms: at_ms,
                fired_ms: None,
                was_missing: None,
            });
        }
    }

    /// Ends what has no result any more, and fires what has been there long enough.
    fn settle(&mut self, at_ms: i64, around: &Surroundings<'_>) {
        let mut live = std::mem::take(&mut self.live);
        live.retain(|id| self.remains(*id, at_ms));
        if self.limit > 0 && live.len() > self.limit {
            let (limit, n) = (self.limit, live.len());
            live.drain(..).for_each(|id| self.end(id));
            let why = Words::new(
                format!("{n} alerts are more than the group's limit of {limit}"),
                format!("アラート {n} 件は、グループの上限 {limit} を超えています"),
            );
            self.run.fail(at_ms, why);
        }
        for id in &live {
            self.hold(*id, at_ms, around);
        }
        self.live = live;
    }

    /// Whether it is still active: its result is there, or it fires and is kept.
    fn remains(&mut self, id: usize, at_ms: i64) -> bool {
        let keep_ms = self.alert.keep_firing_ms;
        let slot = &mut self.slots[id];
        let Some(active) = &mut slot.active else { return false };
        if slot.seen_ms == Some(at_ms) {
            return true;
        }
        let since_ms = *active.keep_since_ms.get_or_insert(at_ms);
        let is_kept = active.firing.is_some() && at_ms - since_ms < keep_ms;
        if !is_kept {
            self.end(id);
        }
        is_kept
    }

    /// Fires what has been there long enough.
    fn hold(&mut self, id: usize, at_ms: i64, around: &Surroundings<'_>) {
        let Some(active) = &self.slots[id].active else { return };
        match active.firing {
            Some(firing) => self.run.firings[firing].to_ms = at_ms,
            None if at_ms - active.since_ms >= self.alert.for_ms => self.fire(id, at_ms, around),
            None => {}
        }
    }

    fn fire(&mut self, id: usize, at_ms: i64, around: &Surroundings<'_>) {
        let Some((series, since_ms, value)) = self.slots[id]
            .active
            .as_ref()
            .map(|active| (active.series.clone(), active.since_ms, active.points.last().map_or(f64::NAN, |(_, v)| *v)))
        else {
            return;
        };
        let alert = self.alert;
        let expand = |text: &Text| (text.name.clone(), self.expand(text, &series, value, at_ms, around));
        let annotations = alert.annotations.iter().map(expand).collect();
        let slot = &mut self.slots[id];
        if let Some(reset) = slot.chain.as_ref().and_then(|chain| chain.reset) {
            self.run.resets[reset].fired_ms.get_or_insert(at_ms);
        }
        if let Some(active) = &mut slot.active {
            active.firing = Some(self.run.firings.len());
        }
        self.run.firings.push(Firing {
            labels: slot.labels.clone(),
            series,
            annotations,
            active_ms: since_ms,
            from_ms: at_ms,
            to_ms: at_ms,
            from_the_beginning: since_ms == self.first_ms,
            to_the_end: false,
            points: Vec::new(),
        });
    }

    fn end(&mut self, id: usize) {
        let Some(active) = self.slots[id].active.take() else { return };
        match active.firing {
            Some(firing) => {
                self.run.firings[firing].points = active.points;
                // What comes after an alarm is a new one, however short the pause.
                self.slots[id].chain = None;
            }
            None => {
                let last_ms = active.points.last().map_or(active.since_ms, |(at_ms, _)| *at_ms);
                self.run.pendings.push((active.since_ms, last_ms));
            }
        }
    }

    /// The result after the last evaluation.
    pub(crate) fn finish(mut self) -> AlertRun {
        for id in std::mem::take(&mut self.live) {
            if let Some(firing) = self.slots[id].active.as_ref().and_then(|active| active.firing) {
                self.run.firings[firing].to_the_end = true;
            }
            self.end(id);
        }
        self.run.pendings.sort_unstable();
        self.run
    }

    /// The series in which Prometheus writes down what is active.
    pub(crate) fn written(&self) -> Vec<(Labels, f64)> {
        let mut out = Vec::with_capacity(2 * self.live.len());
        for id in &self.live {
            let Slot { labels, active: Some(active), .. } = &self.slots[*id] else { continue };
            // A label whose text came out empty stands here as it was written.
            let mut written = Labels::new(self.alert.labels.iter().map(|text| (text.name.as_str(), text.raw.as_str())));
            labels.iter().for_each(|(name, value)| written.set(name, value));
            let mut state = written.clone();
            state.set(METRIC_NAME, ALERTS_FOR_STATE);
            out.push((state, active.since_ms.div_euclid(1_000) as f64));
            written.set(METRIC_NAME, ALERTS);
            written.set("alertstate", if active.firing.is_some() { "firing" } else { "pending" });
            out.push((written, 1.0));
        }
        out
    }
}
