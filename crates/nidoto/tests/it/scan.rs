//! `nidoto scan`: what it looks at, what it leaves, how it ends.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

const SERVICE: &str = "[Service]\nType=oneshot\nExecStart=/sbin/reboot\n\n[Install]\nWantedBy=multi-user.target\n";
const TIMER: &str = "[Timer]\nOnCalendar=*-*-* 3:30:00\n\n[Install]\nWantedBy=timers.target\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// Exit status and output of a scan in a folder.
fn scan(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nidoto"));
    let output = command.arg("scan").args(arguments).args(["--lang", "en"]).current_dir(dir).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn git(dir: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let status =
        Command::new("git").current_dir(dir).args(identity).args(arguments).status().expect("apt-get install git");
    assert!(status.success(), "git {arguments:?}");
}

#[test]
fn carets_stand_under_what_is_meant() {
    let dir = folder(&[("nginx.conf", "http {\n\tserver { location / { proxy_pass http://api.local:80; } }\n}\n")]);
    let (status, text) = scan(dir.path(), &[]);
    assert_eq!(status, 1);
    insta::assert_snapshot!(text, @r"
    error[NGX001]: `api.local` is looked up once, when nginx starts; a new address is never seen
      --> nginx.conf:2:42
       |
     2 |     server { location / { proxy_pass http://api.local:80; } }
       |                                             ^^^^^^^^^^^^

    1 files: 1 certain, 0 likely, 0 could not be checked, 3 passed
    ");
}

#[test]
fn a_safe_fix_is_shown_and_made() {
    let dir = folder(&[("u/r.service", SERVICE), ("u/r.timer", TIMER)]);
    let (status, text) = scan(dir.path(), &["--fix"]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("-WantedBy=multi-user.target\n"), "{text}");
    assert_eq!(
        fs::read_to_string(dir.path().join("u/r.service")).unwrap(),
        SERVICE.split("\n[Install]").next().unwrap()
    );
}

#[test]
fn what_git_ignores_and_what_is_not_changed_is_left_alone() {
    let dir = folder(&[
        (".gitignore", "out/\n"),
        ("out/r.service", SERVICE),
        ("u/r.service", SERVICE),
        ("m/V1__a.sql", "SELECT 1;\n"),
        ("m/V3__c.sql", ""),
    ]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "a"]);
    let (_, text) = scan(dir.path(), &[]);
    assert_eq!(text.matches("SYSD001").count(), 1, "{text}");
    assert_eq!(scan(dir.path(), &["--changed"]).0, 0);
    fs::write(dir.path().join("m/V1__a.sql"), "SELECT 2;\n").unwrap();
    fs::write(dir.path().join("m/V2__b.sql"), "").unwrap();
    let (status, text) = scan(dir.path(), &["--changed"]);
    assert_eq!(status, 1);
    assert!(text.contains("FLY003") && text.contains("FLY005") && !text.contains("SYSD001"), "{text}");
}

#[test]
fn suppressions_need_reasons_and_end() {
    let with = |comment: &str| {
        let text = SERVICE.replace("WantedBy", &format!("{comment}\nWantedBy"));
        let dir = folder(&[("r.service", &text)]);
        scan(dir.path(), &[])
    };
    assert_eq!(with("# nidoto: ignore[SYSD001] until=2999-01-01 reason=a kiosk").0, 0);
    assert!(with("# nidoto: ignore[SYSD001]").1.contains("SUP001"));
    assert!(with("# nidoto: ignore[SYSD001] until=2020-01-01 reason=a").1.contains("SUP003"));
    assert!(with("# nidoto: ignore[SYSD004] reason=a").1.contains("SUP002"));
}

#[test]
fn a_baseline_holds_what_is_known() {
    let dir = folder(&[("r.service", SERVICE)]);
    assert_eq!(scan(dir.path(), &["--write-baseline", "--baseline", "b.json"]).0, 0);
    fs::write(dir.path().join("r.service"), format!("# moved\n{SERVICE}")).unwrap();
    assert_eq!(scan(dir.path(), &["--baseline", "b.json"]).0, 0);
    assert_eq!(scan(dir.path(), &[]).0, 1);
}

#[test]
fn every_format_is_what_it_says() {
    let dir = folder(&[("r.service", SERVICE), ("nginx.conf", "http {")]);
    for format in ["json", "sarif"] {
        let (status, text) = scan(dir.path(), &["--format", format]);
        let json: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(status, 1);
        assert!(json.to_string().contains("SYSD001") && text.contains("not closed"), "{text}");
    }
    for format in ["junit", "github", "markdown"] {
        assert!(scan(dir.path(), &["--format", format]).1.contains("SYSD001"), "{format}");
    }
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_looked_at() {
    use std::os::unix::fs::symlink;
    let dir = folder(&[("r.service", SERVICE), ("b/V1__a.sql", "\0"), ("c/nginx.conf", "{{ template }}")]);
    symlink("loop.service", dir.path().join("loop.service")).unwrap();
    symlink("..", dir.path().join("b/up")).unwrap();
    symlink("/dev/null", dir.path().join("masked.service")).unwrap();
    let large = fs::File::create(dir.path().join("large.conf")).unwrap();
    large.set_len(100_000_000).unwrap();
    fs::rename(dir.path().join("large.conf"), dir.path().join("V2__large.sql")).unwrap();
    let (status, text) = scan(dir.path(), &[]);
    assert_eq!(status, 1);
    assert_eq!(text.matches("could not check").count(), 4, "{text}");
    assert!(text.contains("SYSD001") && text.contains("100000000 bytes"), "{text}");
}

#[test]
fn before_a_machine_goes_all_state_counts() {
    let dir = folder(&[
        ("compose.yml", "services:\n  db:\n    volumes: ['pg:/var/lib/postgresql/data']\n"),
        ("state.txt", "/srv/icons\n/srv/files\n"),
        ("listing.txt", "/srv/files/1.png\n"),
    ]);
    let (status, text) =
        scan(dir.path(), &[".", "--before-delete", "--state", "state.txt", "--listing", "listing.txt"]);
    assert_eq!(status, 1);
    assert!(text.contains("`/srv/icons` is in no backup") && text.contains("`pg` is in no backup"), "{text}");
    assert!(!text.contains("`/srv/files`"), "{text}");
}
