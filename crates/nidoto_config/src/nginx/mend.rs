//! Edits that several rules make.

use super::config::{Config, Node};
use crate::scan::{Edit, Spot};

/// The `resolver` of a configuration that names a single one: what is missing elsewhere is most likely the same.
#[must_use]
pub fn only_resolver(config: &Config) -> Option<String> {
    let named = config.nodes.iter().filter(|node| node.name() == "resolver" && node.arg() != "off");
    let mut named = named.map(|node| node.whole().text().to_owned());
    let first = named.next()?;
    named.all(|other| other == first).then_some(first)
}

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
    let text = &spot.file.text;
    let line = text[..spot.bytes.start].rfind('\n').map_or(0, |i| i + 1);
    let before = &text[line..spot.bytes.start];
    &before[..before.len() - before.trim_start().len()]
}
