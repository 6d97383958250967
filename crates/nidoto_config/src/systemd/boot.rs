//! What starts at every boot, and why.

use nidoto_core::Words;

use super::units::{Unit, UnitSet};
use crate::scan::Spot;

/// Targets that every ordinary boot reaches.
pub const BOOT: [&str; 19] = [
    "default.target",
    "multi-user.target",
    "graphical.target",
    "basic.target",
    "sysinit.target",
    "local-fs.target",
    "remote-fs.target",
    "network.target",
    "network-online.target",
    "sockets.target",
    "timers.target",
    "paths.target",
    "getty.target",
    "cloud-init.target",
    "cloud-config.target",
    "runlevel2.target",
    "runlevel3.target",
    "runlevel4.target",
    "runlevel5.target",
];
const PULLS: [&str; 4] = ["Requires", "Wants", "BindsTo", "Upholds"];

/// Why a unit runs at every boot, and where that is said.
#[must_use]
pub fn cause(set: &UnitSet, unit: &Unit) -> Option<(Spot, Words)> {
    wanted_by_boot(set, unit).or_else(|| pulled_in(set, unit)).or_else(|| monotonic(set, unit))
}

/// The unit is itself wanted by a target that every boot reaches.
fn wanted_by_boot(set: &UnitSet, unit: &Unit) -> Option<(Spot, Words)> {
    let installs = ["WantedBy", "RequiredBy", "UpheldBy"].into_iter();
    let mut wants = installs.filter(|_| !set.is_live).flat_map(|key| unit.words("Install", key));
    if let Some((target, spot)) = wants.find(|(target, _)| BOOT.contains(target)) {
        return Some((spot, words_wanted(&unit.name, target)));
    }
    let (target, _) = set.links.iter().find(|(by, name)| name == &unit.name && BOOT.contains(&by.as_str()))?;
    Some((unit.whole()?, words_wanted(&unit.name, target)))
}

fn words_wanted(name: &str, target: &str) -> Words {
    Words::new(
        format!("`{name}` itself is wanted by `{target}`"),
        format!("`{name}` 自身が `{target}` から要求されています"),
    )
}

/// A timer, or another unit that runs at boot, pulls it in.
fn pulled_in(set: &UnitSet, unit: &Unit) -> Option<(Spot, Words)> {
    set.units.values().filter(|other| other.name != unit.name).find_map(|other| {
        let mut pulls = PULLS.into_iter().flat_map(|key| other.words("Unit", key));
        let (_, spot) = pulls.find(|(name, _)| *name == unit.name)?;
        let is_boot = other.name.ends_with(".timer") || BOOT.contains(&other.name.as_str());
        (is_boot || wanted_by_boot(set, other).is_some()).then(|| {
            let (by, name) = (&other.name, &unit.name);
            (
                spot,
                Words::new(
                    format!("`{by}` is started at boot and pulls `{name}` in"),
                    format!("起動時に始まる `{by}` が `{name}` を引き込みます"),
                ),
            )
        })
    })
}

/// A timer counts from the boot or from its own start.
fn monotonic(set: &UnitSet, unit: &Unit) -> Option<(Spot, Words)> {
    set.timers_of(&unit.name).find_map(|timer| {
        ["OnBootSec", "OnStartupSec", "OnActiveSec"].into_iter().find_map(|key| {
            let (value, spot) = timer.last("Timer", key)?;
            let name = &timer.name;
            Some((
                spot,
                Words::new(
                    format!("`{name}` starts it {value} after every boot (`{key}`)"),
                    format!("`{name}` が起動のたびに {value} 後に始めます(`{key}`)"),
                ),
            ))
        })
    })
}
