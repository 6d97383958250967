//! Files that nobody wrote as configuration, under the name of each technology: every one ends in a clear
//! line, in bounded memory, and the rest of the scan is done.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// Memory that a scan of any of these folders may take, in KB of address space.
const MEMORY_KB_MAX: usize = 600_000;
/// Each technology: a file name, what stands before a nesting, and its opening and closing.
const NAMES: [(&str, &str, &str, &str); 11] = [
    ("nginx.conf", "", "a {", "}"),
    ("a.service", "[Service]\nExecStart=", "[", "]"),
    ("m/V2__a.sql", "SELECT ", "(", ")"),
    ("Dockerfile", "FROM a\nRUN ", "{", "}"),
    ("compose.yml", "services: ", "[", "]"),
    ("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: ", "{a: ", "}"),
    ("task.json", "{\"containerDefinitions\": ", "[", "]"),
    ("application.yml", "spring:\n  flyway: ", "{a: ", "}"),
    ("application.properties", "spring.flyway.", "a.", "="),
    ("flyway.conf", "flyway.locations=", "{", "}"),
    ("ecosystem.config.js", "module.exports = {apps: ", "{", "}"),
];
/// Those whose syntax knows nesting, and so may refuse it: the others read text line by line.
const NESTING: [&str; 5] = ["nginx.conf", "compose.yml", "deployment.yaml", "task.json", "application.yml"];

/// Scans a folder of hostile files and one that has something to find; the files that could not be checked.
#[track_caller]
fn scan(make: impl Fn(&Path, &str, &str, &str)) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    for (name, head, open, close) in NAMES {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        make(&path, head, open, close);
    }
    let good = "[Service]\nExecStart=/sbin/reboot\n[Install]\nWantedBy=multi-user.target\n";
    fs::write(dir.path().join("good.service"), good).unwrap();
    let limited = format!("ulimit -v {MEMORY_KB_MAX}; exec \"$0\" scan --lang en");
    let output = Command::new("bash")
        .args(["-c", &limited, env!("CARGO_BIN_EXE_nidoto")])
        .current_dir(dir.path())
        .output()
        .expect("apt-get install bash");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("error[SYSD001]") && text.contains("good.service:4:1"), "{text}");
    let lines = text.lines().filter_map(|line| line.strip_prefix("could not check: "));
    let mut names: Vec<String> = lines.filter_map(|line| Some(line.split(':').next()?.to_owned())).collect();
    names.sort_unstable();
    names
}

fn all() -> Vec<String> {
    let mut names: Vec<String> = NAMES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_hundred_megabytes() {
    let large = |path: &Path, head: &str, _: &str, _: &str| {
        fs::write(path, head).unwrap();
        fs::File::options().write(true).open(path).unwrap().set_len(100_000_000).unwrap();
    };
    assert_eq!(scan(large), all());
}

#[test]
fn bytes_that_are_no_text() {
    let binary = |path: &Path, head: &str, _: &str, _: &str| {
        let noise = (0_u32..20_000).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes());
        fs::write(path, head.bytes().chain(noise).collect::<Vec<u8>>()).unwrap();
    };
    assert_eq!(scan(binary), all());
}

