//! Where the files of a scan come from.

use std::collections::BTreeMap;

use nidoto_core::Words;
use nidoto_core::evidence::TreeFile;
use nidoto_core::evidence::tree::{matcher, normal};

/// Files by path: a folder on a disk, or files that were recorded.
pub trait Source {
    /// The bytes at a path.
    fn read(&self, path: &str) -> Found;

    /// The paths that match a pattern (`*`, `?` and `[ab]` stay within a folder), sorted.
    /// `None` where this source cannot see the place.
    fn glob(&self, pattern: &str) -> Option<Vec<String>>;
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file.
    Bytes(Vec<u8>),
    /// Nothing: the source looked.
    Absent,
    /// The source cannot see this place.
    Unseen,
    /// A file that cannot be read, and why.
    Failed(Words),
}

/// Files as they were recorded below some places.
#[derive(Clone, Debug)]
pub struct Recorded<'t> {
    files: BTreeMap<&'t str, &'t TreeFile>,
}

impl<'t> Recorded<'t> {
    /// A source of these files; it sees nothing else.
    #[must_use]
    pub fn new(files: Vec<&'t TreeFile>) -> Self {
        Self { files: files.into_iter().map(|file| (file.path.as_str(), file)).collect() }
    }
}

impl Source for Recorded<'_> {
    fn read(&self, path: &str) -> Found {
        match self.files.get(path) {
            Some(file) => match &file.bytes {
                Ok(bytes) => Found::Bytes(bytes.clone()),
                Err(why) => Found::Failed(Words::same(why)),
            },
            None => Found::Unseen,
        }
    }

    fn glob(&self, pattern: &str) -> Option<Vec<String>> {
        let matcher = matcher(&normal(pattern)).ok()?;
        let hits: Vec<String> =
            self.files.keys().filter(|path| matcher.is_match(path)).map(|path| (*path).to_owned()).collect();
        // A pattern without a match may lie outside of what was recorded, or match nothing there.
        let folder = pattern.rsplit_once('/').map_or("", |(folder, _)| folder);
        let seen = self.files.keys().any(|path| path.starts_with(folder));
        (seen || !hits.is_empty()).then_some(hits)
    }
}
