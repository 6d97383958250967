//! The edge section: four bytes an edge, and what rules and names need beside.

use super::chunks;
use super::divisor::Divisor;
use super::header::{EdgeField, Header};
use super::integers::Integers;
use super::nodes::{Nodes, bad_number, check_end, take};
use super::stream::{Chunk, PADDING, Stream};
use crate::edge::{Edge, Rule, Special};
use crate::error::{Error, Result};
use crate::kind::{EdgeKind, NodeKind};
use crate::strings::{KnownNames, Strings};
use rustc_hash::FxHashMap;

/// All edges, and what their names told.
#[derive(Debug, Default)]
pub(crate) struct Edges {
    pub(crate) list: Vec<Edge>,
    /// By index of the edge.
    pub(crate) special: FxHashMap<u32, Special>,
    pub(crate) plain_names: PlainNames,
    /// From each of the wanted closures to its shared function.
    pub(crate) shared: Vec<(u32, u32)>,
    /// From shared functions to their script.
    pub(crate) scripts: FxHashMap<u32, u32>,
    /// Number of the first edge and place in the file of each chunk, and the end of the section: to read names again.
    pub(crate) marks: Vec<(u32, u64)>,
}

/// Names of the properties of all plain objects, in the order of their edges.
#[derive(Debug, Default)]
pub(crate) struct PlainNames {
    /// As long as the list of edges. Those of a chunk begin where its edges do: memory that is not used costs nothing.
    column: Vec<u32>,
    /// By chunk: its first edge, and how many names it has.
    chunks: Vec<(u32, u32)>,
}

impl PlainNames {
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.chunks.iter().flat_map(|&(first, count)| &self.column[first as usize..][..count as usize]).copied()
    }
}

/// Where the edges and names of one chunk go.
struct Share<'a> {
    edges: &'a mut [Edge],
    plain_names: &'a mut [u32],
}

/// What a chunk holds beside its edges.
#[derive(Default)]
struct Part {
    mark: (u32, u64),
    special: Vec<(u32, Special)>,
    /// How many names of properties of plain objects.
    plain_names: u32,
    shared: Vec<(u32, u32)>,
    scripts: Vec<(u32, u32)>,
}

/// What is known before the edges are read.
struct Context<'a> {
    header: &'a Header,
    nodes: &'a Nodes,
    strings: &'a Strings,
    names: &'a KnownNames,
    /// Ordinals of the closures whose shared function is wanted, sorted.
    wanted: &'a [u32],
    ordinals: Divisor,
    /// One bit per string: is it the name of an edge of a pair in a WeakMap?
    pair_names: Vec<u64>,
}

pub(super) fn read(
    stream: &mut Stream,
    header: &Header,
    nodes: &Nodes,
    strings: &Strings,
    names: &KnownNames,
    wanted: &[u32],
    threads: usize,
) -> Result<Edges> {
    let mut list = Edge::blank(header.edges);
    let mut column = vec![0; header.edges];
    let mut rest = Share { edges: &mut list, plain_names: &mut column };
    let mut pair_names = vec![0u64; strings.len() / 64 + 1];
    names.weak_map_pairs.keys().for_each(|&name| pair_names[name as usize / 64] |= 1 << (name % 64));
    let context =
        Context { header, nodes, strings, names, wanted, ordinals: Divisor::new(header.node_fields.len()), pair_names };
    let parts = chunks::read(
        stream,
        "edges",
        3,
        header.edges,
        threads,
        |n| Share { edges: take(&mut rest.edges, n), plain_names: take(&mut rest.plain_names, n) },
        |chunk, mut share| context.parse(chunk, &mut share),
    )?;
    let plain_names = PlainNames { column, chunks: parts.iter().map(|part| (part.mark.0, part.plain_names)).collect() };
    let mut edges = Edges { list, plain_names, ..Edges::default() };
    for part in parts {
        edges.marks.push(part.mark);
        edges.special.extend(part.special);
        edges.shared.extend(part.shared);
        edges.scripts.extend(part.scripts);
    }
    edges.marks.push((header.edges as u32, stream.offset()));
    Ok(edges)
}

/// The name fields of the `wanted` edges (ascending) in the text of a chunk that begins with edge `first`.
/// `None` where the text does not hold them.
pub(crate) fn names_in_chunk(header: &Header, mut text: Vec<u8>, first: usize, wanted: &[usize]) -> Option<Vec<u32>> {
    text.extend_from_slice(&[0; PADDING]);
    let mut integers = Integers::new(&text);
    let field = header.edge_fields.iter().position(|&f| f == EdgeField::Name)?;
    let mut names = Vec::with_capacity(wanted.len());
    let mut edge = first;
    for &want in wanted {
        for _ in 0..3 * (want - edge) + field {
            integers.next()?;
        }
        names.push(u32::try_from(integers.next()?).ok()?);
        for _ in field + 1..3 {
            integers.next()?;
        }
        edge = want + 1;
    }
    Some(names)
}

