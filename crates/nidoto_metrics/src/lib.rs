//! Kinds over series, one file or folder each, `gc` over collectors' logs, and what they share: the
//! folding of samples to hours, the matching of series, robust statistics.

pub mod fold;
pub mod gc;
mod leak;
pub mod partner;
mod restarts;
mod silence;
pub mod stats;
mod threshold;

use nidoto_core::Kind;

/// The kinds of this crate.
pub const KINDS: &[&Kind] = &[&threshold::KIND, &silence::KIND, &restarts::KIND, &leak::KIND, &gc::KIND];
