//! State that must outlive a machine, and what backups hold of it.

mod listing;
mod state;

pub use listing::{Entry, Listing};
pub use state::{State, declared, discovered};
