//! The dominator tree laid out in preorder, with retained sizes.

use crate::dominators::Dominators;
use crate::sizes::Sizes;
use crate::snapshot::{Node, Snapshot};
use rustc_hash::FxHashMap;

/// Who dominates whom, and what would be freed with an object.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Immediate dominator by node; the root's is itself.
    pub(crate) idom: Vec<Node>,
    /// Retained size by node.
    pub(crate) retained: Sizes,
    /// All nodes, each directly followed by those it dominates.
    pub(crate) preorder: Vec<Node>,
    /// By position in `preorder`: how many nodes the subtree has, with its top.
    pub(crate) subtree: Vec<u32>,
}

impl Tree {
    pub(crate) fn new(snapshot: &Snapshot, dominators: Dominators) -> Tree {
        let Dominators { order, idom } = dominators;
        let retained = retained(snapshot, &order, &idom);
        let (preorder, subtree) = preorder(&order, &idom);
        let mut by_node = vec![0; order.len()];
        order.iter().zip(&idom).for_each(|(node, number)| by_node[*node as usize] = order[*number as usize]);
        Tree { idom: by_node, retained, preorder, subtree }
    }

    /// The nodes that `node` dominates directly. Takes a pass over all nodes.
    pub(crate) fn children(&self, node: Node) -> Vec<Node> {
        let Some(position) = self.preorder.iter().position(|&n| n == node) else { return Vec::new() };
        let mut children = Vec::new();
        let end = position + self.subtree[position] as usize;
        let mut at = position + 1;
        while at < end {
            children.push(self.preorder[at]);
            at += self.subtree[at] as usize;
        }
        children
    }
}

/// Dominators have smaller numbers, so one pass from the back adds everything up.
fn retained(snapshot: &Snapshot, order: &[Node], idom: &[u32]) -> Sizes {
    let mut sums: Vec<u64> = order.iter().map(|node| snapshot.shallow(*node)).collect();
    for number in (1..order.len()).rev() {
        sums[idom[number] as usize] = sums[idom[number] as usize].saturating_add(sums[number]);
    }
    let mut small = vec![0; order.len()];
    let mut large = FxHashMap::default();
    for (node, sum) in order.iter().zip(sums) {
        small[*node as usize] = Sizes::narrow(sum).unwrap_or_else(|| {
            large.insert(*node, sum);
            Sizes::MARK
        });
    }
    Sizes::from_parts(small, large)
}

fn preorder(order: &[Node], idom: &[u32]) -> (Vec<Node>, Vec<u32>) {
    let mut subtree = vec![1u32; order.len()];
    for number in (1..order.len()).rev() {
        subtree[idom[number] as usize] += subtree[number];
    }
    // Where the next child of each node goes; for a node that was placed, one behind its own position.
    let mut next = vec![0u32; order.len()];
    let mut nodes = vec![0; order.len()];
    let mut sizes = vec![0; order.len()];
    for number in 0..order.len() {
        let position = if number == 0 { 0 } else { next[idom[number] as usize] };
        if number != 0 {
            next[idom[number] as usize] += subtree[number];
        }
        next[number] = position + 1;
        nodes[position as usize] = order[number];
        sizes[position as usize] = subtree[number];
    }
    (nodes, sizes)
}
