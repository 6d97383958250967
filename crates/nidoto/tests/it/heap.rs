//! `nidoto heap` on the recorded snapshots of an example outage, on files that are none, and on running servers.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::repository;
use crate::support::root::{Run, TestRoot, run};

/// A recorded snapshot: phase and name.
fn recorded(phase: &str, name: &str) -> String {
    let file = format!(
        "examples/outages/incidents/2018-05-14-restarts-hid-a-leak/evidence/{phase}/heap/{name}.heapsnapshot.zst"
    );
    repository().join(file).to_str().unwrap().to_owned()
}

fn heap(arguments: &[&str]) -> Run {
    TestRoot::empty().nidoto(&[&["heap"], arguments].concat())
}

fn show(arguments: &[&str]) -> Run {
    heap(&[&["show", &recorded("outage", "3-later"), "--lang", "en"], arguments].concat())
}

/// The leaking release, before and after its requests.
fn diff(arguments: &[&str]) -> Run {
    let [base, later] = ["1-base", "3-later"].map(|name| recorded("outage", name));
    heap(&[&["diff", &base, &later, "--requests", "40", "--limit", "6", "--lang", "en"], arguments].concat())
}

/// V8's number of the object that holds the leak.
fn holder() -> String {
    diff(&["--format", "json"]).json()["verdict"]["culprits"][0]["holder_id"].to_string()
}

#[test]
fn a_snapshot_is_shown() {
    insta::assert_snapshot!(show(&["--limit", "6"]).exits(0).stdout);
}

#[test]
fn a_class_is_listed() {
    insta::assert_snapshot!(show(&["--class", "Container", "--limit", "3"]).exits(0).stdout);
    let typo = show(&["--class", "Contaner"]).exits(2);
    assert!(typo.stderr.contains("did you mean `Container`?"), "{}", typo.stderr);
}

#[test]
fn an_object_is_explained() {
    let holder = holder();
    insta::assert_snapshot!("retainers", show(&["--retainers", &holder]).exits(0).stdout);
    insta::assert_snapshot!("dominators", show(&["--dominators", &holder, "--limit", "3"]).exits(0).stdout);
    let nobody = show(&["--retainers", "4294967295"]).exits(2);
    assert!(nobody.stderr.contains("4294967295"), "{}", nobody.stderr);
}

#[test]
fn a_leak_is_named_and_a_fix_is_clean() {
    insta::assert_snapshot!(diff(&[]).exits(1).stdout);
    let [base, later] = ["1-base", "3-later"].map(|name| recorded("fixed", name));
    let fixed = heap(&["diff", &base, &later, "--requests", "40", "--lang", "en"]).exits(0);
    assert!(fixed.stdout.starts_with("Nothing leaks"), "{}", fixed.stdout);
    let japanese = heap(&["diff", &base, &later, "--requests", "40", "--lang", "ja"]).exits(0);
    assert!(japanese.stdout.starts_with("漏れなし"), "{}", japanese.stdout);
}

#[test]
fn programs_spreadsheets_and_postmortems_get_the_same_numbers() {
    let json = diff(&["--format", "json"]).exits(1).json();
    let culprit = &json["verdict"]["culprits"][0];
    assert_eq!((&culprit["class"], &culprit["objects"]), (&"Container".into(), &40.into()));
    assert_eq!(culprit["origin"]["package"], "@example/di-container");
    assert_eq!(json["is_leak"], true);
    let rows = json["classes"].as_array().unwrap();
    let csv = diff(&["--format", "csv"]).exits(1).stdout;
    let mut reader = csv.split("\r\n");
    assert_eq!(reader.next(), Some("class,added,removed,delta,added_bytes,removed_bytes,delta_bytes,share"));
    for row in rows {
        let cells: Vec<&str> = reader.next().unwrap().rsplitn(8, ',').collect();
        assert_eq!(cells[6], row["added"].to_string(), "{row}");
        assert_eq!(cells[1], row["delta_bytes"].to_string(), "{row}");
    }
    insta::assert_snapshot!(diff(&["--format", "markdown"]).exits(1).stdout);
    let classes = show(&["--format", "json", "--limit", "3"]).exits(0).json();
    assert_eq!(classes["classes"].as_array().unwrap().len(), 3);
}

