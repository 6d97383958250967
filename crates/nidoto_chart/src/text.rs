//! Measuring, cutting and breaking text by the columns it takes in a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a text takes; wide (CJK) characters take two.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text without control characters and without marks that turn the direction of writing:
/// labels come from logs and file names, and must not steer the terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The text cut to at most `columns`, with `ellipsis` at the end if anything was cut.
pub(crate) fn truncate(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let head = &text[..prefix_len(text, room)];
    match width(head) + width(ellipsis) <= columns {
        true => format!("{head}{ellipsis}"),
        false => head.to_owned(),
    }
}

/// Bytes of the longest prefix that takes at most `columns`.
fn prefix_len(text: &str, columns: usize) -> usize {
    let mut taken = 0;
    let fits = text.char_indices().take_while(|(_, c)| {
        taken += c.width().unwrap_or(0);
        taken <= columns
    });
    let end = fits.last().map_or(0, |(at, c)| at + c.len_utf8());
    // A sequence such as an emoji with its variant may take more than its characters one by one.
    let ends = text[..end].char_indices().rev().map(|(at, _)| at);
    std::iter::once(end).chain(ends).find(|&end| width(&text[..end]) <= columns).unwrap_or(0)
}

/// The text with spaces after it up to `columns`.
pub(crate) fn pad_end(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text with spaces before it up to `columns`.
pub(crate) fn pad_start(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text in lines of at most `columns` (at least 2, so that a wide character fits), broken at
/// spaces, after `-` and `/` and between wide characters; a word that is longer than a line is
/// cut. Line breaks stay, and lines go on under the indent of their beginning.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    text.split('\n').flat_map(|line| wrap_line(line, columns.max(2))).collect()
}

fn wrap_line(text: &str, columns: usize) -> Vec<String> {
    let indent = " ".repeat((text.len() - text.trim_start_matches(' ').len()).min(columns / 2).min(columns - 2));
    let mut lines = Vec::new();
    let mut line = indent.clone();
    for piece in pieces(text.trim_start_matches(' ')) {
        if width(&line) + width(piece.trim_end()) > columns && line != indent {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        }
        let mut rest = piece;
        while width(&line) + width(rest.trim_end()) > columns {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            let (head, tail) = rest.split_at(prefix_len(rest, columns - indent.len()).max(first));
            line.push_str(head);
            lines.push(std::mem::replace(&mut line, indent.clone()));
            rest = tail;
        }
        line.push_str(rest);
    }
    lines.push(line);
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Characters that must not begin a line (the common ones of JIS X 4051).
const NOT_FIRST: &str = "、。，．・：；？！）］｝」』】〉》〕ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}%";

/// The unbreakable pieces of a text, each with the spaces after it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut previous: Option<char> = None;
    for (at, c) in text.char_indices() {
        let breaks = previous.is_some_and(|p| {
            let wide = |c: char| c.width() == Some(2);
            c != ' '
                && (matches!(p, ' ' | '-' | '/') || wide(p) || wide(c))
                && !NOT_FIRST.contains(c)
                && !"（［｛「『【〈《〔".contains(p)
        });
        if breaks {
            pieces.push(&text[start..at]);
            start = at;
        }
        previous = Some(c);
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wide_character_is_never_halved() {
        assert_eq!(truncate("接続数", 5, "…"), "接続…");
        assert_eq!(truncate("接続数", 4, "…"), "接…");
        assert_eq!(truncate("接続数", 1, "…"), "…");
        assert_eq!(truncate("接続数", 0, "…"), "");
    }

    #[test]
    fn lines_break_at_spaces_and_between_wide_characters() {
        assert_eq!(wrap("pool size equals max_connections", 12), ["pool size", "equals", "max_connecti", "ons"]);
        assert_eq!(wrap("接続が枯渇した。", 8), ["接続が枯", "渇した。"]);
        assert_eq!(wrap("枯渇した。", 8), ["枯渇し", "た。"], "a full stop does not begin a line");
        assert_eq!(wrap("  restarts-hid-a-leak", 12), ["  restarts-", "  hid-a-leak"]);
        assert_eq!(wrap(" 👩", 2), ["👩"]);
        assert_eq!(wrap("one\n\ntwo", 8), ["one", "", "two"]);
        assert_eq!(wrap("", 8), [""]);
    }

    proptest! {
        #[test]
        fn cutting_and_wrapping_keep_the_width(text in "[ a-z接続、。☁\u{fe0f}👩🏽\u{200d}🚀é]{0,60}", columns in 2usize..20) {
            prop_assert!(width(&truncate(&text, columns, "…")) <= columns);
            for line in wrap(&text, columns) {
                prop_assert!(width(&line) <= columns, "{line:?}");
            }
        }

        #[test]
        fn wrapping_loses_nothing_but_spaces(text in "[ a-z接続、。]{0,60}", columns in 2usize..20) {
            let bare = |s: &str| s.replace(' ', "");
            prop_assert_eq!(bare(&wrap(&text, columns).concat()), bare(&text));
        }
    }
}
