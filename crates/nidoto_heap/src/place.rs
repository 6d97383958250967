//! Where in the source the objects of a snapshot were made.

use crate::error::{Error, Result};
use crate::parse::header::Header;
use rustc_hash::FxHashMap;

/// A place in a script. For a function it is where the function stands, for an object where its constructor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// V8's number of the script.
    pub script: u32,
    /// Line, from 0.
    pub line: u32,
    /// Column, from 0.
    pub column: u32,
}

/// The places of all located nodes.
#[derive(Debug, Default)]
pub(crate) struct Locations {
    /// Ordinal of the node and index of its place, sorted by node.
    pub(crate) of: Vec<(u32, u32)>,
    /// The distinct places.
    pub(crate) places: Vec<Place>,
}

impl Locations {
    /// Reads the text of the locations section, which begins at byte `offset` of the file.
    pub(crate) fn parse(text: &[u8], offset: u64, header: &Header) -> Result<Locations> {
        let width = header.location_fields.len();
        let field = |name: &str| header.location_fields.iter().position(|f| f == name);
        let (Some(object), Some(script), Some(line), Some(column)) =
            (field("object_index"), field("script_id"), field("line"), field("column"))
        else {
            return Ok(Locations::default());
        };
        let mut numbers = Numbers { text };
        let mut record = vec![0; width];
        let mut known = FxHashMap::default();
        let mut locations = Locations::default();
        while fill(&mut record, &mut numbers) {
            let node = record[object] / header.node_fields.len() as u64;
            if node >= header.nodes as u64 {
                return Err(Error::malformed(
                    offset,
                    format!(
                        "a location names node {node}, but there are only {}; the file is damaged, take the snapshot again",
                        header.nodes
                    ),
                ));
            }
            let place =
                Place { script: record[script] as u32, line: record[line] as u32, column: record[column] as u32 };
            let index = *known.entry(place).or_insert_with(|| {
                locations.places.push(place);
                locations.places.len() as u32 - 1
            });
            locations.of.push((node as u32, index));
        }
        // Where a node has two locations the later counts, as in a map that is filled in order.
        locations.of.sort_by_key(|(node, _)| *node);
        locations.of.reverse();
        locations.of.dedup_by_key(|(node, _)| *node);
        locations.of.reverse();
        Ok(locations)
    }

    /// Where a node was made.
    pub(crate) fn get(&self, node: u32) -> Option<Place> {
        let at = self.of.binary_search_by_key(&node, |(node, _)| *node).ok()?;
        Some(self.places[self.of[at].1 as usize])
    }
}

/// Fills one record; false when the numbers have ended.
fn fill(record: &mut [u64], numbers: &mut Numbers) -> bool {
    record.iter_mut().all(|slot| numbers.next().map(|n| *slot = n).is_some())
}

/// The numbers of a section, up to its closing bracket.
struct Numbers<'a> {
    text: &'a [u8],
}

impl Iterator for Numbers<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let start = self.text.iter().position(|c| c.is_ascii_digit() || *c == b']')?;
        self.text = &self.text[start..];
        let digits = self.text.iter().take_while(|c| c.is_ascii_digit()).count();
        let value = self.text[..digits].iter().fold(0u64, |n, c| n.wrapping_mul(10).wrapping_add(u64::from(c - b'0')));
        self.text = &self.text[digits..];
        (digits > 0).then_some(value)
    }
}
