//! Durations as people write them: `90s`, `10m`, `1h30m`, `72h`, `7d`, `2w`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A duration in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    /// Its length in seconds.
    pub s: i64,
}

const UNITS: [(char, i64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Span {
    /// A duration of so many seconds.
    #[must_use]
    pub const fn seconds(s: i64) -> Self {
        Self { s }
    }

    /// Its length in milliseconds.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.s * 1_000
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no duration: write it like 30s, 10m, 1h30m, 7d or 2w");
        let (mut total, mut number, mut last) = (0_i64, None::<i64>, usize::MAX);
        for c in text.trim().chars() {
            if let Some(digit) = c.to_digit(10) {
                let grown = number.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(digit.into()));
                number = Some(grown.ok_or_else(wrong)?);
                continue;
            }
            let place = UNITS.iter().position(|(unit, _)| *unit == c).ok_or_else(wrong)?;
            // Units fall, so that `5m1h`, a likely slip, is not read as something else.
            if last != usize::MAX && place <= last {
                return Err(wrong());
            }
            last = place;
            let part = number.take().and_then(|n| n.checked_mul(UNITS[place].1)).ok_or_else(wrong)?;
            total = total.checked_add(part).filter(|s| *s < i64::MAX / 4_000).ok_or_else(wrong)?;
        }
        if number.is_some() || last == usize::MAX {
            return Err(wrong());
        }
        Ok(Self { s: total })
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.s == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.s.unsigned_abs();
        if self.s < 0 {
            f.write_str("-")?;
        }
        // Weeks are read but not written: `10d` says more than `1w3d`.
        for (unit, length_s) in &UNITS[1..] {
            let length_s = length_s.unsigned_abs();
            if rest >= length_s {
                write!(f, "{}{unit}", rest / length_s)?;
                rest %= length_s;
            }
        }
        Ok(())
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "span", "pattern": "^\\s*([0-9]+[wdhms])+\\s*$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_people_write() {
        for (text, s) in [("90s", 90), ("1h30m", 5_400), ("7d", 604_800), ("2w", 1_209_600)] {
            assert_eq!(text.parse(), Ok(Span { s }));
        }
        for wrong in ["", "10", "m", "5m1h", "1.5h", "-3m", "99999999999999999w", "1h1h"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(s in 0_i64..1_000_000_000) {
            prop_assert_eq!(Span { s }.to_string().parse(), Ok(Span { s }));
        }
    }
}
