//! `nidoto heap watch`: the whole investigation of a leak in one command.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::args::Watch;
use super::diff::judge;
use super::take::take;
use crate::Outcome;
use crate::collect::inspector::Inspector;
use crate::output::Output;

/// Runs `nidoto heap watch`.
pub fn run(output: Output, args: &Watch) -> Result<Outcome> {
    let passing = std::env::temp_dir().join(format!("nidoto-heap-{}", std::process::id()));
    let dir = args.keep.clone().unwrap_or_else(|| passing.clone());
    std::fs::create_dir_all(&dir).with_context(|| format!("failed to create {}", dir.display()))?;
    let outcome = investigate(output, args, &dir);
    if args.keep.is_none() {
        std::fs::remove_dir_all(&passing).with_context(|| format!("failed to remove {}", passing.display()))?;
    }
    outcome
}

fn investigate(output: Output, args: &Watch, dir: &Path) -> Result<Outcome> {
    let mut inspector = Inspector::connect(&args.target)?;
    let tell = |en: &str, ja: &str| eprintln!("{}", output.pick(en, ja));
    let [base, after, later]: [PathBuf; 3] =
        ["1-base", "2-after", "3-later"].map(|name| dir.join(format!("{name}.heapsnapshot")));
    tell("warming up", "ウォームアップ");
    drive(&args.requests, args.warm_up.unwrap_or(args.count))?;
    tell("first snapshot", "1 枚目");
    take(output, &mut inspector, &base)?;
    tell("driving requests", "リクエスト送信");
    drive(&args.requests, args.count)?;
    tell("second snapshot", "2 枚目");
    take(output, &mut inspector, &after)?;
    tell("resting", "休止");
    std::thread::sleep(Duration::from_secs(args.rest));
    tell("third snapshot", "3 枚目");
    take(output, &mut inspector, &later)?;
    judge(output, &args.form, [Some(base.as_path()), Some(after.as_path()), Some(later.as_path())], Some(args.count))
}

/// Runs the command that makes requests. Its output would mix with ours.
fn drive(command: &str, requests: u64) -> Result<()> {
    if requests == 0 {
        return Ok(());
    }
    let done = Command::new("sh")
        .arg("-c")
        .arg(command)
        .env("N", requests.to_string())
        .output()
        .context("failed to run sh")?;
    let text = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "the command for requests ended with {}: {}\n  {command}", done.status, text.trim());
    Ok(())
}
