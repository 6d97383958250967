//! `nidoto change`: a deploy, push or operation, into the journal.

use anyhow::{Result, bail};
use nidoto_core::folder::{Change as Entry, Draft};
use nidoto_core::{Words, when};

use super::{moment, open};
use crate::Outcome;
use crate::cli::{Change, Cli};
use crate::output::Output;

/// Many machines may write at the same moment of a deploy.
const ATTEMPTS: usize = 20;

/// Runs `nidoto change`.
pub fn run(cli: &Cli, output: Output, args: &Change) -> Result<Outcome> {
    let (root, _) = open(cli, &cli.root, output)?;
    let zone = root.zone();
    if args.what.trim().is_empty() {
        bail!(Words::new(
            "there is nothing to write down: say what was changed",
            "書くことがありません: 何を変えたかを書いてください"
        ));
    }
    let at = moment::read(args.at.as_deref(), &zone)?;
    let change = Entry {
        at: when::rfc3339(when::ms(at), &zone),
        what: args.what.trim().to_owned(),
        kind: args.kind.clone(),
        by: args.by.clone().or_else(moment::user),
        size: args.size,
        over: args.over,
    };
    let line = serde_json::to_string(&change)?;
    let path = root.dir.join("changes.jsonl");
    super::edit(&path, ATTEMPTS, |draft: &Draft| {
        let text = draft.text()?;
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        Ok(format!("{text}{gap}{line}\n"))
    })?;
    println!("{}\n{line}", path.display());
    Ok(Outcome::Green)
}
