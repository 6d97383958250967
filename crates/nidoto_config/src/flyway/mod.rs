//! Flyway: what it makes of the names and contents of migrations (source at c5e20fc7).

mod checksum;
mod history;
mod judge;
mod location;
mod name;
pub(crate) mod rules;
mod settings;

pub use checksum::checksum;
pub use history::{Applied, Before, Repeatable, applied, emptied, repeatables};
pub use location::{Location, Migration, load};
pub use name::{Name, Version};
pub use settings::{Settings, is_settings};
