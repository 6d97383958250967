//! PM2: ecosystem files.

mod read;
pub(crate) mod rules;

pub use read::{Ecosystem, load};
