//! A live host: what nginx and systemd read on it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use nidoto_config::nginx::split_dump;
use nidoto_config::scan::File;

/// Where the units of a host stand.
const UNIT_FOLDERS: [&str; 4] =
    ["/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system"];
const NGINX_FOLDER: &str = "/etc/nginx";

/// The folders below a host's root that hold its units.
#[must_use]
pub fn unit_folders(sysroot: &str) -> Vec<String> {
    there(sysroot, &UNIT_FOLDERS)
}

/// The folder below a host's root that holds nginx's files.
#[must_use]
pub fn nginx_folder(sysroot: &str) -> Vec<String> {
    there(sysroot, &[NGINX_FOLDER])
}

fn there(sysroot: &str, folders: &[&str]) -> Vec<String> {
    let full = folders.iter().map(|folder| format!("{}{folder}", sysroot.trim_end_matches('/')));
    full.filter(|folder| Path::new(folder).is_dir()).collect()
}

/// What `nginx -T` prints, the files as this host's nginx reads them. `None` where there is no nginx.
///
/// # Errors
/// When nginx refuses its configuration or may not be asked: what it says.
#[must_use]
pub fn nginx_dump() -> Option<Result<BTreeMap<String, String>, String>> {
    // /usr/sbin is not on everybody's path.
    let asked = ["nginx", "/usr/sbin/nginx"].iter().find_map(|nginx| Command::new(nginx).arg("-T").output().ok())?;
    if !asked.status.success() {
        let said = String::from_utf8_lossy(&asked.stderr);
        let why = said.lines().find(|line| line.contains("[emerg]")).or(said.lines().next());
        return Some(Err(why.unwrap_or("no reason").trim().to_owned()));
    }
    Some(Ok(split_dump(&String::from_utf8_lossy(&asked.stdout)).into_iter().collect()))
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
