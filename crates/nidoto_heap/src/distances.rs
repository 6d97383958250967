//! How many references an object is away from the roots of the program.

pub(crate) use crate::breadth::SYSTEM;
use crate::breadth::{Visitor, search};
use crate::snapshot::{Node, Snapshot};

/// The distance of an object that nothing reaches.
pub(crate) const UNREACHED: i32 = -5;

/// The distances of all objects.
pub(crate) fn distances(snapshot: &Snapshot) -> Vec<i32> {
    search(snapshot, Distances(vec![UNREACHED; snapshot.node_count()])).0
}

struct Distances(Vec<i32>);

impl Visitor for Distances {
    #[inline(always)]
    fn visit(&mut self, node: Node, distance: i32) {
        self.0[node as usize] = distance;
    }
}
