//! Which files a scan looks at, and which of them it speaks of.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, DirEntry};
use std::path::Path;

use ignore::WalkBuilder;
use nidoto_config::scan::Room;

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

impl Selection {
    /// Everything below some paths that git does not ignore; of a file, its context.
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
            selection.with_context(&named, &BTreeSet::new());
            selection.only = Some(below.into_iter().chain(named).collect());
        }
        selection.sorted()
    }

    /// Some files, and some that are gone, with their context.
    #[must_use]
    pub fn files(named: BTreeSet<String>, gone: BTreeSet<String>) -> Self {
        let mut selection = Self::default();
        selection.with_context(&named, &gone);
        selection.only = Some(named.into_iter().chain(gone).collect());
        selection.sorted()
    }

    fn sorted(mut self) -> Self {
        self.targets.sort_unstable();
        self.targets.dedup();
        self
    }

    /// Some files and what they are judged with: the files beside them, the units and links of a
    /// drop-in's manager, and above them the files that rule over folders below: `nginx.conf` and what
    /// includes it, compose files, Flyway's settings. A dozen folders are listed, nothing is walked.
    fn with_context(&mut self, named: &BTreeSet<String>, gone: &BTreeSet<String>) {
        let is_ours = |path: &&String| Room::of_path(path).is_some();
        // A file that is named and not there is told, not skipped.
        self.targets.extend(named.iter().filter(is_ours).cloned());
        let wanted = named.iter().chain(gone).filter(is_ours);
        let mut beside: BTreeSet<&Path> = BTreeSet::new();
        for path in wanted {
            let folder = Path::new(path).parent().unwrap_or(Path::new(""));
            beside.insert(folder);
            if folder.extension().is_some_and(|ext| ["d", "wants", "requires"].iter().any(|known| ext == *known)) {
                beside.extend(folder.parent());
            }
        }
        let mut climbed: HashSet<&Path> = HashSet::new();
        for folder in beside {
            if !self.beside(folder) {
                self.above(folder, &mut climbed);
            }
        }
    }

    /// Everything in a folder, and whether it is the top of a repository.
    fn beside(&mut self, folder: &Path) -> bool {
        let mut is_top = false;
        for entry in entries(folder) {
            is_top |= entry.file_name() == ".git";
            if is_file(&entry) {
                self.add(&entry.path());
            } else if is_unit_folder(&entry.path()) {
                entries(&entry.path()).for_each(|entry| self.add(&entry.path()));
            }
        }
        is_top
    }

    /// What rules over a folder from above it, up to the top of the repository.
    fn above<'p>(&mut self, folder: &'p Path, climbed: &mut HashSet<&'p Path>) {
        // Behind `..` the words of a path do not lead further up.
        let last = folder.ancestors().find(|folder| folder.ends_with(".."));
        let is_above = |above: &&Path| *above != Path::new("/") && last.is_none_or(|last| above.starts_with(last));
        for folder in folder.ancestors().skip(1).take_while(is_above) {
            if !climbed.insert(folder) {
                return;
            }
            let mut is_top = false;
            for entry in entries(folder) {
                is_top |= entry.file_name() == ".git";
                if Room::rules_below(&entry.file_name().to_string_lossy()) && is_file(&entry) {
                    self.add(&entry.path());
                } else if entry.file_name() == "config" && folder.ends_with("resources") {
                    // Spring Boot reads its files there too.
                    let inner = entries(&entry.path());
                    inner
                        .filter(|one| Room::rules_below(&one.file_name().to_string_lossy()))
                        .for_each(|one| self.add(&one.path()));
                }
            }
            if is_top {
                return;
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

/// A folder of drop-ins or of links that enable units.
fn is_unit_folder(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some((unit, ext)) = name.rsplit_once('.') else { return false };
    unit.contains('.') && ["d", "wants", "requires"].contains(&ext) && path.is_dir()
}

fn entries(folder: &Path) -> impl Iterator<Item = DirEntry> + use<> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    fs::read_dir(folder).into_iter().flatten().flatten()
}

/// Whether an entry is a file or leads to one; most folders say so without being asked of each entry.
fn is_file(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_file() || (kind.is_symlink() && entry.path().is_file()))
}

fn shown(path: &Path) -> String {
    let path = path.to_string_lossy();
    path.strip_prefix("./").unwrap_or(&path).to_owned()
}
