//! `nidoto prove`: replay guards over the evidence of their outages.

pub mod memory;
pub mod picture;
mod run;
pub mod text;

use nidoto_core::Words;
use std::path::Path;

use anyhow::{Result, bail};
use nidoto_core::folder::Root;

use super::{open, warn};
use crate::Outcome;
use crate::cli::{Cli, Format, Prove};
use crate::output::Output;
use crate::report::Report;

/// What is to be proved.
enum Wanted {
    Everything,
    Incident(String),
    Guard(String),
}

/// Runs `nidoto prove`.
pub fn run(cli: &Cli, output: Output, args: &Prove) -> Result<Outcome> {
    let given = args.what.as_deref();
    // A path may name another root, or an incident within one.
    let path = given.map(Path::new).filter(|path| path.is_dir());
    let (root, output) = open(cli, path.unwrap_or(&cli.root), output)?;
    let wanted = wanted(&root, given, path)?;
    let proved = run::prove(&root, &wanted, output);
    memory::remember(&root, &proved)?;
    let report = proved.report(&root);
    match report.write(args.format, output.lang) {
        Some(text) => print!("{text}"),
        None => print!("{}", text::write(&root, &proved, output, is_selection(&wanted) || args.pictures)),
    }
    if args.format == Format::Text {
        warn(output, &report.diags);
        warn(output, &root.notes);
    }
    Ok(outcome(&report, &proved))
}

fn is_selection(wanted: &Wanted) -> bool {
    !matches!(wanted, Wanted::Everything)
}

fn outcome(report: &Report, proved: &run::Proved) -> Outcome {
    let false_alarm = proved.crossings.iter().any(run::Crossing::is_false_alarm);
    report.outcome().max(if false_alarm { Outcome::Red } else { Outcome::Green })
}

fn wanted(root: &Root, given: Option<&str>, path: Option<&Path>) -> Result<Wanted> {
    let Some(given) = given else { return Ok(Wanted::Everything) };
    if let Some(path) = path {
        let canonical = |path: &Path| path.canonicalize().unwrap_or_default();
        if canonical(path) == canonical(&root.dir) {
            return Ok(Wanted::Everything);
        }
        return root.incident(&path.to_string_lossy()).map(|incident| Wanted::Incident(incident.id.clone()));
    }
    let known = root.guards.iter().map(|guard| &guard.name).chain(root.broken.iter().map(|broken| &broken.name));
    if let Some(name) = known.clone().find(|name| *name == given) {
        return Ok(Wanted::Guard(name.clone()));
    }
    match root.incident(given) {
        Ok(incident) => Ok(Wanted::Incident(incident.id.clone())),
        Err(error) => match nidoto_core::diag::did_you_mean(given, known.map(String::as_str)) {
            Some(name) => bail!(Words::new(
                format!("no guard or incident `{given}`: did you mean the guard `{name}`?"),
                format!("`{given}` というガードも障害もありません: ガード `{name}` のことですか?")
            )),
            None => Err(error),
        },
    }
}
