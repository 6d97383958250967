//! The string table: kept as the JSON text of the file, decoded only where someone reads it.

use crate::error::{Error, Result};
use memchr::memchr2;
use rustc_hash::FxHashMap;

/// All strings of a snapshot, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    /// The text between the brackets of the section, escapes and all.
    text: Vec<u8>,
    /// Where in `text` each string begins, after its opening quote; one more for the end.
    starts: Vec<u32>,
    /// Strings that were made here: names of detached DOM nodes.
    made: Vec<String>,
}

/// Indices of the names that V8 gives a meaning to.
#[derive(Debug, Default)]
pub(crate) struct KnownNames {
    pub(crate) object: Option<u32>,
    pub(crate) map_descriptors: Option<u32>,
    pub(crate) sloppy_function_map: Option<u32>,
    pub(crate) native_context: Option<u32>,
    pub(crate) external_string_data: Option<u32>,
    pub(crate) document_dom_trees: Option<u32>,
    pub(crate) shared: Option<u32>,
    pub(crate) script: Option<u32>,
    pub(crate) script_or_debug_info: Option<u32>,
    /// Names of the edges that a pair of a WeakMap consists of.
    pub(crate) weak_map_pairs: FxHashMap<u32, WeakMapPair>,
}

/// One pair of a WeakMap, as told by the name of its edges
/// `N / part of key (K @1) -> value (V @2) pair in WeakMap (table @3)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WeakMapPair {
    /// The same number for both edges of the pair.
    pub(crate) pair: u32,
    /// Id of the node of the WeakMap's table.
    pub(crate) table: u64,
}

impl Strings {
    /// Finds the strings in `text`, which begins after the section's bracket at byte `offset` of the file.
    pub(crate) fn index(text: Vec<u8>, offset: u64) -> Result<(Strings, KnownNames)> {
        if u32::try_from(text.len()).is_err() {
            return Err(Error::TooLarge("the snapshot holds more than 4 GiB of strings".into()));
        }
        let mut starts = Vec::with_capacity(text.len() / 24);
        let mut names = KnownNames::default();
        let mut pairs = FxHashMap::default();
        let mut at = 0;
        loop {
            match text.get(at) {
                Some(b'"') => {
                    let end = end_of_string(&text, at + 1)
                        .ok_or_else(|| Error::truncated(offset + text.len() as u64, "strings"))?;
                    names.learn(starts.len() as u32, &text[at + 1..end], &mut pairs);
                    starts.push(at as u32 + 1);
                    at = end + 1;
                }
                Some(b',' | b' ' | b'\n' | b'\r' | b'\t') => at += 1,
                Some(b']') => break,
                Some(_) => {
                    return Err(Error::malformed(
                        offset + at as u64,
                        "expected a string; the file is damaged, take the snapshot again",
                    ));
                }
                None => return Err(Error::truncated(offset + at as u64, "strings")),
            }
        }
        starts.push(at as u32 + 1);
        Ok((Strings { text, starts, made: Vec::new() }, names))
    }

    /// How many strings there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1) + self.made.len()
    }

    /// The JSON text of a string without its quotes; empty where there is no such string.
    pub(crate) fn raw(&self, index: u32) -> &[u8] {
        let i = index as usize;
        let stored = self.starts.len().saturating_sub(1);
        if i >= stored {
            return self.made.get(i - stored).map_or(&[], |made| made.as_bytes());
        }
        // Between two strings there is nothing but a comma and white space: the last quote before the next string ends this one.
        let until = &self.text[self.starts[i] as usize..self.starts[i + 1] as usize - 1];
        memchr::memrchr(b'"', until).map_or(until, |quote| &until[..quote])
    }

    /// A string, decoded. Lone surrogates become U+FFFD.
    pub(crate) fn get(&self, index: u32) -> String {
        if index as usize >= self.starts.len().saturating_sub(1) {
            return String::from_utf8_lossy(self.raw(index)).into_owned();
        }
        decode(self.raw(index))
    }

    /// Adds a string.
    pub(crate) fn make(&mut self, text: String) -> u32 {
        self.made.push(text);
        self.len() as u32 - 1
    }
}

/// Where the string that begins at `at` has its closing quote.
pub(crate) fn end_of_string(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[found] == b'"' {
            return Some(found);
        }
        at = found + 2;
    }
}

