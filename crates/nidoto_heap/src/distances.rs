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
    let mut level = Vec::with_capacity(nodes);
    for edge in snapshot.edges_of(root) {
        if snapshot.is_user_root(edge.target()) {
            search.reached.insert(edge.target());
            search.distances[edge.target() as usize] = 1;
            level.push(edge.target());
        }
    }
    let has_user_roots = !level.is_empty();
    search.run(level);
    search.reached.insert(root);
    search.distances[root as usize] = if has_user_roots { SYSTEM } else { 0 };
    search.run(vec![root]);
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
    fn run(&mut self, mut level: Vec<Node>) {
        let mut next = Vec::with_capacity(self.distances.len()); // only what is used takes memory
        while !level.is_empty() {
            self.sort_if_wide(&mut level);
            for &node in &level {
                self.step(node, &mut next);
            }
            level.clear();
            std::mem::swap(&mut level, &mut next);
        }
    }

    /// Puts a wide level into the order of the file: its nodes' references then lie one behind the other in memory.
    fn sort_if_wide(&mut self, level: &mut Vec<Node>) {
        if level.len() < self.distances.len() / WIDE_SHARE {
            return;
        }
        let members = Bits::of(self.distances.len(), level.drain(..));
        level.extend(members.iter());
    }

    fn step(&mut self, node: Node, next: &mut Vec<Node>) {
        let distance = self.distances[node as usize] + 1;
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
            self.distances[target as usize] = distance;
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
