//! What a rule reads of what other rules write, and so in which order they can be evaluated.

use nidoto_promql::{Expr, METRIC_NAME, Matchers, Options};

use crate::file::{Rule, RuleFile, RuleKind};

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
