//! Which DOM nodes the document no longer shows. The rule is Chrome DevTools' (`propagateDOMState`).

use crate::kind::{EdgeKind, NodeKind};
use crate::snapshot::{Node, Snapshot};
use rustc_hash::FxHashMap;

/// Known to be shown.
pub(crate) const ATTACHED: u8 = 1;
/// Known not to be shown.
pub(crate) const DETACHED: u8 = 2;

/// Spreads what the browser knew about some DOM nodes to those that hang on them, attached first, and marks the names
/// of detached ones.
pub(crate) fn propagate(snapshot: &mut Snapshot) {
    if snapshot.nodes.detachedness.is_empty() {
        return;
    }
    let mut spread = Spread {
        visited: vec![false; snapshot.node_count()],
        attached: Vec::new(),
        detached: Vec::new(),
        renamed: FxHashMap::default(),
        snapshot,
    };
    for node in spread.snapshot.nodes() {
        let state = spread.snapshot.nodes.detachedness[node as usize];
        if state != 0 {
            spread.visit(node, state);
        }
    }
    while let Some(node) = spread.attached.pop() {
        spread.children(node, ATTACHED);
    }
    while let Some(node) = spread.detached.pop() {
        if spread.snapshot.nodes.detachedness[node as usize] != ATTACHED {
            spread.children(node, DETACHED);
        }
    }
}

struct Spread<'a> {
    snapshot: &'a mut Snapshot,
    visited: Vec<bool>,
    attached: Vec<Node>,
    detached: Vec<Node>,
    /// From a name to the same with "Detached " before it.
    renamed: FxHashMap<u32, u32>,
}

impl Spread<'_> {
    fn children(&mut self, node: Node, state: u8) {
        for edge in self.snapshot.edge_range(node) {
            if !matches!(self.snapshot.edge_kind(edge), EdgeKind::Hidden | EdgeKind::Weak) {
                self.visit(self.snapshot.edges.list[edge].target(), state);
            }
        }
    }

    fn visit(&mut self, node: Node, state: u8) {
        let i = node as usize;
        if std::mem::replace(&mut self.visited[i], true) || self.snapshot.nodes.kinds[i] != NodeKind::Native {
            return;
        }
        self.snapshot.nodes.detachedness[i] = state;
        match state {
            ATTACHED => self.attached.push(node),
            DETACHED => {
                self.rename(node);
                self.detached.push(node);
            }
            _ => {}
        }
    }

    fn rename(&mut self, node: Node) {
        let strings = &mut self.snapshot.strings;
        let name = &mut self.snapshot.nodes.names[node as usize];
        *name = *self.renamed.entry(*name).or_insert_with(|| strings.make(format!("Detached {}", strings.get(*name))));
    }
}
