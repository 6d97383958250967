//! `nidoto heap take`: a snapshot of a running Node.js process, streamed to disk.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nidoto_heap::{Input, bytes_text};

use super::args::Take;
use crate::Outcome;
use crate::collect::inspector::Inspector;
use crate::output::Output;

/// How hard to compress: a snapshot is taken while a process waits.
const FAST: i32 = 3;
/// How hard to compress what is kept for years.
pub const SMALL: i32 = 19;

/// Runs `nidoto heap take`.
pub fn run(output: Output, args: &Take) -> Result<Outcome> {
    let file = args.output.clone().unwrap_or_else(default_name);
    let mut inspector = Inspector::connect(&args.target)?;
    if args.redact {
        let raw = part_of(&file, "raw");
        take(output, &mut inspector, &raw)?;
        let redacted = write(&file, FAST, |out| Ok(nidoto_heap::redact(&Input::open(&raw)?, out)?));
        std::fs::remove_file(&raw).with_context(|| format!("failed to remove {}", raw.display()))?;
        redacted?;
    } else {
        take(output, &mut inspector, &file)?;
    }
    let size = std::fs::metadata(&file)?.len();
    println!("{} {}", file.display(), bytes_text(size));
    Ok(Outcome::Green)
}

/// Takes a snapshot into a file, with progress.
pub fn take(output: Output, inspector: &mut Inspector, file: &Path) -> Result<()> {
    let bar = output.progress(0, output.pick("snapshot", "スナップショット"));
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    write(file, FAST, |out| inspector.take_snapshot(out, progress))?;
    bar.finish_and_clear();
    Ok(())
}

fn default_name() -> PathBuf {
    PathBuf::from(format!("{}.heapsnapshot", jiff::Zoned::now().strftime("%Y%m%d-%H%M%S")))
}

fn part_of(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{suffix}"));
    PathBuf::from(name)
}

/// Writes a file under another name until it is whole; its ending tells how to compress it.
pub fn write(file: &Path, level: i32, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let part = part_of(file, "part");
    let created = File::create(&part).with_context(|| format!("failed to create {}", part.display()))?;
    let mut plain = BufWriter::with_capacity(1 << 20, created);
    let filled = match file.extension().and_then(|e| e.to_str()) {
        Some("zst") => zstd::Encoder::new(&mut plain, level).map_err(Into::into).and_then(|mut out| {
            fill(&mut out)?;
            out.finish().map(drop).map_err(Into::into)
        }),
        Some("gz") => {
            let mut out = flate2::write::GzEncoder::new(&mut plain, flate2::Compression::new(level.clamp(0, 9) as u32));
            fill(&mut out).and_then(|()| out.finish().map(drop).map_err(Into::into))
        }
        _ => fill(&mut plain),
    };
    filled.and_then(|()| Ok(plain.flush()?)).and_then(|()| Ok(std::fs::rename(&part, file)?)).inspect_err(|_| {
        // Half a snapshot is worth nothing.
        let _ = std::fs::remove_file(&part);
    })
}
