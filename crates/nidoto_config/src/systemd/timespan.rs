//! Time spans as systemd writes them (systemd.time(7)).

const UNITS: [(&[&str], f64); 9] = [
    (&["us", "usec", "µs", "μs"], 1.0),
    (&["ms", "msec"], 1e3),
    (&["s", "sec", "second", "seconds", ""], 1e6),
    (&["m", "min", "minute", "minutes"], 60e6),
    (&["h", "hr", "hour", "hours"], 3_600e6),
    (&["d", "day", "days"], 86_400e6),
    (&["w", "week", "weeks"], 604_800e6),
    (&["M", "month", "months"], 2_629_800e6),
    (&["y", "year", "years"], 31_557_600e6),
];

/// A span in microseconds, `infinity` as such. `None` if it is no span.
#[must_use]
pub fn timespan_us(text: &str) -> Option<f64> {
    let text = text.trim();
    if text == "infinity" {
        return Some(f64::INFINITY);
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let (_, scale) = UNITS.iter().find(|(names, _)| names.contains(&&rest[..letters]))?;
        total += number * scale;
        rest = rest[letters..].trim_start();
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::timespan_us;

    #[test]
    fn spans() {
        let s = |text| timespan_us(text).map(|us| us / 1e6);
        assert_eq!(s("0"), Some(0.0));
        assert_eq!(s("1min 30s"), Some(90.0));
        assert_eq!(s("100ms"), Some(0.1));
        assert_eq!(s("2h5"), Some(7205.0));
        assert_eq!(s("infinity"), Some(f64::INFINITY));
        for text in ["", "x", "5 parsecs", "-1"] {
            assert_eq!(s(text), None, "{text}");
        }
    }
}
