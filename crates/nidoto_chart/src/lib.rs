//! One chart model, drawn for terminals.
//!
//! A [`Chart`] is plain data: lines, limits, the states of guards and the events around them, all
//! on one time axis. [`terminal`] draws it with braille dots (or plain ASCII), [`sparkline`] puts
//! a series into a list row and [`Table`] aligns text.
//!
//! What every drawing holds to:
//! - Series are reduced by the minimum and maximum of each column, so the drawn maximum is the
//!   true maximum. A method that picks representative points could hide a breach.
//! - A limit is always in the value range. Where all limits are constant, the first lies exactly
//!   between two dots: a dot above its line is a value above the limit.
//! - A gap stays a gap: nothing is interpolated over missing samples.
//! - A state has a shape of its own besides its colour.
//! - No line is wider than the given width, whatever script its labels are written in, and no
//!   label can smuggle a control sequence into the terminal.

mod extent;
mod model;
mod scale;
mod sparkline;
mod style;
mod table;
mod terminal;
mod text;
mod time;
mod unit;

pub use model::{Chart, Level, Limit, Line, Marker, State, Strip, UtcOffset};
pub use sparkline::sparkline;
pub use style::{Ink, Language, Style};
pub use table::{Align, Cell, Column, Table};
pub use terminal::terminal;
pub use unit::Unit;
