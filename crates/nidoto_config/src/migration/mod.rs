//! What migrations do to a database that is not the one they were tried on.

mod pending;
mod rows;
pub(crate) mod rules;

pub use rows::Rows;
