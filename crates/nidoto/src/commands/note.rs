//! `nidoto note`: what just happened, into the open incident's timeline.

use anyhow::{Result, bail};
use jiff::Timestamp;
use nidoto_core::folder::{Draft, Entry, Incident, Root, SectionKind, append_to_section, entry_line};
use nidoto_core::{Words, when};

use super::{moment, open};
use crate::Outcome;
use crate::cli::{Cli, Note};
use crate::output::Output;

/// Another writer may come between reading and writing: then it is read again.
const ATTEMPTS: usize = 20;

/// Runs `nidoto note`.
pub fn run(cli: &Cli, output: Output, args: &Note) -> Result<Outcome> {
    let (root, output) = open(cli, &cli.root, output)?;
    let zone = root.zone();
    let incident = chosen(&root, args.incident.as_deref())?;
    let what = args.what.split_whitespace().collect::<Vec<_>>().join(" ");
    if what.is_empty() {
        bail!(Words::new(
            "there is nothing to note: say what happened",
            "書くことがありません: 何が起きたかを書いてください"
        ));
    }
    let noted = Timestamp::now();
    let at = moment::read(args.at.as_deref(), &zone)?;
    // Both times, where they differ: when it happened and when it was written down.
    let minute = |at: Timestamp| when::ms(at).div_euclid(60_000);
    let noted = (minute(at) != minute(noted)).then_some(noted);
    let entry = Entry { at, text: what, source: args.source.clone().or_else(moment::user), noted };
    let line = entry_line(&entry, &zone);
    let path = incident.dir.join("incident.md");
    super::edit(&path, ATTEMPTS, |draft: &Draft| {
        Ok(append_to_section(draft.text()?, SectionKind::Timeline, &line, output.lang))
    })?;
    println!("{}\n{line}", path.display());
    Ok(Outcome::Green)
}

/// The incident that is named, or the open one that began last.
///
/// # Errors
/// When there is none.
pub fn chosen<'r>(root: &'r Root, name: Option<&str>) -> Result<&'r Incident> {
    if let Some(name) = name {
        return root.incident(name);
    }
    let open = root.incidents.iter().filter(|incident| incident.is_open());
    match open.max_by_key(|incident| (incident.times.started, &incident.id)) {
        Some(incident) => Ok(incident),
        None => bail!(Words::new(
            "no incident is open: `nidoto new \"what happened\"` begins one, or name one",
            "続いている障害がありません: `nidoto new \"何が起きたか\"` で始めるか、名前を指定してください"
        )),
    }
}
