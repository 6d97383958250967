//! Which migrations are still to come.

use crate::flyway::{Location, Migration, applied};
use crate::scan::{Options, Out, Spot};

/// Migrations that have not been applied. Where nobody said which have, the last one: the others
/// were applied long ago, and nothing can be changed about them.
pub fn pending<'l>(location: &'l Location, options: &Options) -> Vec<&'l Migration> {
    let Some(before) = applied(location, options) else { return location.versioned.last().into_iter().collect() };
    let is_new = |one: &&Migration| !before.iter().any(|applied| applied.version == one.version);
    location.versioned.iter().filter(is_new).collect()
}

/// Whether all statements of a migration were read; where not, that is told.
pub fn is_read(migration: &Migration, out: &mut Out) -> bool {
    let cut = migration.cut();
    let is_read = cut.is_none();
    cut.into_iter().for_each(|why| out.cannot(&Spot::whole(&migration.file), why));
    is_read
}
