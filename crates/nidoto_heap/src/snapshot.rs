//! One snapshot in memory: a graph of objects.

use crate::edge::{Edge, Special};
use crate::error::Result;
use crate::input::Input;
use crate::kind::{EdgeKind, NodeKind};
use crate::parse::header::Header;
use crate::parse::{Edges, Nodes};
use crate::place::{Locations, Place};
use crate::shapes::Shapes;
use crate::strings::{KnownNames, Strings};
use crate::{detached, shallow};
use rustc_hash::FxHashMap;
use std::num::NonZero;
use std::ops::Range;

/// A heap snapshot: all objects, their references and their names.
///
/// Objects are addressed by their ordinal, the position in the file. Sizes are Chrome DevTools' shallow sizes: what only
/// one object owns (the backing store of an array) counts for its owner.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) input: Input,
    pub(crate) header: Header,
    pub(crate) nodes: Nodes,
    pub(crate) edges: Edges,
    pub(crate) strings: Strings,
    pub(crate) names: KnownNames,
    pub(crate) locations: Locations,
    pub(crate) shapes: Shapes,
    /// The node of each script, by V8's number of the script.
    pub(crate) scripts: FxHashMap<u32, u32>,
}

/// Ordinal of a node.
pub type Node = u32;

impl Snapshot {
    /// Reads a snapshot on all cores. Memory stays below the size of the file.
    pub fn read(input: Input) -> Result<Snapshot> {
        let mut snapshot = crate::parse::parse(input, threads())?;
        detached::propagate(&mut snapshot);
        shallow::transfer(&mut snapshot);
        Ok(snapshot)
    }

    /// How many objects there are.
    pub fn node_count(&self) -> usize {
        self.header.nodes
    }

    /// How many references there are.
    pub fn edge_count(&self) -> usize {
        self.header.edges
    }

    /// The root from which everything that lives is reached.
    pub fn root(&self) -> Node {
        self.header.root
    }

    /// Bytes outside of the heap that no object stands for.
    pub fn extra_native_bytes(&self) -> u64 {
        self.header.extra_native_bytes
    }

    /// All objects.
    pub fn nodes(&self) -> Range<Node> {
        0..self.header.nodes as u32
    }

    /// What an object is.
    pub fn kind(&self, node: Node) -> NodeKind {
        self.nodes.kinds[node as usize]
    }

    /// V8's number of an object, the same in all snapshots of one process.
    pub fn id(&self, node: Node) -> u32 {
        self.nodes.ids[node as usize]
    }

    /// The object with this number.
    pub fn node_with_id(&self, id: u32) -> Option<Node> {
        self.nodes.ids.iter().position(|&i| i == id).map(|node| node as Node)
    }

    /// The name of an object: its constructor's, a function's own, or a string's content.
    pub fn name(&self, node: Node) -> String {
        self.strings.get(self.name_index(node))
    }

    /// Shallow size in bytes.
    #[inline]
    pub fn shallow(&self, node: Node) -> u64 {
        self.nodes.sizes.get(node)
    }

    /// Is it part of a DOM tree that the document no longer shows?
    pub fn is_detached(&self, node: Node) -> bool {
        self.nodes.detachedness.get(node as usize) == Some(&detached::DETACHED)
    }

    /// Where a function stands, or an object's constructor.
    pub fn place(&self, node: Node) -> Option<Place> {
        self.locations.get(node)
    }

    pub(crate) fn name_index(&self, node: Node) -> u32 {
        self.nodes.names[node as usize]
    }

    pub(crate) fn edge_range(&self, node: Node) -> Range<usize> {
        self.nodes.first_edge[node as usize] as usize..self.nodes.first_edge[node as usize + 1] as usize
    }

    /// The node that an edge comes from.
    pub(crate) fn source_of(&self, edge: u32) -> Node {
        self.nodes.first_edge.partition_point(|first| *first <= edge) as Node - 1
    }

    pub(crate) fn edges_of(&self, node: Node) -> &[Edge] {
        &self.edges.list[self.edge_range(node)]
    }

    pub(crate) fn special(&self, edge: usize) -> Option<&Special> {
        self.edges.special.get(&(edge as u32))
    }

    pub(crate) fn edge_kind(&self, edge: usize) -> EdgeKind {
        let kind = self.edges.list[edge].kind();
        kind.or_else(|| self.special(edge).map(|s| s.kind)).unwrap_or(EdgeKind::Internal)
    }

    /// Does the page or program itself hold this child of the root, and not V8?
    pub(crate) fn is_user_root(&self, node: Node) -> bool {
        self.kind(node) != NodeKind::Synthetic || self.is_document_trees(node)
    }

    pub(crate) fn is_document_trees(&self, node: Node) -> bool {
        self.kind(node) == NodeKind::Synthetic && Some(self.name_index(node)) == self.names.document_dom_trees
    }
}

/// How many threads to use.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).min(8)
}
