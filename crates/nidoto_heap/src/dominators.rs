//! Who holds an object alone: the dominator tree.
//!
//! An object's immediate dominator is the nearest object through which every path from the root leads; if it went, the
//! object would go. Method: Semi-NCA (L. Georgiadis, "Linear-time algorithms for dominators and related problems",
//! Princeton, 2005, section 2.3), on depth-first numbers. References of the search tree itself need no lists, and
//! forward references only lower a semidominator at once: only the others are kept.
//!
//! Which references count is Chrome DevTools' rule (`computeIsEssentialEdge`).

use crate::bits::Bits;
use crate::edge::{Edge, Rule};
use crate::kind::EdgeKind;
use crate::page_owned::page_owned;
use crate::snapshot::{Node, Snapshot};

const NONE: u32 = u32::MAX;

/// The dominator tree in depth-first numbers: a dominator's number is smaller than those it dominates.
pub(crate) struct Dominators {
    /// The node with this number; the root is first.
    pub(crate) order: Vec<Node>,
    /// The number of the immediate dominator; the root's is its own.
    pub(crate) idom: Vec<u32>,
}

/// Finds the immediate dominator of every node.
pub(crate) fn dominators(snapshot: &Snapshot) -> Dominators {
    let mut search = Search::new(snapshot);
    search.run(snapshot.root());
    search.run_from_orphans();
    search.add_unreachable();
    let others = search.others();
    let Search { order, parent, semi, .. } = search;
    let idom = semi_nca(parent, semi, others);
    Dominators { order, idom }
}

/// Depth-first search that numbers the nodes and sorts the references by what they mean for dominators.
struct Search<'a> {
    snapshot: &'a Snapshot,
    page_owned: Bits,
    /// By node.
    number: Vec<u32>,
    order: Vec<Node>,
    /// By number from here on: the parent in the search tree.
    parent: Vec<u32>,
    /// The smallest number from which a tree or forward reference leads here: a bound of the semidominator.
    semi: Vec<u32>,
    /// How many other references lead here; one more entry for the end.
    others: Vec<u32>,
    path: Vec<Step>,
    /// Nodes from this number on were not searched: nothing reaches them.
    searched: usize,
}

/// A node on the path of the search.
#[derive(Clone, Copy)]
struct Step {
    node: Node,
    number: u32,
    /// Its edges that are still to be looked at.
    next: u32,
    end: u32,
}

