//! Writes snapshots of small graphs as V8 would.

use nidoto_heap::{Analysis, Input, Snapshot};
use std::fmt::Write;

const NODE_KINDS: [&str; 14] = [
    "hidden",
    "array",
    "string",
    "object",
    "code",
    "closure",
    "regexp",
    "number",
    "native",
    "synthetic",
    "concatenated string",
    "sliced string",
    "symbol",
    "bigint",
];
const EDGE_KINDS: [&str; 7] = ["context", "element", "property", "internal", "hidden", "shortcut", "weak"];

/// A graph that becomes a snapshot. Node 0 is the root.
#[derive(Clone)]
pub struct Heap {
    nodes: Vec<Node>,
    strings: Vec<String>,
    locations: Vec<[u32; 4]>,
    /// V8 has separated records by a line break and by none.
    pub line_breaks: bool,
}

#[derive(Clone)]
struct Node {
    kind: usize,
    name: usize,
    id: u32,
    size: u64,
    detachedness: u8,
    edges: Vec<(usize, usize, usize)>,
}

impl Heap {
    pub fn new() -> Heap {
        let mut heap =
            Heap { nodes: Vec::new(), strings: vec![String::new()], locations: Vec::new(), line_breaks: true };
        heap.node("synthetic", "", 0);
        heap
    }

    /// Adds an object; returns its ordinal. Ids are odd and grow.
    pub fn node(&mut self, kind: &str, name: &str, size: u64) -> usize {
        let id = self.nodes.len() as u32 * 2 + 1;
        self.node_with_id(kind, name, size, id)
    }

    pub fn node_with_id(&mut self, kind: &str, name: &str, size: u64, id: u32) -> usize {
        let kind = NODE_KINDS.iter().position(|k| *k == kind).expect("a kind of V8");
        let name = self.string(name);
        self.nodes.push(Node { kind, name, id, size, detachedness: 0, edges: Vec::new() });
        self.nodes.len() - 1
    }

    /// Adds a reference. The name of elements and hidden ones is a number.
    pub fn edge(&mut self, from: usize, kind: &str, name: &str, to: usize) {
        let kind = EDGE_KINDS.iter().position(|k| *k == kind).expect("a kind of V8");
        let name = if matches!(kind, 1 | 4) { name.parse().expect("an index") } else { self.string(name) };
        self.nodes[from].edges.push((kind, name, to));
    }

    /// A global object, held by the root as V8 does.
    pub fn global(&mut self) -> usize {
        let global = self.node("object", "global", 16);
        self.edge(0, "shortcut", "1", global);
        global
    }

    pub fn detached(&mut self, node: usize, state: u8) {
        self.nodes[node].detachedness = state;
    }

    pub fn located(&mut self, node: usize, script: u32, line: u32, column: u32) {
        self.locations.push([node as u32 * 7, script, line, column]);
    }

    pub fn id(&self, node: usize) -> u32 {
        self.nodes[node].id
    }

    fn string(&mut self, text: &str) -> usize {
        self.strings.iter().position(|s| s == text).unwrap_or_else(|| {
            self.strings.push(text.to_owned());
            self.strings.len() - 1
        })
    }

    /// The snapshot file.
    pub fn text(&self) -> String {
        let edges: usize = self.nodes.iter().map(|node| node.edges.len()).sum();
        let mut out = format!(
            r#"{{"snapshot":{{"meta":{{"node_fields":["type","name","id","self_size","edge_count","trace_node_id","detachedness"],"node_types":[{},"string","number","number","number","number","number"],"edge_fields":["type","name_or_index","to_node"],"edge_types":[{},"string_or_number","node"],"location_fields":["object_index","script_id","line","column"]}},"node_count":{},"edge_count":{edges}}},{}"nodes":["#,
            list(&NODE_KINDS),
            list(&EDGE_KINDS),
            self.nodes.len(),
            "\n",
        );
        let separator = if self.line_breaks { "\n," } else { "," };
        let nodes = self
            .nodes
            .iter()
            .map(|n| format!("{},{},{},{},{},0,{}", n.kind, n.name, n.id, n.size, n.edges.len(), n.detachedness));
        out.push_str(&nodes.collect::<Vec<_>>().join(separator));
        out.push_str("\n],\n\"edges\":[");
        let edges =
            self.nodes.iter().flat_map(|n| &n.edges).map(|(kind, name, to)| format!("{kind},{name},{}", to * 7));
        out.push_str(&edges.collect::<Vec<_>>().join(separator));
        out.push_str("\n],\n\"trace_function_infos\":[\n],\n\"trace_tree\":[\n],\n\"samples\":[\n],\n\"locations\":[");
        let locations = self.locations.iter().map(|l| format!("{},{},{},{}", l[0], l[1], l[2], l[3]));
        out.push_str(&locations.collect::<Vec<_>>().join(separator));
        write!(
            out,
            "\n],\n\"strings\":{}}}",
            serde_json::to_string(&self.strings).expect("strings are JSON").replace("\",\"", "\",\n\"")
        )
        .expect("a string takes all");
        out
    }

    pub fn snapshot(&self) -> Snapshot {
        Snapshot::read(Input::from_bytes(self.text().into_bytes())).expect("the builder writes sound snapshots")
    }

    pub fn analysis(&self) -> Analysis {
        Analysis::new(self.snapshot())
    }
}

fn list(names: &[&str]) -> String {
    serde_json::to_string(names).expect("names are JSON")
}
