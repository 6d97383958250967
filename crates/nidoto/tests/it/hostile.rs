//! Servers that are dead, slow, broken or picky: blind with the reason, and no secret is told.

use std::thread;
use std::time::Duration;

use crate::support::free_port;
use crate::support::http::{Request, Server, response, steady};
use crate::support::root::{Run, TestRoot, run};

const SECRET: &str = "hunter2-s3cr3t";
const EMPTY: &str = r#""data":{"resultType":"matrix","result":[]}"#;

fn root(source: &str) -> TestRoot {
    let root = TestRoot::new(&format!("team: {{language: en}}\nsources:\n  metrics: {source}\n"));
    root.write("guards/g.yaml", "g:\n  threshold: {query: up, below: 1}\n");
    root
}

/// Checks in every format; none may tell the secret. Returns the run for people.
fn check(source: &str) -> Run {
    let root = root(source);
    let mut runs = Vec::new();
    for format in ["text", "json", "junit", "sarif", "github", "markdown"] {
        let arguments = ["check", "--width", "300", "--format", format];
        let run = run(root.command(&arguments).env("PROM_SECRET", SECRET));
        assert!(!run.said().contains(SECRET), "{format} tells the secret: {}", run.said());
        assert!(!run.said().contains("aHVudGVyMi1zM2NyM3Q"), "{format} tells the encoded secret");
        runs.push(run);
    }
    runs.swap_remove(0)
}

#[track_caller]
fn blind(source: &str, reason: &str) {
    let run = check(source).exits(2);
    assert!(run.stdout.contains("blind") && run.stdout.contains(reason), "{}", run.said());
    assert!(run.stdout.contains("metrics"), "the source is not named: {}", run.stdout);
}

fn at(server: &Server) -> String {
    format!("{{prometheus: '{}', timeout: 1s}}", server.url)
}

#[test]
fn a_server_that_answers_well_is_green() {
    check(&at(&Server::start(|request| steady(request, 1.0)))).exits(0);
    check(&at(&Server::start(|request| steady(request, 0.0)))).exits(1);
}

#[test]
fn a_dead_server() {
    blind(&format!("{{prometheus: 'http://127.0.0.1:{}'}}", free_port()), "did not answer");
}

#[test]
fn a_name_that_nobody_knows() {
    blind("{prometheus: 'http://prometheus.invalid:9090'}", "did not answer");
}

#[test]
fn errors_of_the_server() {
    blind(&at(&Server::saying("500 Internal Server Error", "boom")), "HTTP 500");
    blind(&at(&Server::saying("503 Service Unavailable", "")), "HTTP 503");
    let refused = r#"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\""}"#;
    blind(&at(&Server::saying("400 Bad Request", refused)), "invalid parameter");
}

#[test]
fn a_slow_server() {
    let server = Server::start(|request| {
        thread::sleep(Duration::from_secs(4));
        steady(request, 1.0)
    });
    blind(&at(&server), "timeout");
}