#[test]
fn contents_of_strings_are_told_or_not() {
    let text = r#"{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count"],"node_types":[["synthetic","object","string"],"string"],"edge_fields":["type","name_or_index","to_node"],"edge_types":[["element","shortcut"]]},"node_count":4,"edge_count":3},
"nodes":[0,0,1,0,1,1,1,3,16,2,2,2,5,40,0,2,2,7,40,0],
"edges":[1,1,5,0,0,10,0,1,15],
"strings":["","global","secret token"]}"#;
    let root = TestRoot::empty();
    root.write("a.heapsnapshot", text);
    let file = ["heap", "show", "a.heapsnapshot", "--lang", "en"];
    assert!(root.nidoto(&file).exits(0).stdout.contains("secret token"));
    let redacted = root.nidoto(&[&file[..], &["--redact"]].concat()).exits(0);
    assert!(!redacted.said().contains("secret") && redacted.stdout.contains("<12 characters>"), "{}", redacted.stdout);
    root.nidoto(&["heap", "slim", "a.heapsnapshot", "-o", "b.heapsnapshot", "--redact"]).exits(0);
    assert!(!root.read("b.heapsnapshot").contains("secret"));
    root.nidoto(&["heap", "show", "b.heapsnapshot"]).exits(0);
}

#[test]
fn what_is_no_snapshot_is_an_error_with_its_mend() {
    let root = TestRoot::empty();
    let whole = zstd::decode_all(std::fs::File::open(recorded("fixed", "1-base")).unwrap()).unwrap();
    root.write("cut", &whole[..whole.len() / 2]);
    root.write("empty", "");
    root.write("foreign", "{\"a\": 1}");
    root.write("half.zst", &std::fs::read(recorded("fixed", "1-base")).unwrap()[..20_000]);
    for (file, told) in [
        ("cut", "take the snapshot again"),
        ("empty", "the file is empty"),
        ("foreign", "nidoto heap take"),
        ("half.zst", "failed to read half.zst"),
        ("gone", "failed to read gone"),
    ] {
        for command in [&["heap", "show", file][..], &["heap", "slim", file, "-o", "out"]] {
            let run = root.nidoto(command).exits(2);
            assert!(run.stderr.contains(file) && run.stderr.contains(told), "{command:?}: {}", run.said());
        }
    }
    assert!(!root.path("out").exists());
}

#[test]
fn snapshots_of_two_processes_are_refused() {
    let (one, other) = (recorded("outage", "1-base"), recorded("fixed", "3-later"));
    let run = heap(&["diff", &one, &other]).exits(2);
    assert!(run.stderr.contains("different processes") || run.stderr.contains("wrong order"), "{}", run.stderr);
    let swapped = heap(&["diff", &recorded("outage", "3-later"), &recorded("outage", "1-base")]).exits(2);
    assert!(swapped.stderr.contains("wrong order"), "{}", swapped.stderr);
}

/// The lab's server and the Node.js that runs it; they are installed once and shared with the crate's parity test.
fn lab() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("heap-oracle");
    let setup = repository().join("crates/nidoto_heap/tests/oracle/setup.sh");
    run(Command::new("bash").arg(setup).arg(&dir)).exits(0);
    dir
}

/// A process that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the lab's server in a mode and lets `nidoto heap watch` investigate it.
fn watch(mode: &str) -> Run {
    let lab = lab();
    let node = lab.join("node/bin/node");
    let mut server = Command::new(&node);
    server.arg("--inspect=127.0.0.1:0").arg(lab.join("lab/server.js")).args(["--mode", mode]);
    let mut server = Server(server.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut said = BufReader::new(server.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    let inspector = said.find_map(|line| line.split_once("listening on ").map(|(_, url)| url.to_owned())).unwrap();
    // Nobody reads on: a full pipe would stop the server.
    std::thread::spawn(move || said.for_each(drop));
    let url = BufReader::new(server.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let drive = format!(
        "{} -e \"(async () => {{ for (let i = 0; i < $N; i++) await (await fetch('{url}')).text() }})()\"",
        node.display()
    );
    heap(&["watch", &inspector, "--requests", &drive, "-n", "200", "--rest", "1", "--lang", "en"])
}

#[test]
fn the_leaking_server_of_the_lab_is_told_from_the_healthy_one() {
    let leaking = watch("leak").exits(1);
    let verdict = leaking.stdout.lines().next().unwrap();
    assert!(verdict.starts_with("@inversifyjs/container: 150 Container (0.75 a request"), "{verdict}");
    assert!(verdict.contains("held by Map @"), "{verdict}");
    assert!(leaking.stdout.contains("(variable openRequests)"), "{}", leaking.stdout);
    let healthy = watch("healthy").exits(0);
    assert!(healthy.stdout.starts_with("Nothing leaks"), "{}", healthy.stdout);
}
