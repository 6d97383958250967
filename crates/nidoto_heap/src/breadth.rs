//! Breadth-first search from the roots, first from what the program holds. The rule is Chrome DevTools'
//! (`calculateDistances`): weak references do not count, nor do those that lead to something shared by chance.

use crate::bits::Bits;
use crate::edge::Rule;
use crate::snapshot::{Node, Snapshot};
use rustc_hash::FxHashSet;

/// The distance of the root: only V8 itself holds what is farther.
pub(crate) const SYSTEM: i32 = 100_000_000;
/// A level with at least this part of all nodes is wide: so few can there be that going through bits for each is cheap.
const WIDE_SHARE: usize = 64;

/// Who wants to know what the search meets.
pub(crate) trait Visitor {
    /// A node is at this distance, and its references are about to be followed.
    fn visit(&mut self, _node: Node, _distance: i32) {}

    /// A node was reached over the reference with this index; the program's own roots are reached over none.
    fn reach(&mut self, _node: Node, _edge: usize) {}

    /// Is the search over, although there is more to reach? Asked after each level.
    fn is_done(&self, _reached: &Bits) -> bool {
        false
    }
}

/// Searches and tells `visitor`.
pub(crate) fn search<V: Visitor>(snapshot: &Snapshot, visitor: V) -> V {
    let mut search =
        Search { snapshot, reached: Bits::new(snapshot.node_count()), half_pairs: FxHashSet::default(), visitor };
    let root = snapshot.root();
    let mut level = Vec::new();
    for edge in snapshot.edges_of(root) {
        if snapshot.is_user_root(edge.target()) && search.reached.insert(edge.target()) {
            level.push(edge.target());
        }
    }
    let distance_of_root = if level.is_empty() { 0 } else { SYSTEM };
    search.run(level, 1);
    search.reached.insert(root);
    search.run(vec![root], distance_of_root);
    search.visitor
}

struct Search<'a, V> {
    snapshot: &'a Snapshot,
    /// These bits stay in the processor's cache, what the visitor notes does not.
    reached: Bits,
    /// Pairs of WeakMaps of which one edge has been met: a value counts from its second.
    half_pairs: FxHashSet<u32>,
    visitor: V,
}

impl<V: Visitor> Search<'_, V> {
    /// Goes on from the nodes of `level`, which have been reached and are at `distance`.
    fn run(&mut self, mut level: Vec<Node>, mut distance: i32) {
        let nodes = self.snapshot.node_count();
        let mut next = Vec::new();
        while !level.is_empty() && !self.visitor.is_done(&self.reached) {
            if level.len() < nodes / WIDE_SHARE {
                level.drain(..).for_each(|node| self.step(node, distance, &mut next));
            } else {
                // In the order of the file, the nodes and their references lie one behind the other in memory.
                let members = Bits::of(nodes, level.drain(..));
                std::mem::swap(&mut level, &mut next); // so that the long list is filled again
                members.iter().for_each(|node| self.step(node, distance, &mut next));
            }
            std::mem::swap(&mut level, &mut next);
            distance += 1;
        }
    }

    /// Tells of a node and adds what it leads to first.
    fn step(&mut self, node: Node, distance: i32, next: &mut Vec<Node>) {
        self.visitor.visit(node, distance);
        let range = self.snapshot.edge_range(node);
        for (i, edge) in self.snapshot.edges.list[range.clone()].iter().enumerate() {
            let target = edge.target();
            if edge.is_weak() || self.reached.contains(target) {
                continue;
            }
            if edge.is_special() && !self.counts(range.start + i) {
                continue;
            }
            self.reached.insert(target);
            self.visitor.reach(target, range.start + i);
            next.push(target);
        }
    }

    /// Does a special edge count? Asked once per edge that leads to an object not yet reached.
    fn counts(&mut self, edge: usize) -> bool {
        match self.snapshot.special(edge).map(|special| special.rule) {
            Some(Rule::NoDistance) => false,
            Some(Rule::WeakMapPair { pair, .. }) => {
                let is_second = self.half_pairs.remove(&pair);
                is_second || !self.half_pairs.insert(pair)
            }
            None => true,
        }
    }
}
