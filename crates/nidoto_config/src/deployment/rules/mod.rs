//! Rules over what runs and what it keeps.

pub(crate) mod bak001_uncovered;
pub(crate) mod bak002_stale;
pub(crate) mod bak003_drill_overdue;
pub(crate) mod conn001_budget;
