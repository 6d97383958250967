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

/// Each inspected, each true: a service of a compose file, named with its port or in an upstream's
/// `server` line, so that it is no upstream block elsewhere. Docker gives the container a new address
/// when it is recreated, and nginx goes on using the old one. File, line, name.
const NAMES_RESOLVED_ONCE: [(&str, usize, &str); 10] = [
    ("/docker+awesome-compose/nginx-golang-mysql/proxy/nginx.conf", 5, "backend:8000"),
    ("/docker+awesome-compose/nginx-golang-postgres/proxy/nginx.conf", 5, "backend:8000"),
    ("/docker+awesome-compose/nginx-golang/proxy/nginx.conf", 4, "backend:80"),
    ("/docker+awesome-compose/nginx-nodejs-redis/nginx/nginx.conf", 2, "web1:5000"),
    ("/docker+awesome-compose/nginx-nodejs-redis/nginx/nginx.conf", 3, "web2:5000"),
    ("/keephq+keep/oauth2proxy/nginx.conf", 10, "keep-frontend:3000"),
    ("/keephq+keep/oauth2proxy/nginx.conf", 14, "keep-backend:8080"),
    ("/keephq+keep/oauth2proxy/nginx.conf", 18, "keep-websocket-server:6001"),
    ("/keephq+keep/oauth2proxy/nginx.conf", 22, "oauth2-proxy:4180"),
    ("/keephq+keep/proxy/nginx.conf", 5, "keep-frontend:3000"),
];

#[test]
fn names_of_containers_are_resolved_once() {
    let Some(scan) = of("nginx/misc") else { return };
    assert!(scan.certain().all(|issue| issue.rule.code == "NGX001"));
    let found: Vec<(&str, usize, &str)> =
        scan.certain().map(|issue| (issue.spot.file.path.as_str(), issue.spot.pos().line, issue.spot.text())).collect();
    assert_eq!(found, NAMES_RESOLVED_ONCE);
    nothing_is_skipped(&scan, 15);
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
