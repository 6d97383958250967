//! Which references keep their target alive. The rule is Chrome DevTools' (`computeIsEssentialEdge`).

use crate::bits::Bits;
use crate::edge::{Edge, Rule};
use crate::kind::EdgeKind;
use crate::snapshot::{Node, Snapshot};

/// Which edges of one node keep their target alive.
pub(crate) struct EssentialEdges<'a> {
    snapshot: &'a Snapshot,
    page_owned: &'a Bits,
    node: Node,
    is_root: bool,
    is_page_owned: bool,
}

impl<'a> EssentialEdges<'a> {
    #[inline(always)]
    pub(crate) fn of(snapshot: &'a Snapshot, page_owned: &'a Bits, node: Node) -> Self {
        EssentialEdges {
            snapshot,
            page_owned,
            node,
            is_root: node == snapshot.root(),
            is_page_owned: page_owned.contains(node),
        }
    }

    #[inline(always)]
    pub(crate) fn keeps(&self, index: u32, edge: Edge) -> bool {
        if edge.is_weak() || edge.target() == self.node || (edge.is_special() && self.leads_from_table(index)) {
            return false;
        }
        self.is_root
            || (!edge.is(EdgeKind::Shortcut) && (self.is_page_owned || !self.page_owned.contains(edge.target())))
    }

    /// The table of a WeakMap does not keep values alive, their keys do.
    fn leads_from_table(&self, index: u32) -> bool {
        matches!(
            self.snapshot.special(index as usize).map(|s| s.rule),
            Some(Rule::WeakMapPair { from_table: true, .. })
        )
    }
}
