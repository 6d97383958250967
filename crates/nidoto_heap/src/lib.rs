#![doc = include_str!("../README.md")]

mod analysis;
mod bits;
mod breadth;
mod classes;
mod consumers;
mod detached;
mod diff;
mod distances;
mod dominators;
mod duplicates;
mod edge;
mod edge_names;
mod error;
mod essential;
mod growth;
mod heap;
mod ids;
mod input;
mod interfaces;
mod kind;
mod package;
mod parse;
mod paths;
mod place;
mod redact;
mod referrers;
mod search;
mod shallow;
mod shapes;
mod sizes;
mod slim;
mod snapshot;
mod strings;
mod tree;
mod verdict;

/// The kinds of guards of this crate.
pub const KINDS: &[&nidoto_core::Kind] = &[&heap::KIND];

pub use analysis::{Analysis, ClassRow};
pub use classes::Class;
pub use consumers::{Held, Totals};
pub use diff::{Baseline, DiffRow, compare, compare_snapshots};
pub use duplicates::{Duplicate, duplicate_strings};
pub use edge_names::EdgeName;
pub use error::{Error, Result};
pub use growth::{Group, Growth, Site, growth};
pub use input::Input;
pub use kind::{EdgeKind, NodeKind};
pub use package::Origin;
pub use paths::{Paths, Retainers, Step};
pub use place::Place;
pub use redact::redact;
pub use slim::slim;
pub use snapshot::{Node, Snapshot};
pub use verdict::{Culprit, Limits, Verdict, bytes_text, verdict};
