//! Proving: a guard is replayed over frozen evidence, at its own interval, seeing only what was
//! known at each instant.

mod proof;
mod track;

pub use proof::{Calm, Lead, Proof, Status, prove};
pub use track::{Episode, Moment, State, Track, replay};
