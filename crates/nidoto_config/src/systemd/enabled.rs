//! Which units of a live host run: those that links enable, and what these start in turn.

use std::collections::BTreeSet;

use super::boot::BOOT;
use super::units::{Unit, UnitSet};

/// Settings that start other units.
const STARTS: [&str; 6] = ["Wants", "Requires", "BindsTo", "Upholds", "OnFailure", "OnSuccess"];

impl UnitSet {
    /// Forgets the units that nothing enables, and returns the paths of their files.
    pub fn keep_enabled(&mut self) -> Vec<String> {
        self.is_live = true;
        let mut enabled: BTreeSet<String> = BTreeSet::new();
        let mut next: Vec<String> = BOOT.iter().map(|name| (*name).to_owned()).collect();
        next.extend(self.links.iter().map(|(_, unit)| unit.clone()));
        while let Some(name) = next.pop() {
            // An instance is made of its template.
            let known =
                [Some(name.clone()), template(&name)].into_iter().flatten().find(|n| self.units.contains_key(n));
            if let Some(known) = known.filter(|known| enabled.insert(known.clone())) {
                next.extend(started(&self.units[&known]));
            }
        }
        let mut forgotten = Vec::new();
        self.units.retain(|name, unit| {
            let is_enabled = enabled.contains(name);
            if !is_enabled {
                forgotten.extend(unit.files().map(str::to_owned));
            }
            is_enabled
        });
        forgotten
    }
}

/// `getty@.service` of `getty@tty1.service`.
fn template(name: &str) -> Option<String> {
    let (stem, ext) = name.rsplit_once('.')?;
    let (prefix, _) = stem.split_once('@')?;
    Some(format!("{prefix}@.{ext}"))
}

/// What a unit starts.
fn started(unit: &Unit) -> Vec<String> {
    let mut names: Vec<String> =
        STARTS.iter().flat_map(|key| unit.words("Unit", key)).map(|(name, _)| name.to_owned()).collect();
    let (stem, ext) = unit.name.rsplit_once('.').unwrap_or((&unit.name, ""));
    let section = match ext {
        "timer" => "Timer",
        "socket" => "Socket",
        "path" => "Path",
        _ => return names,
    };
    let key = if ext == "socket" { "Service" } else { "Unit" };
    match unit.last(section, key) {
        Some((name, _)) => names.push(name.to_owned()),
        // A socket that accepts starts an instance of its template.
        None => names.extend([format!("{stem}.service"), format!("{stem}@.service")]),
    }
    names
}

#[cfg(test)]
mod tests {
    use crate::scan::File;
    use crate::systemd::load;

    #[test]
    fn links_enable_and_timers_start() {
        let unit = |name: &str, text: &str| File::new(&format!("/etc/systemd/system/{name}"), text);
        let files = [
            unit("multi-user.target.wants/a.service", "[Service]"),
            unit("timers.target.wants/t.timer", "[Timer]"),
            unit("getty.target.wants/getty@tty1.service", "[Service]"),
            unit("a.service", "[Unit]\nWants=b.service\n[Service]\nExecStart=/a"),
            unit("b.service", "[Service]\nExecStart=/b"),
            unit("t.timer", "[Timer]\nOnCalendar=daily"),
            unit("t.service", "[Service]\nExecStart=/t"),
            unit("getty@.service", "[Service]\nExecStart=/g"),
            unit("off.service", "[Service]\nExecStart=/o\n[Install]\nWantedBy=multi-user.target"),
            unit("off.service.d/1.conf", "[Service]\nNice=1"),
        ];
        let mut sets = load(&files);
        let forgotten = sets[0].keep_enabled();
        assert_eq!(forgotten, ["/etc/systemd/system/off.service", "/etc/systemd/system/off.service.d/1.conf"]);
        let names: Vec<&str> = sets[0].units.keys().map(String::as_str).collect();
        assert_eq!(names, ["a.service", "b.service", "getty@.service", "t.service", "t.timer"]);
    }
}
