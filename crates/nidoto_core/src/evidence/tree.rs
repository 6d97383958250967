//! Files as they stood somewhere in the world.

use std::fs;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use walkdir::WalkDir;

/// A file of this size or more is not read: no configuration is that large.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// More files below one root are refused.
const FILES_MAX: usize = 200_000;

/// Files below a place, as they stood during a span of time.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The place in the world: a folder, or the path of the only file.
    pub root: String,
    /// From when on it stood so, in milliseconds since the epoch.
    pub from_ms: i64,
    /// Until when it was seen to stand so.
    pub to_ms: i64,
    /// The patterns that were looked for; empty where everything below the root was.
    pub only: Vec<String>,
    /// The files, by their path in the world, sorted.
    pub files: Vec<TreeFile>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct TreeFile {
    /// Its path in the world.
    pub path: String,
    /// Its bytes, or why they could not be read.
    pub bytes: Result<Vec<u8>, String>,
}

impl Tree {
    /// Whether the tree would hold a path that matches this pattern if there were one: it lies at
    /// or below the root, and was looked for.
    #[must_use]
    pub fn covers(&self, pattern: &str) -> bool {
        let root = normal(&self.root);
        let is_below = normal(pattern) == root || places(pattern).any(|place| place == root);
        let is_looked_for =
            |only: &String| normal(only) == normal(pattern) || matcher(only).is_ok_and(|m| m.is_match(normal(pattern)));
        is_below && (self.only.is_empty() || self.only.iter().any(is_looked_for))
    }

    /// Reads a folder, or a single file, that stands for `root` in the world. Symbolic links are not
    /// followed: no hash covers what they lead to.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn read(stored: &Path, root: &str, span_ms: (i64, i64)) -> Result<Self, String> {
        let mut files = Vec::new();
        for entry in WalkDir::new(stored) {
            let entry = entry.map_err(|error| error.to_string())?;
            if !entry.file_type().is_file() {
                continue;
            }
            if files.len() >= FILES_MAX {
                return Err(format!("more than {FILES_MAX} files below {}", stored.display()));
            }
            let below = entry.path().strip_prefix(stored).unwrap_or(entry.path()).to_string_lossy().replace('\\', "/");
            let path = if below.is_empty() { normal(root) } else { join(root, &below) };
            files.push(TreeFile { path, bytes: read_file(entry.path()) });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { root: root.to_owned(), from_ms: span_ms.0, to_ms: span_ms.1, only: Vec::new(), files })
    }
}

/// Reads a file of reasonable size.
///
/// # Errors
/// When it cannot be read or is too large.
pub fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size >= FILE_BYTES_MAX {
        return Err(format!("{size} bytes are too many: the limit is {FILE_BYTES_MAX}"));
    }
    fs::read(path).map_err(|error| error.to_string())
}

/// A matcher for a path pattern: `*` stays within a folder, `**` does not.
///
/// # Errors
/// When the pattern is not one.
pub fn matcher(pattern: &str) -> Result<PathMatcher, String> {
    let pattern = normal(pattern);
    if !pattern.contains(['*', '?', '[', ']', '{', '}', '\\']) {
        return Ok(PathMatcher::Exact(pattern.into()));
    }
    let glob = GlobBuilder::new(&pattern).literal_separator(true).build();
    glob.map(|glob| PathMatcher::Glob(glob.compile_matcher())).map_err(|error| error.kind().to_string())
}

/// What a path pattern matches. Most patterns name one file, and comparing costs nothing.
#[derive(Clone, Debug)]
pub enum PathMatcher {
    /// One path.
    Exact(PathBuf),
    /// Any path of this form.
    Glob(GlobMatcher),
}

impl PathMatcher {
    /// Whether a path matches.
    #[must_use]
    pub fn is_match(&self, path: impl AsRef<Path>) -> bool {
        match self {
            Self::Exact(exact) => exact == path.as_ref(),
            Self::Glob(glob) => glob.is_match(path),
        }
    }
}

/// The folders of a pattern before its first wildcard: where a search has to begin.
#[must_use]
pub fn fixed_part(pattern: &str) -> String {
    let is_wild = |part: &str| part.contains(['*', '?', '[', '{']);
    let pattern = normal(pattern);
    let parts: Vec<&str> = pattern.split('/').take_while(|part| !is_wild(part)).collect();
    if parts == [""] { "/".to_owned() } else { parts.join("/") }
}

/// The places whose trees may hold what a pattern matches: the pattern itself, its fixed part, and
/// every folder above.
pub fn places(pattern: &str) -> impl Iterator<Item = String> {
    let whole = normal(pattern);
    let mut next = Some(fixed_part(pattern));
    let above = std::iter::from_fn(move || {
        let place = next.take()?;
        next = match place.rfind('/') {
            _ if place.is_empty() || place == "/" => None,
            Some(0) => Some("/".to_owned()),
            Some(i) => Some(place[..i].to_owned()),
            None => Some(String::new()),
        };
        Some(place)
    });
    std::iter::once(whole.clone()).chain(above.filter(move |place| *place != whole))
}

/// A path without `./` in front, doubled slashes and a slash at the end.
#[must_use]
pub fn normal(path: &str) -> String {
    let absolute = path.starts_with('/');
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

fn join(root: &str, below: &str) -> String {
    normal(&format!("{root}/{below}").replacen("//", "/", usize::from(root.ends_with('/'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_covers_what_lies_below_its_root() {
        let tree = |root: &str| Tree { root: root.into(), from_ms: 0, to_ms: 0, only: vec![], files: vec![] };
        assert!(tree("/etc/nginx").covers("/etc/nginx/**/*.conf"));
        assert!(tree("/etc/nginx/").covers("/etc/nginx/nginx.conf"));
        assert!(!tree("/etc/nginx").covers("/etc/nginx-old/a"));
        assert!(!tree("/etc/nginx").covers("/etc/*.conf"));
        assert!(tree("db/migration").covers("./db/migration/V*.sql"));
        assert!(!tree("db/migration").covers("/db/migration/x"));
        assert!(tree("Dockerfile").covers("Dockerfile"));
        assert!(tree("/").covers("/srv/x") && !tree("/").covers("srv/x"));
        let only = Tree { only: vec!["/etc/nginx/*.conf".into()], ..tree("/etc/nginx") };
        assert!(
            only.covers("/etc/nginx/*.conf") && only.covers("/etc/nginx/a.conf") && !only.covers("/etc/nginx/a.txt")
        );
    }

    #[test]
    fn a_star_stays_within_its_folder() {
        let matches = |pattern: &str, path: &str| matcher(pattern).unwrap().is_match(path);
        assert!(
            matches("/etc/nginx/*.conf", "/etc/nginx/a.conf") && !matches("/etc/nginx/*.conf", "/etc/nginx/b/a.conf")
        );
        assert!(matches("/etc/nginx/**/*.conf", "/etc/nginx/a.conf"));
        assert!(matches("./etc//a.conf", "etc/a.conf") && !matches("etc/a.conf", "/etc/a.conf"));
        assert!(matches("etc/a\\[1].conf", "etc/a[1].conf") && matcher("etc/a[.conf").is_err());
        assert_eq!(fixed_part("/etc/nginx/**/*.conf"), "/etc/nginx");
        assert_eq!(fixed_part("/*.conf"), "/");
        assert_eq!(fixed_part("db/V?.sql"), "db");
    }
}
