//! A root: a folder with `nidoto.yaml`, its incidents and guards.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jiff::tz::TimeZone;

use super::changes::{Change, read_changes};
use super::config::Config;
use super::guards::{BrokenGuard, Reader, guard_file_schema, read_guards};
use super::incident::Incident;
use super::manifest::Manifest;
use crate::diag::{Diag, Pos};
use crate::evidence::Evidence;
use crate::guard::{GuardSpec, Kind, Need};
use crate::when;
use crate::words::Words;

/// A root and all that could be read of it.
#[derive(Debug)]
pub struct Root {
    /// The folder that holds `nidoto.yaml`.
    pub dir: PathBuf,
    /// `nidoto.yaml`.
    pub config: Config,
    /// The incidents, oldest first.
    pub incidents: Vec<Incident>,
    /// All guards, those of incidents first.
    pub guards: Vec<GuardSpec>,
    /// Guards that could not be read.
    pub broken: Vec<BrokenGuard>,
    /// The journal of changes, in order of time.
    pub changes: Vec<Change>,
    /// What could not be read of the journal: whoever needs it is blind.
    pub change_fault: Option<Words>,
    /// What is wrong with files that may hold guards or sources: whoever relies on them is blind.
    pub diags: Vec<Diag>,
    /// What is wrong with texts: postmortems and the journal. Worth a word, but no guard is lost.
    pub notes: Vec<Diag>,
}

impl Root {
    /// The root at or above a folder, if there is one: the nearest folder with a `nidoto.yaml`.
    #[must_use]
    pub fn above(from: &Path) -> Option<PathBuf> {
        let start = fs::canonicalize(from).ok()?;
        let dir = start.ancestors().find(|dir| dir.join("nidoto.yaml").is_file())?;
        Some(if dir == start { from.to_owned() } else { dir.to_owned() })
    }

    /// The same where a root is needed.
    ///
    /// # Errors
    /// When there is none; the message says how to make one.
    pub fn find(from: &Path) -> Result<PathBuf> {
        fs::metadata(from).with_context(|| format!("failed to open {}", from.display()))?;
        if let Some(dir) = Self::above(from) {
            return Ok(dir);
        }
        let from = from.display();
        bail!(Words::new(
            format!("no nidoto.yaml in {from} or above it: `nidoto init` makes one"),
            format!("{from} にもその上にも nidoto.yaml がありません: `nidoto init` で作れます")
        ))
    }

    /// Reads a root. Only an unreadable folder is an error; all else becomes `diags`.
    ///
    /// # Errors
    /// When the folder itself cannot be read.
    pub fn read(dir: &Path, kinds: &[&'static Kind]) -> Result<Self> {
        let mut diags = Vec::new();
        let config_path = shown(dir, "nidoto.yaml");
        let (config, faults) = match read_text(&dir.join("nidoto.yaml"), &config_path, &mut diags) {
            Some(text) => Config::read(&config_path, &text),
            None => (Config::default(), Vec::new()),
        };
        diags.extend(faults);
        let zone = config.zone();
        let mut root = Self {
            dir: dir.to_owned(),
            config,
            incidents: Vec::new(),
            guards: Vec::new(),
            broken: Vec::new(),
            changes: Vec::new(),
            change_fault: None,
            diags,
            notes: Vec::new(),
        };
        root.read_incidents(&zone)?;
        root.read_guards(kinds)?;
        root.read_changes(&zone);
        root.check_names();
        Ok(root)
    }

    /// Puts the journal of changes into evidence.
    pub fn tell_changes(&self, evidence: &mut Evidence) {
        let zone = self.zone();
        let timed = self.changes.iter().filter_map(|change| Some((when::ms(change.time(&zone)?), change.clone())));
        evidence.add_changes(timed);
        if let Some(why) = &self.change_fault {
            evidence.add_fault(&Need::Changes, "", why.clone());
        }
    }

    /// The team's zone.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        self.config.zone()
    }

    /// An incident by its id, or by a beginning or part of it that only one has.
    ///
    /// # Errors
    /// When none or several fit.
    pub fn incident(&self, name: &str) -> Result<&Incident> {
        let name = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
        if let Some(exact) = self.incidents.iter().find(|incident| incident.id == name) {
            return Ok(exact);
        }
        let fitting: Vec<&Incident> = self.incidents.iter().filter(|incident| incident.id.contains(name)).collect();
        match fitting.as_slice() {
            [one] => Ok(one),
            [] => {
                let ids = self.incidents.iter().map(|incident| incident.id.as_str());
                match crate::diag::did_you_mean(name, ids) {
                    Some(meant) => bail!(Words::new(
                        format!("no incident `{name}`: did you mean `{meant}`?"),
                        format!("`{name}` という障害はありません: `{meant}` のことですか?")
                    )),
                    None => bail!(Words::new(
                        format!("no incident `{name}`: `nidoto list` shows them"),
                        format!("`{name}` という障害はありません: `nidoto list` で一覧できます")
                    )),
                }
            }
            many => {
                let ids = many.iter().map(|incident| incident.id.as_str()).collect::<Vec<_>>().join(", ");
                bail!(Words::new(
                    format!("`{name}` fits {} incidents: {ids}", many.len()),
                    format!("`{name}` に当てはまる障害が {} 件あります: {ids}", many.len()),
                ))
            }
        }
    }