impl Context<'_> {
    fn parse(&self, chunk: &Chunk, share: &mut Share) -> Result<Part> {
        let kinds = self.kinds();
        let mut part = Part { mark: (chunk.first as u32, chunk.offset), ..Part::default() };
        let mut integers = Integers::new(&chunk.text);
        let first_edge = &self.nodes.first_edge;
        let (first, end) = (chunk.first, chunk.first + chunk.records);
        let mut source = first_edge.partition_point(|&e| e as usize <= first).saturating_sub(1);
        let mut edge = first;
        while edge < end {
            while first_edge[source + 1] as usize <= edge {
                source += 1;
            }
            let until = end.min(first_edge[source + 1] as usize);
            let role = self.role(source);
            for slot in &mut share.edges[edge - first..until - first] {
                integers.skip_comma();
                let start = integers.position();
                let read = self.record(&mut integers).filter(|(kind, ..)| *kind < 256);
                let (kind, name, target) = read.ok_or_else(|| bad_number(chunk, start, "edge", edge - first))?;
                let Some(target) = self.ordinals.divide(target).filter(|&t| (t as usize) < self.header.nodes) else {
                    return Err(Error::malformed(
                        chunk.offset + start as u64,
                        format!("edge {edge} leads to no node; the file is damaged, take the snapshot again"),
                    ));
                };
                let kind = kinds[kind as usize];
                *slot = Edge::new(kind, target);
                if role == Role::PlainObject && kind == EdgeKind::Property {
                    share.plain_names[part.plain_names as usize] = name;
                    part.plain_names += 1;
                } else if role != Role::Other || kind == EdgeKind::Internal {
                    self.note(&mut part, slot, edge as u32, source as u32, role, kind, name, target);
                }
                edge += 1;
            }
        }
        check_end(chunk, &integers, "edges")?;
        Ok(part)
    }

    fn kinds(&self) -> [EdgeKind; 256] {
        let mut kinds = [EdgeKind::Internal; 256];
        kinds.iter_mut().zip(&self.header.edge_kinds).for_each(|(slot, kind)| *slot = *kind);
        kinds
    }

    /// Kind, name and target of the next edge. V8 has written them in this order since ever.
    #[inline(always)]
    fn record(&self, integers: &mut Integers) -> Option<(u64, u32, u64)> {
        if self.header.edge_fields == [EdgeField::Kind, EdgeField::Name, EdgeField::Target] {
            let kind = integers.digit()?;
            let name = integers.next()?;
            let target = integers.next()?;
            return Some((kind, u32::try_from(name).ok()?, target));
        }
        let values = [integers.next()?, integers.next()?, integers.next()?];
        let of = |field| self.header.edge_fields.iter().position(|&f| f == field).map(|i| values[i]);
        Some((of(EdgeField::Kind)?, u32::try_from(of(EdgeField::Name)?).ok()?, of(EdgeField::Target)?))
    }

    fn role(&self, source: usize) -> Role {
        let name = Some(self.nodes.names[source]);
        match self.nodes.kinds[source] {
            NodeKind::Object if name == self.names.object => Role::PlainObject,
            NodeKind::Array if name == self.names.map_descriptors => Role::MapDescriptors,
            NodeKind::Hidden if name == self.names.native_context => Role::NativeContext,
            NodeKind::Closure if self.wanted.binary_search(&(source as u32)).is_ok() => Role::WantedClosure,
            NodeKind::Code => Role::Code,
            _ => Role::Other,
        }
    }

    /// Keeps what the name of an edge tells.
    #[expect(clippy::too_many_arguments, reason = "the fields of one edge, in registers: this runs for most edges")]
    #[inline(always)]
    fn note(
        &self,
        part: &mut Part,
        slot: &mut Edge,
        edge: u32,
        source: u32,
        role: Role,
        kind: EdgeKind,
        name: u32,
        target: u32,
    ) {
        match role {
            Role::MapDescriptors => {
                if kind != EdgeKind::Weak && self.is_shared_descriptor(kind, name) {
                    *slot = Edge::special(target);
                    part.special.push((edge, Special { kind, rule: Rule::NoDistance }));
                }
                return;
            }
            Role::NativeContext
                if !kind.is_numbered() && kind != EdgeKind::Weak && Some(name) == self.names.sloppy_function_map =>
            {
                *slot = Edge::special(target);
                part.special.push((edge, Special { kind, rule: Rule::NoDistance }));
                return;
            }
            Role::WantedClosure if kind == EdgeKind::Internal && Some(name) == self.names.shared => {
                part.shared.push((source, target));
            }
            Role::Code
                if kind == EdgeKind::Internal
                    && (Some(name) == self.names.script || Some(name) == self.names.script_or_debug_info) =>
            {
                part.scripts.push((source, target));
            }
            _ => {}
        }
        let is_pair = kind == EdgeKind::Internal
            && self.pair_names.get(name as usize / 64).is_some_and(|word| word >> (name % 64) & 1 == 1);
        if is_pair {
            let pair = self.names.weak_map_pairs[&name];
            *slot = Edge::special(target);
            let from_table = u64::from(self.nodes.ids[source as usize]) == pair.table;
            part.special.push((edge, Special { kind, rule: Rule::WeakMapPair { pair: pair.pair, from_table } }));
        }
    }

    /// Descriptor arrays hold triples from index 2 on; the second of each is shared between maps by chance.
    fn is_shared_descriptor(&self, kind: EdgeKind, name: u32) -> bool {
        let index = if kind.is_numbered() {
            Some(name)
        } else {
            let digits: Vec<u8> = self.strings.raw(name).iter().copied().take_while(u8::is_ascii_digit).collect();
            std::str::from_utf8(&digits).ok().and_then(|d| d.parse().ok())
        };
        index.is_some_and(|i| i >= 2 && i % 3 == 1)
    }
}

/// What the source of an edge is, as far as the names of its edges matter.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Role {
    PlainObject,
    MapDescriptors,
    NativeContext,
    WantedClosure,
    Code,
    Other,
}
