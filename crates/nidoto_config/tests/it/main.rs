//! Rules against the programs that they speak of, and against files of public projects.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod corpus;
mod docs;
mod nginx;
mod nginx_resolve;
mod robust;
mod systemd;
mod systemd_live;

use std::path::Path;

use nidoto_config::scan::{Confidence, Options, Recorded, Scan, scan};
use nidoto_core::evidence::Tree;

/// Scans a folder of this disk.
fn scan_folder(folder: &Path, options: &Options) -> Scan {
    let tree = Tree::read(folder, "/", (0, 0)).unwrap();
    let targets: Vec<String> = tree.files.iter().map(|file| file.path.clone()).collect();
    scan(&Recorded::new(tree.files.iter().collect()), &targets, options)
}

/// `CODE path` of each certain finding.
fn certain(scan: &Scan) -> Vec<String> {
    let line = |issue: &nidoto_config::scan::Issue| format!("{} {}", issue.rule.code, issue.spot.file.path);
    scan.issues.iter().filter(|issue| issue.confidence == Confidence::Certain).map(line).collect()
}
