//! A text file and places in it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use nidoto_core::Pos;

/// A text file as it was read.
#[derive(PartialEq, Eq)]
pub struct File {
    /// Its path, as the source names it.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl File {
    /// A file of a path and a text.
    #[must_use]
    pub fn new(path: &str, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.to_owned(), text: text.into() })
    }

    /// The folder that holds it, without a slash at the end, unless it is the root.
    #[must_use]
    pub fn folder(&self) -> &str {
        match self.path.rsplit_once('/') {
            Some(("", _)) => "/",
            Some((folder, _)) => folder,
            None => "",
        }
    }

    /// Its name without folders.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

/// Some bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file.
    pub file: Arc<File>,
    /// Its bytes; empty at 0 where the file as a whole is meant.
    pub bytes: Range<usize>,
}

impl Spot {
    /// Some bytes of a file.
    #[must_use]
    pub fn new(file: &Arc<File>, bytes: Range<usize>) -> Self {
        Self { file: Arc::clone(file), bytes }
    }

    /// The file as a whole.
    #[must_use]
    pub fn whole(file: &Arc<File>) -> Self {
        Self::new(file, 0..0)
    }

    /// Line and column where it begins; line 0 where the whole file is meant.
    #[must_use]
    pub fn pos(&self) -> Pos {
        if self.bytes == (0..0) { Pos::default() } else { Pos::of(&self.file.text, self.bytes.start) }
    }

    /// The same and what follows on its last line, with the line's end: what has to go so that a line goes.
    #[must_use]
    pub fn to_line_end(&self) -> Self {
        let text = &self.file.text;
        let end = text.get(self.bytes.end..).and_then(|rest| rest.find('\n'));
        Self::new(&self.file, self.bytes.start..end.map_or(text.len(), |i| self.bytes.end + i + 1))
    }

    /// The text that stands there.
    #[must_use]
    pub fn text(&self) -> &str {
        self.file.text.get(self.bytes.clone()).unwrap_or_default()
    }
}
