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

/// A migration that is deleted is told, by what is left of its folder or by Flyway's settings above it; what
/// stands in other folders of the same location, unchanged or not, is not missing.
#[test]
fn a_deleted_migration_is_a_change() {
    let dir = folder(&[
        ("m/V1__a.sql", "SELECT 1;\n"),
        ("m/V2__b.sql", "SELECT 2;\n"),
        ("m/R__view.sql", "SELECT 3;\n"),
        ("app/application.properties", "spring.flyway.enabled=true\n"),
        ("app/db/migration/old/V1__a.sql", "SELECT 1;\n"),
        ("app/db/migration/old/V2__b.sql", "SELECT 1;\n"),
        ("app/db/migration/new/V3__c.sql", "SELECT 1;\n"),
        ("gone/compose.yml", "services: {}\n"),
    ]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "a"]);
    fs::remove_file(dir.path().join("gone/compose.yml")).unwrap();
    fs::write(dir.path().join("app/db/migration/new/V4__d.sql"), "SELECT 1;\n").unwrap();
    let (status, text) = scan(dir.path(), &["--changed"]);
    assert_eq!(status, 0, "{text}");
    fs::remove_file(dir.path().join("m/V1__a.sql")).unwrap();
    git(dir.path(), &["rm", "-q", "m/R__view.sql"]);
    fs::remove_file(dir.path().join("app/db/migration/old/V1__a.sql")).unwrap();
    let (status, text) = scan(dir.path(), &["--changed"]);
    assert_eq!((status, text.matches("error[FLY004]").count()), (1, 3), "{text}");
    assert!(text.contains("--> m/V2__b.sql\n  --> m/V1__a.sql (it was here)\n"), "{text}");
    assert!(text.contains("--> app/db/migration/old/V1__a.sql (it was here)\n"), "{text}");
    assert_eq!(scan(dir.path(), &["--changed", "gone"]).0, 0, "only what is asked about");
    git(dir.path(), &["commit", "-qam", "b"]);
    let (status, text) = scan(dir.path(), &["--changed=HEAD~1"]);
    assert_eq!((status, text.matches("error[FLY004]").count()), (1, 3), "{text}");
    let absolute = dir.path().canonicalize().unwrap();
    for path in [".", "./", "m", absolute.to_str().unwrap()] {
        let (_, text) = scan(&absolute, &[path, "--base", "HEAD~1", "--rule", "FLY004"]);
        assert_eq!(text.matches("error[FLY004]").count(), if path == "m" { 2 } else { 3 }, "{path}: {text}");
    }
    assert_eq!(scan(dir.path(), &["--changed"]).0, 0);
}

