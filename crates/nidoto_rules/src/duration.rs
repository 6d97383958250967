//! Durations as Prometheus writes them: `1h30m`, `2w`, `500ms`.

use nidoto_core::Words;

const UNITS: [(&str, i64); 7] = [
    ("y", 31_536_000_000),
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// A duration in milliseconds. Units come in falling order, each once; `0` needs none.
///
/// # Errors
/// When it is no duration.
pub fn parse_ms(text: &str) -> Result<i64, Words> {
    let wrong = || {
        Words::new(
            format!("`{text}` is no duration: write it like 30s, 5m or 1h30m"),
            format!("`{text}` は時間の長さではありません: 30s、5m、1h30m のように書いてください"),
        )
    };
    if text == "0" {
        return Ok(0);
    }
    let (mut rest, mut total, mut next) = (text, 0_i64, 0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number: i64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let place = UNITS.iter().position(|(unit, _)| *unit == &rest[..letters]).filter(|place| *place >= next);
        let place = place.ok_or_else(wrong)?;
        next = place + 1;
        rest = &rest[letters..];
        let part = number.checked_mul(UNITS[place].1).ok_or_else(wrong)?;
        // Far beyond any rule; sums of instants and durations must not overflow.
        total = total.checked_add(part).filter(|ms| *ms < i64::MAX / 64).ok_or_else(wrong)?;
    }
    if text.is_empty() { Err(wrong()) } else { Ok(total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_rule_files() {
        for (text, ms) in [
            ("0", 0),
            ("0s", 0),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1d12h", 129_600_000),
            ("500ms", 500),
            ("1s5ms", 1_005),
        ] {
            assert_eq!(parse_ms(text), Ok(ms), "{text}");
        }
        for wrong in ["", "5", "m", "1.5h", "5m1h", "1m1m", "-5m", "5 m", "99999999999999999y"] {
            assert!(parse_ms(wrong).is_err(), "{wrong}");
        }
    }
}
