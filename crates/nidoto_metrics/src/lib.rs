//! Kinds over series, one file or folder each, `gc` over collectors' logs, and what they share: the
//! folding of samples to hours, the matching of series, robust statistics.

pub mod capacity;
pub mod fold;
pub mod forecast;
pub mod gc;
mod leak;
mod limit;
mod night;
pub mod partner;
mod restarts;
mod seasonal;
mod silence;
mod size;
pub mod stats;
mod step;
mod threshold;

use nidoto_core::Kind;

/// The kinds of this crate.
pub const KINDS: &[&Kind] = &[
    &threshold::KIND,
    &silence::KIND,
    &restarts::KIND,
    &leak::KIND,
    &forecast::KIND,
    &seasonal::KIND,
    &gc::KIND,
    &step::KIND,
];