#[test]
fn loops_of_links_and_pipes() {
    let loops = |path: &Path, _: &str, _: &str, _: &str| symlink(path.file_name().unwrap(), path).unwrap();
    assert_eq!(scan(loops), all());
    let pipes = |path: &Path, _: &str, _: &str, _: &str| {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    assert_eq!(scan(pipes), all());
    // A file that may not be read; root may read it all the same, so this one is a link behind a file.
    let behind_a_file = |path: &Path, _: &str, _: &str, _: &str| symlink("good.service/a", path).unwrap();
    assert_eq!(scan(behind_a_file), all());
}

#[test]
fn ten_thousand_nested_braces() {
    for closes in [10_000, 0] {
        let nested = |path: &Path, head: &str, open: &str, close: &str| {
            fs::write(path, format!("{head}{}{}\n", open.repeat(10_000), close.repeat(closes))).unwrap();
        };
        let unchecked = scan(nested);
        assert_eq!(unchecked, {
            let mut nesting = NESTING.map(str::to_owned);
            nesting.sort_unstable();
            nesting
        });
    }
}

/// A head, a unit in which `#` is a number that is never the same, a tail, and how many bytes in all.
const FULL: [(&str, &str, &str, &str, usize); 13] = [
    ("m/V2__a.sql", "SELECT ", "(", "", FILE_BYTES),
    ("m/V2__a.sql", "", "CREATE TABLE t#(id int primary key);INSERT INTO t#(id)VALUES(now());", "", FILE_BYTES),
    ("m/V2__a.sql", "", "DROP TABLE t#;-- nidoto: ignore[MIG002] reason=a\n", "", FILE_BYTES),
    ("nginx.conf", "http{resolver 10.0.0.1;upstream u{", "server a#.b resolve;", "}}", FILE_BYTES / 3),
    ("nginx.conf", "http{server{location /{", "set $x http://a#.b:80;proxy_pass $x;", "}}}", FILE_BYTES / 4),
    ("nginx.conf", "http{geo $a{", "10.0.0.# AU;", "}}", FILE_BYTES),
    ("a.service", "[Service]\nExecStart=", "a\\\n", "", SMALL_FILE_BYTES),
    ("Dockerfile", "FROM a\nRUN ", "<<A# ", "\n", SMALL_FILE_BYTES),
    ("task.json", "{\"containerDefinitions\": [", "{\"name\":\"a#\",\"image\":\"b\"},\n", "{}]}", SMALL_FILE_BYTES),
    ("compose.yml", "services: {", "\"é#\": é, ", "}", SMALL_FILE_BYTES),
    (
        "t.yaml",
        "Resources:\n",
        "  T#: {Type: AWS::ECS::Service, Properties: {TaskDefinition: a}}\n  S#: {Type: AWS::ApplicationAutoScaling::ScalableTarget, Properties: {ResourceId: T#, MaxCapacity: 2}}\n",
        "",
        SMALL_FILE_BYTES,
    ),
    ("application.properties", "spring.flyway.locations=", "a#,", "", SMALL_FILE_BYTES),
    ("application-prod.properties", "", "spring.flyway.out-of-order=${a#:}\n", "", SMALL_FILE_BYTES),
];
const FILE_BYTES: usize = (16 << 20) - 64;
/// Of technologies whose files are small.
const SMALL_FILE_BYTES: usize = (1 << 20) - 64;
/// What such a file may take, in KB of address space: half of it is the binary that is tested.
const FULL_MEMORY_KB_MAX: usize = 450_000;
/// CPU seconds of a binary that is not optimized; a table that is searched for each of its rows takes hours.
const FULL_CPU_S_MAX: usize = 40;

/// Full of what rules look for, as large as files may be.
#[test]
fn files_as_large_as_may_be() {
    std::thread::scope(|scope| {
        for (name, head, unit, tail, bytes) in FULL {
            scope.spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                let path = dir.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                let mut text = head.to_owned();
                for i in 0.. {
                    let next = unit.replace('#', &i.to_string());
                    if text.len() + next.len() + tail.len() > bytes {
                        break;
                    }
                    text += &next;
                }
                fs::write(&path, text + tail).unwrap();
                let limited = format!(
                    "ulimit -v {FULL_MEMORY_KB_MAX} -t {FULL_CPU_S_MAX}; exec \"$0\" scan --lang en --format json"
                );
                let output = Command::new("bash")
                    .args(["-c", &limited, env!("CARGO_BIN_EXE_nidoto")])
                    .current_dir(dir.path())
                    .output()
                    .expect("apt-get install bash");
                let error = String::from_utf8_lossy(&output.stderr);
                assert!(matches!(output.status.code(), Some(0..=2)), "{name} {unit}: {:?} {error}", output.status);
                let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
                assert_eq!(json["files"], serde_json::json!([name]), "{unit}: it was looked at, or told");
            });
        }
    });
}
