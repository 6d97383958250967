//! Rule files with errors: each is told with its place, and spoils nothing else.

use std::path::Path;

use nidoto_rules::{RuleFile, read};

fn errors(text: &str) -> (RuleFile, String) {
    let (file, diags) = read(Path::new("rules.yml"), text);
    (file, diags.iter().map(|diag| format!("{diag}\n")).collect())
}

#[test]
fn every_error_has_a_place() {
    let (file, told) = errors(
        r#"groups:
- name: a
  intervall: 1m
  rules:
  - alert: Syntax
    expr: rate(up[5m]
  - alert: Block
    expr: |
      up == 0
        and
  - alert: Template
    expr: up == 0
    for: 5
    labels: {a: "x {{ $label.job }}"}
    annotations:
      summary: >-
        {{ $labels.job }} is
        {{ humanise $value }}
      description: "{{ if $value }}"
      other: '{{ toUpper "a }}'
  - record: a-b
    expr: up
    for: 5m
  - {expr: up}
  - {alert: NoExpr}
- name: a
  rules: [{alert: Fine, expr: up}]
"#,
    );
    insta::assert_snapshot!(told);
    let names: Vec<&str> = file.rules().map(|(_, rule)| rule.name.as_str()).collect();
    assert_eq!(names, ["Template", "a-b", "Fine"]);
}

#[test]
fn other_shapes_of_a_rule_file() {
    let (file, told) = errors(
        "kind: PrometheusRule\nspec:\n  groups:\n  - name: a\n    labels: {team: ops, a: x}\n    rules: [{alert: A, expr: up, labels: {a: y}}]\n",
    );
    assert_eq!(told, "");
    let alert = file.groups[0].rules[0].alert().unwrap();
    let labels: Vec<(&str, &str)> = alert.labels.iter().map(|text| (text.name.as_str(), text.raw.as_str())).collect();
    assert_eq!(labels, [("team", "ops"), ("a", "y")]);
    for empty in ["", "groups: {a: 1}\n", "[]"] {
        assert!(errors(empty).1.ends_with("`groups` is missing\n"), "{empty}");
    }
}
