//! Rules over the names and history of Flyway migrations.

pub(crate) mod fly001_duplicate_version;
pub(crate) mod fly002_name_skipped;
pub(crate) mod fly003_applied_changed;
pub(crate) mod fly004_applied_missing;
pub(crate) mod fly005_below_maximum;
