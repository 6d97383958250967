//! What the alerts of a rule file did over time.

use nidoto_core::Words;
use nidoto_promql::Labels;

/// What a backtest found.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The alerts, in the order of the file.
    pub alerts: Vec<AlertRun>,
    /// Recording rules of which evaluations failed, by their place among the rules of the file.
    pub failed_records: Vec<(usize, Vec<Failure>)>,
}

/// What one alert of a rule file would have done.
#[derive(Clone, Debug, Default)]
pub struct AlertRun {
    /// Its place among the rules of the file.
    pub rule: usize,
    /// The place of its group.
    pub group: usize,
    /// How often it is evaluated, in milliseconds.
    pub interval_ms: i64,
    /// How often it was evaluated.
    pub evaluations: usize,
    /// Each time it fired for a set of labels, in order of time.
    pub firings: Vec<Firing>,
    /// Stretches in which it was pending and never fired: first and last instant.
    pub pendings: Vec<(i64, i64)>,
    /// Holds (`for`) that began anew after a gap, where they would else have been over.
    pub resets: Vec<Reset>,
    /// Evaluations that failed.
    pub failures: Vec<Failure>,
    /// Texts of labels and annotations that could not be filled in, each told once.
    pub template_errors: Vec<Words>,
    /// True where a label's text holds the value: every new value is a new alert, whose hold
    /// begins anew.
    pub value_in_label: Option<String>,
}

/// An alert of one set of labels that fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// Its labels, `alertname` included.
    pub labels: Labels,
    /// The labels of the series behind it, with the metric's name.
    pub series: Labels,
    /// Its annotations, filled in when it began to fire.
    pub annotations: Vec<(String, String)>,
    /// Since when its result was there.
    pub active_ms: i64,
    /// When it began to fire.
    pub from_ms: i64,
    /// When it fired last.
    pub to_ms: i64,
    /// True if its result was there at the first evaluation: it may have begun before.
    pub from_the_beginning: bool,
    /// True if it fired at the last evaluation.
    pub to_the_end: bool,
    /// The value of the expression at each instant at which it was active: milliseconds and value.
    pub points: Vec<(i64, f64)>,
}

/// A hold that a gap in the result began anew, as Prometheus does.
#[derive(Clone, Debug, PartialEq)]
pub struct Reset {
    /// The labels of the alert.
    pub labels: Labels,
    /// Since when its result was there, gaps aside.
    pub active_ms: i64,
    /// The gaps: the first instant without a result, and the instant at which it was back.
    pub gaps: Vec<(i64, i64)>,
    /// When it would have fired without the gaps.
    pub due_ms: i64,
    /// When it fired after all.
    pub fired_ms: Option<i64>,
    /// Whether samples were missing in the first gap, rather than the condition untrue; `None`
    /// where the samples are not at hand.
    pub was_missing: Option<bool>,
}

/// Evaluations in a row that failed for one reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The first one.
    pub from_ms: i64,
    /// The last one.
    pub to_ms: i64,
    /// How many.
    pub evaluations: usize,
    /// Why.
    pub why: Words,
}

impl AlertRun {
    /// How many evaluations failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failures.iter().map(|failure| failure.evaluations).sum()
    }

    /// The stretches in which some series fired, as first and last instant: what people would
    /// call one alarm.
    #[must_use]
    pub fn stretches(&self) -> Vec<(i64, i64)> {
        let mut spans: Vec<(i64, i64)> = self.firings.iter().map(|firing| (firing.from_ms, firing.to_ms)).collect();
        spans.sort_unstable();
        let mut out: Vec<(i64, i64)> = Vec::new();
        for (from, to) in spans {
            match out.last_mut() {
                Some(last) if from <= last.1 + self.interval_ms => last.1 = last.1.max(to),
                _ => out.push((from, to)),
            }
        }
        out
    }

    pub(crate) fn fail(&mut self, at_ms: i64, why: Words) {
        note(&mut self.failures, at_ms, self.interval_ms, why);
    }
}

/// Adds a failed evaluation to those before it.
pub(crate) fn note(failures: &mut Vec<Failure>, at_ms: i64, interval_ms: i64, why: Words) {
    match failures.last_mut() {
        Some(last) if last.why == why && last.to_ms + interval_ms >= at_ms => {
            last.to_ms = at_ms;
            last.evaluations += 1;
        }
        _ => failures.push(Failure { from_ms: at_ms, to_ms: at_ms, evaluations: 1, why }),
    }
}
