//! Numbers as Prometheus's template functions put them for people
//! (<https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#numbers>).

use nidoto_core::when;

use super::print::float;

const SMALL: [&str; 8] = ["m", "u", "n", "p", "f", "a", "z", "y"];

fn four(value: f64) -> String {
    float(value, 'g', Some(4))
}

/// The number in the first unit in which it is below `step`.
fn scaled(mut value: f64, step: f64, units: [&'static str; 8]) -> (f64, &'static str) {
    let mut unit = "";
    for next in units {
        if value.abs() < step {
            break;
        }
        unit = next;
        value /= step;
    }
    (value, unit)
}

fn scaled_up(mut value: f64) -> (f64, &'static str) {
    let mut unit = "";
    for next in SMALL {
        if value.abs() >= 1.0 {
            break;
        }
        unit = next;
        value *= 1_000.0;
    }
    (value, unit)
}

pub(super) fn metric(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return four(value);
    }
    let (value, unit) = match value.abs() >= 1.0 {
        true => scaled(value, 1_000.0, ["k", "M", "G", "T", "P", "E", "Z", "Y"]),
        false => scaled_up(value),
    };
    format!("{}{unit}", four(value))
}

pub(super) fn binary(value: f64) -> String {
    if value.abs() <= 1.0 || !value.is_finite() {
        return four(value);
    }
    let (value, unit) = scaled(value, 1_024.0, ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]);
    format!("{}{unit}", four(value))
}

pub(super) fn duration(value: f64) -> String {
    if !value.is_finite() {
        return four(value);
    }
    if value == 0.0 {
        return format!("{}s", four(value));
    }
    if value.abs() < 1.0 {
        let (value, unit) = scaled_up(value);
        return format!("{}{unit}s", four(value));
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let value = value.abs();
    let whole = value as i64;
    let (s, m, h, d) = (whole % 60, whole / 60 % 60, whole / 3_600 % 24, whole / 86_400);
    match (d, h, m) {
        (0, 0, 0) => format!("{sign}{}s", four(value)),
        (0, 0, _) => format!("{sign}{m}m {s}s"),
        (0, _, _) => format!("{sign}{h}h {m}m {s}s"),
        _ => format!("{sign}{d}d {h}h {m}m {s}s"),
    }
}

pub(super) fn percentage(value: f64) -> String {
    format!("{}%", four(value * 100.0))
}

/// As Go shows a time in UTC; `None` where it has no such time.
pub(super) fn timestamp(value: f64) -> Option<String> {
    if !value.is_finite() {
        return Some(four(value));
    }
    let ns = value * 1e9;
    if ns.abs() > i64::MAX as f64 {
        return None;
    }
    let ms = (ns as i64) / 1_000_000;
    let at = when::at_ms(ms).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let rest = format!("{:03}", ms.rem_euclid(1_000));
    let rest = rest.trim_end_matches('0');
    Some(format!("{at}{}{rest} +0000 UTC", if rest.is_empty() { "" } else { "." }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_prometheus_puts_them() {
        assert_eq!([0.0, 1.0, 1_234_567.0, 0.12, f64::NAN].map(metric), ["0", "1", "1.235M", "120m", "NaN"]);
        assert_eq!([0.0, 1_048_576.0, 1_500.0, 1e30].map(binary), ["0", "1Mi", "1.465ki", "8.272e+05Yi"]);
        assert_eq!(
            [0.0, 0.001, 59.5, 899.0, 7_200.5, 90_061.0, -60.0].map(duration),
            ["0s", "1ms", "59.5s", "14m 59s", "2h 0m 0s", "1d 1h 1m 1s", "-1m 0s"]
        );
        assert_eq!([0.123456, 1.0].map(percentage), ["12.35%", "100%"]);
        assert_eq!(timestamp(1_600_000_000.5).as_deref(), Some("2020-09-13 12:26:40.5 +0000 UTC"));
        assert_eq!(timestamp(1e30), None);
    }
}
