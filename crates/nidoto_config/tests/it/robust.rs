//! Whatever stands in a file, the scan ends, says what it could not check, and looks at the rest.

use std::time::Instant;

use nidoto_config::scan::{Options, Recorded, scan};
use nidoto_core::evidence::TreeFile;
use proptest::prelude::*;

const NAMES: [&str; 9] = [
    "nginx.conf",
    "a.service",
    "V1__a.sql",
    "Dockerfile",
    "compose.yml",
    "ecosystem.config.js",
    "a.timer",
    "application.properties",
    "application-prod.yml",
];

fn look(files: &[(String, Vec<u8>)]) -> nidoto_config::scan::Scan {
    let files: Vec<TreeFile> =
        files.iter().map(|(path, bytes)| TreeFile { path: path.clone(), bytes: Ok(bytes.clone()) }).collect();
    let targets: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    scan(&Recorded::new(files.iter().collect()), &targets, &Options::default())
}

#[test]
fn nesting_binaries_and_loops_of_includes_end() {
    let deep = format!("{}{}", "a {".repeat(10_000), "}".repeat(10_000)).into_bytes();
    let yaml = format!("services: {}{}", "[".repeat(10_000), "]".repeat(10_000)).into_bytes();
    let sql = format!("SELECT {}1{};", "(".repeat(10_000), ")".repeat(10_000)).into_bytes();
    let file = |path: &str, bytes: &[u8]| (path.to_owned(), bytes.to_vec());
    let scan = look(&[
        file("a/nginx.conf", &deep),
        file("b/nginx.conf", b"http { include nginx.conf; include *.conf; }"),
        file("c/Dockerfile", b"FROM a\0b"),
        file("d/compose.yml", &yaml),
        file("e/V1__a.sql", &sql),
        file("f/nginx.conf", b"http { server { location / { proxy_pass http://a.b:80; } } }"),
    ]);
    let unchecked: Vec<&str> = scan.unchecked.iter().map(|one| one.path.as_str()).collect();
    assert!(
        unchecked.contains(&"a/nginx.conf")
            && unchecked.contains(&"c/Dockerfile")
            && unchecked.contains(&"d/compose.yml")
    );
    assert_eq!(scan.issues.len(), 1, "the rest is looked at");
    assert_eq!(scan.files.len(), 6);
}

#[test]
fn large_files_take_time_in_proportion() {
    let upstreams = "upstream u { server 10.0.0.1; }\n".repeat(20_000);
    let nginx =
        format!("http {{\n{upstreams}\nserver {{ location / {{ proxy_pass http://u$uri; }} }}\n}}").into_bytes();
    let inserts = "INSERT INTO t (id, a) VALUES (1, 'x''y');\n".repeat(100_000).into_bytes();
    let started = Instant::now();
    look(&[("nginx.conf".to_owned(), nginx), ("m/V1__a.sql".to_owned(), inserts)]);
    println!("{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn any_bytes_end(which in 0..NAMES.len(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        look(&[(NAMES[which].to_owned(), bytes)]);
    }

    #[test]
    fn scans_are_the_same_twice(which in 0..NAMES.len(), text in "[a-z{};:=\n \\[\\]$/.-]{0,120}") {
        let files = [(NAMES[which].to_owned(), text.into_bytes())];
        let (one, two) = (look(&files), look(&files));
        prop_assert_eq!(one.issues, two.issues);
        prop_assert_eq!(one.unchecked, two.unchecked);
    }
}
