//! `resolve` in an upstream against an nginx that knows it (1.27.3 and later; Debian's does not), built from
//! the sources that crates.io carries. Each case runs in a server of its own: some must not start at all.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nidoto_config::scan::{Confidence, Options, Recorded, apply};
use nidoto_core::evidence::Tree;

use crate::nginx::Reaches::{New, Nobody, Old};
use crate::nginx::{Backends, OLD, Reaches, Server, ask, backends, free_port, name_server, start};
use crate::scan_folder;

/// What a case is about: what stands in http (`H` is the name, `P` the backends' port, `LISTEN` the server's
/// own), the rules that find something in it, and what nginx does. Who reaches nobody does not start.
const CASES: [(&str, &str, &[&str], Reaches); 13] = [
    (
        "a resolver in http",
        "RESOLVER upstream up { zone up 64k; server H:P resolve; } server { LISTEN location / { proxy_pass http://up; } }",
        &[],
        New,
    ),
    (
        "a resolver in the upstream",
        "upstream up { RESOLVER zone up 64k; server H:P resolve; } server { LISTEN location / { proxy_pass http://up; } }",
        &[],
        New,
    ),
    (
        "a resolver behind the upstream",
        "upstream up { zone up 64k; server H:P resolve; } RESOLVER server { LISTEN location / { proxy_pass http://up; } }",
        &[],
        New,
    ),
    (
        "two upstreams share a zone",
        "RESOLVER upstream other { zone up 64k; server 127.0.0.1:1; } upstream up { zone up; server H:P resolve; } server { LISTEN location / { proxy_pass http://up; } }",
        &[],
        New,
    ),
    (
        "the upstream stands in a variable",
        "RESOLVER map $host $u { default up; } upstream up { zone up 64k; server H:P resolve; } server { LISTEN location / { proxy_pass http://$u; } }",
        &[],
        New,
    ),
    (
        "a zone without resolve",
        "RESOLVER upstream up { zone up 64k; server H:P; } server { LISTEN location / { proxy_pass http://up; } }",
        &["NGX001"],
        Old,
    ),
    ("nothing", "upstream up { server H:P; } server { LISTEN location / { proxy_pass http://up; } }", &["NGX001"], Old),
    (
        "no zone",
        "RESOLVER upstream up { server H:P resolve; } server { LISTEN location / { proxy_pass http://up; } }",
        &["NGX004"],
        Nobody,
    ),
    (
        "no resolver",
        "upstream up { zone up 64k; server H:P resolve; } server { LISTEN location / { proxy_pass http://up; } }",
        &["NGX004"],
        Nobody,
    ),
    (
        "a resolver in server only",
        "upstream up { zone up 64k; server H:P resolve; } server { LISTEN RESOLVER location / { proxy_pass http://up; } }",
        &["NGX004"],
        Nobody,
    ),
    (
        "a resolver of another upstream",
        "upstream other { RESOLVER server 127.0.0.1:1; } upstream up { zone up 64k; server H:P resolve; } server { LISTEN location / { proxy_pass http://up; } }",
        &["NGX004"],
        Nobody,
    ),
    (
        "the resolver is off",
        "resolver off; upstream up { zone up 64k; server H:P resolve; } server { LISTEN location / { proxy_pass http://up; } }",
        &["NGX004"],
        Nobody,
    ),
    (
        "neither zone nor resolver",
        "upstream up { server H:P resolve; } server { LISTEN location / { proxy_pass http://up; } }",
        &["NGX004", "NGX004"],
        Nobody,
    ),
];

