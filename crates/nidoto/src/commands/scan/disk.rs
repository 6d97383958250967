//! Files of a disk, as a scan sees them.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use nidoto_config::scan::{Found, Source};
use nidoto_core::Words;
use nidoto_core::evidence::tree::matcher;

/// A file of this size or more is not read: no configuration is that large.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// Links may lead to links this often, as in Linux.
const LINKS_MAX: usize = 40;

/// The disk below the paths that are scanned.
#[derive(Debug, Default)]
pub struct Disk {
    /// Absolute paths in includes start here; without it they are seen below the scanned paths only.
    pub sysroot: Option<String>,
    /// The paths that are scanned.
    pub roots: Vec<String>,
    /// Texts that stand for files, as `nginx -T` prints them.
    pub overlay: BTreeMap<String, String>,
}

impl Disk {
    /// Where a link leads. An absolute one starts at the sysroot, as it will on the host itself.
    fn linked(&self, place: String) -> String {
        let Some(sysroot) = self.sysroot.as_deref().map(|root| root.trim_end_matches('/')) else { return place };
        let mut place = PathBuf::from(place);
        for _ in 0..LINKS_MAX {
            let Ok(target) = fs::read_link(&place) else { break };
            // A unit that is masked is a link to nothing; it stands for itself.
            if target == Path::new("/dev/null") {
                break;
            }
            place = match target.strip_prefix("/") {
                Ok(target) => Path::new(&format!("{sysroot}/")).join(target),
                Err(_) => place.parent().unwrap_or(Path::new("")).join(target),
            };
        }
        place.to_string_lossy().into_owned()
    }

    fn is_file(&self, place: &str) -> bool {
        Path::new(&self.linked(place.to_owned())).is_file()
    }

    /// Where a path of a configuration stands on this disk; `None` where it cannot be seen.
    fn place(&self, path: &str) -> Option<String> {
        let is_below = |root: &String| {
            path.strip_prefix(root.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || root.ends_with('/'))
        };
        if !path.starts_with('/') || self.roots.iter().any(is_below) {
            return Some(path.to_owned());
        }
        let sysroot = self.sysroot.as_deref()?.trim_end_matches('/');
        if !sysroot.is_empty() && path.starts_with(sysroot) {
            Some(path.to_owned())
        } else {
            Some(format!("{sysroot}{path}"))
        }
    }
}

impl Source for Disk {
    fn read(&self, path: &str) -> Found {
        if let Some(text) = self.overlay.get(path) {
            return Found::Bytes(text.clone().into_bytes());
        }
        let Some(place) = self.place(path).map(|place| self.linked(place)) else { return Found::Unseen };
        let is_masked = || fs::read_link(&place).is_ok_and(|target| target == Path::new("/dev/null"));
        // Only regular files: a pipe would wait for ever.
        let found = fs::metadata(&place).and_then(|about| match about {
            // A unit that is masked is a link to nothing.
            about if !about.is_file() && is_masked() => Ok(Ok(Vec::new())),
            about if !about.is_file() => Ok(Err(Words::new("not a regular file", "通常のファイルではありません"))),
            about if about.len() >= FILE_BYTES_MAX => Ok(Err(Words::new(
                format!("{} bytes are too many: the limit is {FILE_BYTES_MAX}", about.len()),
                format!("{} バイトは大きすぎます: 上限は {FILE_BYTES_MAX} です", about.len()),
            ))),
            _ => fs::read(&place).map(Ok),
        });
        match found {
            Ok(Ok(bytes)) => Found::Bytes(bytes),
            Ok(Err(why)) => Found::Failed(why),
            Err(error) if error.kind() == ErrorKind::NotFound => Found::Absent,
            Err(error) => Found::Failed(Words::new(format!("cannot be read: {error}"), format!("読めません: {error}"))),
        }
    }

    fn glob(&self, pattern: &str) -> Option<Vec<String>> {
        let mut hits: Vec<String> = Vec::new();
        if !self.overlay.is_empty() {
            let whole = matcher(pattern).ok()?;
            hits.extend(self.overlay.keys().filter(|path| whole.is_match(path)).cloned());
        }
        match self.place(pattern) {
            Some(place) => hits.extend(expand(&place).into_iter().filter(|path| self.is_file(path))),
            None if hits.is_empty() => return None,
            None => {}
        }
        hits.sort_unstable();
        hits.dedup();
        Some(hits)
    }
}

/// The paths that a pattern may name, folder by folder. As in a shell, `*` does not mean a dot in front.
fn expand(pattern: &str) -> Vec<String> {
    let is_wild = |part: &str| part.contains(['*', '?', '[']);
    let mut found = vec![if pattern.starts_with('/') { "/".to_owned() } else { String::new() }];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let join = |folder: &String, name: &str| match folder.as_str() {
            "" => name.to_owned(),
            "/" => format!("/{name}"),
            folder => format!("{folder}/{name}"),
        };
        let Some(matcher) = is_wild(part).then(|| matcher(part).ok()).flatten() else {
            found = found.iter().map(|folder| join(folder, part)).collect();
            continue;
        };
        let names = |folder: &String| {
            let entries = fs::read_dir(if folder.is_empty() { "." } else { folder }).into_iter().flatten().flatten();
            let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
            let fits = names.filter(|name| matcher.is_match(name) && (!name.starts_with('.') || part.starts_with('.')));
            fits.map(|name| join(folder, &name)).collect::<Vec<_>>()
        };
        found = found.iter().flat_map(names).collect();
    }
    found
}
