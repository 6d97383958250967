//! The objects that hold most, and where below them the objects accumulate.

use crate::analysis::Analysis;
use crate::kind::NodeKind;
use crate::snapshot::{Node, Snapshot};
use serde::Serialize;

/// While one child holds this share of an object, the child is the better answer.
const PASSED_SHARE: f64 = 0.7;

/// A class among the objects that an object holds directly: its index, their number, and the bytes that they retain.
pub type Held = (u32, u64, u64);

/// Sums of shallow sizes in bytes by what the memory is, as in DevTools' Statistics view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Everything.
    pub all: u64,
    /// Compiled code and its descriptions.
    pub code: u64,
    /// Strings.
    pub strings: u64,
    /// Buffers of typed arrays; part of `native`.
    pub typed_arrays: u64,
    /// Memory of the embedder, with what no object stands for.
    pub native: u64,
    /// V8's own objects.
    pub system: u64,
    /// Arrays of the program, with their elements.
    pub js_arrays: u64,
}

impl Snapshot {
    /// What the heap consists of.
    pub fn totals(&self) -> Totals {
        let extra = self.extra_native_bytes();
        let mut totals = Totals { all: extra, native: extra, ..Totals::default() };
        for node in self.nodes() {
            let size = self.shallow(node);
            totals.all += size;
            match self.kind(node) {
                NodeKind::Hidden => totals.system += size,
                NodeKind::Code => totals.code += size,
                NodeKind::Native => {
                    totals.native += size;
                    if self.name(node) == "system / JSArrayBufferData" {
                        totals.typed_arrays += size;
                    }
                }
                kind if kind.is_string() => totals.strings += size,
                // Elements that only the array refers to count as its own already.
                _ if self.strings.raw(self.name_index(node)) == b"Array" => totals.js_arrays += size,
                _ => {}
            }
        }
        totals
    }
}

impl Analysis {
    /// The `limit` objects that retain most. One that mostly holds another of the list is left out.
    pub fn top_consumers(&self, limit: usize) -> Vec<Node> {
        let mut nodes: Vec<Node> =
            self.snapshot.nodes().filter(|node| self.snapshot.kind(*node) != NodeKind::Synthetic).collect();
        // More than shown, as some are left out.
        let wanted = (limit * 8).min(nodes.len());
        if wanted == 0 {
            return Vec::new();
        }
        nodes.select_nth_unstable_by_key(wanted - 1, |node| std::cmp::Reverse(self.retained(*node)));
        nodes.truncate(wanted);
        nodes.sort_by_key(|node| (std::cmp::Reverse(self.retained(*node)), *node));
        let passes_on = |node: Node| {
            nodes.iter().any(|other| *other != node && self.dominator(*other) == node && self.is_passed(node, *other))
        };
        nodes.iter().copied().filter(|node| !passes_on(*node)).take(limit).collect()
    }

    fn is_passed(&self, node: Node, child: Node) -> bool {
        self.retained(child) as f64 >= PASSED_SHARE * self.retained(node) as f64
    }

    /// Where the objects below `node` fan out: follows the largest child while it holds nearly everything.
    pub fn accumulation_point(&self, node: Node) -> Node {
        let mut point = node;
        loop {
            match self.tree.children(point).into_iter().max_by_key(|child| self.retained(*child)) {
                Some(child) if self.is_passed(point, child) => point = child,
                _ => return point,
            }
        }
    }

    /// What `node` dominates directly, by class, the largest first.
    pub fn held(&self, node: Node) -> Vec<Held> {
        let mut by_class: rustc_hash::FxHashMap<u32, (u64, u64)> = rustc_hash::FxHashMap::default();
        for child in self.tree.children(node) {
            let (count, bytes) = by_class.entry(self.class_of(child)).or_default();
            (*count, *bytes) = (*count + 1, *bytes + self.retained(child));
        }
        let mut held: Vec<Held> = by_class.into_iter().map(|(class, (count, bytes))| (class, count, bytes)).collect();
        held.sort_by_key(|(class, _, bytes)| (std::cmp::Reverse(*bytes), *class));
        held
    }
}
