//! The node section: one column per field.

use super::chunks;
use super::header::{Header, NodeField};
use super::integers::Integers;
use super::stream::{Chunk, Stream};
use crate::error::{Error, Result};
use crate::kind::NodeKind;
use crate::sizes::Sizes;
use rustc_hash::FxHashMap;

/// All nodes, one entry per ordinal in each column.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    pub(crate) kinds: Vec<NodeKind>,
    /// Index of the name in the string table.
    pub(crate) names: Vec<u32>,
    pub(crate) ids: Vec<u32>,
    pub(crate) sizes: Sizes,
    /// Index of the first edge; one more entry for the end.
    pub(crate) first_edge: Vec<u32>,
    /// 0 unknown, 1 attached, 2 detached; empty where every node is unknown.
    pub(crate) detachedness: Vec<u8>,
    /// The largest name index.
    pub(crate) name_max: u32,
}

/// The rows of one chunk.
struct Share<'a> {
    kinds: &'a mut [NodeKind],
    names: &'a mut [u32],
    ids: &'a mut [u32],
    sizes: &'a mut [u32],
    edge_counts: &'a mut [u32],
}

/// What a chunk holds beside its rows.
#[derive(Default)]
struct Rare {
    large_sizes: Vec<(u32, u64)>,
    /// Nodes whose detachedness is known.
    detachedness: Vec<(u32, u8)>,
    name_max: u32,
}

pub(super) fn read(stream: &mut Stream, header: &Header, threads: usize) -> Result<Nodes> {
    let count = header.nodes;
    let mut kinds = vec![NodeKind::Hidden; count];
    let [mut names, mut ids, mut sizes, mut first_edge] =
        [vec![0; count], vec![0; count], vec![0; count], vec![0; count + 1]];
    let mut rest = Share {
        kinds: &mut kinds,
        names: &mut names,
        ids: &mut ids,
        sizes: &mut sizes,
        edge_counts: &mut first_edge[..count],
    };
    let rare = chunks::read(
        stream,
        "nodes",
        header.node_fields.len(),
        count,
        threads,
        |n| rest.split(n),
        |chunk, mut share| parse(header, chunk, &mut share),
    )?;
    let edges = offsets_from_counts(&mut first_edge);
    if edges != header.edges as u64 {
        return Err(Error::malformed(
            stream.offset(),
            format!(
                "the nodes have {edges} edges together, the header promises {}; the file is damaged, take the snapshot again",
                header.edges
            ),
        ));
    }
    let mut large = FxHashMap::default();
    let mut detachedness = Vec::new();
    let mut name_max = 0;
    for part in rare {
        large.extend(part.large_sizes);
        name_max = name_max.max(part.name_max);
        for (node, state) in part.detachedness {
            detachedness.resize(count, 0);
            detachedness[node as usize] = state;
        }
    }
    Ok(Nodes { kinds, names, ids, sizes: Sizes::from_parts(sizes, large), first_edge, detachedness, name_max })
}

impl<'a> Share<'a> {
    fn split(&mut self, count: usize) -> Share<'a> {
        Share {
            kinds: take(&mut self.kinds, count),
            names: take(&mut self.names, count),
            ids: take(&mut self.ids, count),
            sizes: take(&mut self.sizes, count),
            edge_counts: take(&mut self.edge_counts, count),
        }
    }
}

/// Cuts the first `count` entries off a column.
pub(super) fn take<'a, T>(column: &mut &'a mut [T], count: usize) -> &'a mut [T] {
    let (front, back) = std::mem::take(column).split_at_mut(count);
    *column = back;
    front
}

fn parse(header: &Header, chunk: &Chunk, share: &mut Share) -> Result<Rare> {
    let mut kinds = [NodeKind::Unknown; 256];
    kinds.iter_mut().zip(&header.node_kinds).for_each(|(slot, kind)| *slot = *kind);
    let is_usual = header.node_fields.starts_with(&USUAL);
    let mut integers = Integers::new(&chunk.text);
    let mut rare = Rare::default();
    for row in 0..chunk.records {
        integers.skip_comma();
        let start = integers.position();
        let record = Record::read(&header.node_fields, is_usual, &mut integers);
        let Some(Record { kind, name, id, size, edges, detachedness }) = record else {
            return Err(bad_number(chunk, start, "node", row));
        };
        if (name | id | edges) >> 32 != 0 {
            return Err(bad_number(chunk, start, "node", row));
        }
        share.kinds[row] = kinds[kind.min(255) as usize];
        share.names[row] = name as u32;
        share.ids[row] = id as u32;
        share.edge_counts[row] = edges as u32;
        share.sizes[row] = Sizes::narrow(size).unwrap_or(Sizes::MARK);
        rare.name_max = rare.name_max.max(name as u32);
        if share.sizes[row] == Sizes::MARK {
            rare.large_sizes.push(((chunk.first + row) as u32, size));
        }
        if detachedness != 0 {
            rare.detachedness.push(((chunk.first + row) as u32, detachedness as u8 & 3));
        }
    }
    check_end(chunk, &integers, "nodes")?;
    Ok(rare)
}

/// How records begin in every version of V8 so far.
const USUAL: [NodeField; 5] =
    [NodeField::Kind, NodeField::Name, NodeField::Id, NodeField::SelfSize, NodeField::EdgeCount];

/// The values of one node.
#[derive(Default)]
struct Record {
    kind: u64,
    name: u64,
    id: u64,
    size: u64,
    edges: u64,
    detachedness: u64,
}

impl Record {
    #[inline(always)]
    fn read(fields: &[NodeField], is_usual: bool, integers: &mut Integers) -> Option<Record> {
        let mut record = Record::default();
        let mut rest = fields;
        if is_usual {
            record.kind = integers.digit()?;
            record.name = integers.next()?;
            record.id = integers.next()?;
            record.size = integers.next()?;
            record.edges = integers.next()?;
            rest = &fields[USUAL.len()..];
        }
        for field in rest {
            let value = integers.digit()?;
            match field {
                NodeField::Kind => record.kind = value,
                NodeField::Name => record.name = value,
                NodeField::Id => record.id = value,
                NodeField::SelfSize => record.size = value,
                NodeField::EdgeCount => record.edges = value,
                NodeField::Detachedness => record.detachedness = value,
                NodeField::Other => {}
            }
        }
        Some(record)
    }
}

/// The records were counted by their commas: nothing but separators may be left.
pub(super) fn check_end(chunk: &Chunk, integers: &Integers, section: &str) -> Result<()> {
    let rest = chunk.text.get(integers.position()..chunk.len).unwrap_or_default();
    if integers.position() > chunk.len + 1 || rest.iter().any(|c| !c.is_ascii_whitespace() && *c != b',') {
        return Err(Error::malformed(
            chunk.offset + integers.position() as u64,
            format!("{section} hold something that is no number; the file is damaged, take the snapshot again"),
        ));
    }
    Ok(())
}

#[cold]
pub(super) fn bad_number(chunk: &Chunk, position: usize, record: &str, row: usize) -> Error {
    Error::malformed(
        chunk.offset + position as u64,
        format!(
            "{record} {} holds no number that fits here; the file is damaged, take the snapshot again",
            chunk.first + row
        ),
    )
}

/// Turns counts into offsets of the first; returns the sum.
fn offsets_from_counts(column: &mut [u32]) -> u64 {
    let mut sum = 0u64;
    for entry in column {
        let count = u64::from(*entry);
        *entry = u32::try_from(sum).unwrap_or(u32::MAX); // a sum beyond is refused by the caller
        sum += count;
    }
    sum
}
