//! The reports for machines, as they are and as other programs read them.

use serde_json::Value as Json;

use crate::support::http::{Server, steady};
use crate::support::root::TestRoot;

/// A root with every kind of outcome: green, red in a file and in a series, blind, and unreadable
/// guards and files. Names and texts hold what each format has to escape.
fn root(server: &Server) -> TestRoot {
    let root = TestRoot::new(&format!("team: {{language: en}}\nsources: {{m: {{prometheus: '{}'}}}}\n", server.url));
    root.write("conf/nginx, main.conf", "server {\n  proxy_pass \"http://a\" | <b> & 100%;\n}\n");
    root.incident(
        "2021-01-01-a",
        "",
        "upstream-resolved-once:
  files: {path: 'conf/*.conf', lacks: proxy_pass}
  severity: page
  why: 'nginx asks once & never again, <100%> of the time'
  fix: put the host into a variable
instances-up:
  threshold: {query: up, below: 1, gap: 10m}
  severity: ticket
",
    );
    root.write(
        "guards/all.yaml",
        "config-is-there:
  files: {path: 'conf/*.conf', must_exist: true}
renamed-file:
  files: {path: gone.conf, has: x}
misspelt:
  flies: {path: a}
",
    );
    root.write("guards/broken.yaml", "a: [1\n");
    root
}

fn report(format: &str) -> String {
    let server = Server::start(|request| steady(request, 0.0));
    let root = root(&server);
    let run = root.nidoto(&["check", "--width", "120", "--format", format]).exits(1);
    redacted(&run.stdout)
}

/// The same text on every day.
fn redacted(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) =
        ["\"at_ms\": ", "\"since_ms\": ", "(since "].iter().filter_map(|key| Some(rest.find(key)? + key.len())).min()
    {
        out += &rest[..at];
        out += "TIME";
        rest = rest[at..].trim_start_matches(|c: char| c.is_ascii_digit() || "-: ".contains(c));
    }
    out + rest
}

#[test]
fn text() {
    insta::assert_snapshot!(report("text"));
}

#[test]
fn json() {
    let text = report("json");
    insta::assert_snapshot!(text);
    let json: Json = serde_json::from_str(&text.replace("TIME", "0")).unwrap();
    assert_eq!(json["version"], 1);
}

#[test]
fn junit() {
    let text = report("junit");
    insta::assert_snapshot!(text);
    let document = roxmltree::Document::parse(&text).unwrap();
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
    let count = |name: &str| suite.descendants().filter(|node| node.has_tag_name(name)).count().to_string();
    for (attribute, element) in
        [("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped"), ("errors", "error")]
    {
        assert_eq!(suite.attribute(attribute), Some(count(element).as_str()), "{attribute}");
    }
}

/// What SARIF 2.1.0 requires, and what GitHub's upload refuses to do without.
#[test]
fn sarif() {
    let text = report("sarif");
    insta::assert_snapshot!(text);
    let json: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(json["version"], "2.1.0");
    let run = &json["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "nidoto");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for rule in rules {
        for text in [&rule["id"], &rule["shortDescription"]["text"], &rule["help"]["text"]] {
            assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
    }
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert!(result["partialFingerprints"].as_object().is_some_and(|prints| !prints.is_empty()));
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(
            !uri.starts_with("./") && !uri.contains([' ', '\\', '"', '<']),
            "`{uri}` is no URI reference (RFC 3986)"
        );
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
    }
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false, "blind guards make the run incomplete");
    assert!(!invocation["toolExecutionNotifications"].as_array().unwrap().is_empty());
}

#[test]
fn github() {
    let text = report("github");
    insta::assert_snapshot!(text);
    for line in text.lines() {
        assert!(line.starts_with("::error ") || line.starts_with("::warning "), "{line}");
    }
}

#[test]
fn markdown() {
    let text = report("markdown");
    insta::assert_snapshot!(text);
    for row in text.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
    }
}

/// `prove` writes the same formats of the same model.
#[test]
fn proofs_in_all_formats() {
    let root = TestRoot::new("team: {language: en}\n");
    root.incident("2021-01-01-a", "", "g:\n  files: {path: a, must_exist: true}\n");
    for (format, said) in [
        ("json", "\"command\": \"prove\""),
        ("junit", "<testsuite name=\"nidoto prove\" tests=\"1\""),
        ("sarif", "\"executionSuccessful\": false"),
        ("github", "::warning file=incidents/2021-01-01-a/guards.yaml,line=1,title=g is blind::"),
        ("markdown", "**nidoto prove**: 0 green, 0 red, 1 blind"),
        ("text", "? blind"),
    ] {
        let run = root.nidoto(&["prove", "--format", format]).exits(2);
        assert!(run.stdout.contains(said), "{format}: {}", run.said());
    }
}
