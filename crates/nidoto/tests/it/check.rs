//! `nidoto check`: today's world, asked.

use std::process::Command;

use crate::support::http::{Server, steady};
use crate::support::root::TestRoot;

const NO_SOURCES: &str = "team: {language: en}\n";

#[test]
fn green_is_0_red_is_1_and_blind_is_2() {
    let root = TestRoot::new(NO_SOURCES);
    root.write("app.conf", "good\n");
    for (guard, exit, said) in [
        ("files: {path: app.conf, has: good}", 0, "1 green, 0 red, 0 blind"),
        ("files: {path: app.conf, lacks: good}", 1, "app.conf:1: this line must not be here: good"),
        ("files: {path: gone.conf, has: good}", 2, "no file matches `gone.conf`"),
    ] {
        root.write("guards/g.yaml", format!("g:\n  {guard}\n"));
        let run = root.nidoto(&["check"]).exits(exit);
        assert!(run.stdout.contains(said), "{}", run.said());
    }
}

#[test]
fn a_red_does_not_hide_behind_a_blind() {
    let root = TestRoot::new(NO_SOURCES);
    root.write("app.conf", "bad\n");
    root.write(
        "guards/g.yaml",
        "a:\n  files: {path: gone.conf, has: x}\nb:\n  files: {path: app.conf, lacks: bad}\nc:\n  nonsense: {}\n",
    );
    let run = root.nidoto(&["check"]).exits(1);
    assert!(run.stdout.contains("0 green, 1 red, 2 blind"), "{}", run.stdout);
}

#[test]
fn errors_in_guards_are_blind_with_their_place_and_mend() {
    let root =
        TestRoot::new("team: {language: en}\nsources: {m: {prometheus: 'http://127.0.0.1:1'}, l: {log: a.log}}\n");
    root.write("app.conf", "x\n");
    root.write(
        "guards/g.yaml",
        "misspelt-kind:
  treshold: {query: up, above: 1}
misspelt-key:
  threshold: {qurey: up, above: 1}
wrong-type:
  threshold: {query: up, above: [1]}
no-number:
  threshold: {query: up, for: 5x, above: 1}
bad-query:
  threshold: {query: 'sum(', above: 1}
peeks:
  threshold: {query: up offset -5m, above: 1}
two-limits:
  threshold: {query: up, above: 1, below: 0}
no-kind: {severity: page}
wrong-source:
  threshold: {query: up, above: 1}
  source: l
unknown-source:
  threshold: {query: up, above: 1}
  source: mm
misspelt-severity:
  files: {path: app.conf, has: x}
  severity: pgae
Bad Name:
  files: {path: app.conf, has: x}
good:
  files: {path: app.conf, has: x}
",
    );
    let run = root.nidoto(&["check", "--width", "200"]).exits(2);
    // The list of kinds grows; it stands in one line.
    let text = run.stdout.lines().map(|line| line.split("add one of: ").next().unwrap_or_default());
    insta::assert_snapshot!("errors_in_guards", text.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_file_that_is_no_yaml_is_blind() {
    for (name, text) in
        [("guards/g.yaml", "a: [1\nb"), ("nidoto.yaml", "team: {zone: Mars}\n"), ("nidoto.yaml", "a: b: c\n")]
    {
        let root = TestRoot::new(NO_SOURCES);
        root.write("guards/ok.yaml", "ok:\n  files: {path: nidoto.yaml, must_exist: true}\n");
        root.write(name, text);
        let run = root.nidoto(&["check"]).exits(2);
        assert!(run.said().contains(&format!("{name}:")), "{}", run.said());
    }
}

#[test]
fn two_guards_of_one_name_are_not_both_trusted() {
    let root = TestRoot::new(NO_SOURCES);
    root.write("guards/a.yaml", "g:\n  files: {path: nidoto.yaml, must_exist: true}\n");
    root.write("guards/b.yaml", "g:\n  files: {path: nidoto.yaml, must_exist: true}\n");
    let run = root.nidoto(&["check"]).exits(2);
    assert!(run.stdout.contains("`g` is already the name of a guard at"), "{}", run.stdout);
}

#[test]
fn guards_are_picked_by_name_incident_and_tag() {
    let root = TestRoot::new(NO_SOURCES);
    let file = "files: {path: nidoto.yaml, must_exist: true}";
    root.incident("2021-01-01-a", "", &format!("one:\n  {file}\n  tags: [db]\ntwo:\n  {file}\n"));
    root.incident("2021-01-02-b", "", &format!("three:\n  {file}\n  tags: [db, net]\n"));
    for (arguments, count) in [
        (&["check"][..], 3),
        (&["check", "one"], 1),
        (&["check", "2021-01-01-a"], 2),
        (&["check", "--tag", "db"], 2),
        (&["check", "--tag", "net", "--tag", "nothing"], 1),
        (&["check", "--tag", "db", "one"], 1),
    ] {
        let run = root.nidoto(arguments).exits(0);
        assert!(run.stdout.starts_with(&format!("{count} green")), "{arguments:?}: {}", run.stdout);
    }
    root.nidoto(&["check", "--tag", "nothing"]).exits(2);
    root.nidoto(&["check", "no-such-guard"]).exits(2);
}

#[test]
fn changed_asks_only_guards_of_changed_files() {
    let root = TestRoot::new(NO_SOURCES);
    root.write("a.conf", "a\n");
    root.write("b.conf", "b\n");
    root.write("guards/g.yaml", "a:\n  files: {path: a.conf, has: a}\nb:\n  files: {path: b.conf, has: b}\n");
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        let done = command.args(identity).args(arguments).current_dir(root.path("")).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "x"]);
    let asked = || root.nidoto(&["check", "--changed"]).stdout;
    assert_eq!(asked(), "0 green, 0 red, 0 blind\n");
    root.write("b.conf", "x\n");
    assert!(asked().contains("0 green, 1 red, 0 blind"), "{}", asked());
    root.write("guards/g.yaml", root.read("guards/g.yaml") + "  why: new\n");
    assert!(asked().contains("1 green, 1 red, 0 blind"), "a changed guard file is asked whole: {}", asked());
    let run = root.nidoto(&["check", "--changed=no-such-revision"]).exits(2);
    assert!(run.stderr.contains("no-such-revision"), "{}", run.stderr);
}

