//! What holds for every guard on any evidence: it sees nothing later than its instant, and live
//! and replay say the same of the same samples.

use std::path::Path;

use jiff::tz::TimeZone;
use nidoto_core::evidence::{Answer, Log, Tree, TreeFile};
use nidoto_core::folder::{Change, Config, Reader, guard_file_schema, read_guards};
use nidoto_core::prove::{Moment, replay};
use nidoto_core::{Evidence, GuardSpec, Kind, Need, View, run};
use nidoto_promql::{Expr, Labels, Options, Samples, Series};
use proptest::prelude::*;

const MINUTE_MS: i64 = 60_000;
/// 2021-01-01, a whole number of every interval used here.
const START_MS: i64 = 1_609_459_200_000;
const MINUTES: i64 = 90;

/// Stands for a line of a collector.
const COLLECTION: &str = "collection";

const GUARDS: &str = "
hold: {threshold: {query: m, above: 5, for: 5m, gap: 10m}}
at-once: {threshold: {query: m, at_most: 2, gap: 3m}}
rate: {threshold: {query: 'rate(m[5m])', above: 0.01, for: 2m, gap: 10m}}
offset: {threshold: {query: 'm offset 5m', below: 4, gap: 5m}}
forecast: {threshold: {query: 'predict_linear(m[10m], 600)', above: 'quantile_over_time(0.5, m[20m])', gap: 5m}}
subquery: {threshold: {query: 'max_over_time(sum(m)[10m:1m])', above: 12, for: 1m, gap: 5m}}
by-label: {threshold: {query: 'sum by (i) (m)', at_least: 'avg by (i) (m offset 1m) + 3', gap: 5m}}
slow: {threshold: {query: m, above: 5, for: 15m, gap: 10m}, every: 5m}
leaks: {leak: {query: m, limit: 9, started: m, red: [fast, slow, masked, suspect]}, every: 1m}
forecasts: {forecast: {query: m, limit: 9, below: true, within: 2h, nights: true}, every: 1m}
seasons: {seasonal: {query: m, limit: 9, week_over_week: 10%}, every: 1m}
silent: {silence: {query: m, for: 6m, seen: 30m}}
each-silent: {silence: {query: m, for: 6m, seen: 20m, each: true}}
counted: {restarts: {query: m, as: counter, at_least: 4, within: 10m, gap: 5m}}
counted-together: {restarts: {query: m, as: counter, within: 8m, gap: 20m, each: false}, every: 2m}
started: {restarts: {query: '60 * m + 1609459200', as: start_time, at_least: 1, within: 20m, gap: 10m}}
started-together: {restarts: {query: '600 * m + 1609459200', as: start_time, at_least: 2, within: 20m, gap: 5m, each: false}}
labelled: {restarts: {query: m > 4, as: 'label:i', at_least: 1, within: 30m, gap: 10m}}
jumped: {step: {query: m, after: push, by: 20%, by_mad: 0, for: 3m, before: 10m, within: 20m, weeks: 0}, every: 1m}
fell: {step: {query: m, after: [push, deploy], by: 2, by_mad: 1, for: 4m, before: 5m, within: 9m, weeks: 1, falls: true}, every: 2m}
many-lines: {logs: {find: boom, at_least: 3, within: 5m}}
grows: {gc: {limit: 99MB, warm_up: 5m, over: 10m, within: 1h}, every: 1m}
grows-soon: {gc: {min_growth: 2MB, warm_up: 0s, over: 1m, within: 30m}, every: 2m}
code: {logs: {code: '1040', within: 2m}}
pattern: {logs: {match: 'b[o0]{2}m', at_least: 2, within: 10m}}
line: {files: {path: 'etc/**/*.conf', lacks: bad}}
there: {files: {path: etc/a.conf, must_exist: true}}
answer: {exec: {json: [{at: /n, below: 5}]}}
";

fn specs() -> Vec<GuardSpec> {
    let kinds: Vec<&'static Kind> = [nidoto_metrics::KINDS, nidoto_logs::KINDS, nidoto_config::KINDS].concat();
    let text = "sources: {m: {prometheus: 'http://x'}, l: {log: a}, c: {command: [a]}}";
    let (config, diags) = Config::read(Path::new("nidoto.yaml"), text);
    assert_eq!(diags, []);
    let reader = Reader { kinds: &kinds, schema: &guard_file_schema(&kinds), config: &config };
    let file = read_guards(&reader, Path::new("guards.yaml"), GUARDS, None);
    assert!(file.broken.is_empty(), "{:?}", file.broken);
    file.guards
}

