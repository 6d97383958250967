//! Findings that were there before: a file of fingerprints.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use anyhow::{Context, Result};
use nidoto_config::scan::{Issue, Scan};
use nidoto_core::folder::replace;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Baseline {
    version: u32,
    fingerprints: BTreeSet<String>,
}

/// The fingerprint of each finding, in order; equal ones are numbered.
#[must_use]
pub fn fingerprints(issues: &[Issue]) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut one = |issue: &Issue| {
        let nth = seen.entry(issue.fingerprint(0)).or_default();
        *nth += 1;
        issue.fingerprint(*nth)
    };
    issues.iter().map(&mut one).collect()
}

/// Takes known findings out of a scan and says how many they were.
pub fn take_out(scan: &mut Scan, path: &Path) -> Result<usize> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("failed to read the baseline {}", path.display()))?;
    let baseline: Baseline =
        serde_json::from_str(&text).with_context(|| format!("failed to read the baseline {}", path.display()))?;
    let marks = fingerprints(&scan.issues);
    let before = scan.issues.len();
    let mut marks = marks.iter();
    scan.issues.retain(|_| marks.next().is_none_or(|mark| !baseline.fingerprints.contains(mark)));
    Ok(before - scan.issues.len())
}

/// Writes all findings of a scan down as known.
pub fn write(scan: &Scan, path: &Path) -> Result<()> {
    let baseline = Baseline { version: 1, fingerprints: fingerprints(&scan.issues).into_iter().collect() };
    let text = serde_json::to_string_pretty(&baseline)? + "\n";
    replace(path, text.as_bytes()).with_context(|| format!("failed to write {}", path.display()))
}
