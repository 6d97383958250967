//! Which strings of a snapshot are nothing but content: for redaction.

use super::chunks;
use super::header::{self, EdgeField, NodeField};
use super::integers::Integers;
use super::nodes::bad_number;
use super::stream::{Chunk, Stream};
use super::tail;
use crate::bits::Bits;
use crate::error::Result;
use crate::input::Input;
use crate::kind::{EdgeKind, NodeKind};
use std::sync::atomic::{AtomicU64, Ordering};

/// The strings of a file and what they are for.
pub(crate) struct Uses {
    /// Strings that name a class, a function, a property or something of V8's own.
    pub(crate) names: Bits,
    /// Where in the file the strings begin, behind the opening bracket.
    pub(crate) strings_at: u64,
}

/// Goes through a whole file and looks what its strings are used for.
pub(crate) fn read(input: &Input, threads: usize) -> Result<Uses> {
    let mut stream = Stream::new(input.reader(0)?, 0);
    let header = header::read(&mut stream, input.len_max())?;
    let tail = tail::read(input, &header, stream.offset())?;
    let names: Vec<AtomicU64> = (0..tail.strings.len() / 64 + 1).map(|_| AtomicU64::new(0)).collect();
    let mark = |name: u64| {
        if let Some(word) = usize::try_from(name / 64).ok().and_then(|word| names.get(word)) {
            word.fetch_or(1 << (name % 64), Ordering::Relaxed);
        }
    };
    let node_field = |wanted| header.node_fields.iter().position(|&field| field == wanted).unwrap_or_default();
    let (kind, name) = (node_field(NodeField::Kind), node_field(NodeField::Name));
    let is_content = |kind: u64| header.node_kinds.get(kind as usize).is_some_and(|kind: &NodeKind| kind.is_string());
    let node = |record: &[u64]| {
        if !is_content(record[kind]) {
            mark(record[name]);
        }
    };
    read_records(&mut stream, "nodes", header.node_fields.len(), header.nodes, threads, node)?;
    let edge_field = |wanted| header.edge_fields.iter().position(|&field| field == wanted).unwrap_or_default();
    let (kind, name) = (edge_field(EdgeField::Kind), edge_field(EdgeField::Name));
    let is_numbered =
        |kind: u64| header.edge_kinds.get(kind as usize).is_some_and(|kind: &EdgeKind| kind.is_numbered());
    let edge = |record: &[u64]| {
        if !is_numbered(record[kind]) {
            mark(record[name]);
        }
    };
    read_records(&mut stream, "edges", 3, header.edges, threads, edge)?;
    Ok(Uses {
        names: Bits::from_words(names.into_iter().map(AtomicU64::into_inner).collect()),
        strings_at: tail.strings_at,
    })
}

fn read_records(
    stream: &mut Stream,
    section: &str,
    fields: usize,
    expected: usize,
    threads: usize,
    each: impl Fn(&[u64]) + Sync,
) -> Result<()> {
    let parse = |chunk: &Chunk, ()| {
        let mut integers = Integers::new(&chunk.text);
        let mut record = vec![0; fields];
        for row in 0..chunk.records {
            for slot in &mut record {
                let at = integers.position();
                *slot = integers.next().ok_or_else(|| bad_number(chunk, at, "record", row))?;
            }
            each(&record);
        }
        Ok(())
    };
    chunks::read(stream, section, fields, expected, threads, |_| (), parse).map(drop)
}