#[test]
fn commands_run_only_because_the_root_names_them() {
    let root = TestRoot::new("team: {language: en}\nsources: {c: {command: [sh, -c, 'echo {\\\"n\\\": 3}']}}\n");
    root.write("guards/g.yaml", "g:\n  exec: {json: [{at: /n, equals: 3}]}\n");
    root.nidoto(&["check"]).exits(0);
    // An incident's guard may ask a source, but it cannot bring one along.
    root.write("guards/g.yaml", "g:\n  exec: {command: [touch, owned], status: 0}\n");
    let run = root.nidoto(&["check"]).exits(2);
    assert!(run.stdout.contains("unknown key `command`"), "{}", run.stdout);
    assert!(!root.path("owned").exists());
}

#[test]
fn logs_are_read_with_their_rotated_and_compressed_files() {
    let root = TestRoot::new("team: {language: en}\nsources: {app: {log: app.log, zone: UTC}}\n");
    let at = |minutes: i64| {
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    root.write("guards/g.yaml", "g:\n  logs: {code: '1040', at_least: 3, within: 30m}\n");
    root.write("app.log", format!("{} ERROR 1040 (08004)\n{} ok\n", at(2), at(1)));
    root.write("app.log.1", format!("{} ERROR 1040 (08004)\n", at(10)));
    root.nidoto(&["check"]).exits(0);
    let packed = zstd::encode_all(format!("{} ERROR 1040 (08004)\n", at(20)).as_bytes(), 1).unwrap();
    root.write("app.log.2.zst", packed);
    let run = root.nidoto(&["check"]).exits(1);
    assert!(run.stdout.contains("3 lines within 30m hold `1040`"), "{}", run.stdout);
}

#[test]
fn one_question_is_asked_once_for_all_guards() {
    let server = Server::start(|request| steady(request, 1.0));
    let root = TestRoot::new(&format!("team: {{language: en}}\nsources: {{m: {{prometheus: '{}'}}}}\n", server.url));
    let guards: String = (0..20).map(|i| format!("g{i}:\n  threshold: {{query: up, below: 1}}\n")).collect();
    root.write("guards/g.yaml", guards);
    let run = root.nidoto(&["check"]).exits(0);
    assert_eq!(run.stdout, "20 green, 0 red, 0 blind\n");
    assert_eq!(server.asked.lock().unwrap().len(), 1);
}

#[test]
fn without_a_root_it_says_how_to_make_one() {
    let run = TestRoot::empty().nidoto(&["check"]).exits(2);
    assert!(run.stderr.contains("`nidoto init` makes one"), "{}", run.stderr);
}
