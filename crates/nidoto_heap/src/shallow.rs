//! Shallow sizes: V8's parts of an object count for the object. The rule is Chrome DevTools' (`calculateShallowSizes`).

use crate::bits::{Bits, Ranked};
use crate::kind::NodeKind;
use crate::parse::Nodes;
use crate::snapshot::{Node, Snapshot};
use crate::strings::KnownNames;

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
    let unowned = Ranked::new(unowned(&snapshot.nodes, &snapshot.names));
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

/// The nodes that have no owner at first.
pub(crate) fn unowned(nodes: &Nodes, names: &KnownNames) -> Bits {
    let starts_unowned = |node: &u32| match nodes.kinds[*node as usize] {
        NodeKind::Hidden | NodeKind::Array => true,
        NodeKind::Native => Some(nodes.names[*node as usize]) == names.external_string_data,
        _ => false,
    };
    Bits::of(nodes.kinds.len(), (0..nodes.kinds.len() as u32).filter(starts_unowned))
}
