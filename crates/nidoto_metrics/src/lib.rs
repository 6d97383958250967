//! Kinds over series, one file each.

mod silence;
mod threshold;

use nidoto_core::Kind;

/// The kinds of this crate.
pub const KINDS: &[&Kind] = &[&threshold::KIND, &silence::KIND];
