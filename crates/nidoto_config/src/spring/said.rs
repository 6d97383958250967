//! What a configuration comes to where some profiles are active.

use std::cell::Cell;

use nidoto_core::Words;

use super::document::{Document, canonical};
use crate::scan::Spot;

/// Placeholders may stand in what they stand for, this deep.
const DEPTH_MAX: usize = 8;
/// A longer value is not filled in.
const VALUE_BYTES_MAX: usize = 10_000;
/// So many placeholders are filled in for one value.
const PLACEHOLDERS_MAX: usize = 100;

/// A value, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The value with its placeholders filled in; an error names what has no value here.
    pub value: Result<String, String>,
    /// The value as it is written.
    pub raw: String,
    /// Where it stands.
    pub spot: Spot,
    /// The profile that it is meant for; `None` where it is meant for all.
    pub profile: Option<String>,
}

impl Said {
    /// The place as another one that matters: whose word it is.
    #[must_use]
    pub fn also(&self) -> (Spot, Words) {
        let words = match &self.profile {
            Some(profile) => {
                Words::new(format!("profile `{profile}` says so"), format!("プロファイル `{profile}` の設定です"))
            }
            None => Words::new("said here for every profile", "すべてのプロファイルの設定です"),
        };
        (self.spot.clone(), words)
    }
}

/// A configuration where some profiles are active.
#[derive(Debug)]
pub struct View<'a> {
    /// Documents from the weakest to the strongest, with whether it is sure that they count.
    pub(super) documents: Vec<(&'a Document, bool)>,
}

impl View<'_> {
    /// What the strongest document says of a key in lower case without dashes; a list is replaced as a whole.
    /// `outside` knows what the environment of a process says of a name: nothing, a value, or one that stands elsewhere.
    #[must_use]
    pub fn all(&self, key: &str, outside: &dyn Fn(&str) -> Option<Option<String>>) -> Vec<Said> {
        let strongest = self.documents.iter().rev().find(|(document, _)| document.values(key).next().is_some());
        let Some((document, is_sure)) = strongest else { return Vec::new() };
        let budget = Cell::new(PLACEHOLDERS_MAX);
        let profile = document.asks_for();
        let said = |(value, bytes)| Said {
            value: match is_sure {
                true => self.filled(value, outside, DEPTH_MAX, &budget),
                false => Err("spring.config.activate".to_owned()),
            },
            raw: value.to_owned(),
            spot: Spot::new(&document.file, bytes),
            profile: profile.clone(),
        };
        document.values(key).map(said).collect()
    }

    /// The same for a key with a single value: the last one counts.
    #[must_use]
    pub fn one(&self, key: &str, outside: &dyn Fn(&str) -> Option<Option<String>>) -> Option<Said> {
        self.all(key, outside).pop()
    }

    /// Whether any key begins so.
    #[must_use]
    pub fn speaks_of(&self, prefix: &str) -> bool {
        self.documents.iter().any(|(document, _)| document.entries.iter().any(|(key, ..)| key.starts_with(prefix)))
    }

    /// A text with each `${name:default}` replaced.
    fn filled(
        &self,
        text: &str,
        outside: &dyn Fn(&str) -> Option<Option<String>>,
        depth: usize,
        budget: &Cell<usize>,
    ) -> Result<String, String> {
        if !text.contains("${") {
            return Ok(text.to_owned());
        }
        if depth == 0 || text.len() > VALUE_BYTES_MAX {
            return Err("${".to_owned());
        }
        let mut made = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            made += &rest[..at];
            let inner = &rest[at + 2..];
            let end = closing(inner).ok_or("${")?;
            budget.set(budget.get().checked_sub(1).ok_or("${")?);
            let (name, default) =
                inner[..end].split_once(':').map_or((&inner[..end], None), |(name, default)| (name, Some(default)));
            made += &match (outside(name), self.raw(&canonical(name)), default) {
                (Some(Some(value)), ..) => value,
                (Some(None), ..) => return Err(name.to_owned()),
                (None, Some(value), _) => self.filled(value, outside, depth - 1, budget)?,
                (None, None, Some(default)) => self.filled(default, outside, depth - 1, budget)?,
                (None, None, None) => return Err(name.to_owned()),
            };
            rest = &inner[end + 1..];
        }
        Ok(made + rest)
    }

    fn raw(&self, key: &str) -> Option<&str> {
        let sure = self.documents.iter().rev().filter(|(_, is_sure)| *is_sure);
        sure.filter_map(|(document, _)| document.values(key).last()).map(|(value, _)| value).next()
    }
}

/// Where the brace is that closes a placeholder.
fn closing(inner: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let bytes = inner.as_bytes();
    (0..bytes.len()).find(|at| {
        if bytes[*at..].starts_with(b"${") {
            depth += 1;
        } else if bytes[*at] == b'}' {
            if depth == 0 {
                return true;
            }
            depth -= 1;
        }
        false
    })
}
