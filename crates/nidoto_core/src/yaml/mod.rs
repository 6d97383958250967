//! YAML with places: every node knows its line, column and bytes, so that errors can be shown
//! and edits touch only what they mean to.

mod check;
mod format;
mod tree;

pub use check::{check, check_within, decode};
pub use format::{Pattern, Query, Time, Zone};
pub use tree::{Document, Node, Value, parse};
