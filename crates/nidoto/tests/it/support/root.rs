//! A root of its own for each test, and the built binary run in it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nidoto_core::evidence::sha256;
use tempfile::TempDir;

pub struct TestRoot {
    dir: TempDir,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Both outputs, for tests of what must or must not be said anywhere.
    pub fn said(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same run, if it ended with this status.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}", self.said());
        self
    }
}

impl TestRoot {
    /// An empty folder.
    pub fn empty() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    /// A root with this `nidoto.yaml`.
    pub fn new(config: &str) -> Self {
        let root = Self::empty();
        root.write("nidoto.yaml", config);
        root
    }

    /// A copy of another root.
    pub fn copy_of(from: &Path) -> Self {
        let root = Self::empty();
        for entry in walkdir::WalkDir::new(from).into_iter().filter_entry(|entry| entry.file_name() != ".nidoto") {
            let entry = entry.unwrap();
            let to = root.path(entry.path().strip_prefix(from).unwrap().to_str().unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(to).unwrap();
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
        root
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file and the folders that it needs.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// An incident with these times and guards, and no evidence yet.
    pub fn incident(&self, id: &str, times: &str, guards: &str) {
        self.write(&format!("incidents/{id}/incident.md"), format!("---\nid: {id}\ntitle: {id}\n{times}---\n"));
        self.write(&format!("incidents/{id}/guards.yaml"), guards);
    }

    /// A file of evidence and its item in the manifest; `keys` is what the manifest says of it.
    pub fn evidence(&self, id: &str, path: &str, keys: &str, contents: impl AsRef<[u8]>) {
        let folder = format!("incidents/{id}/evidence");
        self.write(&format!("{folder}/{path}"), contents);
        let sum = sha256(&self.path(&format!("{folder}/{path}"))).unwrap();
        let manifest = self.path(&format!("{folder}/manifest.yaml"));
        let mut text = fs::read_to_string(&manifest).unwrap_or_else(|_| "items:\n".into());
        text += &format!("  - path: {path}\n");
        for line in keys.lines().chain([format!("sha256: {sum}").as_str()]) {
            text += &format!("    {line}\n");
        }
        fs::write(manifest, text).unwrap();
    }

    /// The binary in this root, with nothing of the tester's environment that changes its words.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nidoto"));
        command.args(arguments).current_dir(self.dir.path()).stdin(Stdio::null());
        for name in ["LC_ALL", "LC_MESSAGES", "COLUMNS", "NO_COLOR", "TERM", "CI"] {
            command.env_remove(name);
        }
        command.env("LANG", "C.UTF-8").env("TZ", "UTC").env("USER", "tester").env("LOGNAME", "tester");
        command
    }

    /// Runs the binary in this root.
    pub fn nidoto(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("nidoto writes UTF-8");
    Run { status: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Samples of one series as OpenMetrics text, so many seconds apart.
pub fn samples(series: &str, from: &str, step_s: i64, values: impl IntoIterator<Item = f64>) -> String {
    let from_s = from.parse::<jiff::Timestamp>().unwrap().as_second();
    let mut out = Vec::new();
    for (i, value) in values.into_iter().enumerate() {
        writeln!(out, "{series} {value} {}", from_s + i as i64 * step_s).unwrap();
    }
    String::from_utf8(out).unwrap()
}
