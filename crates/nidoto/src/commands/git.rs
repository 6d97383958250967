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
    /// The blobs that edited files are in the revision, each with a folder of its repository.
    blobs: BTreeMap<String, (PathBuf, String)>,
}

impl Changes {
    /// Asks git about a folder, on behalf of a path: errors name that.
    pub fn since(folder: &Path, path: &str, revision: &str) -> Result<Self> {
        if revision.starts_with('-') {
            bail!(no_revision(path, revision));
        }
        Self::ask(folder, revision).map_err(|error| why(folder, path, revision).map_or(error, anyhow::Error::new))
    }

    fn ask(folder: &Path, revision: &str) -> Result<Self> {
        // Both at once: most of their time is their start.
        let differing = ["diff", "--raw", "--no-abbrev", "--no-renames", "--relative", "-z", revision, "--"];
        let differing = Git::start(folder, &differing)?;
        let known = Git::start(folder, &["ls-files", "-t", "--cached", "--others", "--exclude-standard", "-z"])?;
        let mut changes = Self::default();
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
            changes.blobs.extend(blob.map(|id| (path.clone(), (folder.to_owned(), id.to_owned()))));
            changes.here.insert(path);
        }
        Ok(changes)
    }

    /// The same, with paths that begin with the folder's own.
    #[must_use]
    pub fn named(self, folder: &Path) -> Self {
        let name = |path: String| folder.join(path).to_string_lossy().into_owned();
        let names = |paths: BTreeSet<String>| paths.into_iter().map(name).collect();
        Self {
            here: names(self.here),
            gone: names(self.gone),
            known: names(self.known),
            blobs: self.blobs.into_iter().map(|(path, blob)| (name(path), blob)).collect(),
        }
    }

    /// Adds what differs elsewhere.
    pub fn extend(&mut self, mut other: Self) {
        self.here.append(&mut other.here);
        self.gone.append(&mut other.gone);
        self.known.append(&mut other.known);
        self.blobs.append(&mut other.blobs);
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
        let mut edited: BTreeMap<&Path, Vec<(&String, &str)>> = BTreeMap::new();
        for (path, (folder, id)) in self.blobs.iter().filter(|(path, _)| is_sql(path)) {
            edited.entry(folder).or_default().push((path, id));
        }
        for (folder, edited) in edited {
            let texts = texts(folder, &edited.iter().map(|(_, id)| *id).collect::<Vec<_>>())?;
            before.extend(edited.iter().map(|(path, _)| (*path).clone()).zip(texts.into_iter().map(Before::Edited)));
        }
        Ok(before)
    }
}

fn no_revision(path: &str, revision: &str) -> Words {
    Words::new(
        format!("the git repository of {path} has no revision `{revision}`: name another, or `git fetch` it first"),
        format!(
            "{path} の git リポジトリにリビジョン `{revision}` はありません: 別のものを指定するか、先に `git fetch` してください"
        ),
    )
}

/// Why git could not say what differs, where that is known.
fn why(folder: &Path, path: &str, revision: &str) -> Option<Words> {
    let answers = |arguments: &[&str]| Git::start(folder, arguments).and_then(Git::output);
    if let Err(error) = answers(&["rev-parse", "--git-dir"]) {
        return Some(Words::new(
            format!(
                "{path} is in no repository that git reads, so nothing of it can differ from `{revision}`: leave the revision out, or name paths in a repository ({error})"
            ),
            format!(
                "{path} は git が読めるリポジトリの中になく、`{revision}` との差を調べられません: リビジョンの指定を外すか、リポジトリの中のパスを指定してください ({error})"
            ),
        ));
    }
    answers(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{tree}}")])
        .err()
        .map(|_| no_revision(path, revision))
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
        // A hook is run with these set to its own repository; another folder may have another one.
        if folder != Path::new(".") {
            command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_INDEX_FILE");
        }
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
