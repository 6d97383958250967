//! Which objects belong to the page or program. The rule is Chrome DevTools' (`markPageOwnedNodes`).

use crate::bits::Bits;
use crate::kind::EdgeKind;
use crate::snapshot::Snapshot;

/// What the root's shortcuts (the global objects) and the DOM trees reach over references that are not weak.
pub(crate) fn page_owned(snapshot: &Snapshot) -> Bits {
    let mut owned = Bits::new(snapshot.node_count());
    let mut pending = Vec::new();
    for edge in snapshot.edges_of(snapshot.root()) {
        let is_trees = edge.is(EdgeKind::Element) && snapshot.is_document_trees(edge.target());
        if (is_trees || edge.is(EdgeKind::Shortcut)) && owned.insert(edge.target()) {
            pending.push(edge.target());
        }
    }
    while let Some(node) = pending.pop() {
        for edge in snapshot.edges_of(node) {
            if !edge.is_weak() && owned.insert(edge.target()) {
                pending.push(edge.target());
            }
        }
    }
    owned
}
