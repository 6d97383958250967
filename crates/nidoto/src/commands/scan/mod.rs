//! `nidoto scan`: the configuration that will cause the outage, found before it does.

mod baseline;
mod disk;
mod fixes;
mod git;
mod host;
mod report;
mod text;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use nidoto_config::backup::Listing;
use nidoto_config::migration::Rows;
use nidoto_config::scan::{File, Options, Scan as Scanned, rule, scan};
use nidoto_core::folder::Root;
use nidoto_core::{Lang, Words};

use self::disk::{Disk, Selection};
use crate::Outcome;
use crate::cli::{Cli, Format, Scan};
use crate::kinds;
use crate::output::Output;

/// Runs `nidoto scan`.
pub fn run(cli: &Cli, output: Output, args: &Scan) -> Result<Outcome> {
    let root = Root::find(&cli.root).ok().and_then(|dir| Root::read(&dir, &kinds::all()).ok());
    let output = match (cli.lang, root.as_ref().and_then(|root| root.config.team.language)) {
        (None, Some(lang)) => output.speaking(lang.into()),
        _ => output,
    };
    let (disk, selection) = select(args)?;
    let options = options(args, root.as_ref())?;
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

fn select(args: &Scan) -> Result<(Disk, Selection)> {
    let shown = |path: &std::path::PathBuf| path.to_string_lossy().into_owned();
    let mut paths: Vec<String> = args.paths.iter().map(shown).collect();
    for path in &paths {
        if std::fs::symlink_metadata(path).is_err() {
            bail!(Words::new(format!("{path} is not there"), format!("{path} がありません")));
        }
    }
    let is_host = args.host || args.before_delete;
    let mut disk = Disk { sysroot: args.sysroot.as_ref().map(shown), ..Disk::default() };
    if is_host {
        paths.extend(host::folders());
        disk.sysroot = Some(disk.sysroot.unwrap_or_else(|| "/".to_owned()));
        disk.overlay = if args.host { host::nginx_dump() } else { Default::default() };
    } else if paths.is_empty() {
        paths.push(".".to_owned());
    }
    disk.roots.clone_from(&paths);
    let mut selection = match &args.changed {
        Some(base) => {
            let changed = super::check::changed_files(Path::new("."), base)?;
            let changed = changed.iter().filter(|path| path.exists()).map(|path| path.to_string_lossy().into_owned());
            let below =
                |path: &String| args.paths.is_empty() || args.paths.iter().any(|p| Path::new(path).starts_with(p));
            Selection::files(changed.filter(below).collect())
        }
        None => Selection::walk(&paths),
    };
    selection.targets.extend(disk.overlay.keys().cloned());
    selection.targets.sort_unstable();
    selection.targets.dedup();
    Ok((disk, selection))
}

fn options(args: &Scan, root: Option<&Root>) -> Result<Options> {
    let read = |path: &std::path::PathBuf| {
        std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
    };
    // The date of UTC: the local one would read the list of all time zones, which takes longer than the scan.
    let now = jiff::Timestamp::now();
    let mut options = Options {
        today: Some(now.strftime("%Y-%m-%d").to_string()),
        now_s: Some(now.as_second()),
        deny: args.deny.clone(),
        backup_max_age_s: args.max_age.map(|age| age.s),
        guards: root.map(|root| root.guards.iter().map(|spec| spec.name.clone()).collect()),
        ..Options::default()
    };
    for code in &args.rule {
        let Some(found) = rule(code) else {
            bail!(Words::new(
                format!("no rule `{code}`: `nidoto explain rules` lists them"),
                format!("規則 `{code}` はありません: `nidoto explain rules` で一覧できます")
            ));
        };
        options.rules.insert(found.code.to_owned());
    }
    if let Some(base) = args.base.as_ref().or(args.changed.as_ref()) {
        options.base = Some(git::migrations(base)?);
    }
    options.history = args.history.as_ref().map(read).transpose()?;
    for path in &args.rows {
        let rows = Rows::of(&path.to_string_lossy(), &read(path)?).map_err(anyhow::Error::msg);
        options.rows.push(rows.with_context(|| format!("failed to read {}", path.display()))?);
    }
    for path in &args.state {
        options.state.push(File::new(&path.to_string_lossy(), read(path)?));
    }
    for path in &args.listing {
        let listing = Listing::of(&read(path)?).with_context(|| format!("failed to read {}", path.display()))?;
        options.listings.push(listing);
    }
    if args.before_delete {
        options.rules = ["BAK001", "BAK002"].map(str::to_owned).into();
        options.state.push(host::volumes());
        // Without a listing nothing is covered.
        if options.listings.is_empty() {
            options.listings.push(Listing::default());
        }
    }
    Ok(options)
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
