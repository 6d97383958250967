//! Real servers: Debian's Prometheus and VictoriaMetrics scraping Debian's node-exporter. What a
//! guard says of them, live and frozen.

use std::time::Duration;

use crate::support::process::{Process, within};
use crate::support::root::{Run, TestRoot};

const PATIENCE: Duration = Duration::from_secs(90);

const GUARDS: &str = "
well:
  threshold: {query: 'up{job=\"node\"}', below: 1, gap: 2m}
  every: 1s
beyond:
  threshold: {query: node_memory_MemTotal_bytes, above: 1, gap: 2m}
  every: 1s
nobody-knows-it:
  threshold: {query: no_such_metric, above: 1}
  every: 1s
# VictoriaMetrics answers for the newest half minute with the sample before it (-search.latencyOffset).
speaks:
  silence: {query: node_time_seconds, for: 45s, seen: 3m}
  every: 1s
never-spoke:
  silence: {query: no_such_metric, for: 20s, seen: 3m}
  every: 1s
calm-log:
  logs: {find: this is never written}
  source: server-log
told-log:
  logs: {match: 'level=info|\\tinfo\\t', within: 1h}
  source: server-log
no-log:
  logs: {find: x}
  source: gone-log
";

struct World {
    root: TestRoot,
    exporter: Process,
    server: Process,
}

impl World {
    fn new(start: impl Fn(&TestRoot, &str) -> Process) -> Self {
        let root = TestRoot::empty();
        let exporter = Process::start(
            "prometheus-node-exporter",
            "prometheus-node-exporter",
            &root.path("exporter.log"),
            // A few collectors are enough, and those that ask the machine's services are slow.
            |port| {
                let few = ["meminfo", "time", "loadavg"].map(|name| format!("--collector.{name}"));
                [
                    vec![format!("--web.listen-address=127.0.0.1:{port}"), "--collector.disable-defaults".into()],
                    few.to_vec(),
                ]
                .concat()
            },
        );
        let scrape = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs: [{{job_name: node, static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]\n",
            exporter.port
        );
        root.write("scrape.yml", scrape);
        let config = root.path("scrape.yml").to_str().unwrap().to_owned();
        let server = start(&root, &config);
        root.write(
            "nidoto.yaml",
            format!(
                "team: {{language: en, zone: UTC}}\nsources:\n  metrics: {{prometheus: '{}', timeout: 10s}}\n  server-log: {{log: server.log}}\n  gone-log: {{log: gone.log}}\n",
                server.url()
            ),
        );
        root.write("guards/g.yaml", GUARDS);
        Self { root, exporter, server }
    }

    /// The verdict of each guard, in the order of their names.
    fn verdicts(&self) -> Vec<(String, String)> {
        let json = self.root.nidoto(&["check", "--format", "json"]).json();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let cases = json["cases"].as_array().unwrap().iter();
        let mut verdicts: Vec<_> = cases.map(|case| (text(&case["guard"]), text(&case["verdict"]))).collect();
        verdicts.sort();
        verdicts
    }

    fn verdict(&self, guard: &str) -> String {
        self.verdicts().into_iter().find(|(name, _)| name == guard).unwrap().1
    }

    fn check(&self) -> Run {
        self.root.nidoto(&["check", "--width", "200"])
    }

    fn holds(mut self) {
        let red = |guard: &str| self.verdict(guard) == "red";
        assert!(within(PATIENCE, || red("beyond")), "{}", self.check().said());
        assert!(within(PATIENCE, || self.verdict("speaks") == "green"), "{}", self.check().said());
        let wanted = [
            ("beyond", "red"),
            ("calm-log", "green"),
            ("never-spoke", "blind"),
            ("no-log", "blind"),
            ("nobody-knows-it", "blind"),
            ("speaks", "green"),
            ("told-log", "red"),
            ("well", "green"),
        ];
        assert_eq!(self.verdicts(), wanted.map(|(name, verdict)| (name.to_owned(), verdict.to_owned())));
        self.check().exits(1);
        self.is_frozen_and_proved();
        // The exporter dies: its values are no longer well, and then it is silent.
        self.exporter.kill();
        assert!(within(PATIENCE, || self.verdict("well") == "red"), "{}", self.check().said());
        assert!(within(PATIENCE, || self.verdict("speaks") == "red"), "{}", self.check().said());
        // The server dies: nobody can look, and nothing passes for green.
        self.server.kill();
        let run = self.root.nidoto(&["check", "well", "speaks", "beyond"]).exits(2);
        assert_eq!(run.stdout.matches("did not answer").count(), 3, "{}", run.stdout);
    }

    /// What was asked live a moment ago is frozen, and says the same as evidence.
    fn is_frozen_and_proved(&self) {
        let started = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(60);
        let times = format!("started: {started}\ndetected: {}\n", jiff::Timestamp::now());
        let guards = "memory-there:\n  threshold: {query: node_memory_MemTotal_bytes, above: 1, gap: 2m}\n  every: 1s\n  source: metrics\nserver-told:\n  logs: {match: 'level=info|\\tinfo\\t', within: 1h}\n  every: 1s\n  source: server-log\n";
        self.root.incident("2026-01-01-a", &times, guards);
        let from = (started - jiff::SignedDuration::from_mins(2)).to_string();
        let run = self.root.nidoto(&["capture", "2026-01-01-a", "--from", &from]).exits(0);
        assert_eq!(run.stdout.lines().count(), 2, "{}", run.said());
        let run = self.root.nidoto(&["prove", "2026-01-01-a", "--format", "json"]);
        let json = run.json();
        for case in json["cases"].as_array().unwrap() {
            let episodes = case["proof"]["outage"].as_array().unwrap();
            assert!(!episodes.is_empty(), "{}: {}", case["guard"], run.said());
            assert_eq!(case["proof"]["status"], "no-fix", "{}", run.said());
        }
    }
}

#[test]
fn prometheus() {
    let start = |root: &TestRoot, config: &str| {
        Process::start("prometheus", "prometheus", &root.path("server.log"), |port| {
            vec![
                format!("--config.file={config}"),
                format!("--storage.tsdb.path={}", root.path("tsdb").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
            ]
        })
    };
    World::new(start).holds();
}

#[test]
fn victoria_metrics() {
    let start = |root: &TestRoot, config: &str| {
        Process::start("victoria-metrics", "victoria-metrics", &root.path("server.log"), |port| {
            vec![
                format!("-promscrape.config={config}"),
                format!("-storageDataPath={}", root.path("vm").display()),
                format!("-httpListenAddr=127.0.0.1:{port}"),
            ]
        })
    };
    World::new(start).holds();
}
