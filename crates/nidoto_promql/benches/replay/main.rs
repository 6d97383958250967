//! Replays four typical guards over 109 series x 8 days at 1 minute, and hands the same series to peers.
//!
//! - `cargo bench -p nidoto_promql`: evaluates here and prints series-evaluations per CPU-second.
//! - `cargo bench -p nidoto_promql -- --load PORT START_S`: writes the series to a server on this machine that takes
//!   Prometheus's remote write.
//! - `cargo bench -p nidoto_promql -- --promtool FILE STEPS`: writes the first steps as a file for `promtool test rules`.
//! - `cargo bench -p nidoto_promql -- --windows`: what a step costs by the length of the window.
//! - `cargo bench -p nidoto_promql -- --month`: the four guards over 1,000 series x 30 days.
//!
//! `scripts/bench-promql` runs the first three and prints one table.

#[path = "../../tests/it/differential/remote_write.rs"]
mod remote_write;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use nidoto_promql::{Expr, Labels, Options, Series, range};

const SERIES: usize = 109;
const STEPS: usize = 8 * 24 * 60;
const STEP_MS: i64 = 60_000;

const QUERIES: [&str; 4] =
    ["predict_linear(x[6h], 86400)", "rate(x_total[5m]) > 0.5", "max_over_time(x[1h])", "avg by (job) (x)"];

type AnyError = Box<dyn std::error::Error>;

fn main() -> Result<(), AnyError> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--load", port, start_s] => load(port.parse()?, start_s.parse::<i64>()? * 1000),
        ["--promtool", file, steps] => Ok(std::fs::write(file, promtool_test(steps.parse()?))?),
        ["--windows"] => windows(),
        ["--month"] => month(),
        _ => replay(),
    }
}

/// Nanoseconds of CPU for each series and step, for windows of different length.
fn windows() -> Result<(), AnyError> {
    const FUNCTIONS: [&str; 9] = [
        "rate(x_total[$])",
        "max_over_time(x[$])",
        "avg_over_time(x[$])",
        "stddev_over_time(x[$])",
        "quantile_over_time(0.9, x[$])",
        "changes(x[$])",
        "deriv(x[$])",
        "predict_linear(x[$], 86400)",
        "max_over_time(x[$:5m])",
    ];
    const LENGTHS: [&str; 4] = ["5m", "1h", "6h", "2d"];
    let series = series(0, SERIES, STEPS);
    println!("{:32}{}", "CPU-ns a step", LENGTHS.map(|length| format!("{length:>8}")).concat());
    for function in FUNCTIONS {
        let cost_ns = |length: &str| -> Result<String, AnyError> {
            let expr = Expr::parse(&function.replace('$', length))?;
            let before_s = cpu_s()?;
            for _ in 0..10 {
                range(&series, &expr, 0, (STEPS as i64 - 1) * STEP_MS, STEP_MS, &Options::default())?;
            }
            Ok(format!("{:8.0}", (cpu_s()? - before_s) / 10.0 * 1e9 / (SERIES * STEPS) as f64))
        };
        println!("{function:32}{}", LENGTHS.iter().map(|length| cost_ns(length)).collect::<Result<String, _>>()?);
    }
    Ok(())
}

