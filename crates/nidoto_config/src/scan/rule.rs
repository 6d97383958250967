//! What a rule is, and the list of all.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Facts, Out, Room};

/// One rule: its file holds logic, explanation, examples and tests.
pub struct Rule {
    /// Stable for ever: `NGX001`.
    pub code: &'static str,
    /// Its name in words joined by `-`; also the name of its file.
    pub name: &'static str,
    /// The technology that it is about.
    pub room: Room,
    /// How bad it is when the rule is right.
    pub severity: Severity,
    /// What it finds, in a line, English and Japanese.
    pub summary: (&'static str, &'static str),
    /// Why this causes outages, English and Japanese.
    pub why: (&'static str, &'static str),
    /// What it finds, as an example.
    pub bad: &'static str,
    /// The same, mended.
    pub good: &'static str,
    /// How to mend it, English and Japanese.
    pub fix: (&'static str, &'static str),
    /// The published outage or report that it comes from.
    pub outage: &'static str,
    /// Its logic.
    pub check: fn(&Facts, &mut Out),
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

/// How bad something is when the rule is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It does not do what its author meant; nobody is hurt yet.
    Note,
    /// It hurts under conditions that will come.
    Warning,
    /// It is an outage.
    Error,
}

impl Severity {
    /// Its word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Every rule, in order of code within its room.
pub const RULES: &[&Rule] = &[
    &crate::nginx::rules::ngx001_name_resolved_once::RULE,
    &crate::nginx::rules::ngx002_variable_shares_literal::RULE,
    &crate::nginx::rules::ngx003_variable_without_resolver::RULE,
    &crate::nginx::rules::ngx004_resolve_without_zone::RULE,
    &crate::systemd::rules::sysd001_reboots_at_every_boot::RULE,
    &crate::systemd::rules::sysd002_persistent_reboot::RULE,
    &crate::systemd::rules::sysd003_persistent_without_calendar::RULE,
    &crate::systemd::rules::sysd004_restarts_without_limit::RULE,
    &crate::flyway::rules::fly001_duplicate_version::RULE,
    &crate::flyway::rules::fly002_name_skipped::RULE,
    &crate::flyway::rules::fly003_applied_changed::RULE,
    &crate::flyway::rules::fly004_applied_missing::RULE,
    &crate::flyway::rules::fly005_below_maximum::RULE,
    &crate::migration::rules::mig001_literal_key::RULE,
    &crate::migration::rules::mig002_destructive::RULE,
    &crate::migration::rules::mig003_long_lock::RULE,
    &crate::image::rules::img001_denied_base::RULE,
    &crate::deployment::rules::conn001_budget::RULE,
    &crate::deployment::rules::bak001_uncovered::RULE,
    &crate::deployment::rules::bak002_stale::RULE,
    &crate::deployment::rules::bak003_drill_overdue::RULE,
    &crate::pm2::rules::pm2001_restart_hides_leak::RULE,
    &super::suppress::MALFORMED,
    &super::suppress::UNUSED,
    &super::suppress::EXPIRED,
];

/// The rule of a code or a name.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code.eq_ignore_ascii_case(code) || rule.name == code).copied()
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn codes_are_sorted_within_rooms_and_unique() {
        let mut codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), RULES.len());
    }

    #[test]
    fn every_rule_explains_itself() {
        for rule in RULES {
            for text in [rule.summary.0, rule.summary.1, rule.why.0, rule.why.1, rule.fix.0, rule.fix.1, rule.outage] {
                assert!(!text.trim().is_empty(), "{rule:?}");
            }
            assert!(!rule.bad.is_empty() && !rule.good.is_empty() && rule.bad != rule.good, "{rule:?}");
        }
    }
}
