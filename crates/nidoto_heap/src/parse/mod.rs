//! From the bytes of a file to a [`Snapshot`], in one pass over nodes and edges.
//!
//! The sections of a snapshot follow one another: header, nodes, edges, locations, strings. Edges need the strings (some
//! names mean something), so the tail is read first, beside the nodes. Nothing is held as text but the strings.

mod chunks;
mod divisor;
mod edges;
pub(crate) mod header;
mod integers;
mod locations;
mod nodes;
mod stream;
mod tail;
mod uses;

pub(crate) use edges::{Edges, PlainNames, names_in_chunk};
pub(crate) use nodes::Nodes;
pub(crate) use uses::read as string_uses;

use crate::error::{Error, Result};
use crate::input::Input;
use crate::kind::NodeKind;
use crate::place::Locations;
use crate::shapes::Shapes;
use crate::snapshot::Snapshot;
use rustc_hash::{FxHashMap, FxHashSet};
use stream::Stream;

/// Reads a snapshot on `threads` threads.
pub(crate) fn parse(input: Input, threads: usize) -> Result<Snapshot> {
    let mut stream = Stream::new(input.reader(0)?, 0);
    let header = header::read(&mut stream, input.len_max())?;
    let body = stream.offset();
    let (tail, nodes) = std::thread::scope(|scope| {
        let tail = scope.spawn(|| tail::read(&input, &header, body));
        let nodes = nodes::read(&mut stream, &header, threads);
        (tail.join().expect("a parser does not panic"), nodes)
    });
    // A damaged node section is nearer to the cause than a missing tail.
    let nodes = nodes?;
    let tail::Tail { strings, names, locations, .. } = tail?;
    if nodes.name_max as usize >= strings.len() {
        return Err(Error::malformed(
            stream.offset(),
            format!(
                "a node names string {}, but there are only {}; the file is damaged, take the snapshot again",
                nodes.name_max,
                strings.len()
            ),
        ));
    }
    let wanted = one_closure_per_script(&nodes, &locations);
    let mut edges = edges::read(&mut stream, &header, &nodes, &strings, &names, &wanted, threads)?;
    drop(stream);
    let shapes = Shapes::collect(&nodes, &edges, names.object);
    edges.plain_names = PlainNames::default();
    let scripts = scripts(&edges, &locations);
    Ok(Snapshot { input, header, nodes, edges, strings, names, locations, shapes, scripts })
}

/// A located closure of each script: from it leads the way to the script's name.
fn one_closure_per_script(nodes: &Nodes, locations: &Locations) -> Vec<u32> {
    let mut seen = FxHashSet::default();
    let closures = locations.of.iter().filter(|(node, _)| nodes.kinds[*node as usize] == NodeKind::Closure);
    closures.filter(|(_, place)| seen.insert(locations.places[*place as usize].script)).map(|(node, _)| *node).collect()
}

/// The node of each script, by V8's number of the script.
fn scripts(edges: &Edges, locations: &Locations) -> FxHashMap<u32, u32> {
    let script_of =
        |(closure, shared): &(u32, u32)| Some((locations.get(*closure)?.script, *edges.scripts.get(shared)?));
    edges.shared.iter().filter_map(script_of).collect()
}
