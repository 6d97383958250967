//! Rule files and series: some that hold one trap each, and many at random.

use nidoto_promql::{Labels, STALE, Series};

use super::{MINUTE_MS, STEPS};

/// One series as promtool reads it: a value a minute, `None` for no sample.
pub(super) struct Input {
    pub name: String,
    labels: Labels,
    samples: Vec<Option<f64>>,
}

impl Input {
    fn new(metric: &str, labels: &[(&str, &str)], samples: Vec<Option<f64>>) -> Self {
        let mut labels = Labels::new(labels.iter().copied());
        labels.set("__name__", metric);
        Self { name: labels.to_string(), labels, samples }
    }

    pub(super) fn values(&self) -> String {
        let shown = |sample: &Option<f64>| match sample {
            None => "_".to_owned(),
            Some(value) if nidoto_promql::is_stale(*value) => "stale".to_owned(),
            Some(value) => value.to_string(),
        };
        self.samples.iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn series(&self) -> Series {
        let minutes =
            self.samples.iter().enumerate().filter_map(|(i, sample)| Some((i as i64 * MINUTE_MS, (*sample)?)));
        Series::new(self.labels.clone(), minutes)
    }
}

pub(super) fn all() -> Vec<(String, Vec<Input>)> {
    let mut all: Vec<(String, Vec<Input>)> =
        TRAPS.iter().enumerate().map(|(i, rules)| (group(rules), inputs(i as u64))).collect();
    all.extend((0..60).map(|seed| (random_rules(seed), inputs(1_000 + seed))));
    all
}

fn group(rules: &str) -> String {
    format!("groups:\n- name: g\n  rules:\n{rules}")
}

/// Several hosts whose values wander, with gaps, ends and returns.
fn inputs(seed: u64) -> Vec<Input> {
    let mut random = Random(seed.wrapping_mul(7_919) + 1);
    let mut all = Vec::new();
    for (host, zone) in [("web-1:9100", "a"), ("web-2:9100", "a"), ("db.example.com:9100", "b")] {
        let labels = [("instance", host), ("zone", zone)];
        all.push(Input::new("load", &labels, wander(&mut random, 50.0, 12.0)));
        all.push(Input::new("memory_bytes", &labels, wander(&mut random, 3e9, 9e8)));
        all.push(Input::new("requests_total", &labels, counter(&mut random)));
        all.push(Input::new(
            "up",
            &labels,
            wander(&mut random, 0.6, 0.5)
                .into_iter()
                .map(|v| v.map(|v| if nidoto_promql::is_stale(v) { v } else { (v > 0.3).into() }))
                .collect(),
        ));
    }
    all
}

fn wander(random: &mut Random, start: f64, step: f64) -> Vec<Option<f64>> {
    let (mut value, mut left) = (start, 0);
    let mut sample = || {
        if left > 0 {
            left -= 1;
            return None;
        }
        value += step * (random.below(2_001) as f64 / 1_000.0 - 1.0);
        value = value.clamp(0.0, 2.0 * start);
        match random.below(40) {
            0 => {
                left = random.below(9);
                Some(STALE)
            }
            1 | 2 => {
                left = random.below(9);
                None
            }
            _ => Some((value * 64.0).round() / 64.0),
        }
    };
    (0..=STEPS).map(|_| sample()).collect()
}

fn counter(random: &mut Random) -> Vec<Option<f64>> {
    let mut value = 0.0;
    let mut sample = || {
        value = if random.below(30) == 0 { 0.0 } else { value + random.below(200) as f64 };
        (random.below(20) > 0).then_some(value)
    };
    (0..=STEPS).map(|_| sample()).collect()
}

const TRAPS: [&str; 12] = [
    // A chain of records, read by an alert behind them.
    "  - {record: 'zone:load:avg', expr: avg by (zone) (load), labels: {team: ops}}
  - {record: 'zone:load:max', expr: 'max_over_time(zone:load:avg[5m])', labels: {team: '', copy: x}}
  - {alert: High, expr: 'zone:load:avg > 52', for: 3m, annotations: {s: '{{ $labels }} {{ $value }}'}}
  - {alert: Peak, expr: 'zone:load:max > 60', annotations: {s: '{{ .Labels.team }} {{ .Value | humanize }}'}}",
    // An alert before the record that it reads, and a record that counts on.
    "  - {alert: Early, expr: 'zone:load:avg > 50', for: 2m, annotations: {s: '{{ $value }}'}}
  - {record: steps, expr: 'sum(steps or vector(0)) + 1'}
  - {record: 'zone:load:avg', expr: avg by (zone) (load)}
  - {alert: Counted, expr: 'steps % 7 == 0', annotations: {s: '{{ $value }}'}}",
    // Alerts about alerts.
    "  - {alert: A, expr: 'load > 50', for: 4m, labels: {severity: page, gone: '{{ $labels.nothing }}'}}
  - {alert: B, expr: 'sum by (instance) (ALERTS{alertname=\"A\", alertstate=\"firing\"}) > 0', for: 1m}
  - {alert: C, expr: 'time() - ALERTS_FOR_STATE{alertname=\"A\"} >= 120', annotations: {s: '{{ $labels }}'}}
  - {alert: D, expr: 'load > 50 unless on (instance) ALERTS{alertname=\"A\"}'}",
    "  - {alert: Later, expr: 'count(ALERTS{alertstate=\"pending\"}) > 1', annotations: {s: '{{ $value }}'}}
  - {alert: Hold, expr: 'load > 45', for: 6m, keep_firing_for: 3m}",
    // Flapping, kept.
    "  - {alert: Kept, expr: 'load > 50', keep_firing_for: 5m, annotations: {s: '{{ $value }}'}}
  - {alert: KeptHeld, expr: 'load > 50', for: 2m, keep_firing_for: 2m, annotations: {s: '{{ $value }}'}}
  - {alert: Plain, expr: 'load > 50', for: 1m}",
    // A value in a label: each new value is a new alert.
    "  - {alert: Valued, expr: 'load > 30', for: 2m, labels: {v: '{{ $value }}'}}
  - {alert: Rounded, expr: 'load > 30', for: 2m, labels: {v: '{{ if gt $value 50.0 }}high{{ else }}low{{ end }}', instance: '{{ .Labels.instance | stripPort | toUpper }}'}}",
    // No labels, no name, scalars.
    "  - {alert: Scalar, expr: 'scalar(load{instance=\"web-1:9100\"})', for: 2m, annotations: {s: '{{ $value }} {{ $labels }}'}}
  - {alert: Always, expr: vector(1), annotations: {s: '{{ $labels.alertname }}|{{ len $labels }}'}}
  - {alert: Gone, expr: 'absent(load{instance=\"web-2:9100\"})', for: 1m, annotations: {s: '{{ $labels.instance }} is gone'}}",
    "  - alert: Numbers
    expr: memory_bytes > 2.5e9
    annotations:
      a: '{{ $value | humanize }} {{ $value | humanize1024 }}B {{ humanizeDuration $value }} {{ $value | humanizeTimestamp }}'
      b: '{{ printf \"%.2f %e %g %v %8.1f|%-12.3g|%+d %s\" $value $value $value $value $value $value 5 $labels.instance }}'
      c: '{{ printf \"%d %s\" $value $value }} {{ printf \"%q %x %5t %05d %c\" $labels.zone \"az\" true 42 65 }}'
      d: '{{ query \"sum(load)\" | first | value | printf \"%.3f\" }} {{ humanizePercentage 0.1234567 }}'",
    "  - alert: Queries
    expr: load > 50
    annotations:
      a: '{{ range query \"load > 20\" | sortByLabel \"instance\" }}{{ .Labels.instance }}={{ .Value }},{{ end }}'
      b: '{{ with printf \"memory_bytes{instance=%q}\" $labels.instance | query }}{{ . | first | value | humanize }}{{ else }}none{{ end }}'
      c: '{{ range $i, $s := query \"topk(2, load > 20)\" | sortByLabel \"instance\" }}{{ if $i }}, {{ end }}{{ $i }}:{{ label \"instance\" $s }}{{ end }}'
      d: '{{ with query \"nothing\" }}{{ . }}{{ else }}nothing of {{ $labels.zone }}{{ end }} {{ len (query \"load\") }}'
      e: '{{ (index (query \"load{zone=\\\"b\\\"} or vector(7)\") 0).Value }}'",
    "  - alert: Texts
    expr: load > 50
    labels: {host: '{{ reReplaceAll \"([^:]+):.*\" \"$1\" $labels.instance }}', n: '{{ len $labels.instance }}'}
    annotations:
      a: '{{ title \"hello wo-rld o''clock\" }} {{ toLower \"ABC\" }} {{ $labels.instance | stripPort }} {{ stripDomain $labels.instance }} {{ stripDomain \"10.0.0.1:90\" }}'
      b: '{{ if match \"^web\" $labels.instance }}web{{ else if eq $labels.zone \"b\" \"c\" }}b{{ else }}other{{ end }}'
      c: 'x {{- /* silent */ -}}  y {{- $x := 5 }} {{ $x }} {{ $x = 6 }}{{ $x }} {{- \" z\" }}'
      d: '{{ $externalLabels.cluster }} {{ .ExternalLabels.cluster }} {{ len $externalLabels }}'
      e: '{{ and true $labels.zone }} {{ or \"\" \"b\" }} {{ not 0 }} {{ print 1 2 \"a\" 3 \"b\" }} {{ println 1 \"a\" }}|{{ html \"<a&b>\" }} {{ urlquery \"a b/ü\" }}'
      f: '{{ graphLink \"up == 0\" }} {{ tableLink \"up\" }} {{ 1e6 }} {{ 1.50 }} {{ 0x10 }} {{ true }} {{ \"\\u3042\\t\" }}{{ `raw\\n` }}'
      g: '{{ define \"t\" }}[{{ .arg0 }}/{{ .arg1 }}]{{ end }}{{ template \"t\" (args $labels.zone $value) }}'
      h: '{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}{{ index $labels \"zone\" }}{{ $labels.nothing }}{{ .Labels.instance }}'",
    "  - alert: Rates
    expr: 'rate(requests_total[5m]) * 60 > 80'
    for: 2m
    annotations: {s: '{{ $value | printf \"%.1f\" }} {{ lt $value 100.0 }} {{ ge $value 90.5 }} {{ ne $labels.zone \"a\" }} {{ parseDuration \"1h30m\" }}'}
  - {alert: Down, expr: up == 0, for: 3m, labels: {severity: '{{ if eq $labels.zone \"a\" }}page{{ else }}ticket{{ end }}'}}
  - {alert: Flaps, expr: 'changes(up[10m]) > 2', keep_firing_for: 1m}",
    "  - {record: bare, expr: '5'}
  - {alert: Bare, expr: 'bare == 5', for: 1m}
  - {record: 'ends:load', expr: 'load > 55'}
  - {alert: Ends, expr: 'ends:load > 0', for: 1m}
  - {alert: Counts, expr: 'count_over_time(ends:load[5m]) >= 2', for: 1m, annotations: {s: '{{ $value }}'}}",
];

/// A rule file at random: records and alerts that may read any of them.
fn random_rules(seed: u64) -> String {
    let mut random = Random(seed.wrapping_mul(104_729) + 3);
    let mut rules = String::new();
    let records = ["zone:load:avg", "host:rate", "busy"];
    for i in 0..7 {
        let source = match random.below(6) {
            0 => records[random.below(3) as usize],
            1 => "memory_bytes / 6e7",
            2 => "rate(requests_total[4m]) * 30",
            3 => "avg_over_time(load[6m])",
            _ => "load",
        };
        let source = if random.below(3) == 0 { format!("max by (zone) ({source})") } else { format!("({source})") };
        if random.below(3) == 0 {
            let record = records[random.below(3) as usize];
            let condition = if random.below(2) == 0 { "" } else { " > 45" };
            rules += &format!("  - {{record: '{record}', expr: '{source}{condition}', labels: {{rule: r{i}}}}}\n");
            continue;
        }
        let condition = match random.below(4) {
            0 => format!(
                "{source} > 50 unless on (zone) ALERTS{{alertname=\"A{}\", alertstate=\"firing\"}}",
                random.below(7)
            ),
            1 => format!("{source} > bool 50 == 1"),
            n => format!("{source} > {}", 40 + 5 * n),
        };
        let (hold, keep) = (random.below(5), random.below(4));
        rules += &format!(
            "  - {{alert: A{i}, expr: '{condition}', for: {hold}m, keep_firing_for: {keep}m, labels: {{severity: page}}, annotations: {{s: '{{{{ $labels.zone }}}} {{{{ $value | humanize }}}}'}}}}\n"
        );
    }
    rules += "  - {alert: Last, expr: 'load > 60'}\n";
    group(&rules)
}

/// A linear congruential generator: the same cases on every machine (Knuth's constants).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
