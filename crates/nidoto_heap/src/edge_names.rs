//! Names of references, read again from the file for the few that are shown.
//!
//! Four bytes an edge leave no room for its name. A mark for each chunk of the file tells where to look.

use crate::error::{Error, Result};
use crate::kind::EdgeKind;
use crate::parse::{Edges, names_in_chunk};
use crate::snapshot::Snapshot;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a reference is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EdgeName {
    /// A property, variable or name of V8's own.
    Named(String),
    /// The index of an element.
    Index(u32),
}

impl fmt::Display for EdgeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EdgeName::Named(name) => f.write_str(name),
            EdgeName::Index(index) => write!(f, "[{index}]"),
        }
    }
}

impl Snapshot {
    /// The names of some edges, given by index, in the same order. Reads a quarter of a mebibyte of the file for each edge at worst.
    pub(crate) fn edge_names(&self, edges: &[usize]) -> Result<Vec<EdgeName>> {
        let mut by_chunk: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for edge in edges.iter().copied().collect::<BTreeSet<usize>>() {
            by_chunk.entry(chunk_of(&self.edges, edge)).or_default().push(edge);
        }
        let ranges: Vec<(u64, u64)> =
            by_chunk.keys().map(|&chunk| (self.edges.marks[chunk].1, self.edges.marks[chunk + 1].1)).collect();
        let texts = self.input.ranges(&ranges)?;
        let mut names = BTreeMap::new();
        for ((chunk, wanted), text) in by_chunk.iter().zip(texts) {
            let first = self.edges.marks[*chunk].0 as usize;
            let indices = names_in_chunk(&self.header, text, first, wanted).ok_or_else(|| {
                Error::malformed(self.edges.marks[*chunk].1, "the file has changed since it was read; read it again")
            })?;
            names.extend(wanted.iter().copied().zip(indices));
        }
        Ok(edges.iter().map(|edge| self.edge_name(*edge, names[edge])).collect())
    }

    fn edge_name(&self, edge: usize, name: u32) -> EdgeName {
        if self.edge_kind(edge).is_numbered() { EdgeName::Index(name) } else { EdgeName::Named(self.strings.get(name)) }
    }
}

/// The chunk that holds an edge. The last mark is the end of the section.
fn chunk_of(edges: &Edges, edge: usize) -> usize {
    edges.marks.partition_point(|(first, _)| *first as usize <= edge) - 1
}

/// How a reference is written in a path: `.name`, `[3]`, or V8's own in angle brackets.
pub(crate) fn as_step(kind: EdgeKind, name: &EdgeName) -> String {
    match (kind, name) {
        (EdgeKind::Property, EdgeName::Named(name)) => format!(".{name}"),
        (EdgeKind::Element, name) => name.to_string(),
        (EdgeKind::Context, name) => format!("(variable {name})"),
        (_, name) => format!("<{name}>"),
    }
}
