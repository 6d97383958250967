//! Edits that several rules make.

use super::config::Node;
use crate::scan::{Edit, Spot};

/// Puts a directive at the start of a block.
#[must_use]
pub fn insert(block: &Node, directive: &str) -> Option<Edit> {
    let start = block.block.as_ref()?.start;
    let whole = block.whole();
    let indent = indent(&whole);
    Some(Edit { spot: Spot::new(&block.file, start..start), with: format!("\n{indent}    {directive};") })
}

/// The white space in front of the line that something stands on.
#[must_use]
pub fn indent(spot: &Spot) -> &str {
    let before = &spot.file.text[spot.line().start..spot.bytes.start];
    &before[..before.len() - before.trim_start().len()]
}
