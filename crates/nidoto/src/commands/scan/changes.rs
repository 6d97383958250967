//! What differs from a revision below the paths that are scanned, each asked of the repository that it is in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use nidoto_config::flyway::Before;
use nidoto_config::scan::Room;

use crate::cli::Scan;
use crate::commands::git::Changes;

/// What differs below some paths, named as a scan of these paths names files. Each repository is asked once.
pub fn since(paths: &[String], revision: &str) -> Result<Changes> {
    let tops: BTreeMap<PathBuf, &String> = paths.iter().map(|path| (top(path), path)).collect();
    let mut all = Changes::default();
    for (top, path) in tops {
        let asked = if top.as_os_str().is_empty() { Path::new(".") } else { &top };
        all.extend(Changes::since(asked, path, revision)?.named(&top));
    }
    Ok(all)
}

/// The migrations of the revision that counts as applied; `None` where none is named, or nobody asks.
pub fn base(args: &Scan, paths: &[String], changes: Option<&Changes>) -> Result<Option<BTreeMap<String, Before>>> {
    let is_migration = |path: &String| Room::of_path(path).is_some_and(|(room, _)| room == Room::Migration);
    match (&args.base, changes) {
        (Some(revision), _) => Some(since(paths, revision)?.migrations()).transpose(),
        // Where no migration is judged nobody asks what the others were.
        (None, Some(changes)) if changes.paths().any(is_migration) => Some(changes.migrations()).transpose(),
        (None, _) => Ok(None),
    }
}

/// The highest folder above a path that is surely in its repository and that the path's own words can name.
fn top(path: &str) -> PathBuf {
    // `.` and `./a` name what git calls nothing and `a`.
    let path = bare(path);
    let folder =
        if path.is_dir() || path.as_os_str().is_empty() { path.as_path() } else { path.parent().unwrap_or(&path) };
    let is_last = |folder: &&Path| {
        // Behind `..` and behind a link the words do not lead further up.
        folder.join(".git").exists() || folder.ends_with("..") || folder.is_symlink()
    };
    let highest = folder.ancestors().find(is_last).or_else(|| folder.ancestors().last());
    highest.unwrap_or(folder).to_owned()
}

/// A path as git and the walk name it.
pub fn bare(path: &str) -> PathBuf {
    Path::new(path).components().filter(|part| *part != std::path::Component::CurDir).collect()
}
