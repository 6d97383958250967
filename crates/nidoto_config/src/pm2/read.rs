//! Settings in an ecosystem file, whether it is JavaScript, JSON or YAML: keys outside of comments
//! and strings. A program cannot be read without running it; what it spreads in is could-not-check.

use std::ops::Range;
use std::sync::Arc;

use crate::scan::{File, Spot};

/// An ecosystem file.
#[derive(Debug)]
pub struct Ecosystem {
    /// The file.
    pub file: Arc<File>,
    /// Where it takes settings from elsewhere: `...base`.
    pub spread: Option<Spot>,
    keys: Vec<(String, Range<usize>)>,
}

impl Ecosystem {
    /// The places of a key.
    pub fn all(&self, key: &str) -> impl Iterator<Item = Spot> {
        self.keys.iter().filter(move |(name, _)| name == key).map(|(_, at)| Spot::new(&self.file, at.clone()))
    }
}

/// Reads ecosystem files.
#[must_use]
pub fn load(files: &[Arc<File>]) -> Vec<Ecosystem> {
    files.iter().map(read).collect()
}

fn read(file: &Arc<File>) -> Ecosystem {
    let text = &file.text;
    let is_yaml = file.path.ends_with(".yml") || file.path.ends_with(".yaml");
    let bytes = text.as_bytes();
    let (mut keys, mut spread) = (Vec::new(), None);
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        if rest.starts_with("//") && !is_yaml || rest.starts_with('#') && is_yaml {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |i| i + 2);
        } else if rest.starts_with("...") {
            spread = spread.or(Some(Spot::new(file, at..at + 3)));
            at += 3;
        } else if let Some(len) = quoted(rest) {
            key(text, at + 1..at + len.saturating_sub(1).max(1), at + len, &mut keys);
            at += len;
        } else {
            let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
            if len > 0 {
                key(text, at..at + len, at + len, &mut keys);
            }
            at += len.max(rest.chars().next().map_or(1, char::len_utf8).min(rest.len()) * usize::from(len == 0));
        }
    }
    Ecosystem { file: Arc::clone(file), spread, keys }
}

/// A name that a colon follows is a key.
fn key(text: &str, name: Range<usize>, after: usize, keys: &mut Vec<(String, Range<usize>)>) {
    let is_key = text.get(after..).is_some_and(|rest| rest.trim_start().starts_with(':'));
    if let (true, Some(word)) = (is_key, text.get(name.clone())) {
        keys.push((word.to_owned(), name));
    }
}

/// The length of a text in quotes at the start.
fn quoted(rest: &str) -> Option<usize> {
    let quote = rest.chars().next().filter(|c| ['"', '\'', '`'].contains(c))?;
    let mut chars = rest.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote || (c == '\n' && quote != '`') {
            return Some(i + 1);
        }
    }
    Some(rest.len())
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::scan::File;

    #[test]
    fn keys_outside_of_comments() {
        let text = "// max_memory_restart: 1\nmodule.exports = {apps: [{name: 'max_memory_restart: 2', \"max_memory_restart\" : '300M', ...base}]} /* a: */";
        let read = read(&File::new("ecosystem.config.js", text));
        let places: Vec<usize> = read.all("max_memory_restart").map(|spot| spot.bytes.start).collect();
        assert_eq!(places.len(), 1);
        assert!(read.spread.is_some() && read.all("a").next().is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends(text in "[a:'\"`./*\\\\\né ]{0,60}") {
            let _ = read(&File::new("ecosystem.config.js", text));
        }
    }
}
