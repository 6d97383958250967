//! What a rule reads of what other rules write, and so in which order they can be evaluated.

use nidoto_promql::{Expr, METRIC_NAME, Matchers, Options};

use crate::file::{Rule, RuleFile, RuleKind};
use crate::template::Template;

/// The series in which Prometheus writes down which alerts are pending and firing.
pub(crate) const ALERTS: &str = "ALERTS";
/// Since when each alert is active.
pub(crate) const ALERTS_FOR_STATE: &str = "ALERTS_FOR_STATE";

impl Rule {
    /// The names of the series that it writes.
    pub(crate) fn writes(&self) -> Vec<&str> {
        match self.kind {
            RuleKind::Record(_) => vec![&self.name],
            RuleKind::Alert(_) => vec![ALERTS, ALERTS_FOR_STATE],
        }
    }

    /// The names of the metrics for which its texts ask by `query`, as far as they stand there.
    #[must_use]
    pub fn texts_ask(&self) -> Vec<String> {
        let texts = self.alert().into_iter().flat_map(|alert| alert.labels.iter().chain(&alert.annotations));
        let queries = texts.filter_map(|text| text.template.as_ref().ok()).flat_map(Template::queries);
        let exprs = queries.filter_map(|query| Expr::parse(&filled_in(&query)).ok());
        exprs.flat_map(|expr| expr.metric_names()).collect()
    }

    /// Whether its expression may select what another rule writes.
    pub(crate) fn reads(&self, other: &Rule) -> bool {
        reads_any(&self.expr, &other.writes())
    }
}

/// Whether an expression may select series of one of these names.
pub(crate) fn reads_any(expr: &Expr, names: &[&str]) -> bool {
    let selections = expr.selectors(&Options::default());
    selections.iter().any(|selection| names.iter().any(|name| may_match(&selection.matchers, name)))
}

pub(crate) fn may_match(matchers: &Matchers, name: &str) -> bool {
    matchers.iter().filter(|matcher| matcher.name() == METRIC_NAME).all(|matcher| matcher.matches(name))
}

/// A format of `printf` with something in the place of each verb, so that it can be read.
fn filled_in(query: &str) -> String {
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    while let Some((before, after)) = rest.split_once('%') {
        let verb = after.find(|c: char| c.is_ascii_alphabetic() || c == '%').map(|i| (i, &after[i..=i]));
        out += before;
        let Some((i, verb)) = verb else { return out + "%" + after };
        out += match verb {
            "%" => "%",
            "q" => "\"x\"",
            "d" | "f" | "g" | "e" => "1",
            _ => "x",
        };
        rest = &after[i + 1..];
    }
    out + rest
}

impl RuleFile {
    /// All rules in order, each with the place of its group.
    pub fn rules(&self) -> impl Iterator<Item = (usize, &Rule)> {
        self.groups.iter().enumerate().flat_map(|(i, group)| group.rules.iter().map(move |rule| (i, rule)))
    }

    /// Whether a rule reads nothing that this file writes: then a server can answer it as it is.
    #[must_use]
    pub fn is_foreign(&self, rule: &Rule) -> bool {
        !self.rules().any(|(_, other)| rule.reads(other))
    }

    /// The same file without recording rules that no alert reads, not even through others.
    #[must_use]
    pub fn of_alerts(&self) -> Self {
        let rules: Vec<&Rule> = self.rules().map(|(_, rule)| rule).collect();
        let mut needed: Vec<bool> = rules.iter().map(|rule| rule.alert().is_some()).collect();
        let mut open: Vec<usize> = (0..rules.len()).filter(|i| needed[*i]).collect();
        while let Some(i) = open.pop() {
            for (j, other) in rules.iter().enumerate() {
                if !needed[j] && (rules[i].reads(other) || rules[i].texts_ask().contains(&other.name)) {
                    needed[j] = true;
                    open.push(j);
                }
            }
        }
        let mut places = needed.into_iter();
        let mut file = self.clone();
        for group in &mut file.groups {
            group.rules.retain(|_| places.next().unwrap_or(true));
        }
        file
    }

    /// What a rule selects of series that this file does not write, also through the rules that it
    /// reads.
    #[must_use]
    pub fn foreign_selectors(&self, rule: &Rule) -> Vec<Matchers> {
        let all: Vec<&Rule> = self.rules().map(|(_, rule)| rule).collect();
        let mut seen: Vec<&str> = vec![&rule.name];
        let (mut open, mut found) = (vec![rule], Vec::new());
        while let Some(rule) = open.pop() {
            for selection in rule.expr.selectors(&Options::default()) {
                let reads = |other: &&Rule| other.writes().iter().any(|name| may_match(&selection.matchers, name));
                let written: Vec<&Rule> = all.iter().copied().filter(reads).collect();
                if written.is_empty() || selection.matchers.metric_name().is_none() {
                    found.push(selection.matchers);
                }
                for other in written {
                    if !seen.contains(&other.name.as_str()) {
                        seen.push(&other.name);
                        open.push(other);
                    }
                }
            }
        }
        found
    }

    /// Runs of rules, as places in [`RuleFile::rules`], such that none reads what a later run
    /// writes. A run of one rule that does not read itself can be evaluated for all instants at
    /// once.
    pub(crate) fn blocks(&self) -> Vec<std::ops::Range<usize>> {
        let rules: Vec<&Rule> = self.rules().map(|(_, rule)| rule).collect();
        let mut blocks = Vec::new();
        let mut start = 0;
        while start < rules.len() {
            let (mut end, mut i) = (start + 1, start);
            while i < end {
                let last = (end..rules.len()).rev().find(|later| rules[i].reads(rules[*later]));
                end = last.map_or(end, |last| last + 1);
                i += 1;
            }
            blocks.push(start..end);
            start = end;
        }
        blocks
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_alerts_need_of_a_file() {
        let text = "groups:
- name: a
  rules:
  - {record: unread, expr: x}
  - {record: deep, expr: y}
  - {record: 'mid', expr: deep + z}
  - {record: asked, expr: w}
  - {alert: A, expr: 'mid > v', annotations: {s: '{{ query `asked` }} {{ printf `up{a=%q,b=\"%s\"} > %.2f` 1 2 3 | query }}'}}
";
        let (file, diags) = crate::read(std::path::Path::new("r"), text);
        assert_eq!(diags, []);
        let needed = file.of_alerts();
        let names: Vec<&str> = needed.rules().map(|(_, rule)| rule.name.as_str()).collect();
        assert_eq!(names, ["deep", "mid", "asked", "A"]);
        let (_, alert) = needed.rules().last().unwrap();
        assert_eq!(alert.texts_ask(), ["asked", "up"]);
        let foreign: Vec<String> = needed.foreign_selectors(alert).iter().map(ToString::to_string).collect();
        assert_eq!(foreign, ["{__name__=\"v\"}", "{__name__=\"z\"}", "{__name__=\"y\"}"]);
        assert!(needed.is_foreign(needed.rules().next().unwrap().1) && !needed.is_foreign(alert));
    }
}
