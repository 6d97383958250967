//! Where in the source the objects of a snapshot were made.

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
    /// Where a node was made.
    pub(crate) fn get(&self, node: u32) -> Option<Place> {
        let at = self.of.binary_search_by_key(&node, |(node, _)| *node).ok()?;
        Some(self.places[self.of[at].1 as usize])
    }
}
