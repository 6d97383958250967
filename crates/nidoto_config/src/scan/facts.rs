//! What rules look at: every file read and parsed once.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use nidoto_core::Words;

use super::{File, Found, Options, RULES, Room, Source};
use crate::deployment::Deployment;
use crate::flyway::Location;
use crate::image::Dockerfile;
use crate::nginx::Config;
use crate::pm2::Ecosystem;
use crate::systemd::UnitSet;

/// Every file read and parsed once, and what was declared besides.
#[derive(Debug)]
pub struct Facts {
    /// What the files themselves do not say.
    pub options: Options,
    /// nginx configurations, each with its includes.
    pub nginx: Vec<Config>,
    /// systemd units, by the machine or folder that they belong to.
    pub units: Vec<UnitSet>,
    /// Folders of migrations.
    pub migrations: Vec<Location>,
    /// Dockerfiles.
    pub dockerfiles: Vec<Dockerfile>,
    /// Compose files, Kubernetes manifests, ECS task definitions.
    pub deployments: Vec<Deployment>,
    /// PM2's ecosystem files.
    pub ecosystems: Vec<Ecosystem>,
    /// Files that could not be read or parsed, with the reason.
    pub unread: Vec<(String, Words)>,
    pub(super) other_files: usize,
    pub(super) not_enabled: usize,
    files: BTreeMap<Room, Vec<Arc<File>>>,
}

impl Facts {
    pub(super) fn gather(source: &dyn Source, targets: &[String], options: &Options) -> Self {
        let mut unread = Vec::new();
        let mut files: BTreeMap<Room, Vec<Arc<File>>> = BTreeMap::new();
        let mut other_files = 0_usize;
        for path in targets {
            match admit(source, path) {
                Ok(Some((room, file))) => files.entry(room).or_default().push(file),
                Ok(None) => other_files += 1,
                Err(why) => unread.push((path.clone(), why)),
            }
        }
        let of = |room: Room| files.get(&room).map_or(&[][..], Vec::as_slice);
        let nginx = crate::nginx::load(of(Room::Nginx), source, &mut unread);
        let mut units = crate::systemd::load(of(Room::Systemd));
        let disabled: HashSet<String> =
            if options.is_live { units.iter_mut().flat_map(UnitSet::keep_enabled).collect() } else { HashSet::new() };
        let apps = crate::spring::load(of(Room::Migration), &mut unread);
        let migrations = crate::flyway::load(of(Room::Migration), &apps, &mut unread);
        unread.extend(crate::flyway::emptied(&migrations, options));
        let dockerfiles = crate::image::load(of(Room::Dockerfile), &mut unread);
        let mut deployments = crate::deployment::load(of(Room::Deployment), &mut unread);
        crate::deployment::pools_of(&mut deployments, &apps);
        let ecosystems = crate::pm2::load(of(Room::Pm2));
        files.entry(Room::Systemd).or_default().retain(|file| !disabled.contains(&file.path));
        // A file that nginx reads through an include counts although nobody named it.
        let own = files.get(&Room::Nginx).map_or(&[][..], Vec::as_slice);
        let mut known: HashSet<&str> = own.iter().map(|file| file.path.as_str()).collect();
        let included: Vec<Arc<File>> =
            nginx.iter().flat_map(Config::files).filter(|file| known.insert(&file.path)).cloned().collect();
        // Those that were named had been counted as none of ours, by their names.
        let named: HashSet<&String> = targets.iter().collect();
        let again = included.iter().filter(|file| named.contains(&file.path)).count();
        other_files = other_files.saturating_sub(again);
        files.entry(Room::Nginx).or_default().extend(included);
        Self {
            options: options.clone(),
            nginx,
            units,
            migrations,
            dockerfiles,
            deployments,
            ecosystems,
            unread,
            other_files,
            not_enabled: disabled.len(),
            files,
        }
    }

    /// The files of a room.
    #[must_use]
    pub fn files_of(&self, room: Room) -> &[Arc<File>] {
        self.files.get(&room).map_or(&[], Vec::as_slice)
    }

    /// Every file that some room has.
    pub fn files(&self) -> impl Iterator<Item = &Arc<File>> {
        self.files.values().flatten()
    }

    /// The paths of all files that were looked at or should have been.
    pub(super) fn paths(&self) -> Vec<String> {
        let read = self.files().map(|file| file.path.clone());
        let mut paths: Vec<String> = read.chain(self.unread.iter().map(|(path, _)| path.clone())).collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// How many rules look at a file.
    pub(super) fn rules_on(&self, path: &str) -> usize {
        let rooms = self.files.iter().filter(|(_, files)| files.iter().any(|file| file.path == path));
        rooms.map(|(room, _)| RULES.iter().filter(|r| r.room == *room && self.options.wants(r)).count()).sum()
    }
}

/// Reads a file if a room takes it. An error is why a file that a room wants cannot be read.
fn admit(source: &dyn Source, path: &str) -> Result<Option<(Room, Arc<File>)>, Words> {
    let Some((room, needs_content)) = Room::of_path(path) else { return Ok(None) };
    let bytes = match source.read(path) {
        Found::Bytes(bytes) => bytes,
        Found::Failed(why) => return Err(why),
        Found::Absent | Found::Unseen => {
            return Err(Words::new("the file is not there", "ファイルがありません"));
        }
    };
    if bytes.contains(&0) {
        return Err(Words::new("a binary file, not text", "テキストではなくバイナリです"));
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if needs_content && !room.confirms(path, &String::from_utf8_lossy(error.as_bytes())) => {
            return Ok(None);
        }
        // Comments in an old encoding are common and do not change what a file says.
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    };
    if needs_content && !room.confirms(path, &text) {
        return Ok(None);
    }
    let max = room.bytes_max(path);
    if text.len() > max {
        return Err(Words::new(
            format!("{} bytes are too many for such a file: the limit is {max}", text.len()),
            format!("この種のファイルとして {} バイトは大きすぎます: 上限は {max} です", text.len()),
        ));
    }
    Ok(Some((room, File::new(path, text))))
}
