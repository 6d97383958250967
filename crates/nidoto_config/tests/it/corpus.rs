//! Files of public projects: nothing certain that is not true, and nothing skipped.

use std::path::PathBuf;

use nidoto_config::flyway::checksum;
use nidoto_config::scan::{Options, Scan};

use crate::{certain, scan_folder};

/// A folder of the shared data; `None`, with a printed reason, where it is not there.
fn shared(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/config").join(folder);
    if !path.is_dir() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn of(folder: &str) -> Option<Scan> {
    Some(scan_folder(&shared(folder)?, &Options::default()))
}

/// Each file is looked at, or counted as none of ours.
fn nothing_is_skipped(scan: &Scan, files: usize) {
    assert_eq!(scan.files.len() + scan.other_files, files);
}

#[test]
fn h5bp_has_no_finding() {
    let Some(scan) = of("nginx/h5bp") else { return };
    assert_eq!(certain(&scan), [""; 0]);
    assert!(scan.issues.is_empty() && scan.unchecked.is_empty());
    // README, LICENSE, CHANGELOG, .editorconfig.
    nothing_is_skipped(&scan, 39);
    assert_eq!(scan.other_files, 4);
}

#[test]
fn debians_units_have_one_known_bug() {
    let Some(scan) = of("systemd/debian") else { return };
    assert_eq!(certain(&scan), ["SYSD003 /chkrootkit/lib/systemd/system/chkrootkit.timer"]);
    assert_eq!((scan.issues.len(), scan.unchecked.len()), (1, 0));
    nothing_is_skipped(&scan, 228);
}

#[test]
fn fineracts_migrations_have_one_known_bug() {
    let Some(scan) = of("sql/fineract-flyway") else { return };
    let found = certain(&scan);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("FLY002")
            && found[0].ends_with("V366_remove_leading_or_trailing_spaces_in_reportnames.sql")
    );
    nothing_is_skipped(&scan, 415);
}

#[test]
fn compose_and_dockerfiles_have_nothing_certain() {
    let Some(scan) = of("docker") else { return };
    assert_eq!(certain(&scan), [""; 0]);
    nothing_is_skipped(&scan, 183);
}

/// Against zlib's CRC-32, which flate2 carries for gzip: another implementation of the same sum.
#[test]
fn checksums_agree_with_gzips() {
    use std::io::Write;
    let Some(folder) = shared("sql/fineract-flyway") else { return };
    let tree = nidoto_core::evidence::Tree::read(&folder, "/", (0, 0)).unwrap();
    for file in &tree.files {
        let text = String::from_utf8_lossy(file.bytes.as_ref().unwrap()).into_owned();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        for line in text.trim_start_matches('\u{feff}').split("\r\n").flat_map(|part| part.split(['\n', '\r'])) {
            gzip.write_all(line.as_bytes()).unwrap();
        }
        let packed = gzip.finish().unwrap();
        // RFC 1952: the CRC-32 stands before the last four bytes.
        let sum = i32::from_le_bytes(packed[packed.len() - 8..packed.len() - 4].try_into().unwrap());
        assert_eq!(checksum(&text), sum, "{}", file.path);
    }
}
