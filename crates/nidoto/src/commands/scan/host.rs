//! A live host: what nginx and systemd read on it.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use nidoto_config::nginx::split_dump;
use nidoto_config::scan::File;

/// Where the units of a host stand.
const UNIT_FOLDERS: [&str; 4] =
    ["/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system"];

/// The folders of a host that hold configuration.
#[must_use]
pub fn folders() -> Vec<String> {
    let folders = UNIT_FOLDERS.iter().chain(&["/etc/nginx"]);
    folders.filter(|folder| fs::metadata(folder).is_ok()).map(|folder| (*folder).to_owned()).collect()
}

/// What `nginx -T` prints, where nginx is there and may be asked: the files as it reads them.
#[must_use]
pub fn nginx_dump() -> BTreeMap<String, String> {
    let asked = Command::new("nginx").arg("-T").output();
    let dump = asked.ok().filter(|output| output.status.success()).map(|output| output.stdout).unwrap_or_default();
    split_dump(&String::from_utf8_lossy(&dump)).into_iter().collect()
}

/// Named volumes of this host's container engines, as a list of state.
#[must_use]
pub fn volumes() -> Arc<File> {
    let engines = ["/var/lib/docker/volumes", "/var/lib/containers/storage/volumes"];
    let folders = engines.iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
    let paths = folders.map(|entry| entry.path().join("_data")).filter(|path| path.is_dir());
    let mut lines: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    lines.sort_unstable();
    File::new("(volumes of this host)", lines.join("\n"))
}
