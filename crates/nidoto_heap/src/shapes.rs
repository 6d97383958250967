//! The property lists of plain objects (`{a: 1, b: 2}`), each distinct list once.

use crate::kind::{EdgeKind, NodeKind};
use crate::parse::{Edges, Nodes};
use rustc_hash::FxHashMap;

/// Which properties each plain object has.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    /// Index into `list` for each plain object, in the order of the nodes.
    pub(crate) of: Vec<u32>,
    pub(crate) list: Vec<Shape>,
}

/// A list of properties that plain objects have.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Indices of their names in the string table, in order.
    pub(crate) names: Box<[u32]>,
    /// How many objects have exactly this list.
    pub(crate) objects: u64,
}

impl Shapes {
    /// `object` is the index of the name "Object".
    pub(crate) fn collect(nodes: &Nodes, edges: &Edges, object: Option<u32>) -> Shapes {
        let Some(object) = object else { return Shapes::default() };
        let is_plain = |node: &usize| nodes.kinds[*node] == NodeKind::Object && nodes.names[*node] == object;
        let plain = (0..nodes.kinds.len()).filter(is_plain);
        let mut shapes = Shapes { of: Vec::with_capacity(plain.clone().count()), list: Vec::new() };
        let mut known: FxHashMap<Box<[u32]>, u32> = FxHashMap::default();
        let mut rest = edges.plain_names.iter();
        let mut names = Vec::new();
        for node in plain {
            let range = nodes.first_edge[node] as usize..nodes.first_edge[node + 1] as usize;
            let properties = edges.list[range].iter().filter(|edge| edge.is(EdgeKind::Property)).count();
            names.clear();
            names.extend(rest.by_ref().take(properties));
            let shape = match known.get(&names[..]) {
                Some(&shape) => shape,
                None => {
                    let shape = shapes.list.len() as u32;
                    known.insert(names.as_slice().into(), shape);
                    shapes.list.push(Shape { names: names.as_slice().into(), objects: 0 });
                    shape
                }
            };
            shapes.list[shape as usize].objects += 1;
            shapes.of.push(shape);
        }
        shapes
    }
}
