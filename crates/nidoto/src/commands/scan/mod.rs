//! `nidoto scan`: the configuration that will cause the outage, found before it does.

mod baseline;
mod changes;
mod disk;
mod fixes;
mod host;
mod options;
mod report;
mod sarif;
mod selection;
mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use nidoto_config::scan::{Scan as Scanned, scan};
use nidoto_core::folder::Root;
use nidoto_core::{Lang, Words};

use self::disk::Disk;
use self::selection::Selection;
use super::git::Changes;
use crate::Outcome;
use crate::cli::{Cli, Format, Scan};
use crate::kinds;
use crate::output::Output;

/// Runs `nidoto scan`.
pub fn run(cli: &Cli, output: Output, args: &Scan) -> Result<Outcome> {
    let root = Root::above(&cli.root).and_then(|dir| Root::read(&dir, &kinds::all()).ok());
    let output = match (cli.lang, root.as_ref().and_then(|root| root.config.team.language)) {
        (None, Some(lang)) => output.speaking(lang.into()),
        _ => output,
    };
    let asked = asked(cli, args)?;
    let changes = args.changed.as_ref().map(|base| changes::since(&asked, base)).transpose()?;
    let base = changes::base(args, &asked, changes.as_ref())?;
    let options = options::options(args, root.as_ref(), base)?;
    let (disk, selection) = select(cli, args, &asked, changes.as_ref(), output);
    if args.fix || args.unsafe_fixes {
        fixes::make(&disk, &selection, &options, args.unsafe_fixes, output)?;
    }
    let mut scanned = scan(&disk, &selection.targets, &options);
    scanned.other_files += selection.others;
    if let Some(only) = &selection.only {
        keep(&mut scanned, only);
    }
    if args.write_baseline {
        let path = args.baseline.as_deref().unwrap_or(Path::new("nidoto-baseline.json"));
        baseline::write(&scanned, path)?;
        return Ok(Outcome::Green);
    }
    let known = args.baseline.as_deref().map_or(Ok(0), |path| baseline::take_out(&mut scanned, path))?;
    write(args, &scanned, known, output);
    Ok(outcome(args, &scanned))
}

fn outcome(args: &Scan, scanned: &Scanned) -> Outcome {
    // Before a machine goes, what may be state counts as state.
    let is_red = scanned.certain().next().is_some() || (args.before_delete && !scanned.issues.is_empty());
    match (is_red, scanned.unchecked.is_empty()) {
        (true, _) => Outcome::Red,
        (false, false) => Outcome::Blind,
        (false, true) => Outcome::Green,
    }
}

fn write(args: &Scan, scanned: &Scanned, known: usize, output: Output) {
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let text = match args.format {
        Format::Text => text::write(scanned, known, output),
        Format::Json => report::json(scanned),
        Format::Sarif => sarif::write(scanned, output.lang),
        other => report::report(scanned, now_ms).write(other, output.lang).unwrap_or_default(),
    };
    print!("{text}");
}

/// Findings in these files only: the others were read for their context.
fn keep(scanned: &mut Scanned, only: &BTreeSet<String>) {
    let touches = |issue: &nidoto_config::scan::Issue| {
        only.contains(&issue.spot.file.path) || issue.also.iter().any(|(spot, _)| only.contains(&spot.file.path))
    };
    scanned.issues.retain(touches);
    scanned.unchecked.retain(|one| only.contains(&one.path));
    scanned.files.retain(|path| only.contains(path));
}

/// The folder that stands for `/`: `--sysroot`, or a `--root` that holds no nidoto.yaml, and so is no root of ours.
fn sysroot(cli: &Cli, args: &Scan) -> Option<PathBuf> {
    let is_given = cli.root != Path::new(".") && !cli.root.join("nidoto.yaml").is_file();
    args.sysroot.clone().or_else(|| is_given.then(|| cli.root.clone()))
}

/// The paths that were named, or the folder that stands for them.
fn asked(cli: &Cli, args: &Scan) -> Result<Vec<String>> {
    let sysroot = sysroot(cli, args);
    for path in args.paths.iter().chain(&sysroot) {
        if std::fs::symlink_metadata(path).is_err() {
            let path = path.display();
            bail!(Words::new(format!("{path} is not there"), format!("{path} がありません")));
        }
    }
    if args.paths.is_empty() {
        return Ok(vec![shown(sysroot.as_ref().unwrap_or(&cli.root))]);
    }
    let here = std::env::current_dir().unwrap_or_default();
    // Below this folder a path is named as git names it, or the base branch would have other files.
    let named = |path: &PathBuf| match path.strip_prefix(&here) {
        Ok(inner) if sysroot.is_none() => shown(&Path::new(".").join(inner)),
        _ => shown(path),
    };
    Ok(args.paths.iter().map(named).collect())
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn select(cli: &Cli, args: &Scan, asked: &[String], changes: Option<&Changes>, output: Output) -> (Disk, Selection) {
    let sysroot = sysroot(cli, args).as_deref().map(shown);
    let mut paths = if args.paths.is_empty() { Vec::new() } else { asked.to_owned() };
    let mut disk = Disk { sysroot, ..Disk::default() };
    let is_host = args.host || args.before_delete;
    let names_host = paths.is_empty() && disk.sysroot.is_some() && args.changed.is_none();
    if is_host || names_host {
        let sysroot = disk.sysroot.get_or_insert_with(|| "/".to_owned()).clone();
        paths.extend(host::unit_folders(&sysroot));
        match (args.host && sysroot == "/").then(host::nginx_dump).flatten() {
            Some(Ok(dump)) => disk.overlay = dump,
            asked => {
                if let Some(Err(why)) = asked {
                    let said = output.pick("its files are read instead", "ファイルを直接読みます");
                    eprintln!("nginx -T: {why}: {said}");
                }
                paths.extend(host::nginx_folder(&sysroot));
            }
        }
    }
    if paths.is_empty() && disk.overlay.is_empty() {
        paths.extend_from_slice(asked);
    }
    disk.roots.clone_from(&paths);
    let mut selection = match changes {
        Some(changes) => changed(asked, changes),
        None => Selection::walk(&paths),
    };
    selection.targets.extend(disk.overlay.keys().cloned());
    selection.targets.sort_unstable();
    selection.targets.dedup();
    (disk, selection)
}

/// What differs, below the paths that are asked about.
fn changed(asked: &[String], changes: &Changes) -> Selection {
    let asked: Vec<PathBuf> = asked.iter().map(|path| changes::bare(path)).collect();
    let below = |paths: &BTreeSet<String>| {
        let is_asked = |path: &&String| asked.iter().any(|p| Path::new(path).starts_with(p));
        paths.iter().filter(is_asked).cloned().collect()
    };
    Selection::files(below(&changes.here), below(&changes.gone))
}

/// The list of rules.
#[must_use]
pub fn list(lang: Lang) -> String {
    let line = |rule: &&nidoto_config::scan::Rule| {
        let summary = if lang == Lang::Ja { rule.summary.1 } else { rule.summary.0 };
        format!("{}  {}\n", rule.code, summary)
    };
    nidoto_config::scan::RULES.iter().map(line).collect()
}
