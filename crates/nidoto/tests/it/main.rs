//! The built binary, held to what it promises: one file for each command, and the laws of the house.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod capacity;
mod capture;
mod check;
mod corpus;
mod formats;
mod heap;
mod hostile;
mod killed;
mod laws;
mod prove;
mod sarif;
mod scan;
mod scan_hostile;
mod servers;
mod support;
mod tidy;
mod trial;
mod writing;
