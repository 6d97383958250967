//! Everything that Chrome DevTools' Summary view tells about one snapshot.

use crate::bits::Bits;
use crate::classes::{Class, Classes, classify};
use crate::distances::{SYSTEM, UNREACHED, distances};
use crate::dominators::{Dominators, dominators};
use crate::interfaces::{Interface, infer};
use crate::snapshot::{Node, Snapshot};
use crate::tree::{Subtree, Tree};
use std::sync::OnceLock;

/// Sizes, dominators, distances and classes of a snapshot.
#[derive(Debug)]
pub struct Analysis {
    pub(crate) snapshot: Snapshot,
    pub(crate) tree: Tree,
    /// What belongs to the page or program, and not to V8.
    pub(crate) page_owned: Bits,
    /// Found when they are first asked for.
    distances: OnceLock<Vec<i32>>,
    pub(crate) classes: Classes,
    pub(crate) interfaces: Vec<Interface>,
}

/// One class and what its objects amount to. Objects without a size of their own are not counted.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassRow {
    /// Index of the class, see [`Analysis::class`].
    pub class: u32,
    /// How many objects.
    pub count: u64,
    /// Sum of their shallow sizes in bytes.
    pub shallow: u64,
    /// What would be freed with all of them, in bytes. Rows overlap: their sum means nothing.
    pub retained: u64,
    /// The shortest distance of one of them, as DevTools numbers it.
    pub distance: i32,
}

impl Analysis {
    /// Analyses a snapshot on two cores.
    pub fn new(snapshot: Snapshot) -> Analysis {
        let (dominators, distances) = join(|| dominators(&snapshot), || distances(&snapshot));
        Analysis::of(snapshot, dominators, distances.into())
    }

    /// Like `new`, for who may never ask for a distance: that search is left until then.
    pub fn without_distances(snapshot: Snapshot) -> Analysis {
        let dominators = dominators(&snapshot);
        Analysis::of(snapshot, dominators, OnceLock::new())
    }

    fn of(snapshot: Snapshot, mut dominators: Dominators, distances: OnceLock<Vec<i32>>) -> Analysis {
        // Classes wait, although they need no dominators: while these are searched memory is short.
        let page_owned = std::mem::take(&mut dominators.page_owned);
        let (tree, (classes, interfaces)) = join(
            || Tree::new(&snapshot, dominators),
            || {
                let interfaces = infer(&snapshot);
                (classify(&snapshot, &interfaces), interfaces)
            },
        );
        Analysis { snapshot, tree, page_owned, distances, classes, interfaces }
    }

    /// The snapshot itself.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What would be freed with this object, in bytes.
    #[inline]
    pub fn retained(&self, node: Node) -> u64 {
        self.tree.retained(node)
    }

    /// The nearest object that holds this one alone; the root's is itself.
    pub fn dominator(&self, node: Node) -> Node {
        self.tree.dominator(node)
    }

    /// The objects that this one dominates directly, the largest first.
    pub fn dominated(&self, node: Node) -> Vec<Node> {
        let mut children = self.tree.children(node);
        children.sort_by_key(|child| (std::cmp::Reverse(self.retained(*child)), *child));
        children
    }

    /// Distance as DevTools numbers it: from 1 at the program's roots, from 100000000 at V8's own, -5 unreached.
    pub fn distance(&self, node: Node) -> i32 {
        self.distances.get_or_init(|| distances(&self.snapshot))[node as usize]
    }

    /// Does the program reach this object, and not only V8?
    pub fn is_reached(&self, node: Node) -> bool {
        let distance = self.distance(node);
        distance != UNREACHED && distance < SYSTEM
    }

    /// Index of an object's class.
    pub fn class_of(&self, node: Node) -> u32 {
        self.classes.of[node as usize]
    }

    /// A class by its index.
    pub fn class(&self, class: u32) -> &Class {
        &self.classes.list[class as usize]
    }

    /// All classes that have objects with a size, the one that retains most first.
    pub fn class_rows(&self) -> Vec<ClassRow> {
        let blank = |class| ClassRow { class, count: 0, shallow: 0, retained: 0, distance: i32::MAX };
        let mut rows: Vec<ClassRow> = (0..self.classes.list.len() as u32).map(blank).collect();
        let has_size = |node: &Node| !self.snapshot.nodes.sizes.is_zero(*node);
        for node in self.snapshot.nodes().filter(has_size) {
            let row = &mut rows[self.class_of(node) as usize];
            row.count += 1;
            row.shallow += self.snapshot.shallow(node);
            row.distance = row.distance.min(self.distance(node));
        }
        // Preorder: the subtree of the outermost object of a class ends before this position.
        let mut covered = vec![0usize; rows.len()];
        for (position, &Subtree { top: node, nodes }) in self.tree.preorder.iter().enumerate() {
            let class = self.class_of(node) as usize;
            if position >= covered[class] && has_size(&node) {
                rows[class].retained += self.retained(node);
                covered[class] = position + nodes as usize;
            }
        }
        rows.retain(|row| row.count > 0);
        rows.sort_by_key(|row| (std::cmp::Reverse(row.retained), row.class));
        rows
    }

    /// Sum of all shallow sizes in bytes.
    pub fn total(&self) -> u64 {
        self.snapshot.nodes().map(|node| self.snapshot.shallow(node)).sum()
    }
}

/// Does two things at once.
fn join<A: Send, B>(beside: impl FnOnce() -> A + Send, here: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let beside = scope.spawn(beside);
        let here = here();
        (beside.join().expect("the graph was checked when it was read"), here)
    })
}
