//! The section of locations.

use super::header::Header;
use super::integers::Integers;
use super::stream::PADDING;
use crate::error::{Error, Result};
use crate::place::{Locations, Place};
use memchr::memchr;
use rustc_hash::FxHashMap;

/// Reads the text behind the section's opening bracket, which is at byte `offset` of the file.
pub(super) fn parse(mut text: Vec<u8>, offset: u64, header: &Header) -> Result<Locations> {
    let field = |name: &str| header.location_fields.iter().position(|f| f == name);
    let (Some(object), Some(script), Some(line), Some(column)) =
        (field("object_index"), field("script_id"), field("line"), field("column"))
    else {
        return Ok(Locations::default());
    };
    let len = memchr(b']', &text).unwrap_or(text.len());
    text.truncate(len);
    text.extend_from_slice(&[0; PADDING]);
    let mut integers = Integers::new(&text);
    let mut record = vec![0; header.location_fields.len()];
    let mut known = FxHashMap::default();
    let mut locations = Locations::default();
    while text.get(integers.position()..len).is_some_and(|rest| !rest.iter().all(u8::is_ascii_whitespace)) {
        integers.skip_comma();
        let at = offset + integers.position() as u64;
        for slot in &mut record {
            *slot = integers.next().ok_or_else(|| {
                Error::malformed(
                    at,
                    "a location holds no number that fits; the file is damaged, take the snapshot again",
                )
            })?;
        }
        let node = record[object] / header.node_fields.len() as u64;
        if node >= header.nodes as u64 {
            return Err(Error::malformed(
                at,
                format!(
                    "a location names node {node}, but there are only {}; the file is damaged, take the snapshot again",
                    header.nodes
                ),
            ));
        }
        let place = Place { script: record[script] as u32, line: record[line] as u32, column: record[column] as u32 };
        let index = *known.entry(place).or_insert_with(|| {
            locations.places.push(place);
            locations.places.len() as u32 - 1
        });
        locations.of.push((node as u32, index));
    }
    sort(&mut locations.of);
    Ok(locations)
}

/// Where a node has two locations the later counts, as in a map that is filled in order.
fn sort(of: &mut Vec<(u32, u32)>) {
    if !of.is_sorted_by(|(a, _), (b, _)| a < b) {
        of.sort_by_key(|(node, _)| *node);
        of.reverse();
        of.dedup_by_key(|(node, _)| *node);
        of.reverse();
    }
}
