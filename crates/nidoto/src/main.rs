//! `nidoto`: regression tests for outages.

mod cli;
mod collect;
mod commands;
mod kinds;
mod output;
mod parallel;
mod report;

use std::process::ExitCode;

use clap::Parser;

/// How a run ended. Of several outcomes the greatest counts: a red is certain, and must not hide
/// behind something that could not be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All is well.
    Green,
    /// Something could not be looked at.
    Blind,
    /// A guard is red, or a proof does not hold.
    Red,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Green => Self::SUCCESS,
            Outcome::Blind => Self::from(2),
            Outcome::Red => Self::from(1),
        }
    }
}

fn main() -> ExitCode {
    // `nidoto list | head` ends quietly.
    std::panic::set_hook(Box::new(quiet_panic));
    let cli = cli::Cli::parse();
    match commands::run(&cli) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            eprintln!("nidoto: {}", told(&error, output::language(&cli)));
            ExitCode::from(2)
        }
    }
}

/// An error and its causes, in the reader's language where it has one.
fn told(error: &anyhow::Error, lang: nidoto_core::Lang) -> String {
    let tell = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<nidoto_core::Words>() {
        Some(words) => words.get(lang).to_owned(),
        None => cause.to_string(),
    };
    error.chain().map(tell).collect::<Vec<_>>().join(": ")
}

/// A closed pipe ends the program without a word; any other panic is told. A guard that panics is
/// caught and blind; its message still helps whoever reports it.
fn quiet_panic(info: &std::panic::PanicHookInfo<'_>) {
    let message = info.to_string();
    if message.contains("failed printing to stdout") {
        std::process::exit(0);
    }
    eprintln!("{message}");
}
