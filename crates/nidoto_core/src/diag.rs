//! What is wrong with a file, where, and how to mend it.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::words::{Lang, Words};

/// A place in a text. Line and column count from 1, the column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Pos {
    /// Line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// Column in characters, from 1; 0 where the whole line is meant.
    pub column: usize,
}

impl Pos {
    /// The place of a byte offset in a text.
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Self {
        let before = &text.as_bytes()[..byte.min(text.len())];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        Self { line, column }
    }
}

/// One error in a file that a person wrote. Reading goes on after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diag {
    /// The file, as the user would name it.
    pub file: PathBuf,
    /// Where in the file.
    pub at: Pos,
    /// What is wrong.
    pub what: Words,
    /// How to mend it.
    pub mend: Option<Words>,
}

impl Diag {
    /// An error at a place, without a mend yet.
    pub fn new(file: &Path, at: Pos, what: Words) -> Self {
        Self { file: file.to_owned(), at, what, mend: None }
    }

    /// Says how to mend it.
    #[must_use]
    pub fn mend(mut self, mend: Words) -> Self {
        self.mend = Some(mend);
        self
    }

    /// `file:line:column`, as editors and terminals link it.
    #[must_use]
    pub fn place(&self) -> String {
        let file = self.file.display();
        match self.at {
            Pos { line: 0, .. } => format!("{file}"),
            Pos { line, column: 0 } => format!("{file}:{line}"),
            Pos { line, column } => format!("{file}:{line}:{column}"),
        }
    }

    /// One line: place, what, mend.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let mut text = format!("{}: {}", self.place(), self.what.get(lang));
        if let Some(mend) = &self.mend {
            text += &match lang {
                Lang::En => format!(" ({})", mend.en),
                Lang::Ja => format!("（{}）", mend.ja),
            };
        }
        text
    }
}

impl fmt::Display for Diag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

/// The candidate that was probably meant, by Damerau-Levenshtein distance.
#[must_use]
pub fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let far = given.chars().count().max(3) / 3 + 1;
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, _)| *distance <= far)
        .min()
        .map(|(_, name)| name)
}
