//! Any query over any samples has a value or an error: no panic, no unbounded time or memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_promql::{Expr, Labels, Options, Series, instant, range};

/// Names and labels that generated queries are likely to mention.
const SERIES: [(&str, &str, &str); 6] = [
    ("x", "1", "0.1"),
    ("x", "2", "+Inf"),
    ("x", "3", ""),
    ("y", "1", ""),
    ("metric", "1", "1"),
    ("http_requests_total", "1", ""),
];

fuzz_target!(|input: (i64, u16, u8, bool, Vec<(u16, f64)>, &str)| {
    let (start_ms, step, steps, left_open, samples, query) = input;
    let Ok(expr) = Expr::parse(query) else { return };
    let series: Vec<Series> = SERIES.iter().enumerate().map(|(i, labels)| one(i, *labels, start_ms, &samples)).collect();
    let options = Options {
        left_open,
        delayed_name_removal: steps % 2 == 0,
        max_samples: 200_000,
        max_steps: 1_000,
        ..Options::default()
    };
    drop(instant(&series, &expr, start_ms, &options));
    let step_ms = i64::from(step) * 100 + 1;
    let end_ms = start_ms.saturating_add(step_ms * i64::from(steps));
    drop(range(&series, &expr, start_ms, end_ms, step_ms, &options));
});

/// A series before the start of the query; each has a part of the samples.
fn one(i: usize, (name, a, le): (&str, &str, &str), start_ms: i64, samples: &[(u16, f64)]) -> Series {
    let mut t_ms = start_ms.saturating_sub(600_000);
    let mut points: Vec<(i64, f64)> = Vec::new();
    for (gap, value) in samples.iter().skip(i).step_by(2) {
        t_ms = t_ms.saturating_add(i64::from(*gap) + 1);
        if points.last().is_none_or(|(last, _)| *last < t_ms) {
            points.push((t_ms, *value));
        }
    }
    Series::new(Labels::new([("__name__", name), ("a", a), ("le", le)]), points)
}
