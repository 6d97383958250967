//! Generated series with resets, gaps, stale markers and irregular intervals.

use nidoto_promql::{Labels, STALE, Series};

/// A round time, so that grids are aligned as in practice.
const START_MS: i64 = 1_700_006_400_000;
const SPAN_MS: i64 = 3 * 3_600_000;

pub(super) fn instants_ms() -> [i64; 3] {
    [START_MS + 3_600_000, START_MS + 7_213_456, START_MS + SPAN_MS + 200_000]
}

pub(super) fn range_ms() -> (i64, i64, i64) {
    (START_MS - 60_000, START_MS + SPAN_MS + 600_000, 47_000)
}

pub(super) fn series() -> Vec<Series> {
    let mut random = Random(42);
    let mut all = Vec::new();
    for (i, job) in ["api", "api", "web", "web", "db"].iter().enumerate() {
        let instance = format!("host-{i}");
        let labels = |name: &str| Labels::new([("__name__", name), ("job", job), ("instance", &instance)]);
        all.push(Series::new(labels("requests_total"), counter(&mut random, 15_000, 0)));
        all.push(Series::new(labels("irregular_total"), counter(&mut random, 13_777, 6_000)));
        all.push(Series::new(labels("temperature"), gauge(&mut random, 15_000, 0)));
        all.push(Series::new(labels("queue"), gauge(&mut random, 30_011, 12_000)));
        all.push(Series::new(labels("memory_bytes"), memory(&mut random)));
        for (j, le) in ["0.1", "0.5", "1", "5", "+Inf"].iter().enumerate() {
            let mut labels = labels("latency_bucket");
            labels.set("le", *le);
            all.push(Series::new(labels, bucket(j + 1)));
        }
    }
    all.push(Series::new(Labels::new([("__name__", "constant"), ("job", "api")]), regular(|_| 5.0)));
    all.push(Series::new(Labels::new([("__name__", "strange"), ("job", "api")]), regular(strange)));
    all.push(Series::new(Labels::new([("__name__", "threshold"), ("job", "api")]), regular(|_| 20.0)));
    all.push(Series::new(Labels::new([("__name__", "threshold"), ("job", "web")]), regular(|_| 40.0)));
    all
}

type Points = Vec<(i64, f64)>;

/// A counter with resets, gaps and stale markers.
fn counter(random: &mut Random, step_ms: i64, jitter_ms: i64) -> Points {
    let mut value = 0.0;
    points(random, step_ms, jitter_ms, |random| {
        value = if random.below(80) == 0 { random.below(5) as f64 } else { value + random.below(400) as f64 / 8.0 };
        value
    })
}

fn gauge(random: &mut Random, step_ms: i64, jitter_ms: i64) -> Points {
    let mut value = 30.0;
    points(random, step_ms, jitter_ms, |random| {
        value += random.below(2001) as f64 / 100.0 - 10.0;
        value
    })
}

/// Grows steadily, with a saw-tooth on top.
fn memory(random: &mut Random) -> Points {
    let mut value = 1e9;
    points(random, 15_000, 0, |random| {
        value += 1e5 * random.below(100) as f64;
        if value > 3e9 {
            value = 1e9;
        }
        value
    })
}

fn bucket(rank: usize) -> Points {
    regular(move |i| (i * rank * rank) as f64)
}

fn strange(i: usize) -> f64 {
    match i % 97 {
        0..=9 => f64::NAN,
        40 => f64::INFINITY,
        60 => f64::NEG_INFINITY,
        _ => (i % 7) as f64 - 3.0,
    }
}

fn regular(value: impl Fn(usize) -> f64) -> Points {
    (0..=(SPAN_MS / 15_000) as usize).map(|i| (START_MS + i as i64 * 15_000, value(i))).collect()
}

/// Samples about every `step_ms`; now and then a gap, or the end of the series and a new start.
fn points(random: &mut Random, step_ms: i64, jitter_ms: i64, mut value: impl FnMut(&mut Random) -> f64) -> Points {
    let mut points = Vec::new();
    let mut t_ms = START_MS + random.below(step_ms as u64) as i64 / 1000 * 1000;
    while t_ms < START_MS + SPAN_MS {
        match random.below(150) {
            0 => {
                points.push((t_ms, STALE));
                t_ms += random.below(900) as i64 * 1000;
            }
            1..=3 => t_ms += random.below(400) as i64 * 1000,
            _ => points.push((t_ms, value(random))),
        }
        t_ms += step_ms + if jitter_ms > 0 { random.below(jitter_ms as u64) as i64 } else { 0 };
    }
    points
}

/// A linear congruential generator: the same series on every machine (Knuth's constants).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