/// What happened in a world, minute by minute and half minute by half minute.
#[derive(Clone, Debug)]
struct World {
    series: Vec<Vec<Option<f64>>>,
    lines: Vec<(i64, &'static str)>,
    trees: Vec<(i64, bool)>,
    answers: Vec<(i64, i64)>,
    changes: Vec<(i64, &'static str)>,
}

fn worlds() -> impl Strategy<Value = World> {
    // Runs of presence and absence, so that gaps of many lengths come up.
    let run = (prop_oneof![3 => Just(true), 1 => Just(false)], prop::collection::vec(0_u8..10, 1..30));
    let one = prop::collection::vec(run, 1..14).prop_map(|runs| {
        let samples = runs
            .into_iter()
            .flat_map(|(is_there, values)| values.into_iter().map(move |value| is_there.then_some(f64::from(value))));
        samples.take((2 * MINUTES) as usize).collect::<Vec<_>>()
    });
    let text = prop_oneof![Just("boom"), Just("ERROR 1040 (08004)"), Just("b00m"), Just("ok"), Just(COLLECTION)];
    let line = (0..MINUTES * 60, text);
    (
        prop::collection::vec(one, 1..4),
        prop::collection::vec(line, 0..60),
        prop::collection::vec((0..MINUTES, any::<bool>()), 0..4),
        prop::collection::vec((0..MINUTES, 0_i64..10), 0..4),
        prop::collection::vec((0..MINUTES * 60, prop_oneof![Just("push"), Just("deploy")]), 0..5),
    )
        .prop_map(|(series, mut lines, trees, answers, changes)| {
            lines.sort_by_key(|(at_s, _)| *at_s);
            World { series, lines, trees, answers, changes }
        })
}

impl World {
    fn all_series(&self) -> Vec<Series> {
        let one = |(i, values): (usize, &Vec<Option<f64>>)| {
            let samples: Samples = values
                .iter()
                .enumerate()
                // Scrapes do not fall on whole minutes.
                .filter_map(|(n, value)| Some((START_MS + 7_000 + n as i64 * MINUTE_MS / 2, (*value)?)))
                .collect();
            Series { labels: Labels::new([("__name__", "m"), ("i", &i.to_string())]), samples: samples.into() }
        };
        self.series.iter().enumerate().map(one).collect()
    }

    /// The lines of a span, each at its place in the file.
    fn log(&self, span: (i64, i64)) -> Log {
        let line = |(at_s, text): &(i64, &str)| {
            let at_ms = START_MS + at_s * 1_000;
            let is_within = (span.0..=span.1).contains(&at_ms);
            // What collections leave grows by the minute, and falls now and then.
            let left = if at_s % 7 == 0 { 1 } else { 1 + at_s / 60 };
            let text = text.replace(COLLECTION, &format!("[gc] GC(1) Pause Full (x) 99M->{left}M(99M)"));
            if is_within { format!("{} {text}\n", nidoto_core::when::at_ms(at_ms)) } else { "\n".to_owned() }
        };
        let mut log = Log::default();
        let text: String = self.lines.iter().map(line).collect();
        log.add(Path::new("a.log"), text.as_bytes(), &TimeZone::UTC, span.1);
        log
    }

    /// The journal, which nobody cuts.
    fn journal(&self) -> impl Iterator<Item = (i64, Change)> {
        self.changes.iter().map(|(at_s, kind)| {
            let at_ms = START_MS + at_s * 1_000;
            let (at, kind) = (nidoto_core::when::at_ms(at_ms).to_string(), Some((*kind).to_owned()));
            (at_ms, Change { at, what: "something".into(), kind, by: None, size: None, over: None })
        })
    }

    /// All that was recorded until an instant.
    fn until(&self, cut_ms: i64) -> Evidence {
        let span = (START_MS, cut_ms);
        let mut evidence = Evidence::default();
        let known = self.all_series().into_iter().map(|series| {
            let samples: Samples = series.samples.iter().filter(|(at_ms, _)| *at_ms <= cut_ms).collect();
            Series { labels: series.labels, samples: samples.into() }
        });
        evidence.add_series("m", span, known.filter(|series| series.samples.iter().next().is_some()).collect());
        evidence.add_log("l", span, self.log(span));
        evidence.add_changes(self.journal());
        for (minute, is_bad) in self.trees.iter().filter(|(minute, _)| START_MS + minute * MINUTE_MS <= cut_ms) {
            evidence.add_tree(tree(START_MS + minute * MINUTE_MS, *is_bad));
        }
        for (minute, n) in self.answers.iter().filter(|(minute, _)| START_MS + minute * MINUTE_MS <= cut_ms) {
            let at_ms = START_MS + minute * MINUTE_MS;
            evidence.add_answer("c", (at_ms, at_ms), answer(*n, at_ms));
        }
        evidence
    }

    /// What collectors bring for one guard at an instant, from servers that know the whole world.
    fn live(&self, spec: &GuardSpec, at_ms: i64) -> Evidence {
        let mut evidence = Evidence::default();
        evidence.add_changes(self.journal());
        let step_ms = spec.every_ms();
        for need in spec.guard.needs() {
            match need {
                Need::Series { query, window_ms } => {
                    let last_ms = at_ms.div_euclid(step_ms) * step_ms;
                    let span = ((last_ms - window_ms).div_euclid(step_ms) * step_ms, last_ms);
                    let expr = Expr::parse(&query).unwrap();
                    let series = self.all_series();
                    let matrix = nidoto_promql::range(&series, &expr, span.0, span.1, step_ms, &Options::default());
                    evidence.add_matrix("m", &query, step_ms, span, Ok(matrix.unwrap()));
                }
                Need::Log { window_ms } => {
                    let span = (at_ms - window_ms, at_ms);
                    evidence.add_log("l", span, self.log(span));
                }
                _ => {}
            }
        }
        evidence
    }
}

fn tree(from_ms: i64, is_bad: bool) -> Tree {
    let text = if is_bad { "bad\n" } else { "good\n" };
    let file = TreeFile { path: "etc/a.conf".into(), bytes: Ok(text.into()) };
    Tree { root: "etc".into(), from_ms, to_ms: from_ms, only: Vec::new(), files: vec![file] }
}

fn answer(n: i64, at_ms: i64) -> Answer {
    Answer { status: 0, stdout: serde_json::json!({ "n": n }), at_ms }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// What comes later changes nothing that was said before: a replay of a part of the evidence is
    /// a part of the replay.
    #[test]
    fn no_guard_sees_the_future(world in worlds(), cut in 1..MINUTES) {
        let cut_ms = START_MS + cut * MINUTE_MS + 11_000;
        let (whole, part) = (world.until(START_MS + MINUTES * MINUTE_MS), world.until(cut_ms));
        for spec in specs() {
            let (whole, part) = (replay(&spec, &whole).moments, replay(&spec, &part).moments);
            let before: Vec<Moment> = whole.into_iter().filter(|moment| moment.at_ms <= cut_ms).collect();
            prop_assert_eq!(before, part, "{}", &spec.name);
        }
    }

    /// `check` at an instant says to the letter what `prove` says of that instant.
    #[test]
    fn live_and_replay_agree(world in worlds(), minutes in prop::collection::vec(0..=MINUTES, 12)) {
        let recorded = world.until(START_MS + MINUTES * MINUTE_MS);
        for spec in specs() {
            let needs = spec.guard.needs();
            if needs.iter().any(|need| matches!(need, Need::Files { .. } | Need::Answer)) {
                continue;
            }
            for minute in &minutes {
                let at_ms = (START_MS + minute * MINUTE_MS).div_euclid(spec.every_ms()) * spec.every_ms();
                let (live, replayed) = (run(&spec, &world.live(&spec, at_ms), at_ms), run(&spec, &recorded, at_ms));
                // Blind for nothing is worded by where one looked: the verdict is the same.
                prop_assert_eq!(live.verdict.colour(), replayed.verdict.colour(), "{} at {}", &spec.name, minute);
                if live.verdict.colour() != nidoto_core::Colour::Blind {
                    prop_assert_eq!(&live, &replayed, "{} at {}", &spec.name, minute);
                }
            }
        }
    }

    /// A watch that was asked about any instants, forth and back, says of each what a look that
    /// starts anew says.
    #[test]
    fn a_watch_says_what_a_fresh_look_says(
        world in worlds(),
        steps in prop::collection::vec(prop_oneof![12 => 1_i64..4, 3 => 4_i64..40, 1 => -30_i64..0], 10..60),
    ) {
        let recorded = world.until(START_MS + MINUTES * MINUTE_MS);
        for spec in specs() {
            let Some(mut watch) = spec.guard.watch() else { continue };
            let mut at_ms = START_MS;
            for step in &steps {
                at_ms += step * MINUTE_MS / 2;
                let view = View::new(&recorded, &spec, at_ms);
                prop_assert_eq!(watch.judge(&view), spec.guard.judge(&view), "{} at {}", &spec.name, at_ms);
            }
        }
    }

    /// Between two multiples of its interval a `threshold` says what it said at the first.
    #[test]
    fn thresholds_hold_between_their_instants(world in worlds(), minute in 0..MINUTES, ms in 0..MINUTE_MS) {
        let recorded = world.until(START_MS + MINUTES * MINUTE_MS);
        for spec in specs().iter().filter(|spec| spec.kind.name == "threshold") {
            let at_ms = START_MS + minute * MINUTE_MS + ms;
            let on_grid_ms = at_ms.div_euclid(spec.every_ms()) * spec.every_ms();
            let live = run(spec, &world.live(spec, at_ms), at_ms);
            prop_assert_eq!(live.verdict.colour(), run(spec, &recorded, on_grid_ms).verdict.colour(), "{}", &spec.name);
        }
    }
}
