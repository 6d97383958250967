//! Kinds over log lines, one file each.

mod logs;

use nidoto_core::Kind;

/// The kinds of this crate.
pub const KINDS: &[&Kind] = &[&logs::KIND];
