//! A text file and places in it.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use nidoto_core::Pos;

/// A text file as it was read.
pub struct File {
    /// Its path, as the source names it.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Where its lines begin; a file with very many findings asks for very many places.
    lines: OnceLock<Vec<usize>>,
}

impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.text) == (&other.path, &other.text)
    }
}

impl Eq for File {}

impl File {
    /// A file of a path and a text.
    #[must_use]
    pub fn new(path: &str, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.to_owned(), text: text.into(), lines: OnceLock::new() })
    }

    /// Line and column of a byte, as [`Pos::of`] counts them.
    fn pos(&self, byte: usize) -> Pos {
        let starts = self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
            std::iter::once(0).chain(ends).collect()
        });
        let line = starts.partition_point(|start| *start <= byte);
        let start = starts[line - 1];
        Pos { line, column: Pos::of(&self.text[start..], byte - start).column }
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
        if self.bytes == (0..0) { Pos::default() } else { self.file.pos(self.bytes.start) }
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

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn places_are_those_of_the_core(text in "[aé\n]{0,20}", at in 0_usize..40) {
            let at = text.char_indices().map(|(i, _)| i).nth(at).unwrap_or(text.len());
            let file = File::new("a", text.clone());
            proptest::prop_assert_eq!(file.pos(at), Pos::of(&text, at));
        }
    }
}