/// Each path is asked of its own repository, from wherever: beside this one, below it, behind a link.
#[test]
fn every_path_is_asked_of_its_own_repository() {
    let files = [("m/V1__a.sql", "SELECT 1;\n"), ("m/V3__c.sql", ""), ("u/r.service", SERVICE)];
    let dir = folder(&[("here/a.txt", ""), ("plain/m/V1__a.sql", "")]);
    for name in ["here/inner", "other", "more"] {
        for (path, text) in files {
            let path = dir.path().join(name).join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    for name in ["here/inner", "here", "other", "more"] {
        let at = dir.path().join(name);
        git(&at, &["init", "-q"]);
        git(&at, &["add", "*.*"]);
        git(&at, &["commit", "-qm", name]);
    }
    std::os::unix::fs::symlink("../other/m", dir.path().join("here/link")).unwrap();
    let here = dir.path().join("here");
    let edit = |name: &str| fs::write(dir.path().join(name).join("m/V1__a.sql"), "SELECT 2;\n").unwrap();
    let told = |arguments: &[&str]| {
        let (_, text) = scan(&here, &[arguments, &["--rule", "FLY003", "--rule", "SYSD001"]].concat());
        let places = text.lines().filter_map(|line| Some(line.trim().strip_prefix("--> ")?.to_owned()));
        places.filter(|place| !place.contains("SYSD001")).collect::<Vec<String>>()
    };
    assert_eq!(told(&["../other", "--changed"]), [""; 0]);
    edit("other");
    edit("here/inner");
    assert_eq!(told(&["--changed"]), [""; 0], "another repository's changes are not ours");
    let absolute = dir.path().canonicalize().unwrap().join("other/m").to_str().unwrap().to_owned();
    for path in ["../other", "../other/", "../other/m/V1__a.sql", "../other/m", "link", absolute.as_str()] {
        for arguments in [&["--changed"][..], &["--base", "HEAD", "--rule", "FLY003"]] {
            let told = told(&[&[path], arguments].concat());
            assert!(told.iter().any(|place| place.contains("V1__a.sql")), "{path} {arguments:?}: {told:?}");
        }
    }
    assert_eq!(told(&["inner", "../other", "--changed"]).len(), 2);
    assert_eq!(told(&["inner", "../other", "../more", "--changed"]).len(), 2);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nidoto"));
        // As in a hook of the repository here.
        command.env("GIT_DIR", here.join(".git")).env("GIT_INDEX_FILE", here.join(".git/index"));
        let output = command.arg("scan").args(arguments).args(["--lang", "en"]).current_dir(&here).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run(&["../other", "--changed", "--rule", "FLY003"]).0, 1);
    let (status, text) = run(&["../other", "--base", "v9"]);
    assert!(status == 2 && text.contains("../other") && text.contains("`git fetch`"), "{text}");
    let (status, text) = run(&["../plain", "--changed"]);
    assert!(status == 2 && text.contains("../plain") && text.contains("name paths in a repository"), "{text}");
    let (status, text) = run(&["../other", "--base", "v9"]);
    assert!(status == 2 && text.contains("../other") && text.contains("`git fetch`"), "{text}");
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
    let dir = folder(&[("r.timer", &format!("# nidoto: ignore[SYSD001] reason=a\n{TIMER}"))]);
    scan(dir.path(), &["--fix", "--rule", "SUP002", "--rule", "SYSD001"]);
    assert_eq!(fs::read_to_string(dir.path().join("r.timer")).unwrap(), TIMER, "what silences nothing goes");
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
    fs::write(
        dir.path().join("a.service"),
        "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\nRestartSec=9\n",
    )
    .unwrap();
    for format in ["json", "sarif"] {
        let (status, text) = scan(dir.path(), &["--format", format]);
        let json: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(status, 1);
        assert!(json.to_string().contains("SYSD001") && text.contains("not closed"), "{text}");
    }
    for (format, likely) in [
        ("junit", "<system-out>a.service:2: "),
        ("github", "::notice file=a.service,line=2,"),
        ("markdown", "| · note |"),
    ] {
        let (_, text) = scan(dir.path(), &["--format", format]);
        assert!(text.contains("SYSD001") && text.contains(likely), "{format}: {text}");
    }
}

/// What SARIF 2.1.0 asks for, and what GitHub's code scanning does with it: it wants each rule once with
/// a description and help, paths within the repository, a first line, and columns where there are any.
#[test]
fn sarif_has_columns_and_each_rule_once() {
    let dir = folder(&[
        ("sys d/r.service", &format!("# {}\n{SERVICE}", "é".repeat(3))),
        ("nginx.conf", "http { server { location / { proxy_pass http://api.local:80; } } }\n"),
        ("m/V1__a.sql", ""),
        ("m/V1__b.sql", ""),
        ("a.service", "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\nRestartSec=9\n"),
    ]);
    let absolute = dir.path().canonicalize().unwrap();
    let (_, text) = scan(&absolute, &[absolute.to_str().unwrap(), "--format", "sarif"]);
    let json: Json = serde_json::from_str(&text).unwrap();
    let run = &json["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let mut ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        for text in ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
            assert!(rule.pointer(text).and_then(Json::as_str).is_some_and(|text| !text.is_empty()), "{rule}");
        }
    }
    let results = run["results"].as_array().unwrap();
    let place = |result: &Json| {
        let place = &result["locations"][0]["physicalLocation"];
        let region = &place["region"];
        let number = |key: &str| region[key].as_u64().map_or("-".to_owned(), |number| number.to_string());
        let at = ["startLine", "startColumn", "endLine", "endColumn"].map(number).join(" ");
        assert_eq!(result["ruleId"], rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]["id"]);
        format!("{} {} {} {at}", result["ruleId"], result["level"], place["artifactLocation"]["uri"]).replace('"', "")
    };
    insta::assert_snapshot!(results.iter().map(place).collect::<Vec<_>>().join("\n"), @r"
    SYSD004 note a.service 2 1 2 24
    FLY001 error m/V1__b.sql 1 - - -
    NGX001 error nginx.conf 1 48 1 60
    SYSD001 error sys%20d/r.service 7 1 7 27
    ");
    let marks: std::collections::BTreeSet<String> =
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect();
    assert_eq!(marks.len(), results.len());
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
fn a_changed_file_is_judged_with_what_rules_over_it() {
    let dir = folder(&[
        (
            "etc/nginx/nginx.conf",
            "events {}\nhttp { resolver 10.0.0.2; include /etc/nginx/conf.d/*.conf; include conf.d/*.conf; }\n",
        ),
        ("etc/nginx/conf.d/up.conf", "upstream backend { server 10.0.0.1; }\n"),
        ("etc/nginx/conf.d/a.conf", "server { location / { proxy_pass http://backend; } }\n"),
        ("u/r.service", "[Service]\nExecStart=/sbin/reboot\n"),
        ("u/r.service.d/1.conf", "[Install]\n"),
        ("u/r.timer", TIMER),
        ("app/resources/application.yml", "spring: {flyway: {out-of-order: false}}\n"),
        ("app/resources/config/application-prod.yml", "spring: {flyway: {out-of-order: true}}\n"),
        ("app/resources/db/migration/V8__a.sql", ""),
    ]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "a"]);
    let change = |path: &str, text: &str| fs::write(dir.path().join(path), text).unwrap();
    change(
        "etc/nginx/conf.d/a.conf",
        "server { location /b { proxy_pass http://backend; } location /c { proxy_pass http://a.b$uri; } }\n",
    );
    change("app/resources/db/migration/V7__b.sql", "");
    let (status, text) = scan(dir.path(), &["--changed"]);
    assert_eq!(status, 0, "the upstream, the resolver and the settings are known: {text}");
    change("u/r.service.d/1.conf", "[Install]\nWantedBy=multi-user.target\n");
    let (status, text) = scan(dir.path(), &["--changed"]);
    assert!(status == 1 && text.contains("SYSD001") && text.contains("u/r.service.d/1.conf:2:1"), "{text}");
}

