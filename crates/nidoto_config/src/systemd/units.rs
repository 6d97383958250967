//! Units with their drop-ins, as one manager would see them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::parse::{Entry, parse};
use crate::scan::{File, Spot};

/// The units of one machine or folder.
#[derive(Debug)]
pub struct UnitSet {
    /// The units by name.
    pub units: BTreeMap<String, Unit>,
    /// Links that enable units: the wanting unit and the wanted one.
    pub links: Vec<(String, String)>,
    /// Whether nothing but links enables: so it is on a host, where `[Install]` is only a proposal.
    pub is_live: bool,
}

/// A unit with its drop-ins.
#[derive(Debug, Default)]
pub struct Unit {
    /// Its name with its type: `daily_reboot.timer`.
    pub name: String,
    /// Its file; `None` where only drop-ins were found.
    pub file: Option<Arc<File>>,
    entries: Vec<(Arc<File>, Entry)>,
}

impl Unit {
    /// The values of a setting, in order; an empty one resets, as systemd does it for lists.
    pub fn list(&self, section: &str, key: &str) -> Vec<(&str, Spot)> {
        let mut values = Vec::new();
        for (file, entry) in self.entries.iter().filter(|(_, e)| e.section == section && e.key == key) {
            if entry.value.is_empty() {
                values.clear();
            } else {
                values.push((entry.value.as_str(), Spot::new(file, entry.bytes.clone())));
            }
        }
        values
    }

    /// The value that counts: the last.
    #[must_use]
    pub fn last(&self, section: &str, key: &str) -> Option<(&str, Spot)> {
        self.list(section, key).pop()
    }

    /// Space-separated words of a setting, each with its place.
    pub fn words(&self, section: &str, key: &str) -> Vec<(&str, Spot)> {
        let list = self.list(section, key);
        list.into_iter()
            .flat_map(|(value, spot)| value.split_whitespace().map(move |word| (word, spot.clone())))
            .collect()
    }

    /// Whether a setting is on (systemd's booleans).
    #[must_use]
    pub fn is_on(&self, section: &str, key: &str) -> Option<Spot> {
        let (value, spot) = self.last(section, key)?;
        ["1", "yes", "y", "true", "t", "on"].contains(&value.to_ascii_lowercase().as_str()).then_some(spot)
    }

    /// Whether some setting starts with a word: `Condition`, `Assert`.
    #[must_use]
    pub fn has_any(&self, section: &str, start: &str) -> bool {
        self.entries.iter().any(|(_, e)| e.section == section && e.key.starts_with(start) && !e.value.is_empty())
    }

    /// The paths of its file and its drop-ins.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let mut paths: Vec<&str> =
            self.file.iter().chain(self.entries.iter().map(|(file, _)| file)).map(|file| file.path.as_str()).collect();
        paths.dedup();
        paths.into_iter()
    }

    /// The unit as a whole.
    #[must_use]
    pub fn whole(&self) -> Option<Spot> {
        self.file.as_ref().or(self.entries.first().map(|(file, _)| file)).map(Spot::whole)
    }
}

impl UnitSet {
    /// The unit that a timer starts.
    #[must_use]
    pub fn target_of(timer: &Unit) -> String {
        match timer.last("Timer", "Unit") {
            Some((name, _)) => name.to_owned(),
            None => format!("{}.service", timer.name.trim_end_matches(".timer")),
        }
    }

    /// The timers that start a unit.
    pub fn timers_of(&self, unit: &str) -> impl Iterator<Item = &Unit> {
        let timers = self.units.values().filter(|unit| unit.name.ends_with(".timer"));
        timers.filter(move |timer| Self::target_of(timer) == unit)
    }
}

/// Reads units and groups them by the manager that would load them.
pub fn load(files: &[Arc<File>]) -> Vec<UnitSet> {
    let mut sets: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for file in files {
        let (manager, place) = place(file);
        sets.entry(manager).or_default().push(place);
    }
    sets.into_values().map(unit_set).collect()
}

