//! Classes: which objects are counted together. The rule is Chrome DevTools' (`classKeyInternal`), but for one thing:
//! DevTools keeps all closures under the name of "Function" and loses them to a single object with that name; here they
//! are a class of their own.

use crate::interfaces::{Interface, Matcher};
use crate::kind::NodeKind;
use crate::place::Place;
use crate::snapshot::{Node, Snapshot};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::fmt;

const NONE: u32 = u32::MAX;

/// What makes a class.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Class {
    /// The constructor's name, an inferred `{a, b}`, or one that V8's own objects share, such as `(system)`.
    pub name: String,
    /// Where the constructor stands.
    pub place: Option<Place>,
    /// The kind, for classes that consist of all objects of a kind.
    pub kind: Option<NodeKind>,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for Class {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

/// The classes of a snapshot.
#[derive(Debug)]
pub(crate) struct Classes {
    pub(crate) list: Vec<Class>,
    /// By node.
    pub(crate) of: Vec<u32>,
}

/// Assigns each object its class. `interfaces` name plain objects: those of the later snapshot where two are compared.
pub(crate) fn classify(snapshot: &Snapshot, interfaces: &[Interface]) -> Classes {
    let mut classifier = Classifier {
        snapshot,
        interfaces,
        of_shape: interfaces_of_shapes(snapshot, interfaces),
        list: Vec::new(),
        index: FxHashMap::default(),
        of_name: vec![NONE; snapshot.strings.len()],
        of_interface: vec![NONE; interfaces.len()],
        of_kind: [NONE; NodeKind::COUNT],
        of_place: FxHashMap::default(),
    };
    let mut locations = snapshot.locations.of.iter().copied().peekable();
    let mut shapes = snapshot.shapes.of.iter();
    let mut of = Vec::with_capacity(snapshot.node_count());
    for node in snapshot.nodes() {
        let place = locations.next_if(|(located, _)| *located == node).map(|(_, place)| place);
        of.push(classifier.class(node, place, &mut shapes));
    }
    Classes { list: classifier.list, of }
}

fn interfaces_of_shapes(snapshot: &Snapshot, interfaces: &[Interface]) -> Vec<Option<usize>> {
    let matcher = Matcher::new(interfaces);
    let properties = |names: &[u32]| names.iter().map(|&name| snapshot.strings.get(name)).collect();
    snapshot.shapes.list.iter().map(|shape| matcher.best(properties(&shape.names))).collect()
}

struct Classifier<'a> {
    snapshot: &'a Snapshot,
    interfaces: &'a [Interface],
    of_shape: Vec<Option<usize>>,
    list: Vec<Class>,
    index: FxHashMap<Class, u32>,
    /// Caches, so that most nodes cost one look-up.
    of_name: Vec<u32>,
    of_interface: Vec<u32>,
    of_kind: [u32; NodeKind::COUNT],
    /// By place and by name or interface.
    of_place: FxHashMap<(u32, Result<u32, usize>), u32>,
}

impl Classifier<'_> {
    /// The class of the next node. `place` is the index of its place, `shapes` runs along with the plain objects.
    fn class(&mut self, node: Node, place: Option<u32>, shapes: &mut std::slice::Iter<'_, u32>) -> u32 {
        let name = self.snapshot.name_index(node);
        match self.snapshot.kind(node) {
            NodeKind::Object => {
                let is_plain = Some(name) == self.snapshot.names.object;
                let interface =
                    if is_plain { shapes.next().and_then(|shape| self.of_shape[*shape as usize]) } else { None };
                match (place, interface) {
                    (None, None) => self.named(name),
                    (None, Some(interface)) => self.interface(interface),
                    (Some(place), interface) => self.placed(place, interface.ok_or(name).map_or_else(Ok, Err)),
                }
            }
            NodeKind::Native => self.named(name),
            kind => self.of_kind(kind),
        }
    }

    fn named(&mut self, name: u32) -> u32 {
        if self.of_name[name as usize] == NONE {
            let class = Class { name: element_name(self.snapshot.strings.get(name)), place: None, kind: None };
            self.of_name[name as usize] = self.intern(class);
        }
        self.of_name[name as usize]
    }

    fn interface(&mut self, interface: usize) -> u32 {
        if self.of_interface[interface] == NONE {
            let class = Class { name: self.interfaces[interface].name.clone(), place: None, kind: None };
            self.of_interface[interface] = self.intern(class);
        }
        self.of_interface[interface]
    }

    fn placed(&mut self, place: u32, by: Result<u32, usize>) -> u32 {
        if let Some(&class) = self.of_place.get(&(place, by)) {
            return class;
        }
        let name = match by {
            Ok(name) => element_name(self.snapshot.strings.get(name)),
            Err(interface) => self.interfaces[interface].name.clone(),
        };
        let place_of_class = Some(self.snapshot.locations.places[place as usize]);
        let class = self.intern(Class { name, place: place_of_class, kind: None });
        self.of_place.insert((place, by), class);
        class
    }

    fn of_kind(&mut self, kind: NodeKind) -> u32 {
        if self.of_kind[kind as usize] != NONE {
            return self.of_kind[kind as usize];
        }
        let name = match kind {
            NodeKind::Hidden => "(system)".to_owned(),
            NodeKind::Code => "(compiled code)".to_owned(),
            NodeKind::Closure => "Function".to_owned(),
            NodeKind::RegExp => "RegExp".to_owned(),
            other => format!("({})", other.name()),
        };
        let class = self.intern(Class { name, place: None, kind: Some(kind) });
        self.of_kind[kind as usize] = class;
        class
    }

    fn intern(&mut self, class: Class) -> u32 {
        if let Some(&index) = self.index.get(&class) {
            return index;
        }
        let index = self.list.len() as u32;
        self.list.push(class.clone());
        self.index.insert(class, index);
        index
    }
}

/// DOM elements are classed by their tag alone: `<div id="a">` is a `<div>`.
fn element_name(name: String) -> String {
    let start = match name.as_str() {
        n if n.starts_with("Detached <") => 10,
        n if n.starts_with('<') => 0,
        _ => return name,
    };
    match name[start..].find(' ') {
        Some(space) => format!("{}>", &name[..start + space]),
        None => name,
    }
}
