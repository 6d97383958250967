//! SARIF against its own JSON Schema, as crates.io carries it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nidoto_core::yaml;
use serde_json::Value as Json;

use crate::support::repository;
use crate::support::root::TestRoot;

fn schema() -> Json {
    let asked = Command::new(repository().join("labs/sources/folder")).arg("serde-sarif").output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let folder = PathBuf::from(String::from_utf8(asked.stdout).unwrap().trim());
    let mut schema = serde_json::from_str(&fs::read_to_string(folder.join("src/schema.json")).unwrap()).unwrap();
    only_properties(&mut schema);
    schema
}

/// Our check looks at one of several shapes, or at properties. Where SARIF has both, the shapes only say
/// which properties must come together.
fn only_properties(schema: &mut Json) {
    match schema {
        Json::Object(map) => {
            if map.contains_key("properties") {
                map.retain(|key, _| key != "anyOf" && key != "oneOf");
            }
            map.values_mut().for_each(only_properties);
        }
        Json::Array(items) => items.iter_mut().for_each(only_properties),
        _ => {}
    }
}

/// Where a text departs from a schema.
fn faults(schema: &Json, text: &str) -> Vec<String> {
    let file = Path::new("a.sarif");
    let document = yaml::parse(file, text);
    assert_eq!(document.diags, []);
    yaml::check(file, &document.root, schema).iter().map(|diag| format!("{}: {}", diag.at.line, diag.what.en)).collect()
}

#[test]
fn what_we_write_is_what_the_schema_asks_for() {
    let schema = schema();
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
        assert_eq!(faults(&schema, &text), [""; 0], "{command}: {text}");
        for (from, to) in
            [("\"ruleId\"", "\"rule\""), ("\"error\"", "\"fatal\""), ("\"startLine\": ", "\"startLine\": -")]
        {
            assert_ne!(faults(&schema, &text.replace(from, to)), [""; 0], "{command}: {to} is no SARIF");
        }
    }
}
