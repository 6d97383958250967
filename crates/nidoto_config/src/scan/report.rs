//! What a scan found.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use nidoto_core::evidence::sha256_bytes;
use nidoto_core::{Pos, Words};
use serde::Serialize;

use super::{Facts, File, Fix, Rule, Spot};

/// What a rule finds in one file beyond so much is not told one by one: that there is more could not be checked.
const TOLD_MAX: usize = 10_000;

/// Of a longer text only the start is a part of a finding's fingerprint.
const MARKED_BYTES: usize = 4096;

/// How sure a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It may be so; whether it is depends on what the files do not say. Never fails.
    Likely,
    /// It is so. Fails.
    Certain,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// The rule.
    pub rule: &'static Rule,
    /// How sure it is.
    pub confidence: Confidence,
    /// What was found, with its names.
    pub what: Words,
    /// Where.
    pub spot: Spot,
    /// Other places that matter, each with what it is.
    pub also: Vec<(Spot, Words)>,
    /// An edit that mends it, where there is one.
    pub fix: Option<Fix>,
}

impl Issue {
    /// A name for this finding that survives edits elsewhere in the file: code, path, the text that
    /// was found, and `nth` among equal ones.
    #[must_use]
    pub fn fingerprint(&self, nth: usize) -> String {
        let text = self.spot.text();
        let start = (0..=text.len().min(MARKED_BYTES)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let text: String = text[..start].split_whitespace().collect::<Vec<_>>().join(" ");
        sha256_bytes(format!("{}\0{}\0{text}\0{nth}", self.rule.code, self.spot.file.path).as_bytes())[..32].to_owned()
    }
}

/// What a rule, or every rule of a file's room, could not check.
#[derive(Clone, Debug, PartialEq)]
pub struct Unchecked {
    /// The rule; `None` for all rules of the file's room.
    pub rule: Option<&'static Rule>,
    /// The file.
    pub path: String,
    /// Where in it.
    pub at: Pos,
    /// Why not.
    pub why: Words,
}

impl Unchecked {
    /// A file that no rule could check.
    #[must_use]
    pub fn whole(path: &str, why: Words) -> Self {
        Self { rule: None, path: path.to_owned(), at: Pos::default(), why }
    }
}

/// What a scan found, in a stable order.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Findings by path, place and code.
    pub issues: Vec<Issue>,
    /// What could not be checked.
    pub unchecked: Vec<Unchecked>,
    /// Findings that a comment in the file silences, with its reason.
    pub suppressed: Vec<(Issue, String)>,
    /// Paths of the files that rules looked at.
    pub files: Vec<String>,
    /// How many files were none of ours.
    pub other_files: usize,
    /// How many units of a live host are not enabled: nobody looked at them.
    pub not_enabled: usize,
    /// How often a rule looked at a file and found it well.
    pub passes: usize,
    pairs: BTreeSet<(&'static str, String)>,
    looked: usize,
}

impl Scan {
    /// Findings that fail a scan.
    pub fn certain(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| issue.confidence == Confidence::Certain)
    }

    /// Takes over what a rule found.
    pub(super) fn add(&mut self, out: Out, facts: &Facts) {
        let pairs = out.issues.iter().map(|issue| issue.spot.file.path.clone());
        let pairs = pairs.chain(out.unchecked.iter().map(|unchecked| unchecked.path.clone()));
        self.pairs.extend(pairs.map(|path| (out.rule.code, path)));
        self.looked += facts.files_of(out.rule.room).len();
        self.issues.extend(out.issues);
        self.unchecked.extend(out.unchecked);
    }

    pub(super) fn finish(&mut self, facts: &Facts) {
        let key = |issue: &Issue| (issue.spot.bytes.start, issue.rule.code);
        self.issues.sort_by(|a, b| (&a.spot.file.path, key(a)).cmp(&(&b.spot.file.path, key(b))));
        self.issues.dedup_by(|a, b| a.rule == b.rule && a.spot == b.spot && a.what == b.what);
        self.unchecked.sort_by(|a, b| (&a.path, a.at).cmp(&(&b.path, b.at)));
        self.unchecked.dedup();
        self.files = facts.paths();
        self.other_files = facts.other_files;
        self.not_enabled = facts.not_enabled;
        let blind: BTreeSet<&str> =
            self.unchecked.iter().filter(|u| u.rule.is_none()).map(|u| u.path.as_str()).collect();
        let spoilt = self.pairs.iter().filter(|(_, path)| !blind.contains(path.as_str())).count();
        let unread: usize = blind.iter().map(|path| facts.rules_on(path)).sum();
        self.passes = self.looked.saturating_sub(spoilt + unread);
    }
}

/// Where a rule puts what it finds.
#[derive(Debug)]
pub struct Out {
    rule: &'static Rule,
    issues: Vec<Issue>,
    unchecked: Vec<Unchecked>,
    /// How much was found in each file, by where it is kept.
    told: HashMap<*const File, usize>,
    /// Takes what is found beyond the limit.
    dropped: Option<Issue>,
}

impl Out {
    pub(super) fn new(rule: &'static Rule) -> Self {
        Self { rule, issues: Vec::new(), unchecked: Vec::new(), told: HashMap::new(), dropped: None }
    }

    /// Found for certain.
    pub fn certain(&mut self, spot: &Spot, what: Words) -> &mut Issue {
        self.find(Confidence::Certain, spot, what)
    }

    /// Found, as far as the files tell.
    pub fn likely(&mut self, spot: &Spot, what: Words) -> &mut Issue {
        self.find(Confidence::Likely, spot, what)
    }

    /// Found.
    pub fn find(&mut self, confidence: Confidence, spot: &Spot, what: Words) -> &mut Issue {
        let issue = Issue { rule: self.rule, confidence, what, spot: spot.clone(), also: Vec::new(), fix: None };
        if !self.is_told(&spot.file) {
            return self.dropped.insert(issue);
        }
        self.issues.push(issue);
        self.issues.last_mut().expect("it was pushed just now")
    }

    /// Whether enough was found in a file: looking further tells nothing more.
    #[must_use]
    pub fn is_full(&self, file: &Arc<File>) -> bool {
        self.told.get(&Arc::as_ptr(file)).is_some_and(|told| *told > TOLD_MAX)
    }

    /// Whether one more thing of a file is told; of the first that is not, that it is so.
    fn is_told(&mut self, file: &Arc<File>) -> bool {
        let told = self.told.entry(Arc::as_ptr(file)).or_default();
        *told += 1;
        if *told == TOLD_MAX + 1 {
            let why = Words::new(
                format!("more than {TOLD_MAX} findings in one file: the rest is not told"),
                format!("一つのファイルに {TOLD_MAX} 件を超える指摘があり、残りは示していません"),
            );
            self.unchecked.push(Unchecked { rule: Some(self.rule), ..Unchecked::whole(&file.path, why) });
        }
        *told <= TOLD_MAX
    }

    /// Could not be checked.
    pub fn cannot(&mut self, spot: &Spot, why: Words) {
        if self.is_told(&spot.file) {
            let path = spot.file.path.clone();
            self.unchecked.push(Unchecked { rule: Some(self.rule), path, at: spot.pos(), why });
        }
    }
}