    /// The manifest of an incident's evidence; an absent one is empty.
    #[must_use]
    pub fn manifest(&self, incident: &Incident) -> (Manifest, Vec<Diag>) {
        let path = incident.dir.join("evidence/manifest.yaml");
        if !path.exists() {
            return (Manifest::default(), Vec::new());
        }
        let mut diags = Vec::new();
        let Some(text) = read_text(&path, &path, &mut diags) else {
            return (Manifest::default(), diags);
        };
        Manifest::read(&path, &text, &self.zone())
    }

    fn read_incidents(&mut self, zone: &TimeZone) -> Result<()> {
        for dir in folders(&shown(&self.dir, "incidents"))? {
            let incident = Incident::read(&dir, &dir, zone);
            self.notes.extend(incident.diags.iter().cloned());
            self.incidents.push(incident);
        }
        Ok(())
    }

    fn read_guards(&mut self, kinds: &[&'static Kind]) -> Result<()> {
        let schema = guard_file_schema(kinds);
        let of_incidents =
            self.incidents.iter().map(|incident| (incident.dir.join("guards.yaml"), Some(incident.id.clone())));
        let mut files: Vec<(PathBuf, Option<String>)> = of_incidents.filter(|(path, _)| path.exists()).collect();
        files.extend(yaml_files(&shown(&self.dir, "guards"))?.into_iter().map(|path| (path, None)));
        for (path, incident) in files {
            let Some(text) = read_text(&path, &path, &mut self.diags) else { continue };
            let reader = Reader { kinds, schema: &schema, config: &self.config };
            let file = read_guards(&reader, &path, &text, incident.as_deref());
            self.guards.extend(file.guards);
            self.broken.extend(file.broken);
            self.diags.extend(file.diags);
        }
        Ok(())
    }

    fn read_changes(&mut self, zone: &TimeZone) {
        let path = shown(&self.dir, "changes.jsonl");
        if path.exists()
            && let Some(text) = read_text(&path, &path, &mut self.diags)
        {
            let (changes, faults) = read_changes(&path, &text, zone);
            self.changes = changes;
            self.change_fault = faults.first().map(|fault| fault.what.clone());
            self.notes.extend(faults);
        }
    }

    /// Names of guards are addresses: a second guard of the same name is broken.
    fn check_names(&mut self) {
        let mut seen: HashMap<String, (PathBuf, Pos)> = HashMap::new();
        let guards = std::mem::take(&mut self.guards);
        for guard in guards {
            match seen.get(&guard.name) {
                Some((file, at)) => {
                    let place = format!("{}:{}", file.display(), at.line);
                    let what = Words::new(
                        format!("`{}` is already the name of a guard at {place}", guard.name),
                        format!("`{}` という名前は {place} で使われています", guard.name),
                    );
                    let diag = Diag::new(&guard.file, guard.at, what)
                        .mend(Words::new("give it another name", "別の名前にしてください"));
                    self.broken.push(BrokenGuard { name: guard.name, incident: guard.incident, diags: vec![diag] });
                }
                None => {
                    seen.insert(guard.name.clone(), (guard.file.clone(), guard.at));
                    self.guards.push(guard);
                }
            }
        }
    }
}

/// A path in the root as people and code forges write it: `incidents`, not `./incidents`.
fn shown(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) }
}

fn read_text(path: &Path, shown: &Path, diags: &mut Vec<Diag>) -> Option<String> {
    match fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) => {
            diags.push(Diag::new(
                shown,
                Pos::default(),
                Words::new(format!("cannot be read: {error}"), format!("読めません: {error}")),
            ));
            None
        }
    }
}

/// Sub-folders in order of name; none where there is no such folder. Hidden ones do not count.
fn folders(dir: &Path) -> Result<Vec<PathBuf>> {
    entries(dir, |path, hidden| !hidden && path.is_dir())
}

fn yaml_files(dir: &Path) -> Result<Vec<PathBuf>> {
    entries(dir, |path, hidden| !hidden && path.extension().is_some_and(|e| e == "yaml" || e == "yml"))
}

fn entries(dir: &Path, wanted: impl Fn(&Path, bool) -> bool) -> Result<Vec<PathBuf>> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("failed to read {}", dir.display()))? {
        let entry = entry.with_context(|| format!("failed to read {}", dir.display()))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if wanted(&entry.path(), hidden) {
            // `./incidents/a` and `incidents/a` are the same; the shorter one is what people and CI expect.
            let path = entry.path();
            found.push(path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path));
        }
    }
    found.sort();
    Ok(found)
}
