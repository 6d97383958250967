//! Files of the world that match patterns.

use std::io::ErrorKind;
use std::path::Path;

use nidoto_core::Words;
use nidoto_core::evidence::Tree;
use nidoto_core::evidence::tree::{TreeFile, matcher, normal, read_file};
use walkdir::WalkDir;

/// More files below one place are refused: such a pattern is a mistake.
const FILES_MAX: usize = 500_000;

/// Reads the files below `place` that match one of the patterns. Both are absolute, or relative to
/// the root. A place that is not there is a tree without files: somebody looked.
///
/// # Errors
/// When a folder on the way cannot be read, or there are too many files.
pub fn read(root: &Path, place: &str, patterns: &[String], at_ms: i64) -> Result<Tree, Words> {
    let matchers =
        patterns.iter().map(|pattern| matcher(pattern)).collect::<Result<Vec<_>, _>>().map_err(Words::same)?;
    let unreadable = |error: &dyn std::fmt::Display| {
        Words::new(
            format!("the files at {place} cannot be read: {error}"),
            format!("{place} のファイルが読めません: {error}"),
        )
    };
    let start = root.join(place);
    let mut files = Vec::new();
    match std::fs::metadata(&start) {
        Ok(meta) if meta.is_file() => files.push(TreeFile { path: normal(place), bytes: read_file(&start) }),
        Ok(_) => {
            for (seen, entry) in WalkDir::new(&start).follow_links(true).into_iter().enumerate() {
                let entry = match entry {
                    Ok(entry) => entry,
                    // A link to nothing is a file that is not there; a link in a circle leads nowhere new.
                    Err(error) if error.loop_ancestor().is_some() => continue,
                    Err(error) if error.io_error().is_some_and(|e| e.kind() == ErrorKind::NotFound) => continue,
                    Err(error) => return Err(unreadable(&error)),
                };
                if seen > FILES_MAX {
                    return Err(unreadable(&format!("more than {FILES_MAX} files")));
                }
                let below =
                    entry.path().strip_prefix(&start).unwrap_or(entry.path()).to_string_lossy().replace('\\', "/");
                let path = normal(&format!("{}/{below}", normal(place)));
                if entry.file_type().is_file() && matchers.iter().any(|matcher| matcher.is_match(&path)) {
                    files.push(TreeFile { path, bytes: read_file(entry.path()) });
                }
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound || error.kind() == ErrorKind::NotADirectory => {}
        Err(error) => return Err(unreadable(&error)),
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Tree { root: place.to_owned(), from_ms: at_ms, to_ms: at_ms, only: patterns.to_vec(), files })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_and_absent_places_are_no_errors() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("etc/sub")).unwrap();
        std::fs::write(dir.path().join("etc/sub/a.conf"), "x").unwrap();
        std::os::unix::fs::symlink("..", dir.path().join("etc/sub/up")).unwrap();
        std::os::unix::fs::symlink("nowhere", dir.path().join("etc/sub/gone.conf")).unwrap();
        let tree = read(dir.path(), "etc", &["etc/**/*.conf".into()], 0).unwrap();
        assert_eq!(tree.files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["etc/sub/a.conf"]);
        assert!(read(dir.path(), "none", &["none/*".into()], 0).unwrap().files.is_empty());
        let single = read(dir.path(), "etc/sub/a.conf", &["etc/sub/a.conf".into()], 0).unwrap();
        assert_eq!(single.files[0].bytes.as_deref(), Ok(&b"x"[..]));
    }
}
