//! Shallow sizes: V8's parts of an object count for the object. The rule is Chrome DevTools' (`calculateShallowSizes`).

use crate::kind::NodeKind;
use crate::snapshot::{Node, Snapshot};

/// Nobody has been found to own it.
const UNOWNED: u32 = u32::MAX;
/// Several own it: it keeps its size.
const SHARED: u32 = u32::MAX - 1;

/// Which nodes hand their size to their only owner: (owned, owner).
///
/// Hidden nodes, arrays and external string data have no owner at first, everything else owns itself. Ownership follows
/// the references; what two owners reach is shared.
pub(crate) fn transfers(snapshot: &Snapshot) -> Vec<(Node, Node)> {
    let root = snapshot.root();
    if !snapshot.edges_of(root).iter().any(|edge| snapshot.is_user_root(edge.target())) {
        return Vec::new();
    }
    let mut owners: Vec<u32> =
        snapshot.nodes().map(|node| if starts_unowned(snapshot, node) { UNOWNED } else { node }).collect();
    let mut pending = Vec::new();
    // The order in which ownership spreads does not change the outcome, so one sweep replaces a list of all owners.
    for node in snapshot.nodes() {
        if owners[node as usize] == node {
            pending.push(node);
            while let Some(next) = pending.pop() {
                spread(snapshot, next, &mut owners, &mut pending);
            }
        }
    }
    let owned = snapshot.nodes().zip(owners).filter(|(node, owner)| owner != node && *owner < SHARED);
    owned.filter(|(_, owner)| *owner != root && snapshot.kind(*owner) != NodeKind::Synthetic).collect()
}

fn starts_unowned(snapshot: &Snapshot, node: Node) -> bool {
    match snapshot.kind(node) {
        NodeKind::Hidden | NodeKind::Array => true,
        NodeKind::Native => Some(snapshot.name_index(node)) == snapshot.names.external_string_data,
        _ => false,
    }
}

fn spread(snapshot: &Snapshot, node: Node, owners: &mut [u32], pending: &mut Vec<Node>) {
    let owner = owners[node as usize];
    for edge in snapshot.edges_of(node) {
        let target = edge.target();
        let current = owners[target as usize];
        if edge.is_weak() || current == target || current == owner || current == SHARED {
            continue;
        }
        owners[target as usize] = if current == UNOWNED { owner } else { SHARED };
        pending.push(target);
    }
}
