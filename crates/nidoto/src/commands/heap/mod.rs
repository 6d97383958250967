//! `nidoto heap`: V8 heap snapshots of Node.js and Chrome.

pub mod args;
mod diff;
mod sheet;
mod show;
mod slim;
mod take;
mod watch;

use std::path::Path;

use anyhow::{Context, Result};
use nidoto_heap::{Input, Snapshot};

use crate::Outcome;
use crate::output::Output;
use args::{Command, Heap};

/// Runs `nidoto heap`.
pub fn run(output: Output, args: &Heap) -> Result<Outcome> {
    match &args.command {
        Command::Show(args) => show::run(output, args),
        Command::Diff(args) => diff::run(output, args),
        Command::Take(args) => take::run(output, args),
        Command::Watch(args) => watch::run(output, args),
        Command::Slim(args) => slim::run(args),
    }
}

fn read(path: &Path) -> Result<Snapshot> {
    Input::open(path).and_then(Snapshot::read).with_context(|| format!("failed to read {}", path.display()))
}

/// The text of a string, or its length where it is not to be told.
fn string_text(text: &str, is_redacted: bool) -> String {
    const SHOWN: usize = 60;
    if is_redacted {
        return format!("<{} characters>", text.chars().count());
    }
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    if text.chars().count() > SHOWN { format!("{line}…") } else { line }
}
