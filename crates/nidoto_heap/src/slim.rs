//! A slim copy of a snapshot: what the program made, small enough to lie beside a postmortem.
//!
//! Most of a snapshot is V8's own: code, hidden classes, and the strings and arrays that these share. A slim copy leaves
//! them out. Their bytes go to the nearest object left that holds them alone, and what they refer to becomes a reference
//! of that object. As it dominates them, dominators and retained sizes of the objects that stay are the same as before;
//! sizes of arrays, and distances over what was left out, are not.

use crate::analysis::Analysis;
use crate::bits::Bits;
use crate::edge::Edge;
use crate::error::{Error, Result};
use crate::essential::EssentialEdges;
use crate::kind::{EdgeKind, NodeKind};
use crate::package::Origin;
use crate::parse::names_in_chunk;
use crate::snapshot::{Node, Snapshot};
use rustc_hash::FxHashMap;
use std::io::{Read, Write};

/// Fields of a node that are written.
const FIELDS: usize = 5;
/// Name of references that lead over what was left out.
const LEFT_OUT: &str = "(left out)";

/// Writes a slim copy, uncompressed. An analysis and a comparison of copies name the same objects and retained sizes.
pub fn slim(analysis: &Analysis, out: &mut dyn Write) -> Result<()> {
    Slim::of(analysis).write(out)
}

struct Slim<'a> {
    snapshot: &'a Snapshot,
    /// What is written, in the order of the file: what stays, and the way from a function to the name of its script.
    kept: Vec<Node>,
    /// New ordinals of what is written; two stand-ins follow.
    ordinals: FxHashMap<Node, usize>,
    stays: Bits,
    /// By new ordinal: what is written as its own size.
    sizes: Vec<u64>,
    /// By new ordinal: where references over what was left out lead, as new ordinals.
    over: Vec<Vec<usize>>,
    strings: Strings<'a>,
}

