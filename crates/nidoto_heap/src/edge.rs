//! One reference from an object to another, in four bytes.

use crate::kind::EdgeKind;

const TARGET_BITS: u32 = 29;
const TARGET_MASK: u32 = (1 << TARGET_BITS) - 1;
/// Tag of edges that a rule names one by one; their kind stands in a table.
const SPECIAL: u32 = 7;

/// An edge: its kind in three bits, its target's ordinal in 29.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Edge(u32);

/// What an edge that stands in the table of special edges is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Special {
    pub(crate) kind: EdgeKind,
    pub(crate) rule: Rule,
}

/// Why an edge is special.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rule {
    /// Distances do not count along it: it leads to something that is shared by chance.
    NoDistance,
    /// One of the two edges of a pair in a WeakMap: the value lives only while both the key and the table live.
    WeakMapPair { pair: u32, from_table: bool },
}

impl Edge {
    #[inline(always)]
    pub(crate) fn new(kind: EdgeKind, target: u32) -> Edge {
        Edge((kind as u32) << TARGET_BITS | target)
    }

    /// So many edges to be filled in, in memory that the system has zeroed.
    pub(crate) fn blank(count: usize) -> Vec<Edge> {
        vec![0; count].into_iter().map(Edge).collect()
    }

    pub(crate) fn special(target: u32) -> Edge {
        Edge(SPECIAL << TARGET_BITS | target)
    }

    #[inline(always)]
    pub(crate) fn target(self) -> u32 {
        self.0 & TARGET_MASK
    }

    #[inline(always)]
    pub(crate) fn is_special(self) -> bool {
        self.0 >> TARGET_BITS == SPECIAL
    }

    #[inline(always)]
    pub(crate) fn is_weak(self) -> bool {
        self.is(EdgeKind::Weak)
    }

    /// Is it of this kind? Special edges are of none; ask the table.
    #[inline(always)]
    pub(crate) fn is(self, kind: EdgeKind) -> bool {
        self.0 >> TARGET_BITS == kind as u32
    }

    /// Its kind; `None` for a special edge.
    pub(crate) fn kind(self) -> Option<EdgeKind> {
        EdgeKind::ALL.get((self.0 >> TARGET_BITS) as usize).copied()
    }
}
