//! Label matchers: which series a selector means.

use std::fmt;

use regex::Regex;

use crate::Labels;
use crate::labels::{LabelName, METRIC_NAME, Quoted};

/// How a matcher compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, anchored at both ends
    Regex,
    /// `!~`, anchored at both ends
    NotRegex,
}

impl fmt::Display for MatchOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        })
    }
}

/// One condition on one label. A label that a series lacks is compared as the empty string.
#[derive(Clone, Debug)]
pub struct Matcher {
    name: String,
    op: MatchOp,
    value: String,
    regex: Option<Regex>,
}

/// The largest compiled form of a regular expression.
const REGEX_SIZE_MAX: usize = 1 << 20;

impl Matcher {
    /// Makes a matcher.
    ///
    /// # Errors
    /// The message of the regular expression's compiler.
    pub fn new(name: impl Into<String>, op: MatchOp, value: impl Into<String>) -> Result<Self, String> {
        let value = value.into();
        let regex = match op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regex | MatchOp::NotRegex => Some(anchored(&value)?),
        };
        Ok(Self { name: name.into(), op, value, regex })
    }

    /// The label that it looks at.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it compares.
    pub fn op(&self) -> MatchOp {
        self.op
    }

    /// The text or regular expression that it compares with.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether the value of the label (empty where there is none) is wanted.
    pub fn matches(&self, value: &str) -> bool {
        match self.op {
            MatchOp::Equal => value == self.value,
            MatchOp::NotEqual => value != self.value,
            MatchOp::Regex => self.is_regex_match(value),
            MatchOp::NotRegex => !self.is_regex_match(value),
        }
    }

    fn is_regex_match(&self, value: &str) -> bool {
        self.regex.as_ref().is_some_and(|regex| regex.is_match(value))
    }
}

/// Prometheus 3 matches the whole value and lets `.` match a line break.
pub(crate) fn anchored(pattern: &str) -> Result<Regex, String> {
    let build =
        |pattern: &str| regex::RegexBuilder::new(&format!("^(?s:{pattern})$")).size_limit(REGEX_SIZE_MAX).build();
    build(pattern).or_else(|error| build(&escape_lone_braces(pattern)).map_err(|_| error)).map_err(|e| e.to_string())
}

/// Go reads a brace that is no repetition as itself (`a{b}`); the regex crate wants it escaped.
fn escape_lone_braces(pattern: &str) -> String {
    let mut escaped = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern.char_indices();
    while let Some((at, c)) = rest.next() {
        if c == '\\' {
            escaped.push(c);
            escaped.extend(rest.next().map(|(_, next)| next));
            continue;
        }
        if c == '{' && !is_repetition(&pattern[at + 1..]) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Whether the text after a brace continues as `n}`, `n,}` or `n,m}`.
fn is_repetition(text: &str) -> bool {
    let Some((inside, _)) = text.split_once('}') else {
        return false;
    };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let is_count = |count: &str| count.bytes().all(|b| b.is_ascii_digit());
    !least.is_empty() && is_count(least) && is_count(most)
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.op, &self.value) == (&other.name, other.op, &other.value)
    }
}

impl Eq for Matcher {}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", LabelName(&self.name), self.op, Quoted(&self.value))
    }
}

/// The conditions of one selector; a series is meant when all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matchers(pub Vec<Matcher>);

impl Matchers {
    /// Whether all matchers match.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.0.iter().all(|matcher| matcher.matches(labels.get(&matcher.name)))
    }

    /// The metric's name where the selector names exactly one.
    pub fn metric_name(&self) -> Option<&str> {
        self.0.iter().find(|m| m.name == METRIC_NAME && m.op == MatchOp::Equal).map(|m| m.value.as_str())
    }

    /// The matchers in order.
    pub fn iter(&self) -> impl Iterator<Item = &Matcher> {
        self.0.iter()
    }
}

/// `{__name__="up",job=~"web|api"}`: a selector that PromQL and the Prometheus API (`match[]`) read.
impl fmt::Display for Matchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, matcher) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma}{matcher}")?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_match_the_whole_value() {
        let matcher = |pattern: &str| Matcher::new("a", MatchOp::Regex, pattern).unwrap();
        assert!(matcher("a|b").matches("b"));
        assert!(!matcher("a|b").matches("ab"));
        assert!(matcher("a.b").matches("a\nb"));
        assert!(matcher("aaa{bbb}c{2}").matches("aaa{bbb}cc"));
        assert!(matcher(".*").matches(""));
        assert!(Matcher::new("a", MatchOp::Regex, "(").is_err());
    }

    #[test]
    fn a_missing_label_is_the_empty_string() {
        let labels = Labels::new([("a", "1")]);
        let matches = |op, value| Matchers(vec![Matcher::new("b", op, value).unwrap()]).matches(&labels);
        assert!(matches(MatchOp::Equal, ""));
        assert!(matches(MatchOp::NotEqual, "1"));
        assert!(matches(MatchOp::NotRegex, ".+"));
    }
}