/// A host's files below a folder: a service that is enabled, one that is not, and links that are
/// absolute, as systemctl makes them.
fn host() -> tempfile::TempDir {
    let dir = folder(&[
        ("usr/lib/systemd/system/r.service", SERVICE),
        ("usr/lib/systemd/system/off.service", SERVICE),
        ("etc/nginx/nginx.conf", "events {}\nhttp { include /etc/nginx/sites-enabled/*; }\n"),
        ("etc/nginx/sites-available/a", "server { location / { proxy_pass http://api.local; } }\n"),
        ("srv/V1__a.sql", ""),
    ]);
    let link = |from: &str, to: &str| {
        let to = dir.path().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(from, to).unwrap();
    };
    link("/usr/lib/systemd/system/r.service", "etc/systemd/system/multi-user.target.wants/r.service");
    link("/etc/nginx/sites-available/a", "etc/nginx/sites-enabled/a");
    dir
}

#[test]
fn a_root_is_what_the_issue_calls_one() {
    let host = host();
    let root = host.path().to_str().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let (status, text) = scan(elsewhere.path(), &["--root", root]);
    assert_eq!(status, 1, "{text}");
    assert_eq!((text.matches("error[SYSD001]").count(), text.matches("error[NGX001]").count()), (2, 1), "{text}");
    assert_eq!(scan(elsewhere.path(), &["--sysroot", root]).1, text, "the other name of the same");
    let nginx = format!("{root}/etc/nginx");
    let (_, text) = scan(elsewhere.path(), &[&nginx, "--root", root]);
    assert_eq!((text.matches("error[SYSD001]").count(), text.matches("error[NGX001]").count()), (0, 1), "{text}");
    assert_eq!(scan(elsewhere.path(), &["--root", "/nowhere"]).0, 2);
}

#[test]
fn of_a_host_only_what_is_enabled_is_looked_at() {
    let host = host();
    let (status, text) = scan(host.path(), &["--host", "--root", host.path().to_str().unwrap()]);
    assert_eq!(status, 1);
    assert_eq!(text.matches("error[SYSD001]").count(), 1, "{text}");
    assert!(text.contains("`r.service` itself is wanted by `multi-user.target`"), "{text}");
    assert!(text.contains("; 1 units not enabled"), "{text}");
}

