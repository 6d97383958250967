//! The documents of a file: keys as Spring compares them, values, places, and when a document counts.

use std::ops::Range;
use std::sync::Arc;

use nidoto_core::Words;
use nidoto_core::yaml::{Node, Value};

use super::profile;
use super::properties::{Property, properties};
use crate::scan::File;

/// More documents in one file are refused.
const DOCUMENTS_MAX: usize = 1_000;

/// A document of a file.
#[derive(Debug)]
pub struct Document {
    /// The file.
    pub file: Arc<File>,
    /// The profile in the file's name.
    pub profile: Option<String>,
    /// The key as Spring compares it, the value, its bytes. A list has its key as often as it has items.
    pub entries: Vec<(String, String, Range<usize>)>,
}

impl Document {
    /// The values of a key.
    pub fn values<'d>(&'d self, key: &str) -> impl Iterator<Item = (&'d str, Range<usize>)> {
        let own = self.entries.iter().filter(move |(name, ..)| name == key);
        own.map(|(_, value, bytes)| (value.as_str(), bytes.clone()))
    }

    /// Values of a key, those between commas apart.
    pub fn list(&self, key: &str) -> Vec<&str> {
        let parts = self.values(key).flat_map(|(value, _)| value.split(','));
        parts.map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    /// Whether it counts where these profiles are active; `None` where that is not known.
    #[must_use]
    pub fn holds(&self, active: &[String]) -> Option<bool> {
        if self.profile.as_ref().is_some_and(|own| !active.contains(own)) {
            return Some(false);
        }
        let asked = self.conditions();
        let is_on = match asked.is_empty() {
            true => true,
            // Any of several is enough.
            false => {
                let held: Option<Vec<bool>> = asked.iter().map(|one| profile::holds(one, active)).collect();
                held?.contains(&true)
            }
        };
        let asks_for_platform = self.values("spring.config.activate.oncloudplatform").next().is_some();
        if is_on && asks_for_platform { None } else { Some(is_on) }
    }

    /// What it asks for, as it is written; `None` where it is meant for all.
    #[must_use]
    pub fn asks_for(&self) -> Option<String> {
        self.profile.clone().or_else(|| self.conditions().first().map(|asked| (*asked).to_owned()))
    }

    /// The profiles that it speaks of.
    pub fn profiles(&self) -> impl Iterator<Item = String> {
        let asked: Vec<String> = self.conditions().into_iter().flat_map(profile::names).map(str::to_owned).collect();
        self.profile.clone().into_iter().chain(asked)
    }

    /// `spring.profiles` is the name of before Spring Boot 2.4.
    fn conditions(&self) -> Vec<&str> {
        let mut asked = self.list("spring.config.activate.onprofile");
        asked.extend(self.list("spring.profiles"));
        asked
    }
}

/// Whether a file of this name is Spring Boot's: `application.yml`, `application-prod.properties`.
#[must_use]
pub fn is_config(name: &str) -> bool {
    profile_of(name).is_some()
}

/// The profile in a name, if it is one of Spring Boot's.
fn profile_of(name: &str) -> Option<Option<&str>> {
    let (stem, ext) = name.rsplit_once('.')?;
    let rest = stem.strip_prefix("application").filter(|_| ["yml", "yaml", "properties"].contains(&ext))?;
    match rest.strip_prefix('-') {
        Some(profile) => (!profile.is_empty()).then_some(Some(profile)),
        None => rest.is_empty().then_some(None),
    }
}

/// The documents of a file.
///
/// # Errors
/// When it is no YAML, though its name says so: where and why.
pub fn documents(file: &Arc<File>) -> Result<Vec<Document>, Words> {
    let profile = profile_of(file.name()).flatten();
    let document = |entries| Document { file: Arc::clone(file), profile: profile.map(str::to_owned), entries };
    let too_many = || {
        let (en, ja) =
            (format!("more than {DOCUMENTS_MAX} documents"), format!("文書が {DOCUMENTS_MAX} を超えています"));
        Words::new(en, ja)
    };
    if file.path.ends_with(".properties") {
        let parts = properties(&file.text);
        if parts.len() > DOCUMENTS_MAX {
            return Err(too_many());
        }
        let own = |part: Vec<Property>| {
            document(part.into_iter().map(|one| (canonical(&one.key), one.value, one.bytes)).collect())
        };
        return Ok(parts.into_iter().map(own).collect());
    }
    // `@project.version@` is what Maven fills in, and no YAML before it has.
    let text = file.text.replace('@', "_");
    let read = crate::yaml::documents(&file.path, &text)?.into_iter().map(|(offset, root)| {
        let mut entries = Vec::new();
        flatten(String::new(), &root, offset, &mut entries);
        document(entries)
    });
    let read: Vec<Document> = read.collect();
    if read.len() > DOCUMENTS_MAX { Err(too_many()) } else { Ok(read) }
}

fn flatten(key: String, node: &Node, offset: usize, entries: &mut Vec<(String, String, Range<usize>)>) {
    match &node.value {
        Value::Map(inner) => {
            for (name, value) in inner {
                let name = canonical(name.text().unwrap_or_default());
                flatten(if key.is_empty() { name } else { format!("{key}.{name}") }, value, offset, entries);
            }
        }
        Value::List(items) => items.iter().for_each(|item| flatten(key.clone(), item, offset, entries)),
        _ => entries
            .extend(node.text().map(|text| (key, text.to_owned(), offset + node.bytes.start..offset + node.bytes.end))),
    }
}

/// A key as Spring compares it: `out-of-order`, `outOfOrder` and `out_of_order` are one, and a list's places
/// (`locations[0]`) do not count.
pub fn canonical(key: &str) -> String {
    let mut depth = 0_usize;
    let mut made = String::new();
    for c in key.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '-' | '_' => {}
            c if depth == 0 => made.extend(c.to_lowercase()),
            _ => {}
        }
    }
    made
}
