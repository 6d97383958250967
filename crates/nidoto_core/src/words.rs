//! What nidoto says, in its two languages.

use serde::Serialize;

/// A language that nidoto speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

/// One message in both languages, made where the facts are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Words {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

impl Words {
    /// A message from its English and its Japanese text.
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self { en: en.into(), ja: ja.into() }
    }

    /// A message that reads the same in both languages: a name, a path, another program's error.
    pub fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        Self { ja: en.clone(), en }
    }

    /// The text in one language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }
}

/// A message can be an error that ends a command.
impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Words {}

/// A number as people read it: four significant digits at most, `k`, `M`, `G`, `T` for large ones.
#[must_use]
pub fn number(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        v if !v.is_finite() => return value.to_string(),
        v if v >= 1e12 => (value / 1e12, "T"),
        v if v >= 1e9 => (value / 1e9, "G"),
        v if v >= 1e6 => (value / 1e6, "M"),
        v if v >= 1e5 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let digits = match scaled.abs() {
        v if v >= 1_000.0 => 0,
        v if v >= 100.0 => 1,
        v if v >= 10.0 => 2,
        v if v >= 1.0 => 3,
        v if v >= 1e-3 || v == 0.0 => 5,
        _ => return format!("{scaled:.3e}"),
    };
    let text = format!("{scaled:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{unit}")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_as_people_read_them() {
        let shown = [0.0, 0.25, 55.0, 97.3, 1_040.0, 99_999.0, 1.5e9, 2_013_265_920.0, -1e-7, f64::NAN].map(number);
        assert_eq!(shown, ["0", "0.25", "55", "97.3", "1040", "99999", "1.5G", "2.013G", "-1.000e-7", "NaN"]);
    }
}
