//! What git knows: which files differ from a revision, and what its migrations were.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use nidoto_config::flyway::Before;
use nidoto_core::Words;

/// What differs from a revision. Paths are those below the folder that was asked about.
#[derive(Debug, Default)]
pub struct Changes {
    /// Files that were edited or are new.
    pub here: BTreeSet<String>,
    /// Files that only the revision has.
    pub gone: BTreeSet<String>,
    /// Files that are what they were.
    known: BTreeSet<String>,
    /// The blobs that edited files are in the revision.
    blobs: BTreeMap<String, String>,
    folder: PathBuf,
}

impl Changes {
    /// Asks git about a folder.
    pub fn since(folder: &Path, revision: &str) -> Result<Self> {
        if revision.starts_with('-') {
            bail!(Words::new(
                format!("`{revision}` is no git revision"),
                format!("`{revision}` は git のリビジョンではありません")
            ));
        }
        // Both at once: most of their time is their start.
        let differing = ["diff", "--raw", "--no-abbrev", "--no-renames", "--relative", "-z", revision, "--"];
        let differing = Git::start(folder, &differing)?;
        let known = Git::start(folder, &["ls-files", "-t", "--cached", "--others", "--exclude-standard", "-z"])?;
        let mut changes = Self { folder: folder.to_owned(), ..Self::default() };
        let known = known.output()?;
        for (tag, path) in names(&known).filter_map(|name| Some((name.chars().next()?, name.get(2..)?.to_owned()))) {
            // `?`: git does not know it yet.
            if tag == '?' {
                changes.here.insert(path)
            } else {
                changes.known.insert(path)
            };
        }
        let differing = differing.output()?;
        let mut fields = names(&differing);
        // `:100644 100644 OLD NEW M`, then the path.
        while let (Some(about), Some(path)) = (fields.next(), fields.next()) {
            let blob = about.split(' ').nth(2).filter(|id| id.bytes().any(|b| b != b'0'));
            changes.known.remove(&path);
            if about.ends_with('D') {
                changes.gone.insert(path);
                continue;
            }
            changes.blobs.extend(blob.map(|id| (path.clone(), id.to_owned())));
            changes.here.insert(path);
        }
        Ok(changes)
    }

    /// Every path that differs.
    pub fn paths(&self) -> impl Iterator<Item = &String> {
        self.here.iter().chain(&self.gone)
    }

    /// The SQL files of the revision, with what became of them. Only those that were edited are read.
    pub fn migrations(&self) -> Result<BTreeMap<String, Before>> {
        let is_sql = |path: &&String| Path::new(path).extension().is_some_and(|ext| ext == "sql");
        let of = |paths: &BTreeSet<String>| paths.iter().filter(is_sql).cloned().collect::<Vec<_>>();
        let same = of(&self.known).into_iter().map(|path| (path, Before::Same));
        let gone = of(&self.gone).into_iter().map(|path| (path, Before::Gone));
        let mut before: BTreeMap<String, Before> = same.chain(gone).collect();
        let edited: Vec<(&String, &String)> = self.blobs.iter().filter(|(path, _)| is_sql(path)).collect();
        let texts = texts(&self.folder, &edited.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>())?;
        before.extend(edited.into_iter().map(|(path, _)| path.clone()).zip(texts.into_iter().map(Before::Edited)));
        Ok(before)
    }
}

/// The texts of blobs, by one `git cat-file --batch`.
fn texts(folder: &Path, ids: &[&str]) -> Result<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut git = Git::start(folder, &["cat-file", "--batch"])?;
    let mut stdin = git.child.stdin.take().context("failed to write to git")?;
    let wanted = ids.join("\n") + "\n";
    // From a thread of its own: git answers before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(wanted.as_bytes()));
    let output = git.output()?;
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

/// A git that runs.
struct Git {
    child: Child,
    asked: String,
}

impl Git {
    fn start(folder: &Path, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new("git");
        // Asking writes nothing: without this git would refresh its index on the way.
        command.env("GIT_OPTIONAL_LOCKS", "0").arg("-C").arg(folder).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Self { child: command.spawn().context("failed to run git")?, asked: arguments.join(" ") })
    }

    fn output(self) -> Result<Vec<u8>> {
        let output = self.child.wait_with_output().context("failed to read from git")?;
        if !output.status.success() {
            bail!("git {}: {}", self.asked, String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(output.stdout)
    }
}

/// What git separates by zeros.
fn names(output: &[u8]) -> impl Iterator<Item = String> {
    output.split(|b| *b == 0).filter(|name| !name.is_empty()).map(|name| String::from_utf8_lossy(name).into_owned())
}
