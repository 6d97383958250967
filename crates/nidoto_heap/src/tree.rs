//! The dominator tree laid out in preorder, with retained sizes.

use crate::dominators::Dominators;
use crate::referrers::{Link, Target};
use crate::sizes::Sizes;
use crate::snapshot::{Node, Snapshot};
use rustc_hash::FxHashMap;

/// Who dominates whom, and what would be freed with an object.
#[derive(Debug)]
pub(crate) struct Tree {
    /// All nodes, each directly followed by those it dominates.
    pub(crate) preorder: Vec<Subtree>,
    /// By node.
    held: Vec<Held>,
    /// Retained sizes that need more than four bytes, by node.
    large: FxHashMap<Node, u64>,
}

/// A node and all that it dominates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subtree {
    pub(crate) top: Node,
    /// How many nodes, with the top.
    pub(crate) nodes: u32,
}

/// What holds a node and what it holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// The immediate dominator; the root's is itself.
    by: Node,
    /// Retained size, or the mark of one that stands apart.
    retained: u32,
}

impl Tree {
    /// From dominators by depth-first number, in their arrays.
    pub(crate) fn new(snapshot: &Snapshot, dominators: Dominators) -> Tree {
        let Dominators { order, mut links, spare, .. } = dominators;
        // Arrays of the same layout: nothing is copied.
        let mut preorder: Vec<Subtree> =
            spare.into_iter().map(|Target { number, head }| Subtree { top: number, nodes: head }).collect();
        lay_out(&order, &mut links, &mut preorder);
        drop(order);
        let held = links.into_iter().map(|Link { ancestor, label }| Held { by: ancestor, retained: label }).collect();
        let mut tree = Tree { preorder, held, large: FxHashMap::default() };
        tree.add_up(snapshot);
        tree
    }

    /// Immediate dominator; the root's is itself.
    pub(crate) fn dominator(&self, node: Node) -> Node {
        self.held[node as usize].by
    }

    /// What would be freed with a node, in bytes.
    #[inline(always)]
    pub(crate) fn retained(&self, node: Node) -> u64 {
        match self.held[node as usize].retained {
            Sizes::MARK => self.large[&node],
            size => u64::from(size),
        }
    }

    /// The nodes that `node` dominates directly. Takes a pass over all nodes.
    pub(crate) fn children(&self, node: Node) -> Vec<Node> {
        let Some(position) = self.preorder.iter().position(|subtree| subtree.top == node) else { return Vec::new() };
        let mut children = Vec::new();
        let end = position + self.preorder[position].nodes as usize;
        let mut at = position + 1;
        while at < end {
            children.push(self.preorder[at].top);
            at += self.preorder[at].nodes as usize;
        }
        children
    }

    /// Fills in who holds whom and how much, in one pass: a node retains what is added up until its subtree ends.
    fn add_up(&mut self, snapshot: &Snapshot) {
        /// A node whose subtree goes on, and the sum before it.
        struct Open {
            node: Node,
            end: usize,
            before: u64,
        }
        let mut sum = 0u64;
        let mut open: Vec<Open> = Vec::new();
        for position in 0..self.preorder.len() {
            let Subtree { top: node, nodes } = self.preorder[position];
            while let Some(done) = open.pop_if(|open| open.end <= position) {
                self.set_retained(done.node, sum - done.before);
            }
            self.held[node as usize].by = open.last().map_or(node, |above| above.node);
            let size = snapshot.shallow(node);
            if nodes == 1 {
                self.set_retained(node, size);
            } else {
                open.push(Open { node, end: position + nodes as usize, before: sum });
            }
            sum = sum.saturating_add(size);
        }
        while let Some(done) = open.pop() {
            self.set_retained(done.node, sum - done.before);
        }
    }

    #[inline(always)]
    fn set_retained(&mut self, node: Node, size: u64) {
        self.held[node as usize].retained = Sizes::narrow(size).unwrap_or_else(|| {
            self.large.insert(node, size);
            Sizes::MARK
        });
    }
}

/// Lays the tree out in preorder. The labels of `links` are overwritten.
fn lay_out(order: &[Node], links: &mut [Link], preorder: &mut [Subtree]) {
    links.iter_mut().for_each(|link| link.label = 1);
    for number in (1..order.len()).rev() {
        let Link { ancestor, label: nodes } = links[number];
        links[ancestor as usize].label += nodes;
    }
    // Once a node is placed, its label tells where its next child goes.
    for number in 0..order.len() {
        let Link { ancestor, label: nodes } = links[number];
        let mut position = 0;
        if number != 0 {
            let next = &mut links[ancestor as usize].label;
            position = *next;
            *next += nodes;
        }
        links[number].label = position + 1;
        preorder[position as usize] = Subtree { top: order[number], nodes };
    }
}
