//! The only code that touches the world. Collectors answer what guards need with the very evidence
//! that an incident folder holds.

mod command;
mod files;
pub mod inspector;
mod log;
pub mod prometheus;

use std::collections::BTreeMap;

use nidoto_core::evidence::Evidence;
use nidoto_core::folder::{Root, Source};
use nidoto_core::{GuardSpec, Need, Words};

pub use log::read_log;

use crate::output::Output;
use crate::parallel;

/// Work that waits for others: more at once than there are cores.
const AT_ONCE: usize = 8;

/// One question to the world; several guards may ask the same.
enum Job<'r> {
    Series {
        name: &'r str,
        source: &'r nidoto_core::folder::PrometheusSource,
        query: String,
        step_ms: i64,
        window_ms: i64,
    },
    Log {
        name: &'r str,
        source: &'r nidoto_core::folder::LogSource,
        window_ms: i64,
    },
    Answer {
        name: &'r str,
        source: &'r nidoto_core::folder::CommandSource,
    },
    Files {
        place: String,
        patterns: Vec<String>,
    },
}

/// Puts one job's answer into the evidence.
type Answer = Box<dyn FnOnce(&mut Evidence) + Send>;

/// Collects what guards need to be judged at an instant. What cannot be collected becomes a fault
/// in the evidence: the guards that need it are blind.
#[must_use]
pub fn collect(root: &Root, specs: &[&GuardSpec], at_ms: i64, output: Output) -> Evidence {
    let mut evidence = Evidence::default();
    root.tell_changes(&mut evidence);
    let jobs = jobs(root, specs);
    let bar = output.progress(jobs.len(), output.pick("collecting", "収集中"));
    let answers = parallel::map(&jobs, AT_ONCE, |job| {
        let answer = ask(root, job, at_ms);
        bar.inc(1);
        std::sync::Mutex::new(Some(answer))
    });
    bar.finish_and_clear();
    for answer in answers {
        if let Some(put) = answer.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            put(&mut evidence);
        }
    }
    evidence
}

/// The questions of all guards, each once.
fn jobs<'r>(root: &'r Root, specs: &[&GuardSpec]) -> Vec<Job<'r>> {
    let mut series: BTreeMap<(String, String, i64), i64> = BTreeMap::new();
    let mut logs: BTreeMap<String, i64> = BTreeMap::new();
    let mut answers: Vec<String> = Vec::new();
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for spec in specs {
        let source = spec.source.clone().unwrap_or_default();
        for need in spec.guard.needs() {
            match need {
                Need::Series { query, window_ms } => {
                    let widest = series.entry((source.clone(), query, spec.every_ms())).or_default();
                    *widest = window_ms.max(*widest);
                }
                Need::Log { window_ms } => {
                    let widest = logs.entry(source.clone()).or_default();
                    *widest = window_ms.max(*widest);
                }
                Need::Answer => answers.push(source.clone()),
                Need::Changes => {}
                Need::Files { pattern } => {
                    files.entry(nidoto_core::evidence::tree::fixed_part(&pattern)).or_default().push(pattern);
                }
            }
        }
    }
    answers.sort();
    answers.dedup();
    let find = |name: &str| root.config.sources.get_key_value(name);
    let mut jobs: Vec<Job<'r>> = Vec::new();
    for ((source, query, step_ms), window_ms) in series {
        if let Some((name, Source::Prometheus(source))) = find(&source) {
            jobs.push(Job::Series { name, source, query, step_ms, window_ms });
        }
    }
    for (source, window_ms) in logs {
        if let Some((name, Source::Log(source))) = find(&source) {
            jobs.push(Job::Log { name, source, window_ms });
        }
    }
    for source in answers {
        if let Some((name, Source::Command(source))) = find(&source) {
            jobs.push(Job::Answer { name, source });
        }
    }
    jobs.extend(files.into_iter().map(|(place, patterns)| Job::Files { place, patterns }));
    jobs
}

fn ask(root: &Root, job: &Job<'_>, at_ms: i64) -> Answer {
    match job {
        Job::Series { name, source, query, step_ms, window_ms } => {
            // The same grid as a replay's, so that both give the same verdict.
            let last_ms = at_ms.div_euclid(*step_ms) * step_ms;
            let span = ((last_ms - window_ms).div_euclid(*step_ms) * step_ms, last_ms);
            let matrix = prometheus::range(name, source, query, span, *step_ms);
            let (name, query, step_ms) = ((*name).to_owned(), query.clone(), *step_ms);
            Box::new(move |evidence| evidence.add_matrix(&name, &query, step_ms, span, matrix))
        }
        Job::Log { name, source, window_ms } => {
            let span = (at_ms - window_ms, at_ms);
            let zone = root.zone();
            let log = read_log(&root.dir, source, span, &zone);
            let name = (*name).to_owned();
            Box::new(move |evidence| match log {
                Ok(log) => evidence.add_log(&name, span, log),
                Err(why) => fault(evidence, &Need::Log { window_ms: 0 }, &name, &why),
            })
        }
        Job::Answer { name, source } => {
            let answer = command::run(name, source, &root.dir, at_ms);
            let name = (*name).to_owned();
            Box::new(move |evidence| match answer {
                Ok(answer) => evidence.add_answer(&name, (at_ms, at_ms), answer),
                Err(why) => fault(evidence, &Need::Answer, &name, &why),
            })
        }
        Job::Files { place, patterns } => {
            let tree = files::read(&root.dir, place, patterns, at_ms);
            let place = place.clone();
            Box::new(move |evidence| match tree {
                Ok(tree) => evidence.add_tree(tree),
                Err(why) => fault(evidence, &Need::Files { pattern: place }, "", &why),
            })
        }
    }
}

fn fault(evidence: &mut Evidence, need: &Need, name: &str, why: &Words) {
    evidence.add_fault(need, name, why.clone());
}

/// Runs a source's command, for a capture.
pub fn answer(
    root: &Root,
    name: &str,
    source: &nidoto_core::folder::CommandSource,
    at_ms: i64,
) -> Result<nidoto_core::evidence::Answer, Words> {
    command::run(name, source, &root.dir, at_ms)
}

/// Reads files, for a capture.
pub fn tree(root: &Root, place: &str, patterns: &[String], at_ms: i64) -> Result<nidoto_core::evidence::Tree, Words> {
    files::read(&root.dir, place, patterns, at_ms)
}
