//! Kinds of nodes and edges, by the names that snapshots give them.

/// What a heap object is, as V8 names it in `node_types`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum NodeKind {
    /// V8's own objects that users cannot see.
    #[default]
    Hidden,
    /// Backing stores of arrays, maps and contexts.
    Array,
    /// A flat string.
    String,
    /// A JavaScript object.
    Object,
    /// Compiled code and its descriptions.
    Code,
    /// A function.
    Closure,
    /// A regular expression.
    RegExp,
    /// A boxed number.
    Number,
    /// Memory of the embedder: buffers, DOM nodes, handles.
    Native,
    /// Made up by the snapshot to group roots.
    Synthetic,
    /// `a + b`, not yet flattened.
    ConsString,
    /// A slice that keeps its parent alive.
    SlicedString,
    /// A symbol.
    Symbol,
    /// A big integer.
    BigInt,
    /// Hidden classes and their tables (from Node.js 20).
    ObjectShape,
    /// An object of WebAssembly (Node.js 20).
    WasmObject,
    /// A kind that this version does not know.
    Unknown,
}

impl NodeKind {
    /// How many there are.
    pub(crate) const COUNT: usize = NodeKind::Unknown as usize + 1;

    /// Names in `node_types`, each at the number of its kind.
    pub(crate) const NAMES: [(&'static str, NodeKind); 16] = [
        ("hidden", NodeKind::Hidden),
        ("array", NodeKind::Array),
        ("string", NodeKind::String),
        ("object", NodeKind::Object),
        ("code", NodeKind::Code),
        ("closure", NodeKind::Closure),
        ("regexp", NodeKind::RegExp),
        ("number", NodeKind::Number),
        ("native", NodeKind::Native),
        ("synthetic", NodeKind::Synthetic),
        ("concatenated string", NodeKind::ConsString),
        ("sliced string", NodeKind::SlicedString),
        ("symbol", NodeKind::Symbol),
        ("bigint", NodeKind::BigInt),
        ("object shape", NodeKind::ObjectShape),
        ("wasm object", NodeKind::WasmObject),
    ];

    /// The kind with this name in `node_types`.
    pub fn from_name(name: &str) -> NodeKind {
        Self::NAMES.iter().find(|(n, _)| *n == name).map_or(NodeKind::Unknown, |(_, kind)| *kind)
    }

    /// Its name in `node_types`.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("unknown", |(name, _)| name)
    }

    /// Is its name the content of a string of the program?
    pub fn is_string(self) -> bool {
        matches!(self, NodeKind::String | NodeKind::ConsString | NodeKind::SlicedString)
    }
}

/// How one object refers to another, as V8 names it in `edge_types`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EdgeKind {
    /// A variable in a function's context.
    Context,
    /// An element of an array; its name is the index.
    Element,
    /// A named property.
    Property,
    /// A reference of V8's own, invisible to the program.
    Internal,
    /// Like internal; its name is a number.
    Hidden,
    /// Made up by the snapshot to reach something quickly.
    Shortcut,
    /// A reference that keeps nothing alive.
    Weak,
}

impl EdgeKind {
    pub(crate) const ALL: [EdgeKind; 7] = [
        EdgeKind::Context,
        EdgeKind::Element,
        EdgeKind::Property,
        EdgeKind::Internal,
        EdgeKind::Hidden,
        EdgeKind::Shortcut,
        EdgeKind::Weak,
    ];

    /// The kind with this name in `edge_types`; one that is not known is an internal reference.
    pub fn from_name(name: &str) -> EdgeKind {
        Self::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(EdgeKind::Internal)
    }

    /// Its name in `edge_types`.
    pub fn name(self) -> &'static str {
        match self {
            EdgeKind::Context => "context",
            EdgeKind::Element => "element",
            EdgeKind::Property => "property",
            EdgeKind::Internal => "internal",
            EdgeKind::Hidden => "hidden",
            EdgeKind::Shortcut => "shortcut",
            EdgeKind::Weak => "weak",
        }
    }

    /// Is the name of such an edge a number and not a string?
    pub fn is_numbered(self) -> bool {
        matches!(self, EdgeKind::Element | EdgeKind::Hidden)
    }
}
