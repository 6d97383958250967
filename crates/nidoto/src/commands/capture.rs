//! `nidoto capture`: freeze live evidence before it heals itself away.
//!
//! Series come in chunks that are kept in `.nidoto/capture/` until all are there, so that an
//! interrupted capture goes on where it stopped. Evidence files and the manifest appear whole.

mod plan;
mod store;

use anyhow::{Result, bail};
use jiff::Timestamp;
use nidoto_core::{Words, when};

use super::note::chosen;
use super::{moment, open};
use crate::Outcome;
use crate::cli::{Capture, Cli};
use crate::output::Output;

/// Time before an outage that is frozen with it: the warnings are there.
const BEFORE_MS: i64 = 86_400_000;

/// Runs `nidoto capture`. What can be frozen is; what cannot is told, and the exit is 2.
pub fn run(cli: &Cli, output: Output, args: &Capture) -> Result<Outcome> {
    let (root, output) = open(cli, &cli.root, output)?;
    let incident = chosen(&root, args.incident.as_deref())?;
    let zone = root.zone();
    let now_ms = when::ms(Timestamp::now());
    let started = incident.times.started.map_or(now_ms, when::ms);
    let from_ms = match &args.from {
        Some(from) => when::ms(moment::read(Some(from), &zone)?),
        None => started - BEFORE_MS,
    };
    let to_ms = match &args.to {
        Some(to) => when::ms(moment::read(Some(to), &zone)?),
        None => incident.times.resolved.filter(|_| args.phase == "outage").map_or(now_ms, when::ms),
    };
    if from_ms >= to_ms.min(now_ms) {
        let begin = when::short(from_ms, &zone);
        bail!(Words::new(
            format!("the window begins at {begin} and ends before: give --from and --to"),
            format!("期間が {begin} に始まり、その前に終わっています: --from と --to を指定してください")
        ));
    }
    // Whole seconds: that is how the manifest writes them.
    let span = (from_ms.div_euclid(1_000) * 1_000, to_ms.min(now_ms).div_euclid(1_000) * 1_000);
    let plan = plan::plan(&root, incident, args)?;
    if plan.is_empty() {
        let id = &incident.id;
        bail!(Words::new(
            format!("there is nothing to freeze: {id} has no guards yet; add some, or name series with --series"),
            format!(
                "採取するものがありません: {id} にまだガードがありません。ガードを書くか、--series で系列を指定してください"
            )
        ));
    }
    let target = store::Target { root: &root, incident, phase: &args.phase, span, now_ms };
    let bar = output.progress(plan.size(span), output.pick("freezing", "採取中"));
    let results = store::freeze(&target, &plan, &bar);
    bar.finish_and_clear();
    let mut outcome = Outcome::Green;
    for result in results {
        match result {
            Ok(path) => println!("{path}"),
            Err(why) => {
                eprintln!("nidoto: {}", output.say(&why));
                outcome = Outcome::Blind;
            }
        }
    }
    Ok(outcome)
}
