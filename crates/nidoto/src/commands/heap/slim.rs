//! `nidoto heap slim`: a copy that is small enough to keep.

use anyhow::{Context, Result};
use nidoto_heap::{Analysis, Input, bytes_text};

use super::args::Slim;
use super::read;
use super::take::{SMALL, write};
use crate::Outcome;

/// Runs `nidoto heap slim`.
pub fn run(args: &Slim) -> Result<Outcome> {
    let analysis = Analysis::without_distances(read(&args.file)?);
    write(&args.output, SMALL, |out| {
        if !args.redact {
            return Ok(nidoto_heap::slim(&analysis, out)?);
        }
        let mut copy = Vec::new();
        nidoto_heap::slim(&analysis, &mut copy)?;
        Ok(nidoto_heap::redact(&Input::from_bytes(copy), out)?)
    })?;
    let size =
        std::fs::metadata(&args.output).with_context(|| format!("failed to read {}", args.output.display()))?.len();
    println!("{} {}", args.output.display(), bytes_text(size));
    Ok(Outcome::Green)
}
