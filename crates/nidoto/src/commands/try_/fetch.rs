//! Series of a server over weeks: in parts, several at once, under one progress bar.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use nidoto_core::evidence::{Evidence, SpanMs};
use nidoto_core::folder::PrometheusSource;
use nidoto_core::{GuardSpec, Need, Words};
use nidoto_promql::{Expr, Labels, Matrix, Options, Series};

use super::super::on::On;
use super::Trial;
use crate::collect::prometheus;
use crate::output::Output;
use crate::parallel;

/// Points of one part of a range: some minutes of work for no server.
const PART_POINTS: i64 = 5_000;
/// The span of one part of raw samples.
const PART_RAW_MS: i64 = 6 * 3_600_000;
/// Requests at once: a trial must not press on the server that production looks at.
const AT_ONCE: usize = 4;

/// One question to a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    /// An expression at every step of a span.
    Range { query: String, span: SpanMs, step_ms: i64 },
    /// The raw samples of a selector, both ends included.
    Raw { selector: String, span: SpanMs },
}

/// The answer to a question.
pub(super) type Answer = Result<Matrix, Words>;

impl Question {
    fn parts(&self) -> Vec<Self> {
        let (span, length_ms, gap_ms) = match self {
            Self::Range { span, step_ms, .. } => (*span, (PART_POINTS - 1) * step_ms, *step_ms),
            // The start of a window of raw samples is left out.
            Self::Raw { span, .. } => ((span.0 - 1, span.1), PART_RAW_MS, 0),
        };
        let mut parts = Vec::new();
        let mut from_ms = span.0;
        while from_ms <= span.1 {
            let to_ms = span.1.min(from_ms + length_ms);
            parts.push(match self {
                Self::Range { query, step_ms, .. } => {
                    Self::Range { query: query.clone(), span: (from_ms, to_ms), step_ms: *step_ms }
                }
                Self::Raw { selector, .. } => Self::Raw { selector: selector.clone(), span: (from_ms, to_ms) },
            });
            if to_ms == span.1 {
                break;
            }
            from_ms = to_ms + gap_ms;
        }
        parts
    }

    fn ask(&self, name: &str, source: &PrometheusSource) -> Answer {
        match self {
            Self::Range { query, span, step_ms } => prometheus::range(name, source, query, *span, *step_ms),
            Self::Raw { selector, span } => {
                // Windows are asked in whole seconds: what is beyond is cut off.
                let wider = ((span.0.div_euclid(1_000)) * 1_000, span.1);
                let series = prometheus::raw(name, source, selector, wider)?;
                let own = |series: &Series| {
                    series.samples.iter().filter(|(at_ms, _)| span.0 < *at_ms && *at_ms <= span.1).collect()
                };
                Ok(series.iter().map(|series| (series.labels.clone(), own(series))).collect())
            }
        }
    }
}

/// Series that come in parts.
type Rows = BTreeMap<Labels, Vec<(i64, f64)>>;

/// Asks all questions; the answers come in their order.
pub(super) fn ask(name: &str, source: &PrometheusSource, questions: &[Question], output: Output) -> Vec<Answer> {
    let parts: Vec<(usize, Question)> = questions
        .iter()
        .enumerate()
        .flat_map(|(i, question)| question.parts().into_iter().map(move |part| (i, part)))
        .collect();
    let bar = output.progress(parts.len(), output.pick("fetching", "取得中"));
    let answers = parallel::map(&parts, AT_ONCE, |(_, part)| {
        let answer = part.ask(name, source);
        bar.inc(1);
        answer
    });
    bar.finish_and_clear();
    let mut whole: Vec<Result<Rows, Words>> = questions.iter().map(|_| Ok(BTreeMap::new())).collect();
    for ((i, _), answer) in parts.into_iter().zip(answers) {
        match (&mut whole[i], answer) {
            (Ok(rows), Ok(part)) => {
                part.into_iter().for_each(|(labels, points)| rows.entry(labels).or_default().extend(points));
            }
            (Ok(_), Err(why)) => whole[i] = Err(why),
            (Err(_), _) => {}
        }
    }
    whole.into_iter().map(|answer| answer.map(|rows| rows.into_iter().collect())).collect()
}