/// CPU and elapsed seconds for each query over 1,000 series x 30 days at 1 minute.
fn month() -> Result<(), AnyError> {
    let steps = 30 * 24 * 60;
    let series = series(0, 1000, steps);
    for query in QUERIES {
        let (before_s, started) = (cpu_s()?, Instant::now());
        let end_ms = (steps as i64 - 1) * STEP_MS;
        range(&series, &Expr::parse(query)?, 0, end_ms, STEP_MS, &Options::default())?;
        println!("{query:32} {:6.2} CPU-s {:6.2} s", cpu_s()? - before_s, started.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Gauges `x` and counters `x_total`; half of the gauges grow, and counters are reset now and then.
fn series(start_ms: i64, count: usize, steps: usize) -> Vec<Series> {
    let mut random = 1_u64;
    let mut below = move |limit: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % limit
    };
    let mut all = Vec::new();
    for i in 0..count {
        let labels = |name: &str| {
            Labels::new([
                ("__name__", name.to_owned()),
                ("job", format!("job-{}", i % 7)),
                ("instance", format!("host-{i}")),
            ])
        };
        let (mut gauge, mut counter) = (1e6, 0.0);
        let (mut gauges, mut counters) = (Vec::new(), Vec::new());
        for step in 0..steps {
            let t_ms = start_ms + step as i64 * STEP_MS;
            gauge += below(2001) as f64 - if i % 2 == 0 { 990.0 } else { 1000.0 };
            counter = if below(3000) == 0 { 0.0 } else { counter + below(60) as f64 };
            gauges.push((t_ms, gauge));
            counters.push((t_ms, counter));
        }
        all.push(Series::new(labels("x"), gauges));
        all.push(Series::new(labels("x_total"), counters));
    }
    all
}

/// One line for each query: evaluations per CPU-second, CPU and elapsed seconds, values that came out.
fn replay() -> Result<(), AnyError> {
    let series = series(0, SERIES, STEPS);
    let end_ms = (STEPS as i64 - 1) * STEP_MS;
    for query in QUERIES {
        let expr = Expr::parse(query)?;
        let (cpu_s, started) = (cpu_s()?, Instant::now());
        let repeats = 20;
        let mut values = 0;
        for _ in 0..repeats {
            let matrix = range(&series, &expr, 0, end_ms, STEP_MS, &Options::default())?;
            values = matrix.iter().map(|(_, points)| points.len()).sum();
        }
        let used_s = (self::cpu_s()? - cpu_s) / f64::from(repeats);
        let elapsed_s = started.elapsed().as_secs_f64() / f64::from(repeats);
        let rate = (SERIES * STEPS) as f64 / used_s / 1e6;
        println!("nidoto|{query}|{rate:.3}|{used_s:.4}|{elapsed_s:.4}|{values}");
    }
    Ok(())
}

/// User and system time of this process, all threads together.
fn cpu_s() -> Result<f64, AnyError> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
    let ticks: Result<u64, _> = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum();
    Ok(ticks? as f64 / 100.0)
}

/// In slices of time, for Prometheus refuses samples that are an hour older than the newest.
fn load(port: u16, start_ms: i64) -> Result<(), AnyError> {
    let series = series(start_ms, SERIES, STEPS);
    let slice_ms = 30 * STEP_MS;
    for from_ms in (start_ms..start_ms + STEPS as i64 * STEP_MS).step_by(slice_ms as usize) {
        let body = remote_write::request(&series, from_ms, from_ms + slice_ms);
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        write!(stream, "POST /api/v1/write HTTP/1.0\r\nHost: localhost\r\nContent-Encoding: snappy\r\n")?;
        write!(stream, "Content-Type: application/x-protobuf\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n")?;
        write!(stream, "Content-Length: {}\r\n\r\n", body.len())?;
        stream.write_all(&body)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if !answer.split_whitespace().nth(1).is_some_and(|status| status.starts_with('2')) {
            return Err(format!("remote write was refused: {answer}").into());
        }
    }
    Ok(())
}

/// A test file whose last evaluation is at the last step; its rules stand in `rules.yml` beside it.
fn promtool_test(steps: usize) -> String {
    let mut text =
        String::from("rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n");
    for one in series(0, SERIES, STEPS) {
        let values: Vec<String> = one.samples.values[..steps].iter().map(f64::to_string).collect();
        let _ = writeln!(text, "  - series: '{}'\n    values: '{}'", one.labels, values.join(" "));
    }
    let _ = writeln!(
        text,
        "  promql_expr_test: [{{expr: absent(nothing), eval_time: {}m, exp_samples: [{{labels: '{{}}', value: 1}}]}}]",
        steps - 1
    );
    text
}
