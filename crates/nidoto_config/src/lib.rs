//! Kinds over the environment: files and what commands answer.

mod exec;
mod files;

use nidoto_core::Kind;

/// The kinds of this crate.
pub const KINDS: &[&Kind] = &[&files::KIND, &exec::KIND];