/// Decodes the escapes of JSON (RFC 8259, section 7).
pub(crate) fn decode(raw: &[u8]) -> String {
    if !raw.contains(&b'\\') {
        return String::from_utf8_lossy(raw).into_owned();
    }
    let mut units: Vec<u16> = Vec::with_capacity(raw.len());
    let text = String::from_utf8_lossy(raw);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let unit = match c {
            '\\' => match chars.next() {
                Some('n') => 10,
                Some('t') => 9,
                Some('r') => 13,
                Some('b') => 8,
                Some('f') => 12,
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    u16::from_str_radix(&digits, 16).unwrap_or(0xfffd)
                }
                Some(other) => other as u32 as u16,
                None => break,
            },
            other => {
                units.extend_from_slice(other.encode_utf16(&mut [0; 2]));
                continue;
            }
        };
        units.push(unit);
    }
    String::from_utf16_lossy(&units)
}

impl KnownNames {
    fn learn(&mut self, index: u32, raw: &[u8], pairs: &mut FxHashMap<Vec<u8>, u32>) {
        let slot = match raw {
            b"Object" => &mut self.object,
            b"(map descriptors)" => &mut self.map_descriptors,
            b"sloppy_function_map" => &mut self.sloppy_function_map,
            b"system / NativeContext" => &mut self.native_context,
            b"system / ExternalStringData" => &mut self.external_string_data,
            b"(Document DOM trees)" => &mut self.document_dom_trees,
            b"shared" => &mut self.shared,
            b"script" => &mut self.script,
            b"script_or_debug_info" => &mut self.script_or_debug_info,
            [first, .., b')'] if first.is_ascii_digit() => {
                if let Some((pair, table)) = weak_map_pair(raw) {
                    let next = pairs.len() as u32;
                    let pair = *pairs.entry(pair.to_vec()).or_insert(next);
                    self.weak_map_pairs.insert(index, WeakMapPair { pair, table });
                }
                return;
            }
            _ => return,
        };
        slot.get_or_insert(index);
    }
}

/// The part of a pair's name that both edges share, and the id of the table.
fn weak_map_pair(raw: &[u8]) -> Option<(&[u8], u64)> {
    let digits = raw.iter().position(|c| !c.is_ascii_digit())?;
    let shared = &raw[digits..];
    if !shared.starts_with(b" / part of key (") || shared.windows(2).any(|w| w == b"\\n" || w == b"\\r") {
        return None;
    }
    const TABLE: &[u8] = b" pair in WeakMap (table @";
    let table = &shared[memchr::memmem::rfind(shared, TABLE)? + TABLE.len()..shared.len() - 1];
    if !table.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some((shared, std::str::from_utf8(table).ok()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(text: &str) -> Result<(Strings, KnownNames)> {
        Strings::index(text.as_bytes().to_vec(), 100)
    }

    #[test]
    fn strings_are_found_and_decoded() {
        let (strings, names) = index("\"\",\n\"Object\" , \"a\\\"b\\\\\",\"\\ud83d\\ude00 \\u0041\\n\"]}").unwrap();
        let all: Vec<String> = (0..strings.len() as u32).map(|i| strings.get(i)).collect();
        assert_eq!(all, ["", "Object", "a\"b\\", "😀 A\n"]);
        assert_eq!(names.object, Some(1));
        assert_eq!(strings.get(99), "");
    }

    #[test]
    fn made_strings_follow_the_stored_ones() {
        let (mut strings, _) = index("\"a\"]").unwrap();
        let made = strings.make("Detached \"a\"".into());
        assert_eq!((made, strings.get(made).as_str(), strings.len()), (1, "Detached \"a\"", 2));
    }

    #[test]
    fn the_two_edges_of_a_weak_map_pair_share_a_number() {
        let (_, names) = index(
            r#""1 / part of key (K @3) -> value (V @5) pair in WeakMap (table @7)","2 / part of key (K @3) -> value (V @5) pair in WeakMap (table @7)","3 (x)"]"#,
        )
        .unwrap();
        assert_eq!(names.weak_map_pairs.len(), 2);
        assert_eq!(names.weak_map_pairs[&0], WeakMapPair { pair: 0, table: 7 });
        assert_eq!(names.weak_map_pairs[&0], names.weak_map_pairs[&1]);
    }

    #[test]
    fn an_unfinished_table_is_an_error_with_its_place() {
        assert!(index("\"a\",\"b").unwrap_err().to_string().starts_with("byte 106: the file ends inside strings"));
        assert!(index("\"a\",\"b\"").unwrap_err().to_string().contains("truncated"));
        assert!(index("\"a\",7]").unwrap_err().to_string().starts_with("byte 104: expected a string"));
    }
}
