//! The first object of a snapshot: which fields its records have, and how many there are.

use super::stream::Stream;
use crate::error::{Error, Result};
use crate::kind::{EdgeKind, NodeKind};
use serde::Deserialize;
use serde_json::Value;

/// More than any header of V8 needs.
const HEADER_MAX: usize = 1 << 16;
/// Targets of edges are kept in 29 bits.
pub(crate) const NODES_MAX: usize = 1 << 29;

/// The header, checked.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) nodes: usize,
    pub(crate) edges: usize,
    /// Ordinal of the root node.
    pub(crate) root: u32,
    /// What stands in each field of a node.
    pub(crate) node_fields: Vec<NodeField>,
    /// What stands in each field of an edge.
    pub(crate) edge_fields: [EdgeField; 3],
    pub(crate) node_kinds: Vec<NodeKind>,
    pub(crate) edge_kinds: Vec<EdgeKind>,
    /// Names of the fields of a location; empty where the snapshot has none.
    pub(crate) location_fields: Vec<String>,
    /// Bytes outside of the heap that no node stands for.
    pub(crate) extra_native_bytes: u64,
}

/// A field of a node record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum NodeField {
    Kind,
    Name,
    Id,
    SelfSize,
    EdgeCount,
    Detachedness,
    /// Nothing that we need.
    Other,
}

/// A field of an edge record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum EdgeField {
    Kind,
    Name,
    Target,
}

#[derive(Deserialize)]
struct RawHeader {
    meta: RawMeta,
    node_count: u64,
    edge_count: u64,
    #[serde(default)]
    root_index: u64,
    #[serde(default)]
    extra_native_bytes: u64,
}

#[derive(Deserialize)]
struct RawMeta {
    node_fields: Vec<String>,
    node_types: Vec<Value>,
    edge_fields: Vec<String>,
    edge_types: Vec<Value>,
    #[serde(default)]
    location_fields: Vec<String>,
}

/// Reads the header and leaves `stream` behind it. `len_max` bounds what the file can hold.
pub(super) fn read(stream: &mut Stream, len_max: u64) -> Result<Header> {
    let ahead = stream.peek(HEADER_MAX)?;
    let start = object_start(ahead)?;
    let mut values = serde_json::Deserializer::from_slice(&ahead[start..]).into_iter::<RawHeader>();
    let raw = match values.next() {
        Some(Ok(raw)) => raw,
        Some(Err(e)) if !e.is_eof() => {
            return Err(Error::malformed(start as u64, format!("the header is not one of a V8 heap snapshot: {e}")));
        }
        _ => return Err(Error::truncated(ahead.len() as u64, "the header")),
    };
    let end = start + values.byte_offset();
    stream.consume(end);
    check(&raw, end as u64, len_max)
}

/// Where the object after `{"snapshot":` begins.
fn object_start(text: &[u8]) -> Result<usize> {
    let mut at = 0;
    for token in [&b"{"[..], b"\"snapshot\"", b":"] {
        at += text[at..].iter().take_while(|c| c.is_ascii_whitespace()).count();
        if !text[at..].starts_with(token) {
            let is_cut = !text.is_empty() && token.starts_with(&text[at..]);
            return Err(if is_cut {
                Error::truncated(text.len() as u64, "the header")
            } else if text.is_empty() {
                Error::malformed(0, "the file is empty; take the snapshot again and wait until it is written")
            } else {
                Error::malformed(
                    at as u64,
                    "this is no V8 heap snapshot (one begins with `{\"snapshot\":`); take one with `nidoto heap take`, with `v8.writeHeapSnapshot()`, or in DevTools under Memory",
                )
            });
        }
        at += token.len();
    }
    Ok(at)
}

fn check(raw: &RawHeader, offset: u64, len_max: u64) -> Result<Header> {
    let node_fields: Vec<NodeField> = raw.meta.node_fields.iter().map(|name| node_field(name)).collect();
    for (needed, name) in [
        (NodeField::Kind, "type"),
        (NodeField::Name, "name"),
        (NodeField::Id, "id"),
        (NodeField::SelfSize, "self_size"),
        (NodeField::EdgeCount, "edge_count"),
    ] {
        if node_fields.iter().filter(|&&f| f == needed).count() != 1 {
            return Err(Error::malformed(
                offset,
                format!(
                    "the header must name the node field `{name}` once; the snapshot comes from an unknown tool or a newer V8"
                ),
            ));
        }
    }
    let edge_fields: Vec<EdgeField> = raw.meta.edge_fields.iter().filter_map(|name| edge_field(name)).collect();
    let distinct = [EdgeField::Kind, EdgeField::Name, EdgeField::Target].iter().all(|f| edge_fields.contains(f));
    let (true, Ok(edge_fields), 3) = (distinct, <[EdgeField; 3]>::try_from(edge_fields), raw.meta.edge_fields.len())
    else {
        return Err(Error::malformed(
            offset,
            "the header must name the edge fields `type`, `name_or_index` and `to_node`; the snapshot comes from an unknown tool or a newer V8",
        ));
    };
    check_counts(raw, node_fields.len() as u64, offset, len_max)?;
    let root = raw.root_index / node_fields.len() as u64;
    if root >= raw.node_count {
        return Err(Error::malformed(
            offset,
            "the root lies behind the last node; the file is damaged or empty, take the snapshot again",
        ));
    }
    Ok(Header {
        nodes: raw.node_count as usize,
        edges: raw.edge_count as usize,
        root: root as u32,
        node_kinds: names_of(&raw.meta.node_types).map(NodeKind::from_name).collect(),
        edge_kinds: names_of(&raw.meta.edge_types).map(EdgeKind::from_name).collect(),
        node_fields,
        edge_fields,
        location_fields: raw.meta.location_fields.clone(),
        extra_native_bytes: raw.extra_native_bytes,
    })
}

/// A lying header must not make us ask for memory that the file cannot fill: a value and its separator take two bytes.
fn check_counts(raw: &RawHeader, node_fields: u64, offset: u64, len_max: u64) -> Result<()> {
    if raw.node_count >= NODES_MAX as u64 || raw.edge_count >= u64::from(u32::MAX) {
        return Err(Error::TooLarge(format!(
            "the snapshot has {} nodes and {} edges; the limits are 2^29 and 2^32",
            raw.node_count, raw.edge_count
        )));
    }
    let least = 2 * (raw.node_count * node_fields + raw.edge_count * 3);
    if least > len_max {
        return Err(Error::malformed(
            offset,
            format!(
                "the header promises {} nodes and {} edges, which do not fit into the file: it is truncated or damaged, take the snapshot again",
                raw.node_count, raw.edge_count
            ),
        ));
    }
    Ok(())
}

/// The names in the first entry of `node_types` or `edge_types`, which is a list.
fn names_of(types: &[Value]) -> impl Iterator<Item = &str> {
    types.first().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn node_field(name: &str) -> NodeField {
    match name {
        "type" => NodeField::Kind,
        "name" => NodeField::Name,
        "id" => NodeField::Id,
        "self_size" => NodeField::SelfSize,
        "edge_count" => NodeField::EdgeCount,
        "detachedness" => NodeField::Detachedness,
        _ => NodeField::Other,
    }
}

fn edge_field(name: &str) -> Option<EdgeField> {
    match name {
        "type" => Some(EdgeField::Kind),
        "name_or_index" => Some(EdgeField::Name),
        "to_node" => Some(EdgeField::Target),
        _ => None,
    }
}
