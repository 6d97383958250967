//! The dominator tree laid out in preorder, with retained sizes.

use crate::dominators::Dominators;
use crate::sizes::Sizes;
use crate::snapshot::{Node, Snapshot};

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
    /// From dominators by depth-first number. Arrays are used again as soon as they can be.
    pub(crate) fn new(snapshot: &Snapshot, dominators: Dominators) -> Tree {
        let Dominators { order, idom: of_number, spare: mut idom, .. } = dominators;
        let (preorder, subtree) = preorder(&order, &of_number, &mut idom);
        order.iter().zip(&of_number).for_each(|(node, number)| idom[*node as usize] = order[*number as usize]);
        drop(of_number);
        let retained = retained(snapshot, &preorder, &idom, order);
        Tree { idom, retained, preorder, subtree }
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

/// Dominators come before those they dominate, so one pass from the back adds everything up.
/// The array `spare` is overwritten.
fn retained(snapshot: &Snapshot, preorder: &[Node], idom: &[Node], spare: Vec<u32>) -> Sizes {
    let mut sums = snapshot.nodes.sizes.clone_into(spare);
    for node in preorder.iter().skip(1).rev() {
        sums.add(idom[*node as usize], sums.get(*node));
    }
    sums
}

/// Nodes and sizes of their subtrees by position. `subtree` is overwritten.
fn preorder(order: &[Node], idom: &[u32], subtree: &mut [u32]) -> (Vec<Node>, Vec<u32>) {
    subtree.fill(1);
    for number in (1..order.len()).rev() {
        subtree[idom[number] as usize] += subtree[number];
    }
    // Once a node is placed, its entry in `subtree` tells where its next child goes.
    let mut nodes = vec![0; order.len()];
    let mut sizes = vec![0; order.len()];
    for number in 0..order.len() {
        let size = subtree[number];
        let mut position = 0;
        if number != 0 {
            let next = &mut subtree[idom[number] as usize];
            position = *next;
            *next += size;
        }
        subtree[number] = position + 1;
        nodes[position as usize] = order[number];
        sizes[position as usize] = size;
    }
    (nodes, sizes)
}
