//! Kinds over the environment: files, configuration and what commands answer.
//!
//! [`scan`] holds the engine and the list of rules over configuration; each technology has a room
//! with its parser and its rules.

pub mod backup;
mod config;
mod csv;
pub mod deployment;
mod exec;
mod files;
pub mod flyway;
pub mod image;
pub mod migration;
pub mod nginx;
pub mod pm2;
pub mod scan;
pub mod spring;
pub mod sql;
pub mod systemd;
#[cfg(test)]
mod testing;
mod yaml;

use nidoto_core::Kind;

/// The kinds of this crate.
pub const KINDS: &[&Kind] = &[&files::KIND, &exec::KIND, &config::KIND];
