//! One file for each command.

mod capacity;
mod capture;
mod change;
mod check;
mod explain;
mod generate;
mod git;
pub mod heap;
mod init;
mod list;
mod moment;
mod new;
mod note;
mod on;
mod prove;
mod query;
mod scan;
mod schema;
mod show;
pub mod try_;

use nidoto_core::Words;
use std::path::Path;

use anyhow::{Result, bail};
use nidoto_core::folder::{Draft, Root};

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
        Command::Init(args) => init::run(cli, output, args),
        Command::New(args) => new::run(cli, output, args),
        Command::Note(args) => note::run(cli, output, args),
        Command::Change(args) => change::run(cli, output, args),
        Command::List(args) => list::run(cli, output, args),
        Command::Query(args) => query::run(cli, output, args),
        Command::Scan(args) => scan::run(cli, output, args),
        Command::Explain(args) => explain::run(cli, output, args),
        Command::Schema(args) => schema::run(args),
        Command::Generate(args) => generate::run(args),
        Command::Capacity(args) => capacity::run(cli, output, args),
        Command::Capture(args) => capture::run(cli, output, args),
        Command::Show(args) => show::run(cli, output, args),
        Command::Heap(args) => heap::run(output, args),
        Command::Try(args) => try_::run(cli, output, args),
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

/// Edits a file: what somebody else writes meanwhile is read again, so that nothing is lost.
fn edit(path: &Path, attempts: usize, change: impl Fn(&Draft) -> Result<String>) -> Result<()> {
    for _ in 0..attempts {
        let draft = Draft::read(path)?;
        if draft.write_unless_changed(change(&draft)?.as_bytes())? {
            return Ok(());
        }
    }
    let path = path.display();
    bail!(Words::new(
        format!("{path} keeps changing: nothing was written, run it again"),
        format!("{path} が書き換わりつづけています: 何も書いていません。もう一度実行してください")
    ))
}
