//! Helpers of this crate's tests.

use nidoto_core::evidence::TreeFile;

use crate::scan::{Confidence, Options, Recorded, Rule, Scan, apply, scan};

/// Scans some files with one rule.
pub fn scan_files(rule: &Rule, files: &[(&str, &str)], options: &Options) -> Scan {
    let options = Options { rules: [rule.code.to_owned()].into(), ..options.clone() };
    let files: Vec<TreeFile> = files
        .iter()
        .map(|(path, text)| TreeFile { path: (*path).into(), bytes: Ok(text.as_bytes().to_vec()) })
        .collect();
    let targets: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    scan(&Recorded::new(files.iter().collect()), &targets, &options)
}

/// Scans one file with one rule.
pub fn scan_one(rule: &Rule, path: &str, text: &str) -> Scan {
    scan_files(rule, &[(path, text)], &Options::default())
}

/// `line:column confidence what` of each finding.
pub fn lines(scan: &Scan) -> Vec<String> {
    let line = |issue: &crate::scan::Issue| {
        let at = issue.spot.pos();
        let sure = if issue.confidence == Confidence::Certain { "certain" } else { "likely" };
        format!("{}:{} {sure} {}", at.line, at.column, issue.what.en)
    };
    scan.issues.iter().map(line).collect()
}

/// What one rule finds in one file.
pub fn found(rule: &Rule, path: &str, text: &str) -> Vec<String> {
    lines(&scan_one(rule, path, text))
}

/// Whether a rule finds one thing in each of the bad texts and nothing in the good ones.
pub fn tells_apart(rule: &Rule, path: &str, bad: &[&str], good: &[&str]) {
    for text in bad {
        assert_eq!(found(rule, path, text).len(), 1, "{text}");
    }
    for text in good {
        assert_eq!(found(rule, path, text), [""; 0], "{text}");
    }
}

/// The files that fixes change, as they are then.
pub fn fixed_files(files: &[(&str, &str)], unsafe_too: bool) -> Vec<(String, String)> {
    let file = |(path, text): &(&str, &str)| TreeFile { path: (*path).into(), bytes: Ok(text.as_bytes().to_vec()) };
    let files: Vec<TreeFile> = files.iter().map(file).collect();
    let targets: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    let fixed = apply(&Recorded::new(files.iter().collect()), &targets, &Options::default(), unsafe_too);
    fixed.texts.into_iter().collect()
}

/// A file after its fixes.
pub fn fixed(path: &str, text: &str, unsafe_too: bool) -> String {
    fixed_files(&[(path, text)], unsafe_too).pop().map_or_else(|| text.to_owned(), |(_, text)| text)
}
