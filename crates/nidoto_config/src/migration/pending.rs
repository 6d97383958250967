//! Which migrations are still to come, and what the earlier ones made.

use crate::flyway::{Location, Migration, applied};
use crate::scan::Options;
use crate::sql::created_table;

/// Migrations that have not been applied. Where nobody said which have, the last one: the others
/// were applied long ago, and nothing can be changed about them.
pub fn pending<'l>(location: &'l Location, options: &Options) -> Vec<&'l Migration> {
    let Some(before) = applied(location, options) else { return location.versioned.last().into_iter().collect() };
    let is_new = |one: &&Migration| !before.iter().any(|applied| applied.version == one.version);
    location.versioned.iter().filter(is_new).collect()
}

/// The tables that a migration makes itself: nobody uses them yet.
pub fn made_here(migration: &Migration) -> Vec<String> {
    migration.statements().iter().filter_map(created_table).map(|(table, _)| table).collect()
}
