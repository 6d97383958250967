//! The identity of a series: a sorted set of labels.

use std::fmt;

/// The label that holds a metric's name.
pub const METRIC_NAME: &str = "__name__";

/// A sorted set of labels, the metric's name included as `__name__`.
///
/// A label with an empty value does not exist: it is dropped when the set is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// Makes a set. Of several labels with the same name, the last one counts.
    pub fn new<N, V>(labels: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let mut set = Self::default();
        for (name, value) in labels {
            set.set(&name.into(), value.into());
        }
        set
    }

    /// The value of a label; the empty string where there is none, as in Prometheus.
    pub fn get(&self, name: &str) -> &str {
        self.position(name).map_or("", |i| &self.0[i].1)
    }

    /// The metric's name; the empty string where there is none.
    pub fn metric_name(&self) -> &str {
        self.get(METRIC_NAME)
    }

    /// Sets a label; an empty value removes it.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.position(name) {
            Ok(i) if value.is_empty() => drop(self.0.remove(i)),
            Ok(i) => self.0[i].1 = value,
            Err(_) if value.is_empty() => {}
            Err(i) => self.0.insert(i, (name.to_owned(), value)),
        }
    }

    /// Removes a label.
    pub fn remove(&mut self, name: &str) {
        if let Ok(i) = self.position(name) {
            self.0.remove(i);
        }
    }

    /// Name and value of each label, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The labels for which `keep` holds.
    pub(crate) fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self(self.0.iter().filter(|(name, _)| keep(name)).cloned().collect())
    }

    /// Without what says which quantity it is: Prometheus 3 drops type and unit along with the name.
    pub(crate) fn without_metric_name(&self) -> Self {
        self.filtered(|name| ![METRIC_NAME, "__type__", "__unit__"].contains(&name))
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(labels: I) -> Self {
        Self::new(labels)
    }
}

/// `name{label="value"}`, as Prometheus shows a series.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.metric_name();
        let name_stands_outside = is_metric_name(name);
        if name_stands_outside {
            f.write_str(name)?;
        }
        let mut rest = self.iter().filter(|(label, _)| !(name_stands_outside && *label == METRIC_NAME)).peekable();
        if rest.peek().is_none() {
            return if name_stands_outside { Ok(()) } else { f.write_str("{}") };
        }
        f.write_str("{")?;
        for (i, (label, value)) in rest.enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{}={}", LabelName(label), Quoted(value))?;
        }
        f.write_str("}")
    }
}

/// A label's name, quoted where it is not of the classic form.
pub(crate) struct LabelName<'a>(pub(crate) &'a str);

impl fmt::Display for LabelName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_label_name(self.0) { f.write_str(self.0) } else { Quoted(self.0).fmt(f) }
    }
}

/// A text in double quotes, with the escapes that PromQL reads.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '\\' => f.write_str("\\\\")?,
                '"' => f.write_str("\\\"")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}

fn is_metric_name(name: &str) -> bool {
    is_name(name, |c| c == ':' || c == '_' || c.is_ascii_alphabetic())
}

/// Whether a label's name has the classic form, which needs no quotes.
pub(crate) fn is_label_name(name: &str) -> bool {
    is_name(name, |c| c == '_' || c.is_ascii_alphabetic())
}

fn is_name(name: &str, is_first: impl Fn(char) -> bool) -> bool {
    name.starts_with(&is_first) && name.chars().all(|c| is_first(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_as_prometheus_shows_them() {
        for (labels, shown) in [
            (Labels::default(), "{}"),
            (Labels::new([(METRIC_NAME, "up")]), "up"),
            (Labels::new([("b", "2"), ("a", "1"), (METRIC_NAME, "up")]), r#"up{a="1", b="2"}"#),
            (Labels::new([("a", "x\"y\n")]), r#"{a="x\"y\n"}"#),
            (Labels::new([(METRIC_NAME, "zażółć"), ("a.b", "1")]), r#"{__name__="zażółć", "a.b"="1"}"#),
        ] {
            assert_eq!(labels.to_string(), shown);
        }
    }

    #[test]
    fn an_empty_value_is_no_label() {
        let mut labels = Labels::new([("a", "1"), ("b", ""), ("a", "2")]);
        assert_eq!(labels, Labels::new([("a", "2")]));
        labels.set("a", "");
        assert!(labels.is_empty());
        assert_eq!(labels.get("a"), "");
    }
}