/// `nginx -T` of Debian's nginx, in a mount namespace where /etc/nginx is a folder of this test.
#[test]
fn of_a_live_host_nginx_says_what_it_reads() {
    let dir = folder(&[
        (
            "nginx.conf",
            "user root root; error_log stderr; pid /etc/nginx/pid; events {}\nhttp { access_log off; include /etc/nginx/sites-enabled/*; }\n",
        ),
        ("sites-enabled/a", ""),
        ("unused.conf", "server { location / { proxy_pass http://api.local; } }\n"),
    ]);
    let run = |text: &str| {
        fs::write(dir.path().join("sites-enabled/a"), text).unwrap();
        let script = "mount --bind \"$0\" /etc/nginx && exec \"$1\" scan --host --rule NGX001 --lang en";
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).arg(dir.path());
        let output = command.arg(env!("CARGO_BIN_EXE_nidoto")).output().expect("apt-get install util-linux");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), told)
    };
    let (status, text, told) = run("server { listen unix:/etc/nginx/s; location / { fastcgi_pass localhost:9; } }\n");
    assert_eq!(status, Some(0), "apt-get install nginx-light: {text}{told}");
    assert!(!text.contains("unused.conf") && told.is_empty(), "nginx does not read it: {text}{told}");
    let (status, text, told) = run("server { location / { no_such_directive; } }\n");
    assert!(told.contains("nginx -T: ") && told.contains("no_such_directive"), "{told}");
    assert!(status == Some(0) && text.contains("could not be checked"), "its files were read: {text}");
}

/// What an incident has ruled out counts in every scan of its root.
#[test]
fn guards_rule_images_out() {
    let guard = "alpine-comes-back:\n  config: {rule: IMG001, path: /srv/Dockerfile, deny: ['node:*alpine*']}\n";
    let dir = folder(&[
        ("nidoto.yaml", "team: {language: en}\n"),
        ("guards/a.yaml", guard),
        ("app/Dockerfile", "FROM node:20-alpine\n"),
    ]);
    let (status, text) = scan(dir.path(), &[]);
    assert!(status == 1 && text.contains("IMG001"), "{text}");
    fs::remove_file(dir.path().join("guards/a.yaml")).unwrap();
    assert_eq!(scan(dir.path(), &[]).0, 0);
}

/// The steps of the GitHub Action, as a runner's shell runs them: a pull request whose base is fetched.
#[test]
fn the_action_says_what_a_pull_request_brings() {
    let action = fs::read_to_string(crate::support::repository().join("action.yml")).unwrap();
    let step = action.split("      run: |\n").nth(1).unwrap();
    let script: String = step.lines().map(|line| line.trim_start_matches("        ").to_owned() + "\n").collect();
    let origin = folder(&[("old/r.service", SERVICE), ("m/V1__a.sql", "SELECT 1;\n")]);
    git(origin.path(), &["init", "-q", "-b", "main"]);
    git(origin.path(), &["add", "."]);
    git(origin.path(), &["commit", "-qm", "a"]);
    let work = tempfile::tempdir().unwrap();
    git(work.path(), &["clone", "-q", "--depth=1", &format!("file://{}", origin.path().display()), "repository"]);
    let here = work.path().join("repository");
    fs::write(here.join("m/V1__a.sql"), "SELECT 2;\n").unwrap();
    let head = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(&here).output().unwrap().stdout;
    let base = String::from_utf8(head).unwrap().trim().to_owned();
    let run = |base: &str, arguments: &str| {
        let binary = Path::new(env!("CARGO_BIN_EXE_nidoto")).parent().unwrap();
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.args(["-e", "-o", "pipefail", "-c", &script]).current_dir(&here).env("PATH", path);
        command.env("SCAN_PATH", ".").env("BASE", base).env("ARGUMENTS", arguments).env("SARIF", "out.sarif");
        command.env("GITHUB_STEP_SUMMARY", work.path().join("summary.md"));
        let output = command.output().expect("apt-get install bash");
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, text, told) = run(&base, "--lang en");
    assert_eq!(status, Some(1), "{text}{told}");
    assert!(text.contains("::error file=m/V1__a.sql,line=1,title=FLY003") && !text.contains("SYSD001"), "{text}{told}");
    let sarif: Json = serde_json::from_str(&fs::read_to_string(here.join("out.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "FLY003");
    assert!(fs::read_to_string(work.path().join("summary.md")).unwrap().contains("FLY003"));
    let (status, text, told) = run("", "--rule SYSD001 --lang en");
    assert!(status == Some(1) && text.contains("old/r.service"), "without a base everything counts: {text}{told}");
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