impl<'a> Slim<'a> {
    fn of(analysis: &'a Analysis) -> Slim<'a> {
        let snapshot = &analysis.snapshot;
        let stays = what_stays(snapshot, &analysis.page_owned);
        let mut written = stays.clone();
        for (_, shared) in &snapshot.edges.shared {
            written.insert(*shared);
            snapshot.edges.scripts.get(shared).map(|script| written.insert(*script));
        }
        let kept: Vec<Node> = snapshot.nodes().filter(|node| written.contains(*node)).collect();
        let ordinals: FxHashMap<Node, usize> = kept.iter().copied().zip(0..).collect();
        let (sizes, over) = (vec![0; kept.len() + 2], vec![Vec::new(); kept.len() + 2]);
        let mut slim = Slim { snapshot, kept, ordinals, stays, sizes, over, strings: Strings::new(snapshot) };
        slim.fold(analysis);
        slim
    }

    /// Gives what is left out to the nearest object that stays and dominates it. For the root two nodes stand in, one for
    /// V8's part and one for the program's, because references of the root itself mean more.
    fn fold(&mut self, analysis: &Analysis) {
        let root = self.snapshot.root();
        let up = |node: Node| std::iter::successors(Some(node), |n| Some(analysis.dominator(*n)));
        for node in self.snapshot.nodes() {
            let stand_in = self.kept.len() + usize::from(analysis.page_owned.contains(node));
            let place = |holder: Node| if holder == root && node != root { stand_in } else { self.ordinals[&holder] };
            let stays = |n: &Node| self.stays.contains(*n);
            // An array would hand the size on.
            let heir = up(node).find(|n| stays(n) && (*n == node || self.snapshot.kind(*n) != NodeKind::Array));
            let heir = heir.map_or(stand_in, place);
            self.sizes[heir] = self.sizes[heir].saturating_add(self.snapshot.shallow(node));
            if stays(&node) {
                continue;
            }
            let holder = up(node).find(stays).map_or(stand_in, place);
            let filter = EssentialEdges::of(self.snapshot, &analysis.page_owned, node);
            for index in self.snapshot.edge_range(node) {
                let edge = self.snapshot.edges.list[index];
                if stays(&edge.target()) && filter.keeps(index as u32, edge) && self.ordinals[&edge.target()] != holder
                {
                    self.over[holder].push(self.ordinals[&edge.target()]);
                }
            }
        }
        for targets in &mut self.over {
            targets.sort_unstable();
            targets.dedup();
        }
    }

    fn write(mut self, out: &mut dyn Write) -> Result<()> {
        let own =
            |node: &Node| self.snapshot.edges_of(*node).iter().filter(|edge| self.is_written(*node, **edge)).count();
        let own = self.kept.iter().map(own).chain([0, 0]);
        let mut counts: Vec<usize> = own.zip(&self.over).map(|(own, over)| own + over.len()).collect();
        counts[self.ordinals[&self.snapshot.root()]] += 2;
        self.write_header(out, counts.iter().sum())?;
        self.write_nodes(out, &counts)?;
        self.write_edges(out)?;
        self.write_locations(out)?;
        self.strings.write(out)?;
        Ok(out.flush()?)
    }

    /// The way to the name of a script leads nowhere else.
    fn is_written(&self, source: Node, edge: Edge) -> bool {
        self.ordinals.contains_key(&edge.target())
            && (self.stays.contains(source) || !self.stays.contains(edge.target()))
    }

    fn write_header(&self, out: &mut dyn Write, edges: usize) -> Result<()> {
        let node_kinds: Vec<&str> =
            NodeKind::NAMES.iter().map(|(name, _)| *name).chain([NodeKind::Unknown.name()]).collect();
        let header = serde_json::json!({
            "meta": {
                "node_fields": ["type", "name", "id", "self_size", "edge_count"],
                "node_types": [node_kinds, "string", "number", "number", "number"],
                "edge_fields": ["type", "name_or_index", "to_node"],
                "edge_types": [EdgeKind::ALL.map(EdgeKind::name), "string_or_number", "node"],
                "location_fields": ["object_index", "script_id", "line", "column"],
            },
            "node_count": self.sizes.len(),
            "edge_count": edges,
            "root_index": self.ordinals[&self.snapshot.root()] * FIELDS,
            "extra_native_bytes": self.snapshot.extra_native_bytes(),
        });
        Ok(write!(out, "{{\"snapshot\":{header},\n\"nodes\":[")?)
    }

    fn write_nodes(&mut self, out: &mut dyn Write, counts: &[usize]) -> Result<()> {
        let known: std::collections::BTreeSet<u32> = self.kept.iter().map(|node| self.snapshot.id(*node)).collect();
        let mut free_ids = (0..).step_by(2).filter(|id| !known.contains(id));
        for (ordinal, (size, edges)) in self.sizes.iter().zip(counts).enumerate() {
            let (kind, name, id) = match self.kept.get(ordinal) {
                Some(&node) => {
                    (self.snapshot.kind(node), self.strings.of(self.snapshot.name_index(node)), self.snapshot.id(node))
                }
                None => (NodeKind::Synthetic, Strings::LEFT_OUT, free_ids.next().unwrap_or_default()),
            };
            let separator = if ordinal == 0 { "" } else { "\n," };
            write!(out, "{separator}{},{name},{id},{size},{edges}", kind as u8)?;
        }
        Ok(())
    }

    fn write_edges(&mut self, out: &mut dyn Write) -> Result<()> {
        out.write_all(b"\n],\n\"edges\":[")?;
        let mut names = NamesInOrder::new(self.snapshot)?;
        let mut separator = "";
        let mut put = |out: &mut dyn Write, kind: EdgeKind, name: u32, target: usize| -> Result<()> {
            write!(out, "{separator}{},{name},{}", kind as u8, target * FIELDS)?;
            separator = "\n,";
            Ok(())
        };
        for ordinal in 0..self.sizes.len() {
            if let Some(&node) = self.kept.get(ordinal) {
                for index in self.snapshot.edge_range(node) {
                    let edge = self.snapshot.edges.list[index];
                    if self.is_written(node, edge) {
                        let (kind, name) = (self.snapshot.edge_kind(index), names.get(index)?);
                        let name = if kind.is_numbered() { name } else { self.strings.of(name) };
                        put(out, kind, name, self.ordinals[&edge.target()])?;
                    }
                }
                if node == self.snapshot.root() {
                    put(out, EdgeKind::Internal, Strings::LEFT_OUT, self.kept.len())?;
                    put(out, EdgeKind::Shortcut, Strings::LEFT_OUT, self.kept.len() + 1)?;
                }
            }
            for &target in &self.over[ordinal] {
                put(out, EdgeKind::Internal, Strings::LEFT_OUT, target)?;
            }
        }
        Ok(())
    }

    fn write_locations(&self, out: &mut dyn Write) -> Result<()> {
        out.write_all(b"\n],\n\"locations\":[")?;
        let mut separator = "";
        for (ordinal, node) in self.kept.iter().enumerate() {
            if let Some(place) = self.snapshot.place(*node) {
                write!(out, "{separator}{},{},{},{}", ordinal * FIELDS, place.script, place.line, place.column)?;
                separator = "\n,";
            }
        }
        Ok(())
    }
}

/// What the program made, and strings, arrays and the like that only these refer to.
fn what_stays(snapshot: &Snapshot, page_owned: &Bits) -> Bits {
    let mut stays = Bits::new(snapshot.node_count());
    let mut pending = Vec::new();
    for node in snapshot.nodes() {
        match snapshot.kind(node) {
            NodeKind::Code | NodeKind::Hidden | NodeKind::ObjectShape => pending.push(node),
            NodeKind::Closure if !is_of_program(snapshot, node) => pending.push(node),
            kind => {
                stays.insert(node);
                // A group of roots is written, but V8 decides what is in it.
                pending.extend((kind == NodeKind::Synthetic).then_some(node));
            }
        }
    }
    while let Some(node) = pending.pop() {
        let filter = EssentialEdges::of(snapshot, page_owned, node);
        for index in snapshot.edge_range(node) {
            let edge = snapshot.edges.list[index];
            if is_part(snapshot, edge.target()) && filter.keeps(index as u32, edge) && stays.remove(edge.target()) {
                pending.push(edge.target());
            }
        }
    }
    stays.insert(snapshot.root());
    stays
}

/// Does a function stand in a script of the program, and not of V8 or Node.js?
fn is_of_program(snapshot: &Snapshot, function: Node) -> bool {
    let is_of_node = |origin: Origin| {
        // Before version 16 Node.js named its own scripts `internal/util.js`.
        let is_bare = !origin.file.contains(['/', '\\']) || origin.file.starts_with("internal/");
        origin.package.as_deref() == Some("node") || (is_bare && origin.file.ends_with(".js"))
    };
    snapshot.place(function).is_some_and(|place| !snapshot.origin(place).is_some_and(is_of_node))
}

/// Is it nothing by itself, but a part of what refers to it?
fn is_part(snapshot: &Snapshot, node: Node) -> bool {
    match snapshot.kind(node) {
        NodeKind::Array | NodeKind::Number | NodeKind::Symbol | NodeKind::BigInt => true,
        NodeKind::Object => snapshot.strings.raw(snapshot.name_index(node)) == b"system / Context",
        kind => kind.is_string(),
    }
}

/// The strings that are written, in the order of their first use.
struct Strings<'a> {
    snapshot: &'a Snapshot,
    known: FxHashMap<u32, u32>,
    used: Vec<u32>,
}