#[test]
fn half_an_answer() {
    let whole = |request: &Request| steady(request, 1.0);
    blind(
        &at(&Server::start(move |request| {
            let mut bytes = whole(request);
            bytes.truncate(bytes.len() / 2);
            bytes
        })),
        "did not answer",
    );
    blind(
        &at(&Server::saying(
            "200 OK",
            r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"valu"#,
        )),
        "no answer of Prometheus",
    );
    blind(&at(&Server::saying("200 OK", "")), "no answer of Prometheus");
    blind(&at(&Server::saying("200 OK", "<html>Please log in</html>")), "no answer of Prometheus");
    blind(&at(&Server::saying("200 OK", "[]")), "no answer of Prometheus");
    blind(&at(&Server::saying("200 OK", r#"{"status":"success"}"#)), "no data");
    blind(&at(&Server::start(|_| b"garbage\r\n\r\n".to_vec())), "did not answer");
}

#[test]
fn warnings_and_partial_answers() {
    let warned = format!(r#"{{"status":"success","warnings":["store 10.0.0.7 is down"],{EMPTY}}}"#);
    blind(&at(&Server::saying("200 OK", &warned)), "store 10.0.0.7 is down");
    let partial = format!(r#"{{"status":"success","isPartial":true,{EMPTY}}}"#);
    blind(&at(&Server::saying("200 OK", &partial)), "isPartial");
}

#[test]
fn no_series_is_not_green() {
    blind_without_source(&at(&Server::saying("200 OK", &format!(r#"{{"status":"success",{EMPTY}}}"#))), "no sample");
}

#[track_caller]
fn blind_without_source(source: &str, reason: &str) {
    let run = check(source).exits(2);
    assert!(run.stdout.contains(reason), "{}", run.said());
}

/// A server that wants `Authorization` to be this, and tells what it was given instead.
fn picky(wanted: &'static str) -> Server {
    Server::start(move |request| match request.header("authorization") {
        Some(given) if given == wanted => steady(request, 1.0),
        _ => response("401 Unauthorized", "Unauthorized"),
    })
}

#[test]
fn credentials_right_and_wrong() {
    let bearer = picky("Bearer hunter2-s3cr3t");
    let with = |server: &Server, keys: &str| format!("{{prometheus: '{}', {keys}}}", server.url);
    check(&with(&bearer, "bearer: '${PROM_SECRET}'")).exits(0);
    blind(&with(&bearer, "bearer: wrong"), "HTTP 401");
    blind(&at(&bearer), "HTTP 401");
    // printf 'me:hunter2-s3cr3t' | base64
    let basic = picky("Basic bWU6aHVudGVyMi1zM2NyM3Q=");
    check(&with(&basic, "user: me, password: '${PROM_SECRET}'")).exits(0);
    blind(&with(&basic, "user: you, password: '${PROM_SECRET}'"), "HTTP 401");
    let tenant = Server::start(|request| match request.header("x-scope-orgid") {
        Some("hunter2-s3cr3t") => steady(request, 1.0),
        _ => response("401 Unauthorized", "no org id"),
    });
    check(&with(&tenant, "headers: {X-Scope-OrgID: '${PROM_SECRET}'}")).exits(0);
    blind(&at(&tenant), "no org id");
}

#[test]
fn a_secret_that_is_not_set_is_named_but_not_shown() {
    let server = picky("Bearer hunter2-s3cr3t");
    let source = format!("{{prometheus: '{}', bearer: 'Bearer ${{NO_SUCH_SECRET_HERE}}'}}", server.url);
    let run = check(&source).exits(2);
    assert!(run.stdout.contains("NO_SUCH_SECRET_HERE"), "{}", run.stdout);
    assert!(server.asked.lock().unwrap().is_empty(), "nothing is asked without the secret");
}

#[test]
fn secrets_in_addresses_stay_secret() {
    let port = free_port();
    for address in [
        format!("http://me:{SECRET}@127.0.0.1:{port}"),
        format!("http://me:${{PROM_SECRET}}@127.0.0.1:{port}/prom"),
        "${PROM_SECRET}".to_owned(),
        format!("http://127.0.0.1:{port}/${{PROM_SECRET}}"),
        "http://${PROM_SECRET}".to_owned(),
        "http://[${PROM_SECRET}".to_owned(),
    ] {
        check(&format!("{{prometheus: '{address}'}}")).exits(2);
    }
    // A header that cannot be sent.
    let server = Server::start(|request| steady(request, 1.0));
    check(&format!("{{prometheus: '{}', bearer: \"${{PROM_SECRET}}\\n\"}}", server.url)).exits(2);
}

#[test]
fn a_server_that_quotes_the_secret_back_does_not_get_it_told() {
    let server = Server::start(|request| {
        response("403 Forbidden", &format!("no: {}", request.header("authorization").unwrap_or_default()))
    });
    check(&format!("{{prometheus: '{}', bearer: '${{PROM_SECRET}}'}}", server.url)).exits(2);
}

#[test]
fn secrets_do_not_follow_a_redirect_elsewhere() {
    let other = Server::start(|request| steady(request, 1.0));
    let target = other.url.clone();
    let server = Server::start(move |request| {
        format!(
            "HTTP/1.1 307 Moved\r\nlocation: {target}{}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            request.path
        )
        .into_bytes()
    });
    check(&format!(
        "{{prometheus: '{}', bearer: '${{PROM_SECRET}}', headers: {{X-Scope-OrgID: '${{PROM_SECRET}}'}}}}",
        server.url
    ));
    let asked = other.asked.lock().unwrap();
    assert!(asked.iter().all(|request| !format!("{request:?}").contains(SECRET)), "{asked:?}");
}
