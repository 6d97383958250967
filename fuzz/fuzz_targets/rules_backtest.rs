//! Any text as a rule file, backtested over a few series: errors with places, no panic, instants
//! within the span.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nidoto_promql::{Labels, Options, STALE, Series};
use nidoto_rules::{Settings, World, backtest, read};

const MINUTE_MS: i64 = 60_000;

fuzz_target!(|text: &str| {
    let (file, _) = read(Path::new("rules.yml"), text);
    let series = |name: &str, job: &str| {
        let labels = Labels::new([("__name__", name), ("job", job)]);
        let value = |i: i64| if i == 7 { STALE } else { (i * 13 % 11) as f64 };
        Series::new(labels, (0..20).filter(|i| i % 6 != 5).map(|i| (i * MINUTE_MS, value(i))))
    };
    let world = World { series: vec![series("x", "a"), series("x", "b"), series("y", "a")], ..World::default() };
    let settings = Settings {
        span_ms: (0, 20 * MINUTE_MS),
        // A group of a millisecond would be asked 1.2 million times.
        interval_ms: MINUTE_MS,
        external_labels: Labels::default(),
        external_url: String::new(),
        options: Options { max_samples: 100_000, max_steps: 2_000, ..Options::default() },
    };
    if file.groups.iter().any(|group| group.every_ms(&settings) < 1_000) {
        return;
    }
    for run in backtest(&file, &world, &settings).alerts {
        for firing in &run.firings {
            assert!(firing.active_ms <= firing.from_ms && firing.from_ms <= firing.to_ms);
            assert!((0..=20 * MINUTE_MS).contains(&firing.from_ms) && firing.to_ms <= 20 * MINUTE_MS);
        }
        assert!(run.failed() <= run.evaluations);
    }
});
