//! Writing so that nothing is ever lost or half-written.
//!
//! A file is replaced by a complete one (temporary file beside it, fsync, rename, fsync of the
//! folder) under a lock, and only if it still is what was read.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::words::Words;

/// A file as it was read, to be written back if nobody else changed it meanwhile.
#[derive(Clone, Debug)]
pub struct Draft {
    path: PathBuf,
    /// What the file held; `None` where there was no file.
    base: Option<Vec<u8>>,
}

impl Draft {
    /// Reads a file; an absent one is an empty draft.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let base = match fs::read(path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("failed to read {}", path.display())),
        };
        Ok(Self { path: path.to_owned(), base })
    }

    /// What was read, as text.
    ///
    /// # Errors
    /// When it is not UTF-8: editing it as text could lose bytes.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(self.base.as_deref().unwrap_or_default())
            .with_context(|| format!("failed to read {}: it is not UTF-8", self.path.display()))
    }

    /// Writes new contents, or nothing and false if somebody changed the file since it was read.
    ///
    /// # Errors
    /// On I/O failure.
    pub fn write_unless_changed(&self, new: &[u8]) -> Result<bool> {
        let folder = self.path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let _lock = lock(folder)?;
        if Self::read(&self.path)?.base != self.base {
            return Ok(false);
        }
        replace(&self.path, new).map(|()| true)
    }
}

/// Replaces a file by one with these contents, or leaves it as it was.
///
/// # Errors
/// On I/O failure.
pub fn replace(path: &Path, contents: &[u8]) -> Result<()> {
    let write = || -> io::Result<()> {
        let temporary = temporary(path);
        let mut file = File::create(&temporary)?;
        let done = file.write_all(contents).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&temporary, path));
        if done.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        done?;
        sync_folder(path)
    };
    write().with_context(|| format!("failed to write {}", path.display()))
}

/// Makes a folder with these files, all at once: it is built in `.nidoto/` of the root and then
/// moved, so that nobody ever sees a part of it.
///
/// # Errors
/// When the folder is already there, or on I/O failure.
pub fn create_dir(root: &Path, dir: &Path, files: &[(&str, String)]) -> Result<()> {
    let parent = dir.parent().unwrap_or(root);
    fs::create_dir_all(parent).with_context(|| format!("failed to create {}", parent.display()))?;
    let _lock = lock(parent)?;
    if dir.exists() {
        let dir = dir.display();
        bail!(Words::new(
            format!("{dir} is already there: nothing was written"),
            format!("{dir} はすでにあります: 何も書いていません")
        ));
    }
    let staging = root.join(".nidoto").join(format!("new-{}", std::process::id()));
    let build = || -> io::Result<()> {
        if staging.exists() {
            fs::remove_dir_all(&staging)?;
        }
        fs::create_dir_all(&staging)?;
        for (name, text) in files {
            let path = staging.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&staging))?;
            let mut file = File::create(&path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        fs::rename(&staging, dir)?;
        sync_folder(dir)
    };
    build().with_context(|| format!("failed to create {}", dir.display()))
}

/// The temporary file of a target; one that a killed process left is overwritten by the next.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.tmp"))
}

/// Writers of one folder take turns; the lock goes with the process that holds it.
fn lock(folder: &Path) -> Result<File> {
    let lock = || -> io::Result<File> {
        let file = File::open(folder)?;
        file.lock()?;
        Ok(file)
    };
    lock().with_context(|| format!("failed to lock {}", folder.display()))
}

/// A rename lasts only once the folder is on disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_concurrent_change_is_detected() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.md");
        let first = Draft::read(&path).unwrap();
        let second = Draft::read(&path).unwrap();
        assert!(first.write_unless_changed(b"one").unwrap());
        assert!(!second.write_unless_changed(b"two").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("incidents/a");
        create_dir(
            dir.path(),
            &target,
            &[("incident.md", "x".into()), ("evidence/manifest.yaml", "items: []\n".into())],
        )
        .unwrap();
        assert_eq!(fs::read_to_string(target.join("evidence/manifest.yaml")).unwrap(), "items: []\n");
        assert!(create_dir(dir.path(), &target, &[]).is_err());
    }
}
