//! What a git revision holds of migrations.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The SQL files of a revision below the current folder, by path.
pub fn migrations(revision: &str) -> Result<BTreeMap<String, String>> {
    let listed =
        Command::new("git").args(["ls-tree", "-r", "-z", revision, "--", "."]).output().context("failed to run git")?;
    if !listed.status.success() {
        bail!("git ls-tree {revision}: {}", String::from_utf8_lossy(&listed.stderr).trim());
    }
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let blobs: Vec<(&str, &str)> = listed
        .split('\0')
        .filter_map(|entry| {
            let (about, path) = entry.split_once('\t')?;
            let is_sql = path.ends_with(".sql");
            is_sql.then_some((about.split(' ').nth(2)?, path))
        })
        .collect();
    let texts = read(&blobs.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
    Ok(blobs.iter().map(|(_, path)| (*path).to_owned()).zip(texts).collect())
}

/// The texts of blobs, by one `git cat-file --batch`.
fn read(ids: &[&str]) -> Result<Vec<String>> {
    let mut git = Command::new("git")
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("failed to run git")?;
    let mut stdin = git.stdin.take().context("failed to write to git")?;
    let wanted = ids.join("\n") + "\n";
    // From a thread of its own: git answers before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(wanted.as_bytes()));
    let output = git.wait_with_output().context("failed to read from git")?.stdout;
    writer.join().ok().context("failed to write to git")?.context("failed to write to git")?;
    let mut texts = Vec::new();
    let mut rest = output.as_slice();
    while texts.len() < ids.len() {
        let end = rest.iter().position(|b| *b == b'\n').context("git ended early")?;
        let size = String::from_utf8_lossy(&rest[..end]).rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
        let size = size.context("git answered what it does not promise")?;
        let body = rest.get(end + 1..end + 1 + size).context("git ended early")?;
        texts.push(String::from_utf8_lossy(body).into_owned());
        rest = rest.get(end + 2 + size..).unwrap_or_default();
    }
    Ok(texts)
}
