//! Depth-first search over the references that keep objects alive: numbers the nodes, and sorts the references by what
//! they mean for dominators.
//!
//! What belongs to the page or program is searched first. So the search itself finds out what does, before it comes to
//! V8's own references, for which it matters. The rule is Chrome DevTools' (`markPageOwnedNodes`): what the root's
//! shortcuts (the global objects) and the DOM trees reach over references that are not weak.

use crate::bits::Bits;
use crate::edge::Edge;
use crate::essential::EssentialEdges;
use crate::kind::EdgeKind;
use crate::referrers::{Link, NONE, Referrers, Target};
use crate::snapshot::{Node, Snapshot};

/// What the search finds. Numbers are in the order of the search, and a parent's is smaller than its children's.
pub(crate) struct Search<'a> {
    snapshot: &'a Snapshot,
    /// By node.
    pub(crate) targets: Vec<Target>,
    /// The node with this number.
    pub(crate) order: Vec<Node>,
    /// By number: the parent in the search tree.
    pub(crate) links: Vec<Link>,
    /// References that do not belong to the tree.
    pub(crate) referrers: Referrers,
    pub(crate) page_owned: Bits,
    /// Is the search still in what belongs to the page?
    in_page: bool,
    /// Targets of references of the page that keep nothing alive and yet make page-owned.
    dropped: Vec<Node>,
    /// What the search comes back to: the number of a node, and its next edge.
    path: Vec<(u32, u32)>,
}

/// Where the search is.
struct Step {
    node: Node,
    number: u32,
    /// Its edges that are still to be looked at.
    next: u32,
    end: u32,
}

impl<'a> Search<'a> {
    pub(crate) fn run(snapshot: &'a Snapshot) -> Self {
        let nodes = snapshot.node_count();
        let mut search = Search {
            snapshot,
            targets: vec![Target::NEW; nodes],
            order: Vec::with_capacity(nodes),
            links: Vec::with_capacity(nodes),
            referrers: Referrers::new(nodes, snapshot.edge_count()),
            page_owned: Bits::new(nodes),
            in_page: true,
            dropped: Vec::new(),
            path: Vec::with_capacity(nodes), // only what is used takes memory
        };
        search.add(snapshot.root(), 0);
        search.run_from_root(|edge| is_page_root(snapshot, edge));
        search.in_page = false;
        search.spread_page();
        search.run_from_root(|_| true);
        search.run_from_orphans();
        search.add_unreachable();
        search
    }

    /// Numbers a new node.
    fn add(&mut self, node: Node, parent: u32) -> Step {
        let number = self.order.len() as u32;
        self.targets[node as usize].number = number;
        self.order.push(node);
        self.links.push(Link { ancestor: parent, label: 0 });
        let range = self.snapshot.edge_range(node);
        Step { node, number, next: range.start as u32, end: range.end as u32 }
    }

    fn enter(&mut self, node: Node, parent: u32) -> Step {
        if self.in_page {
            self.page_owned.insert(node);
        }
        self.add(node, parent)
    }

    /// Searches from some of the root's children.
    fn run_from_root(&mut self, is_wanted: impl Fn(Edge) -> bool) {
        let root = self.snapshot.root();
        for index in self.snapshot.edge_range(root) {
            let edge = self.snapshot.edges.list[index];
            let is_essential = EssentialEdges::of(self.snapshot, &self.page_owned, root).keeps(index as u32, edge);
            if is_essential && is_wanted(edge) {
                match &mut self.targets[edge.target() as usize] {
                    Target { number: NONE, .. } => self.run_from(edge.target()),
                    known => self.referrers.add(0, known, &mut self.links),
                }
            }
        }
    }

    /// Searches from `start`, which hangs on the root.
    fn run_from(&mut self, start: Node) {
        let mut step = self.enter(start, 0);
        loop {
            if let Some(child) = self.next_child(&mut step) {
                // To a node without further edges there is nothing to come back for.
                if step.next < step.end {
                    self.path.push((step.number, step.next));
                }
                step = self.enter(child, step.number);
            } else if let Some((number, next)) = self.path.pop() {
                let node = self.order[number as usize];
                step = Step { node, number, next, end: self.snapshot.edge_range(node).end as u32 };
            } else {
                return;
            }
        }
    }

    /// The next new node that the edges of a step lead to. Goes on to the edge that leads to another: all before it is
    /// done while it is at hand.
    #[inline(always)]
    fn next_child(&mut self, step: &mut Step) -> Option<Node> {
        let mut child = None;
        let filter = EssentialEdges::of(self.snapshot, &self.page_owned, step.node);
        for index in step.next..step.end {
            let edge = self.snapshot.edges.list[index as usize];
            if !filter.keeps(index, edge) {
                if self.in_page && !edge.is_weak() {
                    self.dropped.push(edge.target());
                }
                continue;
            }
            let target = &mut self.targets[edge.target() as usize];
            if target.number != NONE {
                self.referrers.add(step.number, target, &mut self.links);
            } else if child.is_none() {
                child = Some(edge.target());
            } else {
                step.next = index;
                return child;
            }
        }
        step.next = step.end;
        child
    }

    /// What the page reaches over references that keep nothing alive belongs to it too.
    fn spread_page(&mut self) {
        let mut pending = std::mem::take(&mut self.dropped);
        pending.retain(|node| self.page_owned.insert(*node));
        while let Some(node) = pending.pop() {
            for edge in self.snapshot.edges_of(node) {
                if !edge.is_weak() && self.page_owned.insert(edge.target()) {
                    pending.push(edge.target());
                }
            }
        }
    }

    /// Nodes that no essential edge leads to become children of the root.
    fn run_from_orphans(&mut self) {
        let is_unreached = |search: &Self, node: Node| search.targets[node as usize].number == NONE;
        let mut retained = Bits::new(self.snapshot.node_count());
        // What is reached leads to nothing else.
        for node in self.snapshot.nodes().filter(|node| is_unreached(self, *node)) {
            let filter = EssentialEdges::of(self.snapshot, &self.page_owned, node);
            for index in self.snapshot.edge_range(node) {
                let edge = self.snapshot.edges.list[index];
                if filter.keeps(index as u32, edge) {
                    retained.insert(edge.target());
                }
            }
        }
        for node in self.snapshot.nodes() {
            if is_unreached(self, node) && !retained.contains(node) {
                self.run_from(node);
            }
        }
    }

    /// Cycles that nothing reaches: the root dominates each of their nodes, and they touch nothing else.
    fn add_unreachable(&mut self) {
        for node in self.snapshot.nodes() {
            if self.targets[node as usize].number == NONE {
                self.add(node, 0);
            }
        }
    }
}

fn is_page_root(snapshot: &Snapshot, edge: Edge) -> bool {
    edge.is(EdgeKind::Shortcut) || (edge.is(EdgeKind::Element) && snapshot.is_document_trees(edge.target()))
}
