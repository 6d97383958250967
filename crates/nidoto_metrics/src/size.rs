//! Sizes as people write them: `256MB`, `1.5GiB`, `10%`, `5`.

use std::borrow::Cow;

use nidoto_core::{Words, number};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A number (of bytes, where a unit is given), or a share of something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// A number.
    Number(f64),
    /// A share: 0.1 is 10 %.
    Share(f64),
}

/// As it stands in a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Written {
    Number(f64),
    Text(String),
}

impl Written {
    /// Reads it. Units are powers of 1024, with or without `i`.
    ///
    /// # Errors
    /// When it is no size above zero.
    pub fn read(&self) -> Result<Size, Words> {
        let text = match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        };
        let (digits, unit) = text
            .trim()
            .split_at(text.trim().find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.trim().len()));
        let unit = unit.trim().to_ascii_uppercase().replace('I', "");
        let power = ["", "K", "M", "G", "T"].iter().position(|u| unit.strip_suffix('B').unwrap_or(&unit) == *u);
        let size = digits.parse().ok().and_then(|value: f64| match power {
            _ if unit == "%" => Some(Size::Share(value / 100.0)),
            Some(power) => Some(Size::Number(value * 1024_f64.powi(power as i32))),
            None => None,
        });
        let is_above_zero = |size: &Size| matches!(size, Size::Number(v) | Size::Share(v) if *v > 0.0 && v.is_finite());
        size.filter(is_above_zero).ok_or_else(|| {
            Words::new(
                format!("`{text}` is no size: write it like 256MB, 1.5GB or 10%"),
                format!("`{text}` は大きさではありません: 256MB、1.5GB、10% のように書いてください"),
            )
        })
    }
}

impl JsonSchema for Written {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "number" }, { "type": "string" }] })
    }
}

/// Bytes as people read them.
pub fn shown(bytes: f64) -> String {
    const UNITS: [(&str, f64); 3] = [("GiB", 1_073_741_824.0), ("MiB", 1_048_576.0), ("KiB", 1_024.0)];
    let fitting = UNITS.iter().find(|(_, size)| bytes.abs() >= *size);
    fitting.map_or_else(|| format!("{} B", number(bytes)), |(unit, size)| format!("{:.1} {unit}", bytes / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        let read = |text: &str| Written::Text(text.into()).read().ok();
        assert_eq!(read("256MB"), Some(Size::Number(268_435_456.0)));
        assert_eq!(read("1.5 GiB"), Some(Size::Number(1_610_612_736.0)));
        assert_eq!(read("10%"), Some(Size::Share(0.1)));
        assert_eq!(read("1024"), Some(Size::Number(1024.0)));
        assert_eq!(Written::Number(2e9).read(), Ok(Size::Number(2e9)));
        for wrong in ["", "0", "MB", "-5MB", "5 apples", "1.2.3G"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!([5.0, 2_048.0, 30.25 * 1_048_576.0].map(shown), ["5 B", "2.0 KiB", "30.2 MiB"]);
    }
}
