//! One file for each command.

mod check;
mod prove;

use std::path::Path;

use anyhow::Result;
use nidoto_core::folder::Root;

use crate::Outcome;
use crate::cli::{Cli, Command};
use crate::kinds;
use crate::output::Output;

/// Runs the command that was given.
pub fn run(cli: &Cli) -> Result<Outcome> {
    let output = Output::detect(cli.color, cli.width, cli.lang.map(Into::into));
    match &cli.command {
        Command::Prove(args) => prove::run(cli, output, args),
        Command::Check(args) => check::run(cli, output, args),
        _ => anyhow::bail!("not yet"),
    }
}

/// Reads the root at or above a folder; the output then speaks the team's language unless the
/// reader chose another.
fn open(cli: &Cli, from: &Path, output: Output) -> Result<(Root, Output)> {
    let root = Root::read(&Root::find(from)?, &kinds::all())?;
    let output = match (cli.lang, root.config.team.language) {
        (None, Some(lang)) => output.speaking(lang.into()),
        _ => output,
    };
    Ok((root, output))
}

/// Prints what is wrong with files, to standard error.
fn warn(output: Output, diags: &[nidoto_core::Diag]) {
    for diag in diags {
        eprintln!("{}", diag.text(output.lang));
    }
}
