//! The same rule files over the same series in `promtool test rules` (Debian's package
//! `prometheus`): what we say fires, when, with which labels and annotations, it must confirm.
//!
//! Debian's Prometheus is a 2.x, so its rule for windows is chosen here.

use std::path::Path;
use std::process::Command;

use nidoto_core::Words;
use nidoto_promql::{Expr, Labels, Options, Series, Value, instant};
use nidoto_rules::{AlertRun, Context, Firing, Outcome, Rule, RuleFile, Settings, Text, World, backtest, read};
use serde_json::{Value as Json, json};

mod cases;

const MINUTE_MS: i64 = 60_000;
const STEPS: i64 = 90;

#[test]
fn promtool_confirms_every_firing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut firings, mut told, mut rules) = (Vec::new(), 0, 0, 0);
    for (i, (text, series)) in cases::all().into_iter().enumerate() {
        let name = format!("rules-{i}.yml");
        std::fs::write(folder.path().join(&name), &text).unwrap();
        let case = Case::new(&text, series);
        // Of a rule that fails promtool says nothing but that.
        if case.fails() {
            continue;
        }
        rules += case.file.rules().count();
        firings += case.outcome.alerts.iter().map(|run| run.firings.len()).sum::<usize>();
        let (test, alerts) = case.test_file(&name);
        told += alerts;
        let test_name = format!("test-{i}.yml");
        std::fs::write(folder.path().join(&test_name), test.to_string()).unwrap();
        files.push(test_name);
    }
    println!("{rules} rules, {firings} firings, {told} alerts told to promtool");
    assert!(firings > 300, "only {firings} firings");
    assert_eq!(promtool(folder.path(), &files), "", "promtool does not agree");
}

fn promtool(folder: &Path, files: &[String]) -> String {
    let output = Command::new("promtool")
        .args(["test", "rules"])
        .args(files)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("promtool cannot be started ({error}): apt-get install prometheus"));
    if output.status.success() {
        return String::new();
    }
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // Only the tests that failed, and not all of each.
    let failed = text.find("FAILED").unwrap_or(0);
    text[failed..].chars().take(4_000).collect()
}

struct Case {
    file: RuleFile,
    series: Vec<cases::Input>,
    world: World,
    settings: Settings,
    outcome: Outcome,
}

impl Case {
    fn new(text: &str, series: Vec<cases::Input>) -> Self {
        let (file, diags) = read(Path::new("rules.yml"), text);
        assert_eq!(diags, [], "{text}");
        let settings = Settings {
            span_ms: (0, STEPS * MINUTE_MS),
            interval_ms: MINUTE_MS,
            external_labels: Labels::new([("cluster", "tokyo")]),
            external_url: "http://prometheus.example/prom".to_owned(),
            options: Options { left_open: false, ..Options::default() },
        };
        let world = World { series: series.iter().map(cases::Input::series).collect(), ..World::default() };
        let outcome = backtest(&file, &world, &settings);
        Self { file, series, world, settings, outcome }
    }

    fn fails(&self) -> bool {
        !self.outcome.failed_records.is_empty() || self.outcome.alerts.iter().any(|run| run.failed() > 0)
    }

    /// A test for promtool: at every step of every alert, what fires; and how many alerts that are.
    fn test_file(&self, rules: &str) -> (Json, usize) {
        let mut told = 0;
        let mut tests: Vec<Json> = Vec::new();
        for run in &self.outcome.alerts {
            let (_, rule) = self.file.rules().nth(run.rule).unwrap();
            for step in 0..=STEPS {
                let alerts = self.alerts(rule, run, step * MINUTE_MS);
                told += alerts.len();
                tests.push(json!({"eval_time": format!("{step}m"), "alertname": rule.name, "exp_alerts": alerts}));
            }
        }
        let input: Vec<Json> =
            self.series.iter().map(|input| json!({"series": input.name, "values": input.values()})).collect();
        let test = json!({
            "interval": "1m", "input_series": input, "alert_rule_test": tests,
            "external_labels": {"cluster": "tokyo"}, "external_url": self.settings.external_url,
        });
        (json!({"rule_files": [rules], "evaluation_interval": "1m", "tests": [test]}), told)
    }

    fn alerts(&self, rule: &Rule, run: &AlertRun, at_ms: i64) -> Vec<Json> {
        let firing = run.firings.iter().filter(|firing| (firing.from_ms..=firing.to_ms).contains(&at_ms));
        let object = |pairs: &mut dyn Iterator<Item = (String, String)>| -> Json {
            pairs.map(|(name, value)| (name, Json::from(value))).collect::<serde_json::Map<_, _>>().into()
        };
        firing
            .map(|firing| {
                let own = firing.labels.iter().filter(|(name, _)| *name != "alertname");
                let labels = object(&mut own.map(|(name, value)| (name.to_owned(), value.to_owned())));
                let annotations = self.annotations(&rule.alert().unwrap().annotations, firing, at_ms);
                if at_ms == firing.from_ms {
                    assert_eq!(annotations, firing.annotations);
                }
                json!({"exp_labels": labels, "exp_annotations": object(&mut annotations.into_iter())})
            })
            .collect()
    }

    /// The annotations as they were filled in last.
    fn annotations(&self, texts: &[Text], firing: &Firing, at_ms: i64) -> Vec<(String, String)> {
        let (told_ms, value) = *firing.points.iter().rfind(|(point_ms, _)| *point_ms <= at_ms).unwrap();
        let fill = |text: &Text| {
            let query = |query: &str| match self.query(query, told_ms) {
                Value::Vector(answer) => Ok(answer),
                _ => Err(Words::same("no vector")),
            };
            let context = Context {
                labels: &firing.series,
                value,
                at_ms: told_ms,
                external_labels: &self.settings.external_labels,
                external_url: &self.settings.external_url,
                query: &query,
            };
            (text.name.clone(), text.template.as_ref().unwrap().expand(&context).unwrap())
        };
        texts.iter().map(fill).collect()
    }

    fn query(&self, query: &str, at_ms: i64) -> Value {
        let series: &Vec<Series> = &self.world.series;
        instant(series, &Expr::parse(query).unwrap(), at_ms, &self.settings.options).unwrap()
    }
}
