//! systemd: units, their drop-ins, and rules over both.

mod boot;
mod command;
mod enabled;
mod parse;
pub(crate) mod rules;
mod timespan;
mod units;

pub use command::{Reboot, reboots};
pub use parse::{Entry, parse};
pub use timespan::timespan_us;
pub use units::{Unit, UnitSet, load};
