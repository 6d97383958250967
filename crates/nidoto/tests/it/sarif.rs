//! SARIF against its own JSON Schema, as crates.io carries it, by Python's validator.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use crate::support::repository;
use crate::support::root::TestRoot;

/// Reads documents from its input, one a line; for each writes where it departs from the schema that is named.
const VALIDATOR: &str = "
import json, sys
from jsonschema.validators import validator_for
schema = json.load(open(sys.argv[1]))
kind = validator_for(schema)
kind.check_schema(schema)
for line in sys.stdin:
    print(json.dumps([f'{list(e.absolute_path)}: {e.message[:300]}' for e in kind(schema).iter_errors(json.loads(line))]))
";

fn schema() -> PathBuf {
    let asked = Command::new(repository().join("labs/sources/folder")).arg("serde-sarif").output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    PathBuf::from(String::from_utf8(asked.stdout).unwrap().trim()).join("src/schema.json")
}

/// A Python that has the validator: of its own, or Debian's.
fn python() -> &'static str {
    let has = |python: &&str| {
        let asked = Command::new(python).args(["-c", "import jsonschema"]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(has).expect("apt-get install python3-jsonschema")
}

/// Where each document departs from SARIF's schema.
fn faults(documents: &[Json]) -> Vec<Vec<String>> {
    let mut command = Command::new(python());
    command.args(["-c", VALIDATOR]).arg(schema()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines: String = documents.iter().map(|document| format!("{document}\n")).collect();
    // Its answers wait in the pipe: they are short.
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let answers: Vec<Vec<String>> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), documents.len());
    answers
}

#[test]
fn what_we_write_is_what_the_schema_asks_for() {
    let root = TestRoot::new("team: {language: en}\n");
    let reboots = "[Service]\nExecStart=/sbin/reboot\n[Install]\nWantedBy=multi-user.target";
    root.write("units/found.service", reboots);
    root.write("units/silenced.service", format!("{reboots} # nidoto: ignore[SYSD001] reason=a kiosk\n"));
    root.write("units/a.timer", "[Timer]\nOnCalendar=daily\nUnit=found.service\nPersistent=true\n");
    root.write("nginx.conf", "http {");
    root.write("m/V1__a.sql", "");
    root.write("m/V1__b.sql", "");
    root.write(
        "guards/a.yaml",
        "red:\n  files: {path: 'm/*.sql', must_not_exist: true}\nblind:\n  files: {path: gone, has: x}\n",
    );
    root.write("guards/broken.yaml", "a: [1\n");
    for command in ["scan", "check"] {
        let text = root.nidoto(&[command, "--format", "sarif"]).exits(1).stdout;
        assert!(text.contains("\"ruleId\"") && text.contains("\"toolExecutionNotifications\": [\n"), "{text}");
        let good: Json = serde_json::from_str(&text).unwrap();
        let mut documents = vec![good.clone()];
        for (place, wrong) in [
            ("/runs/0/results/0", json!({ "rule": "NGX001" })),
            ("/runs/0/results/0/level", json!("fatal")),
            ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(0)),
            // What only one of several shapes forbids.
            ("/runs/0/results/0/message", json!({ "arguments": ["a"] })),
            ("/runs/0/results/0/locations/0/physicalLocation", json!({ "region": { "startLine": 1 } })),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(place).unwrap() = wrong;
            documents.push(bad);
        }
        let faults = faults(&documents);
        assert_eq!(faults[0], [""; 0], "{command}: {text}");
        for (i, faults) in faults.iter().enumerate().skip(1) {
            assert_ne!(faults, &[""; 0], "{command}: {} is no SARIF", documents[i]);
        }
    }
}