impl<'a> Strings<'a> {
    /// Index of the name of what was left out.
    const LEFT_OUT: u32 = 0;

    fn new(snapshot: &'a Snapshot) -> Strings<'a> {
        Strings { snapshot, known: FxHashMap::default(), used: Vec::new() }
    }

    /// The new index of a string.
    fn of(&mut self, index: u32) -> u32 {
        *self.known.entry(index).or_insert_with(|| {
            self.used.push(index);
            self.used.len() as u32
        })
    }

    fn write(&self, out: &mut dyn Write) -> Result<()> {
        write!(out, "\n],\n\"strings\":[\"{LEFT_OUT}\"")?;
        for index in &self.used {
            write!(out, ",\n{}", serde_json::Value::String(self.snapshot.strings.get(*index)))?;
        }
        Ok(out.write_all(b"]}")?)
    }
}

/// The name fields of all edges, read again from front to back.
struct NamesInOrder<'a> {
    snapshot: &'a Snapshot,
    bytes: crate::input::Bytes<'a>,
    /// Number of the next chunk.
    chunk: usize,
    /// Index of the edge of the first name.
    first: usize,
    names: Vec<u32>,
}

impl<'a> NamesInOrder<'a> {
    fn new(snapshot: &'a Snapshot) -> Result<Self> {
        let bytes = snapshot.input.reader(snapshot.edges.marks[0].1)?;
        Ok(NamesInOrder { snapshot, bytes, chunk: 0, first: 0, names: Vec::new() })
    }

    /// The name field of an edge; asked for in ascending order.
    fn get(&mut self, edge: usize) -> Result<u32> {
        while edge >= self.first + self.names.len() {
            let marks = &self.snapshot.edges.marks;
            let ((first, from), (end, to)) = (marks[self.chunk], marks[self.chunk + 1]);
            let mut text = Vec::new();
            self.bytes.by_ref().take(to - from).read_to_end(&mut text)?;
            let all: Vec<usize> = (first as usize..end as usize).collect();
            self.names = names_in_chunk(&self.snapshot.header, text, first as usize, &all)
                .ok_or_else(|| Error::malformed(from, "the file has changed since it was read; read it again"))?;
            (self.first, self.chunk) = (first as usize, self.chunk + 1);
        }
        Ok(self.names[edge - self.first])
    }
}
