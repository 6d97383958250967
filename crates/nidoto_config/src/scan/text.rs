//! A text file and places in it.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use nidoto_core::Pos;

/// Bytes between two marks.
const MARK_BYTES: usize = 4096;

/// Of a line longer than any terminal only so much is shown on each side of what is meant.
const NEAR_BYTES: usize = 1000;

/// A text file as it was read.
pub struct File {
    /// Its path, as the source names it.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Line and column of every so manieth byte; a file with very many findings asks for very many places.
    marks: OnceLock<Vec<Pos>>,
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
        Arc::new(Self { path: path.to_owned(), text: text.into(), marks: OnceLock::new() })
    }

    /// Line and column of a byte, as [`Pos::of`] counts them.
    fn pos(&self, byte: usize) -> Pos {
        let bytes = self.text.as_bytes();
        let byte = byte.min(bytes.len());
        let marks = self.marks.get_or_init(|| {
            let mut marks = vec![Pos { line: 1, column: 1 }];
            for chunk in bytes.chunks(MARK_BYTES) {
                marks.push(behind(marks[marks.len() - 1], chunk));
            }
            marks
        });
        let mark = byte / MARK_BYTES;
        behind(marks[mark], &bytes[mark * MARK_BYTES..byte])
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

/// The place behind some bytes that begin at a place.
fn behind(at: Pos, bytes: &[u8]) -> Pos {
    let lines = bytes.iter().filter(|b| **b == b'\n').count();
    let (start, column) = match bytes.iter().rposition(|b| *b == b'\n') {
        Some(end) => (end + 1, 1),
        None => (0, at.column),
    };
    // Bytes that begin a character.
    let chars = bytes[start..].iter().filter(|b| **b & 0xc0 != 0x80).count();
    Pos { line: at.line + lines, column: column + chars }
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

    /// The line that it begins on, without its end; of a very long one, what is near.
    #[must_use]
    pub fn line(&self) -> Range<usize> {
        let (text, at) = (&self.file.text, self.bytes.start);
        let near = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (from, to) = (near(at.saturating_sub(NEAR_BYTES)), near(at + NEAR_BYTES));
        let start = text[from..at].rfind('\n').map_or(from, |i| from + i + 1);
        start..text[at..to].find('\n').map_or(to, |i| at + i)
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
        fn places_are_those_of_the_core(text in "[aé\n]{0,20}", times in 1_usize..999, at in 0_usize..20_000) {
            let text = text.repeat(times);
            let at = text.char_indices().map(|(i, _)| i).nth(at).unwrap_or(text.len());
            let file = File::new("a", text.clone());
            proptest::prop_assert_eq!(file.pos(at), Pos::of(&text, at));
        }
    }
}
