//! Prometheus's own test scripts.

mod exclude;
mod parse;
mod run;

use std::path::Path;

/// Every case passes or is excluded by a named rule; the output lists all exclusions.
#[test]
fn scripts_of_prometheus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/promql/testdata");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 21, "scripts in {}", folder.display());
    let mut report = run::Report::default();
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        run::script(&name, &std::fs::read_to_string(file).unwrap(), &mut report);
    }
    println!("{report}");
    assert!(report.failures.is_empty(), "{} cases fail:\n{}", report.failures.len(), report.failures.join("\n"));
    assert!(report.passed >= 991, "only {} cases ran: a rule excludes too much", report.passed);
}
