//! How many references an object is away from the roots of the program. The rule is Chrome DevTools'
//! (`calculateDistances`).

use crate::bits::Bits;
use crate::edge::Rule;
use crate::snapshot::{Node, Snapshot};
use rustc_hash::FxHashSet;

/// The distance of an object that nothing reaches.
pub(crate) const UNREACHED: i32 = -5;
/// The distance of the root: only V8 itself holds what is farther.
pub(crate) const SYSTEM: i32 = 100_000_000;
/// A level with at least this part of all nodes is wide: so few can there be that going through bits for each is cheap.
const WIDE_SHARE: usize = 64;

/// Breadth-first search, first from what the program holds, then from the root.
pub(crate) fn distances(snapshot: &Snapshot) -> Vec<i32> {
    let nodes = snapshot.node_count();
    let mut search = Search {
        snapshot,
        reached: Bits::new(nodes),
        distances: vec![UNREACHED; nodes],
        half_pairs: FxHashSet::default(),
    };
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
    search.distances
}

struct Search<'a> {
    snapshot: &'a Snapshot,
    /// The nodes that have a distance: these bits stay in the processor's cache, the distances do not.
    reached: Bits,
    distances: Vec<i32>,
    /// Pairs of WeakMaps of which one edge has been met: a value counts from its second.
    half_pairs: FxHashSet<u32>,
}

impl Search<'_> {
    /// Goes on from the nodes of `level`, which have been reached and are at `distance`.
    fn run(&mut self, mut level: Vec<Node>, mut distance: i32) {
        let mut next = Vec::new();
        while !level.is_empty() {
            if level.len() < self.distances.len() / WIDE_SHARE {
                level.drain(..).for_each(|node| self.step(node, distance, &mut next));
            } else {
                // In the order of the file, the nodes and their references lie one behind the other in memory.
                let members = Bits::of(self.distances.len(), level.drain(..));
                std::mem::swap(&mut level, &mut next); // so that the long list is filled again
                members.iter().for_each(|node| self.step(node, distance, &mut next));
            }
            std::mem::swap(&mut level, &mut next);
            distance += 1;
        }
    }

    /// Notes the distance of a node and adds what it leads to first.
    fn step(&mut self, node: Node, distance: i32, next: &mut Vec<Node>) {
        self.distances[node as usize] = distance;
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