impl<'a> Search<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        let nodes = snapshot.node_count();
        Search {
            snapshot,
            page_owned: page_owned(snapshot),
            number: vec![NONE; nodes],
            order: Vec::with_capacity(nodes),
            parent: Vec::with_capacity(nodes),
            semi: Vec::with_capacity(nodes),
            others: Vec::with_capacity(nodes + 1),
            path: Vec::new(),
            searched: 0,
        }
    }

    /// Numbers a new node.
    fn add(&mut self, node: Node, parent: u32) -> Step {
        let number = self.order.len() as u32;
        self.number[node as usize] = number;
        self.order.push(node);
        self.parent.push(parent);
        self.semi.push(parent);
        self.others.push(0);
        let range = self.snapshot.edge_range(node);
        Step { node, number, next: range.start as u32, end: range.end as u32 }
    }

    fn enter(&mut self, node: Node, parent: u32) {
        let step = self.add(node, parent);
        self.path.push(step);
    }

    /// Searches from `start`, which hangs on the root.
    fn run(&mut self, start: Node) {
        self.enter(start, 0);
        while let Some(step) = self.path.last().copied() {
            match self.next_child(step) {
                None => {
                    self.path.pop();
                }
                Some((child, next)) => {
                    self.path.last_mut().expect("the path ends in the step").next = next;
                    self.enter(child, step.number);
                }
            }
        }
    }

    /// Goes through the edges of a step up to one that leads to a new node.
    #[inline(always)]
    fn next_child(&mut self, step: Step) -> Option<(Node, u32)> {
        let filter = EssentialEdges::of(self.snapshot, &self.page_owned, step.node);
        for index in step.next..step.end {
            let edge = self.snapshot.edges.list[index as usize];
            if !filter.keeps(index, edge) {
                continue;
            }
            let target = self.number[edge.target() as usize];
            if target == NONE {
                return Some((edge.target(), index + 1));
            }
            if target > step.number {
                let semi = &mut self.semi[target as usize];
                *semi = (*semi).min(step.number);
            } else {
                self.others[target as usize] += 1;
            }
        }
        None
    }

    /// Nodes that no essential edge leads to become children of the root.
    fn run_from_orphans(&mut self) {
        if self.order.len() == self.snapshot.node_count() {
            return;
        }
        let mut retained = Bits::new(self.snapshot.node_count());
        for node in self.snapshot.nodes() {
            let filter = EssentialEdges::of(self.snapshot, &self.page_owned, node);
            for index in self.snapshot.edge_range(node) {
                let edge = self.snapshot.edges.list[index];
                if filter.keeps(index as u32, edge) {
                    retained.insert(edge.target());
                }
            }
        }
        for node in self.snapshot.nodes() {
            if self.number[node as usize] == NONE && !retained.contains(node) {
                self.run(node);
            }
        }
    }

    /// Cycles that nothing reaches: the root dominates each of their nodes, and they touch nothing else.
    fn add_unreachable(&mut self) {
        self.searched = self.order.len();
        for node in self.snapshot.nodes() {
            if self.number[node as usize] == NONE {
                self.add(node, 0);
            }
        }
    }

    /// Collects the references that lead to a smaller number, by target. They were counted, so one list is enough.
    fn others(&mut self) -> Others {
        let number = std::mem::take(&mut self.number);
        let mut ends = std::mem::take(&mut self.others);
        let mut sum = 0;
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        let mut sources = vec![0; sum as usize];
        for (source, &node) in self.order[..self.searched].iter().enumerate() {
            let filter = EssentialEdges::of(self.snapshot, &self.page_owned, node);
            for index in self.snapshot.edge_range(node) {
                let edge = self.snapshot.edges.list[index];
                let target = number[edge.target() as usize] as usize;
                if target < source && filter.keeps(index as u32, edge) {
                    sources[ends[target] as usize] = source as u32;
                    ends[target] += 1;
                }
            }
        }
        Others { ends, sources }
    }
}

/// Back and cross references by their target.
struct Others {
    /// By number of the target: where its sources end; they begin where those of the number before end.
    ends: Vec<u32>,
    /// Numbers of the sources.
    sources: Vec<u32>,
}

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

/// What path compression works on, side by side in memory.
#[derive(Clone, Copy)]
struct Link {
    ancestor: u32,
    /// The smallest semidominator on the way to the ancestor.
    label: u32,
}

/// Immediate dominators from the search.
fn semi_nca(mut parent: Vec<u32>, semi: Vec<u32>, others: Others) -> Vec<u32> {
    let mut links: Vec<Link> = parent.iter().zip(semi).map(|(&ancestor, label)| Link { ancestor, label }).collect();
    let Others { mut ends, sources } = others;
    let mut path = Vec::new();
    for w in (1..parent.len()).rev() {
        let mut semi = links[w].label;
        for &v in &sources[ends[w - 1] as usize..ends[w] as usize] {
            semi = semi.min(evaluate(v as usize, w as u32, &mut links, &mut path));
        }
        links[w].label = semi;
        ends[w] = semi; // the sources have been used up: their place keeps the semidominator, which compression does not touch
    }
    for w in 1..parent.len() {
        let mut candidate = parent[w];
        while candidate > ends[w] {
            candidate = parent[candidate as usize];
        }
        parent[w] = candidate;
    }
    parent
}

/// The smallest semidominator on the way from `v` up to the nodes not yet visited (those up to `w`); shortens the way.
#[inline(always)]
fn evaluate(v: usize, w: u32, links: &mut [Link], path: &mut Vec<u32>) -> u32 {
    let mut top = links[v];
    if top.ancestor <= w {
        return top.label;
    }
    path.push(v as u32);
    loop {
        let x = top.ancestor;
        top = links[x as usize];
        if top.ancestor <= w {
            break;
        }
        path.push(x);
    }
    while let Some(y) = path.pop() {
        let link = &mut links[y as usize];
        top.label = top.label.min(link.label);
        *link = top;
    }
    top.label
}