struct Place {
    file: Arc<File>,
    rank: usize,
    what: What,
}

enum What {
    Unit(String),
    DropIn(String),
    Link { by: String, unit: String },
}

/// systemd prefers /etc to /run to /usr/local/lib to /usr/lib; drop-ins come after units, in order of name.
const RANKS: [&str; 5] =
    ["/lib/systemd/", "/usr/lib/systemd/", "/usr/local/lib/systemd/", "/run/systemd/", "/etc/systemd/"];

fn place(file: &Arc<File>) -> (String, Place) {
    let path = format!("/{}", file.path.trim_start_matches('/'));
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let parent = folder.rsplit('/').next().unwrap_or(folder);
    let mut above = folder;
    let what = if let Some(unit) = parent.strip_suffix(".d").filter(|_| name.ends_with(".conf")) {
        above = folder.rsplit_once('/').map_or("", |(above, _)| above);
        What::DropIn(unit.to_owned())
    } else if let Some(by) = parent.strip_suffix(".wants").or_else(|| parent.strip_suffix(".requires")) {
        above = folder.rsplit_once('/').map_or("", |(above, _)| above);
        What::Link { by: by.to_owned(), unit: name.to_owned() }
    } else {
        What::Unit(name.to_owned())
    };
    let roots = RANKS.iter().enumerate().rev().find_map(|(rank, dir)| {
        let at = format!("{above}/").rfind(dir)?;
        let kind = if above[at..].contains("/user") { "user" } else { "system" };
        Some((format!("{}:{kind}", &above[..at]), rank))
    });
    let (manager, rank) = roots.unwrap_or_else(|| (above.to_owned(), 0));
    (manager, Place { file: Arc::clone(file), rank, what })
}

fn unit_set(mut places: Vec<Place>) -> UnitSet {
    places.sort_by(|a, b| (a.rank, a.file.name()).cmp(&(b.rank, b.file.name())));
    let mut set = UnitSet { units: BTreeMap::new(), links: Vec::new(), is_live: false };
    let new = |name: &str| Unit { name: name.to_owned(), ..Unit::default() };
    let entries = |file: &Arc<File>| parse(&file.text).into_iter().map(|e| (Arc::clone(file), e)).collect::<Vec<_>>();
    for place in &places {
        match &place.what {
            What::Unit(name) => {
                let unit = Unit { file: Some(Arc::clone(&place.file)), entries: entries(&place.file), ..new(name) };
                set.units.insert(name.clone(), unit);
            }
            What::Link { by, unit } => set.links.push((by.clone(), unit.clone())),
            What::DropIn(_) => {}
        }
    }
    for place in &places {
        if let What::DropIn(name) = &place.what {
            set.units.entry(name.clone()).or_insert_with(|| new(name)).entries.extend(entries(&place.file));
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drop_ins_and_etc_win() {
        let files = [
            File::new("/etc/systemd/system/a.service", "[Service]\nRestart=always\nExecStart=/x"),
            File::new("/lib/systemd/system/a.service", "[Service]\nRestart=no"),
            File::new("/etc/systemd/system/a.service.d/9.conf", "[Service]\nExecStart=\nExecStart=/y"),
            File::new("/etc/systemd/system/multi-user.target.wants/a.service", ""),
            File::new("/etc/systemd/user/a.service", "[Service]\nRestart=no"),
        ];
        let sets = load(&files);
        assert_eq!(sets.len(), 2);
        let set = sets.iter().find(|set| !set.links.is_empty()).unwrap();
        assert_eq!(set.units["a.service"].last("Service", "Restart").unwrap().0, "always");
        let starts: Vec<&str> = set.units["a.service"].list("Service", "ExecStart").iter().map(|(v, _)| *v).collect();
        assert_eq!(starts, ["/y"]);
    }
}
