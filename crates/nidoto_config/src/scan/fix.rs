//! Edits that mend what a rule found.

use std::collections::BTreeMap;

use nidoto_core::Words;

use super::{Options, Rule, Source, Spot, scan};

/// Replaces some bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty bytes insert.
    pub spot: Spot,
    /// By what.
    pub with: String,
}

/// An edit, or several that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whether nothing changes but what the rule is about.
    pub is_safe: bool,
    /// What it does, and what else changes with it.
    pub what: Words,
    /// The edits.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix that changes nothing but what the rule is about.
    #[must_use]
    pub fn safe(what: Words, edits: Vec<Edit>) -> Self {
        Self { is_safe: true, what, edits }
    }

    /// A fix that a person has to agree to.
    #[must_use]
    pub fn not_safe(what: Words, edits: Vec<Edit>) -> Self {
        Self { is_safe: false, what, edits }
    }
}

/// Why a fix was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixError {
    /// Two fixes want the same bytes; one of them was made.
    Overlap,
    /// After the edit the rule still finds it, or finds or cannot check something else.
    NoMend,
}

/// The files as they stand after the fixes of a rule's findings were made, each checked on the whole again:
/// an edit after which any rule finds more, or can check less, is not made.
#[must_use]
pub fn apply(source: &dyn Source, targets: &[String], options: &Options, unsafe_too: bool) -> Fixed {
    let mut fixed = Fixed::default();
    let mut now = scan(&Edited { source, texts: &fixed.texts }, targets, options);
    let mut refused: Vec<(&'static Rule, String)> = Vec::new();
    loop {
        let next = now.issues.iter().find(|issue| {
            let wanted = issue.fix.as_ref().is_some_and(|fix| fix.is_safe || unsafe_too);
            wanted && !refused.contains(&(issue.rule, issue.fingerprint(0)))
        });
        let Some((issue, fix)) = next.and_then(|issue| issue.fix.as_ref().map(|fix| (issue.clone(), fix.clone())))
        else {
            return fixed;
        };
        let texts = edited(&fixed.texts, &fix);
        let after = scan(&Edited { source, texts: &texts }, targets, options);
        let is_better = after.issues.len() < now.issues.len() && after.unchecked.len() <= now.unchecked.len();
        if is_better {
            fixed.texts = texts;
            fixed.made += 1;
            now = after;
        } else {
            refused.push((issue.rule, issue.fingerprint(0)));
            fixed.refused.push((issue.rule, issue.spot, FixError::NoMend));
        }
    }
}

/// What fixing did.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The new text of each file that changed.
    pub texts: BTreeMap<String, String>,
    /// How many fixes were made.
    pub made: usize,
    /// Fixes that were not made.
    pub refused: Vec<(&'static Rule, Spot, FixError)>,
}

fn edited(texts: &BTreeMap<String, String>, fix: &Fix) -> BTreeMap<String, String> {
    let mut texts = texts.clone();
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    // From the end of the file, so that earlier places stay where they are.
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.spot.bytes.start));
    for edit in edits {
        let file = &edit.spot.file;
        let text = texts.entry(file.path.clone()).or_insert_with(|| file.text.clone());
        if text.get(edit.spot.bytes.clone()).is_some() {
            text.replace_range(edit.spot.bytes.clone(), &edit.with);
        }
    }
    texts
}

/// A source with some texts replaced.
struct Edited<'s> {
    source: &'s dyn Source,
    texts: &'s BTreeMap<String, String>,
}

impl Source for Edited<'_> {
    fn read(&self, path: &str) -> super::Found {
        match self.texts.get(path) {
            Some(text) => super::Found::Bytes(text.clone().into_bytes()),
            None => self.source.read(path),
        }
    }

    fn glob(&self, pattern: &str) -> Option<Vec<String>> {
        self.source.glob(pattern)
    }
}
