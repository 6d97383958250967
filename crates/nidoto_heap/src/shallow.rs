//! Shallow sizes: V8's parts of an object count for the object. The rule is Chrome DevTools' (`calculateShallowSizes`).

use crate::bits::{Bits, Ranked};
use crate::kind::NodeKind;
use crate::snapshot::{Node, Snapshot};

/// Nobody has been found to own it.
const UNOWNED: u32 = u32::MAX;
/// Several own it: it keeps its size.
const SHARED: u32 = u32::MAX - 1;

/// Hands the size of nodes that one object alone owns to that object.
///
/// Hidden nodes, arrays and external string data have no owner at first, everything else owns itself. Ownership follows
/// the references; what two owners reach is shared.
pub(crate) fn transfer(snapshot: &mut Snapshot) {
    let root = snapshot.root();
    if !snapshot.edges_of(root).iter().any(|edge| snapshot.is_user_root(edge.target())) {
        return;
    }
    let unowned = snapshot.nodes().filter(|node| starts_unowned(snapshot, *node));
    let unowned = Ranked::new(Bits::of(snapshot.node_count(), unowned));
    let mut search = Search { snapshot, owners: vec![UNOWNED; unowned.len()], unowned };
    // The order in which ownership spreads does not change the outcome, so one sweep replaces a list of all owners.
    let mut pending = Vec::new();
    for owner in snapshot.nodes() {
        if search.unowned.contains(owner) {
            continue;
        }
        search.spread(owner, owner, &mut pending);
        while let Some(node) = pending.pop() {
            let rank = search.unowned.rank(node).expect("only unowned nodes are pending");
            search.spread(node, search.owners[rank], &mut pending);
        }
    }
    let Search { unowned, owners, .. } = search;
    for (owned, owner) in unowned.iter().zip(owners) {
        if owner < SHARED && owner != root && snapshot.kind(owner) != NodeKind::Synthetic {
            let sizes = &mut snapshot.nodes.sizes;
            let size = sizes.get(owned);
            sizes.set(owned, 0);
            sizes.add(owner, size);
        }
    }
}

struct Search<'a> {
    snapshot: &'a Snapshot,
    /// Those that do not own themselves. Most references lead to others: these bits stay in the processor's cache.
    unowned: Ranked,
    /// By rank of the former.
    owners: Vec<u32>,
}

impl Search<'_> {
    /// What `node` refers to belongs to its owner.
    fn spread(&mut self, node: Node, owner: Node, pending: &mut Vec<Node>) {
        for edge in self.snapshot.edges_of(node) {
            let target = edge.target();
            if edge.is_weak() {
                continue;
            }
            let Some(rank) = self.unowned.rank(target) else { continue };
            let current = &mut self.owners[rank];
            if *current != owner && *current != SHARED {
                *current = if *current == UNOWNED { owner } else { SHARED };
                pending.push(target);
            }
        }
    }
}

fn starts_unowned(snapshot: &Snapshot, node: Node) -> bool {
    match snapshot.kind(node) {
        NodeKind::Hidden | NodeKind::Array => true,
        NodeKind::Native => Some(snapshot.name_index(node)) == snapshot.names.external_string_data,
        _ => false,
    }
}
