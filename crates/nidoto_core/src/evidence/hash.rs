//! SHA-256 of evidence: of a file's bytes, or of a folder's list of sums.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use walkdir::WalkDir;

/// SHA-256 of a file, or of a folder as `docs/format.md` says, in lower-case hexadecimal.
///
/// # Errors
/// When something cannot be read.
pub fn sha256(path: &Path) -> io::Result<String> {
    if path.is_dir() { folder(path) } else { file(path) }
}

/// SHA-256 of bytes, in lower-case hexadecimal.
#[must_use]
pub fn sha256_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex(&hasher.finalize())),
            n => hasher.update(&chunk[..n]),
        }
    }
}

/// One line `<sum>  <relative path>\n` a file, sorted by path in bytes, hashed.
fn folder(dir: &Path) -> io::Result<String> {
    let mut lines = Vec::new();
    for entry in WalkDir::new(dir) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let name = relative(dir, entry.path());
            lines.push((name, file(entry.path())?));
        }
    }
    lines.sort();
    let text: String = lines.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    Ok(sha256_bytes(text.as_bytes()))
}

fn relative(dir: &Path, path: &Path) -> String {
    path.strip_prefix(dir).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_hashes_as_sha256sum_does() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("b")).unwrap();
        std::fs::write(dir.path().join("b/c"), "1").unwrap();
        std::fs::write(dir.path().join("a b"), "2").unwrap();
        let command = "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum";
        let output = std::process::Command::new("sh").args(["-c", command]).current_dir(dir.path()).output().unwrap();
        let want = String::from_utf8(output.stdout).unwrap();
        assert_eq!(sha256(dir.path()).unwrap(), want.split(' ').next().unwrap());
    }
}
