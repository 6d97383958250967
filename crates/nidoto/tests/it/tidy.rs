//! The house rules that a compiler does not know.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::repository;
use crate::support::root::TestRoot;

const LINES_MAX: usize = 500;
const FOLDERS: [&str; 5] = ["crates", "fuzz/fuzz_targets", "scripts", "labs", "docs"];

/// Files that people wrote: no snapshots, no recorded data, no tool's folder.
fn files(extensions: &[&str]) -> Vec<PathBuf> {
    let is_ours = |entry: &walkdir::DirEntry| {
        !["target", "node_modules", "snapshots", "evidence", "data", "testdata", "fixtures"]
            .contains(&entry.file_name().to_str().unwrap_or_default())
    };
    let mut found = Vec::new();
    for folder in FOLDERS {
        for entry in walkdir::WalkDir::new(repository().join(folder)).into_iter().filter_entry(is_ours).flatten() {
            let extension = entry.path().extension().and_then(|e| e.to_str()).unwrap_or_default();
            if entry.file_type().is_file() && extensions.contains(&extension) {
                found.push(entry.into_path());
            }
        }
    }
    assert!(!found.is_empty());
    found
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn named(path: &Path) -> String {
    path.strip_prefix(repository()).unwrap().display().to_string()
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = files(&["rs", "py", "sh", "js", "ts", "css"])
        .iter()
        .map(|path| (read(path).lines().count(), path))
        .filter(|(lines, _)| *lines > LINES_MAX)
        .map(|(lines, path)| format!("{}: {lines} lines", named(path)))
        .collect();
    assert!(long.is_empty(), "more than {LINES_MAX} lines:\n{}", long.join("\n"));
}

#[test]
fn nothing_is_left_for_later_and_nothing_is_unwrapped() {
    let mut faults = Vec::new();
    for path in files(&["rs"]) {
        let name = named(&path);
        let is_test = name.contains("/tests/") || name.contains("/benches/") || name.contains("/examples/");
        if is_test || name.starts_with("fuzz/") {
            continue;
        }
        let text = read(&path);
        let product = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (i, line) in product.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in ["todo!(", "unimplemented!(", ".unwrap()", "dbg!(", "#[allow("] {
                if line.contains(word) {
                    faults.push(format!("{name}:{}: {word}", i + 1));
                }
            }
        }
        for (i, line) in text.lines().enumerate() {
            if ["TODO", "FIXME", "XXX"].iter().any(|word| line.contains(word)) {
                faults.push(format!("{name}:{}: left for later", i + 1));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_dependency_says_why_it_is_here() {
    let manifest = read(repository().join("Cargo.toml"));
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    for line in section.lines().filter(|line| line.contains(" = ") && !line.contains("path = ")) {
        assert!(line.contains(" # ") || line.trim_start().starts_with('#'), "no reason: {line}");
    }
    for path in crates() {
        let manifest = read(path.join("Cargo.toml"));
        for section in manifest.split("\n[").filter(|section| section.contains("dependencies]")) {
            for line in section.lines().skip(1).filter(|line| line.contains('=')) {
                let is_shared = line.contains(".workspace = true") || line.contains("workspace = true");
                assert!(is_shared, "{}: `{line}` belongs to the workspace", named(&path));
            }
        }
    }
}

fn crates() -> Vec<PathBuf> {
    let entries = fs::read_dir(repository().join("crates")).unwrap();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.join("Cargo.toml").is_file()).collect()
}

/// Names of a manifest's section, development left out.
fn dependencies(path: &Path) -> Vec<String> {
    let manifest = read(path.join("Cargo.toml"));
    let section = manifest.split("\n[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let names = section.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| !name.is_empty() && !name.starts_with('#')).map(str::to_owned).collect()
}

/// Guards do no I/O: nothing below the binary reaches a runtime, a server or a command line.
#[test]
fn nothing_below_the_binary_reaches_the_world() {
    let lock = read(repository().join("Cargo.lock"));
    let mut graph: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let name = package.lines().find_map(|line| line.strip_prefix("name = ")).unwrap().trim_matches('"');
        let listed = package.split("dependencies = [").nth(1).unwrap_or_default().split(']').next().unwrap_or_default();
        let needs = listed.split(['"', '\n', ',']).filter_map(|word| word.split_whitespace().next());
        graph.entry(name).or_default().extend(needs);
    }
    for path in crates() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "nidoto" {
            continue;
        }
        let own = dependencies(&path);
        let mut reached: BTreeSet<&str> = own.iter().map(String::as_str).collect();
        let mut next: Vec<&str> = reached.iter().copied().filter(|name| !name.starts_with("nidoto_")).collect();
        while let Some(package) = next.pop() {
            for needed in graph.get(package).into_iter().flatten() {
                if reached.insert(needed) {
                    next.push(needed);
                }
            }
        }
        for refused in ["tokio", "axum", "clap", "ureq", "hyper"] {
            assert!(!reached.contains(refused), "{name} reaches {refused}");
        }
        assert!(!own.contains(&"nidoto".to_owned()), "{name} depends on the binary");
    }
}

fn kinds() -> Vec<String> {
    let run = TestRoot::empty().nidoto(&["explain", "--lang", "en"]).exits(0);
    let names = run.stdout.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    let names: Vec<String> =
        names.filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')).map(str::to_owned).collect();
    assert!(names.contains(&"threshold".to_owned()), "{}", run.stdout);
    names
}

#[test]
fn every_kind_has_an_example() {
    let mut used = String::new();
    for entry in walkdir::WalkDir::new(repository().join("examples/outages/incidents")).into_iter().flatten() {
        if entry.file_name() == "guards.yaml" {
            used += &read(entry.path());
        }
    }
    for kind in kinds() {
        assert!(used.contains(&format!("\n  {kind}:")), "no guard of examples/outages is of kind {kind}");
    }
}

#[test]
fn pages_of_guards_are_those_that_the_binary_writes() {
    let fresh = TestRoot::empty();
    fresh.nidoto(&["generate", "docs", "--to", "guards"]).exits(0);
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let kept = repository().join("docs/guards");
    assert_eq!(names(&kept), names(&fresh.path("guards")), "run `nidoto generate docs`");
    for name in names(&kept) {
        assert_eq!(read(kept.join(&name)), fresh.read(&format!("guards/{name}")), "{name}: run `nidoto generate docs`");
    }
}

/// What documents and messages tell people to type is there.
#[test]
fn documented_commands_exist() {
    let root = TestRoot::empty();
    let mut pages: Vec<PathBuf> = files(&["md", "rs"]);
    // Only what the binary is made of can speak to its users.
    let spoken: Vec<String> =
        dependencies(&repository().join("crates/nidoto")).into_iter().chain(["nidoto".into()]).collect();
    let speaks = |name: &str| spoken.iter().any(|part| name.starts_with(&format!("crates/{part}/src/")));
    pages.retain(|page| page.extension().is_some_and(|e| e == "md") || speaks(&named(page)));
    pages.extend(["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"].map(|name| repository().join(name)));
    let mut told = BTreeSet::new();
    for page in pages.iter().filter(|page| page.is_file()) {
        let text = read(page);
        for (at, _) in text.match_indices("nidoto ") {
            let is_command = text[..at].ends_with(['`', '\n']) || text[..at].ends_with("$ ");
            let word: String = text[at + 7..].chars().take_while(char::is_ascii_lowercase).collect();
            if is_command && !word.is_empty() {
                told.insert((word, named(page)));
            }
        }
    }
    for (command, page) in told {
        let run = root.nidoto(&[&command, "--help"]);
        assert_eq!(run.status, 0, "{page} tells of `nidoto {command}`: {}", run.stderr);
    }
}

/// What the list of commands says of a command its own help says too, though only one of them is declared in full.
#[test]
fn every_command_says_what_it_does() {
    let root = TestRoot::empty();
    let says_the_same = |above: &[&str]| {
        let list = root.nidoto(&[above, &["--help", "--width", "100"]].concat()).stdout;
        let commands = list.split("\nCommands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
        let told: Vec<(String, String)> = commands
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.split_once("  "))
            .map(|(name, about)| (name.trim().to_owned(), about.trim().to_owned()))
            .filter(|(name, _)| !name.is_empty() && name != "help")
            .collect();
        for (name, about) in &told {
            let own = root.nidoto(&[above, &[name.as_str(), "--help"]].concat()).stdout;
            assert!(own.replace('\n', " ").starts_with(about.as_str()), "{name}: {about}: {own}");
        }
        told.len()
    };
    assert!(says_the_same(&[]) >= 17 && says_the_same(&["heap"]) >= 5);
}