/// What guards need to be replayed over the span of a trial.
pub(super) fn evidence(trial: &Trial<'_>, specs: &[GuardSpec]) -> Result<Evidence> {
    for spec in specs {
        if !spec.guard.needs().iter().all(|need| matches!(need, Need::Series { .. } | Need::Changes)) {
            let kind = spec.kind.name;
            bail!(Words::new(
                format!("`{kind}` does not look at series: `nidoto prove` replays it on an incident's evidence"),
                format!("`{kind}` は系列を見ません: 障害の証拠なら `nidoto prove` で再生できます")
            ));
        }
    }
    let questions = questions(specs, trial.span);
    let answers = match &trial.on {
        On::Series(recorded) => {
            parallel::map(&questions, parallel::cores(), |question| evaluate(&recorded.series, question))
        }
        On::Server(name, source) => ask(name, source, &questions, trial.output),
    };
    let mut evidence = Evidence::default();
    for (question, answer) in questions.into_iter().zip(answers) {
        if let Question::Range { query, step_ms, .. } = question {
            // Judged is the span of the trial; what was before it is history.
            evidence.add_matrix(&trial.name, &query, step_ms, trial.span, answer);
        }
    }
    if let Some(root) = trial.root {
        let timed = root
            .changes
            .iter()
            .filter_map(|change| Some((nidoto_core::when::ms(change.time(&trial.zone)?), change.clone())));
        evidence.add_changes(timed);
    }
    Ok(evidence)
}

/// The same question, answered by recorded series.
fn evaluate(series: &Vec<Series>, question: &Question) -> Answer {
    let Question::Range { query, span, step_ms } = question else { return Ok(Matrix::new()) };
    let wrong = |error: &dyn std::fmt::Display| Words::same(format!("`{query}`: {error}"));
    let expr = Expr::parse(query).map_err(|error| wrong(&error))?;
    nidoto_promql::range(series, &expr, span.0, span.1, *step_ms, &Options::default()).map_err(|error| wrong(&error))
}

/// Each query once, with the longest history that some guard wants of it.
fn questions(specs: &[GuardSpec], span: SpanMs) -> Vec<Question> {
    let mut windows: BTreeMap<(String, i64), i64> = BTreeMap::new();
    for spec in specs {
        for need in spec.guard.needs() {
            if let Need::Series { query, window_ms } = need {
                let longest = windows.entry((query, spec.every_ms())).or_default();
                *longest = window_ms.max(*longest);
            }
        }
    }
    let question = |((query, step_ms), window_ms): ((String, i64), i64)| {
        let on_grid = |ms: i64| ms.div_euclid(step_ms) * step_ms;
        Question::Range { query, span: (on_grid(span.0 - window_ms), on_grid(span.1)), step_ms }
    };
    windows.into_iter().map(question).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_whole_without_a_gap_or_an_overlap() {
        let step_ms = 60_000;
        let question = Question::Range { query: "up".into(), span: (0, 12_345 * step_ms), step_ms };
        let parts = question.parts();
        let mut next = 0;
        for part in &parts {
            let Question::Range { span, .. } = part else { panic!("{part:?}") };
            assert_eq!(span.0, next);
            next = span.1 + step_ms;
        }
        assert_eq!((parts.len(), next), (3, 12_346 * step_ms));
        let raw = Question::Raw { selector: "up".into(), span: (1_000, 1_000 + 2 * PART_RAW_MS) }.parts();
        assert_eq!(raw[0], Question::Raw { selector: "up".into(), span: (999, 999 + PART_RAW_MS) });
        assert_eq!(raw.len(), 3);
    }
}
