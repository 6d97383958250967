//! Where state lives: declared by the team, or seen in compose files and units.

use std::sync::Arc;

use crate::deployment::Deployment;
use crate::scan::{File, Spot};
use crate::systemd::UnitSet;

/// A place that holds state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// An absolute path, or a volume's name.
    pub path: String,
    /// Whether it is a named volume.
    pub is_volume: bool,
    /// Whether somebody declared that it is state.
    pub is_declared: bool,
    /// Who says so.
    pub spot: Spot,
}

/// The paths in a list, one a line; `#` starts a comment.
#[must_use]
pub fn declared(file: &Arc<File>) -> Vec<State> {
    let mut start = 0;
    let mut states = Vec::new();
    for line in file.text.split_inclusive('\n') {
        let path = line.split(" #").next().unwrap_or(line).trim();
        if !path.is_empty() && !path.starts_with('#') {
            let at = start + (line.len() - line.trim_start().len());
            let spot = Spot::new(file, at..at + path.len());
            let path = path.trim_end_matches('/').to_owned();
            states.push(State { path, is_volume: false, is_declared: true, spot });
        }
        start += line.len();
    }
    states
}

/// Volumes and bind mounts of compose files, and the folders that units keep their state in.
#[must_use]
pub fn discovered(deployments: &[Deployment], units: &[UnitSet]) -> Vec<State> {
    let mut states: Vec<State> = Vec::new();
    for deployment in deployments {
        for mount in deployment.services.iter().flat_map(|service| &service.mounts) {
            let path = match mount.source.strip_prefix('.') {
                Some(rest) => format!("{}/{}", deployment.file.folder(), rest.trim_start_matches('/')),
                None => mount.source.clone(),
            };
            let is_file = path.rsplit('/').next().is_some_and(|name| name.trim_start_matches('.').contains('.'));
            if !mount.is_volume && is_file {
                continue;
            }
            states.push(State { path, is_volume: mount.is_volume, is_declared: false, spot: mount.spot.clone() });
        }
    }
    for unit in units.iter().flat_map(|set| set.units.values()) {
        for (folder, spot) in unit.words("Service", "StateDirectory") {
            let folder = folder.split(':').next().unwrap_or(folder);
            let path = format!("/var/lib/{folder}");
            states.push(State { path, is_volume: false, is_declared: false, spot });
        }
    }
    states.sort_by(|a, b| a.path.cmp(&b.path));
    states.dedup_by(|a, b| a.path == b.path);
    states
}
