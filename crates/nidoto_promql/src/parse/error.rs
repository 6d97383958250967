//! What is wrong with a query, and where.

use std::fmt;

/// A query that cannot be read. Shown with the line and a caret below the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    message: String,
    position: usize,
    text: String,
}

impl ParseError {
    pub(crate) fn new(text: &str, position: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), position: position.min(text.len()), text: text.to_owned() }
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where: a byte offset into the query.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The line of the query with a caret below the place.
    pub fn caret(&self) -> String {
        caret(&self.text, self.position)
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = line_and_column(&self.text, self.position);
        write!(f, "{line}:{column}: {}\n{}", self.message, self.caret())
    }
}

impl std::error::Error for ParseError {}

/// The longest part of a line that is shown, in characters.
const SHOWN_MAX: usize = 100;

/// The line of `text` at a byte position and, below it, a caret under that position.
pub(crate) fn caret(text: &str, position: usize) -> String {
    let position = floor_char_boundary(text, position);
    let line_start = text[..position].rfind('\n').map_or(0, |i| i + 1);
    let line = text[line_start..].lines().next().unwrap_or("");
    let column = text[line_start..position].chars().count();
    let skipped = column.saturating_sub(SHOWN_MAX * 3 / 4);
    let width: usize = line.chars().take(column).skip(skipped).map(|c| if is_wide(c) { 2 } else { 1 }).sum();
    let shown: String =
        line.chars().skip(skipped).take(SHOWN_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("  {shown}\n  {:width$}^", "")
}

/// Whether a terminal gives a character two columns (the East Asian wide ones, roughly).
fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f
        | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd)
}

/// Line and column of a byte position, both from 1, as Prometheus counts them.
pub(crate) fn line_and_column(text: &str, position: usize) -> (usize, usize) {
    let before = &text[..floor_char_boundary(text, position)];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before.len() - line_start + 1)
}

fn floor_char_boundary(text: &str, position: usize) -> usize {
    (0..=position.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}
