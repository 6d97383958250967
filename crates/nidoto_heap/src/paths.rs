//! Why an object is alive: who refers to it, and the shortest way from a root.

use crate::analysis::Analysis;
use crate::bits::Bits;
use crate::breadth::{Visitor, search};
use crate::distances::UNREACHED;
use crate::edge_names::{EdgeName, as_step};
use crate::error::Result;
use crate::kind::{EdgeKind, NodeKind};
use crate::snapshot::Node;
use serde::Serialize;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// Longer ways are cut in the middle of nowhere: a list of a million links tells nothing.
const STEPS_MAX: usize = 40;

/// The shortest ways from the roots to some objects.
#[derive(Debug)]
pub struct Paths<'a> {
    analysis: &'a Analysis,
    /// By node: one more than the index of the edge over which it was reached first.
    edge: Vec<Option<NonZeroU32>>,
}

/// Notes the ways, until all that are wanted are known.
struct Ways<'a> {
    wanted: &'a [Node],
    edge: Vec<Option<NonZeroU32>>,
}

impl Visitor for Ways<'_> {
    #[inline(always)]
    fn reach(&mut self, node: Node, edge: usize) {
        self.edge[node as usize] = NonZeroU32::new(edge as u32 + 1);
    }

    fn is_done(&self, reached: &Bits) -> bool {
        self.wanted.iter().all(|node| reached.contains(*node))
    }
}

/// One step of a way from a root, as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The object.
    #[serde(skip)]
    pub node: Node,
    /// V8's number of the object.
    pub id: u32,
    /// Its class, or the name of a function.
    pub class: String,
    /// How it refers to the next: `.name`, `[3]`, `(variable x)`, `<internal>`. Empty at the end of the way.
    pub over: String,
}

/// Objects of one class that refer to an object in the same way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Retainers {
    /// Class of the referring objects.
    pub class: String,
    /// How they refer: as in [`Step::over`], with `[*]` for any index.
    pub over: String,
    /// How many references.
    pub count: u64,
    /// The nearest to a root.
    pub example: u32,
    #[serde(skip)]
    pub(crate) node: Node,
    /// Its distance, as DevTools numbers it.
    pub distance: i32,
}

impl<'a> Paths<'a> {
    /// Finds the shortest ways to `wanted`, and goes no farther than the farthest of them.
    pub fn new(analysis: &'a Analysis, wanted: &[Node]) -> Paths<'a> {
        let snapshot = &analysis.snapshot;
        // Memory of zeros that is not used costs nothing.
        let ways = search(snapshot, Ways { wanted, edge: vec![None; snapshot.node_count()] });
        Paths { analysis, edge: ways.edge }
    }

    /// The edge over which a node was reached.
    fn edge_to(&self, node: Node) -> Option<u32> {
        self.edge[node as usize].map(|edge| edge.get() - 1)
    }

    /// The objects on the way to `node`, from the root's child on, and the edges between them.
    fn way(&self, node: Node) -> (Vec<Node>, Vec<usize>) {
        let (mut nodes, mut edges) = (vec![node], Vec::new());
        let mut at = node;
        while let Some(edge) = self.edge_to(at).filter(|_| nodes.len() < STEPS_MAX) {
            let from = self.analysis.snapshot.source_of(edge);
            if from == self.analysis.snapshot.root() {
                break;
            }
            edges.push(edge as usize);
            nodes.push(from);
            at = from;
        }
        nodes.reverse();
        edges.reverse();
        (nodes, edges)
    }

    /// The shortest way from a root to `node`, one of those that are wanted.
    pub fn to(&self, node: Node) -> Result<Vec<Step>> {
        let (nodes, edges) = self.way(node);
        let names = self.analysis.snapshot.edge_names(&edges)?;
        let mut over =
            edges.iter().zip(&names).map(|(edge, name)| as_step(self.analysis.snapshot.edge_kind(*edge), name));
        Ok(nodes.into_iter().map(|node| self.step(node, over.next().unwrap_or_default())).collect())
    }

    fn step(&self, node: Node, over: String) -> Step {
        Step { node, id: self.analysis.snapshot.id(node), class: self.analysis.label(node), over }
    }
}

impl Analysis {
    /// What an object is called where it is shown: its class, or a function's own name.
    pub fn label(&self, node: Node) -> String {
        let class = &self.class(self.class_of(node)).name;
        if node == self.snapshot.root() {
            return "(root)".to_owned();
        }
        match self.snapshot.kind(node) {
            NodeKind::Closure => match self.snapshot.name(node) {
                name if name.is_empty() => "function".to_owned(),
                name => format!("function {name}"),
            },
            kind if kind.is_string() => class.clone(),
            NodeKind::Object | NodeKind::Native => class.clone(),
            _ => match self.snapshot.name(node) {
                name if name.is_empty() => class.clone(),
                name => name,
            },
        }
    }

    /// Who refers to `node`: lookalikes together, the nearest to a root first. Weak references and the root are left out.
    pub fn retainers(&self, node: Node) -> Result<Vec<Retainers>> {
        let snapshot = &self.snapshot;
        let mut found = Vec::new();
        for source in snapshot.nodes().filter(|source| *source != snapshot.root()) {
            let edges = snapshot.edge_range(source);
            found.extend(
                edges
                    .filter(|&e| snapshot.edges.list[e].target() == node && !snapshot.edges.list[e].is_weak())
                    .map(|e| (source, e)),
            );
        }
        // Thousands of lookalikes need no names of their own: numbered edges are told by their kind.
        let named: Vec<usize> =
            found.iter().map(|(_, edge)| *edge).filter(|e| !snapshot.edge_kind(*e).is_numbered()).collect();
        let mut names = snapshot.edge_names(&named)?.into_iter();
        let mut groups: BTreeMap<(String, String), Retainers> = BTreeMap::new();
        for (source, edge) in found {
            let over = match snapshot.edge_kind(edge) {
                EdgeKind::Element => "[*]".to_owned(),
                EdgeKind::Hidden => "<[*]>".to_owned(),
                kind => as_step(kind, &names.next().unwrap_or(EdgeName::Index(0))),
            };
            let class = self.label(source);
            let nearest = self.distance(source);
            let group = groups.entry((class.clone(), over.clone())).or_insert(Retainers {
                class,
                over,
                count: 0,
                example: snapshot.id(source),
                node: source,
                distance: nearest,
            });
            group.count += 1;
            if rank(nearest) < rank(group.distance) {
                (group.example, group.node, group.distance) = (snapshot.id(source), source, nearest);
            }
        }
        let mut groups: Vec<Retainers> = groups.into_values().collect();
        groups.sort_by_key(|group| (rank(group.distance), std::cmp::Reverse(group.count)));
        Ok(groups)
    }
}

/// Unreached comes last.
fn rank(distance: i32) -> i32 {
    if distance == UNREACHED { i32::MAX } else { distance }
}