fn nginx() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../labs/sources/nginx");
    let output = Command::new(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Writes the file of a case and starts its server; the port that it listens on.
fn serve(nginx: &str, dir: &Path, text: &str, backend: u16, dns: u16) -> (u16, Result<Server, String>) {
    let port = free_port();
    let http = text
        .replace("RESOLVER", &format!("resolver 127.0.0.1:{dns} valid=1s ipv6=off;"))
        .replace("LISTEN", &format!("listen 127.0.0.1:{port};"))
        .replace("H:P", &format!("case.lab:{backend}"));
    let temp =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path t;\n")).concat();
    let main = format!(
        "user root root; pid nginx.pid; daemon off; error_log stderr warn; events {{}}\nhttp {{\naccess_log off;\n{temp}{http}\n}}\n"
    );
    fs::write(dir.join("nginx.conf"), main).unwrap();
    fs::write(dir.join("hosts"), format!("127.0.0.1 localhost\n{OLD} case.lab\n")).unwrap();
    (port, start(nginx, dir, port))
}

/// Which backend is reached once the answers of the name server are no older than a few seconds.
fn settled(port: u16, backends: &Backends, wanted: Reaches) -> Reaches {
    for _ in 0..60 {
        if ask(port, backends) == wanted {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    ask(port, backends)
}

#[test]
fn upstreams_that_resolve_do_what_the_rules_say() {
    let nginx = nginx();
    let is_new = Arc::new(AtomicBool::new(false));
    let dns = name_server(Arc::clone(&is_new));
    let (backend, backends) = backends();
    let dirs: Vec<tempfile::TempDir> = CASES.iter().map(|_| tempfile::tempdir().unwrap()).collect();
    let servers: Vec<(u16, Result<Server, String>)> =
        CASES.iter().zip(&dirs).map(|((_, text, ..), dir)| serve(&nginx, dir.path(), text, backend, dns)).collect();
    for ((name, _, _, reaches), (port, server)) in CASES.iter().zip(&servers) {
        assert_eq!(server.is_err(), *reaches == Nobody, "{name}: {:?}", server.as_ref().err());
        if server.is_ok() {
            assert_eq!(settled(*port, &backends, Old), Old, "{name}, before the answer changes");
        }
    }
    is_new.store(true, Ordering::SeqCst);
    // Whoever asks again has asked by then.
    thread::sleep(Duration::from_secs(4));
    for ((name, text, rules, reaches), ((port, server), dir)) in CASES.iter().zip(servers.iter().zip(&dirs)) {
        if server.is_ok() {
            assert_eq!(settled(*port, &backends, *reaches), *reaches, "{name}, after the answer has changed");
        }
        let scan = scan_folder(dir.path(), &Options::default());
        let certain = scan.issues.iter().filter(|issue| issue.confidence == Confidence::Certain);
        let found: Vec<&str> = certain.map(|issue| issue.rule.code).collect();
        assert_eq!((found.as_slice(), scan.unchecked.len()), (*rules, 0), "our rules, {name}: {text}");
    }
    drop(servers);
    // Wherever some resolver is named, the fixes lead to the new address, on the server too.
    for ((name, text, rules, _), dir) in
        CASES.iter().zip(&dirs).filter(|((_, text, rules, _), _)| text.contains("RESOLVER") && !rules.is_empty())
    {
        let mended = mended(dir.path()).unwrap_or_else(|| panic!("{name}: {rules:?} have no fix"));
        // A port of its own: the first server of this case may still be ending.
        let port = free_port();
        let listen = mended.split("listen ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
        let mended = mended.replace(listen, &format!("127.0.0.1:{port}"));
        fs::write(dir.path().join("nginx.conf"), &mended).unwrap();
        let server = start(&nginx, dir.path(), port);
        assert!(server.is_ok(), "{name}: {text}: {mended}");
        assert_eq!(settled(port, &backends, New), New, "{name}: {mended}");
    }
}

/// The configuration after all fixes.
fn mended(dir: &Path) -> Option<String> {
    let tree = Tree::read(dir, "/", (0, 0)).unwrap();
    let targets: Vec<String> = tree.files.iter().map(|file| file.path.clone()).collect();
    let source = Recorded::new(tree.files.iter().collect());
    apply(&source, &targets, &Options::default(), true).texts.remove("/nginx.conf")
}
