//! Files of a disk, as a scan sees them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use ignore::WalkBuilder;
use nidoto_config::scan::{Found, Room, Source};
use nidoto_core::Words;
use nidoto_core::evidence::tree::matcher;

/// A file of this size or more is not read: no configuration is that large.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// The disk below the paths that are scanned.
#[derive(Debug, Default)]
pub struct Disk {
    /// Absolute paths in includes start here; without it they are seen below the scanned paths only.
    pub sysroot: Option<String>,
    /// The paths that are scanned.
    pub roots: Vec<String>,
    /// Texts that stand for files, as `nginx -T` prints them.
    pub overlay: BTreeMap<String, String>,
}

/// What is to be looked at.
#[derive(Debug, Default)]
pub struct Selection {
    /// Files that some room may take.
    pub targets: Vec<String>,
    /// Only findings in these count; the others are there for their context.
    pub only: Option<BTreeSet<String>>,
    /// How many files were none of ours by their names.
    pub others: usize,
}

impl Disk {
    /// Where a path of a configuration stands on this disk; `None` where it cannot be seen.
    fn place(&self, path: &str) -> Option<String> {
        let is_below = |root: &String| {
            path.strip_prefix(root.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || root.ends_with('/'))
        };
        if !path.starts_with('/') || self.roots.iter().any(is_below) {
            return Some(path.to_owned());
        }
        let sysroot = self.sysroot.as_deref()?.trim_end_matches('/');
        if !sysroot.is_empty() && path.starts_with(sysroot) {
            Some(path.to_owned())
        } else {
            Some(format!("{sysroot}{path}"))
        }
    }
}

impl Source for Disk {
    fn read(&self, path: &str) -> Found {
        if let Some(text) = self.overlay.get(path) {
            return Found::Bytes(text.clone().into_bytes());
        }
        let Some(place) = self.place(path) else { return Found::Unseen };
        // A unit that is masked is a link to nothing.
        if fs::read_link(&place).is_ok_and(|target| target == Path::new("/dev/null")) {
            return Found::Bytes(Vec::new());
        }
        // Only regular files: a pipe would wait for ever.
        let found = fs::metadata(&place).and_then(|about| match about {
            about if !about.is_file() => Ok(Err(Words::new("not a regular file", "通常のファイルではありません"))),
            about if about.len() >= FILE_BYTES_MAX => Ok(Err(Words::new(
                format!("{} bytes are too many: the limit is {FILE_BYTES_MAX}", about.len()),
                format!("{} バイトは大きすぎます: 上限は {FILE_BYTES_MAX} です", about.len()),
            ))),
            _ => fs::read(&place).map(Ok),
        });
        match found {
            Ok(Ok(bytes)) => Found::Bytes(bytes),
            Ok(Err(why)) => Found::Failed(why),
            Err(error) if error.kind() == ErrorKind::NotFound => Found::Absent,
            Err(error) => Found::Failed(Words::new(format!("cannot be read: {error}"), format!("読めません: {error}"))),
        }
    }

    fn glob(&self, pattern: &str) -> Option<Vec<String>> {
        let whole = matcher(pattern).ok()?;
        let mut hits: Vec<String> = self.overlay.keys().filter(|path| whole.is_match(path)).cloned().collect();
        match self.place(pattern) {
            Some(place) => hits.extend(expand(&place)),
            None if hits.is_empty() => return None,
            None => {}
        }
        hits.sort_unstable();
        hits.dedup();
        Some(hits)
    }
}

/// The files that a pattern names, folder by folder. As in a shell, `*` does not mean a dot in front.
fn expand(pattern: &str) -> Vec<String> {
    let is_wild = |part: &str| part.contains(['*', '?', '[']);
    let mut found = vec![if pattern.starts_with('/') { "/".to_owned() } else { String::new() }];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let join = |folder: &String, name: &str| match folder.as_str() {
            "" => name.to_owned(),
            "/" => format!("/{name}"),
            folder => format!("{folder}/{name}"),
        };
        let Some(matcher) = is_wild(part).then(|| matcher(part).ok()).flatten() else {
            found = found.iter().map(|folder| join(folder, part)).collect();
            continue;
        };
        let names = |folder: &String| {
            let entries = fs::read_dir(if folder.is_empty() { "." } else { folder }).into_iter().flatten().flatten();
            let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
            let fits = names.filter(|name| matcher.is_match(name) && (!name.starts_with('.') || part.starts_with('.')));
            fits.map(|name| join(folder, &name)).collect::<Vec<_>>()
        };
        found = found.iter().flat_map(names).collect();
    }
    found.retain(|path| Path::new(path).is_file());
    found
}

impl Selection {
    /// Everything below some paths that git does not ignore; of a file, its neighbours as context.
    #[must_use]
    pub fn walk(paths: &[String]) -> Self {
        let mut selection = Self::default();
        let (files, folders): (Vec<&String>, Vec<&String>) = paths.iter().partition(|path| !Path::new(path).is_dir());
        for folder in folders {
            // Hidden files are configuration too; a folder behind a link would be read twice or for ever.
            let mut walk = WalkBuilder::new(folder);
            walk.hidden(false).require_git(false).follow_links(false);
            walk.filter_entry(|entry| entry.file_name() != ".git");
            for entry in walk.build().flatten() {
                let is_folder = entry.file_type().is_none_or(|kind| kind.is_dir());
                let is_folder_link = entry.path_is_symlink() && entry.path().is_dir();
                if !is_folder && !is_folder_link {
                    selection.add(entry.path());
                }
            }
        }
        if !files.is_empty() {
            let named: BTreeSet<String> = files.iter().map(|file| shown(Path::new(file))).collect();
            let below: BTreeSet<String> = selection.targets.iter().cloned().collect();
            selection.with_neighbours(&named);
            selection.only = Some(below.into_iter().chain(named).collect());
        }
        selection.targets.sort_unstable();
        selection.targets.dedup();
        selection
    }

    /// Some files, with their neighbours as context.
    #[must_use]
    pub fn files(named: BTreeSet<String>) -> Self {
        let mut selection = Self::default();
        selection.with_neighbours(&named);
        selection.only = Some(named);
        selection.targets.sort_unstable();
        selection.targets.dedup();
        selection
    }

    fn with_neighbours(&mut self, named: &BTreeSet<String>) {
        let wanted = named.iter().filter(|path| Room::of_path(path).is_some());
        let folders: BTreeSet<&Path> = wanted.clone().filter_map(|path| Path::new(path).parent()).collect();
        // A file that is named and not there is told, not skipped.
        self.targets.extend(wanted.cloned());
        for folder in folders {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_file() {
                    self.add(&path);
                }
            }
        }
    }

    fn add(&mut self, path: &Path) {
        let path = shown(path);
        if Room::of_path(&path).is_some() {
            self.targets.push(path);
        } else {
            self.others += 1;
        }
    }
}

fn shown(path: &Path) -> String {
    let path = path.to_string_lossy();
    path.strip_prefix("./").unwrap_or(&path).to_owned()
}
