//! One chart model, drawn for terminals.
//!
//! A [`Chart`] is plain data: lines, bands, limits, the states of guards and the events around them, all
//! on one time axis. [`terminal`] draws it with braille dots (or plain ASCII), [`sparkline`] puts
//! a series into a list row, [`Table`] aligns text and [`wrap`] breaks it.
//!
//! What every drawing holds to:
//! - Series are reduced by the minimum and maximum of each column, so the drawn maximum is the
//!   true maximum. A method that picks representative points could hide a breach.
//! - A limit is always in the value range. The first constant one lies exactly between two dots: a
//!   dot above its line is a value above the limit.
//! - A gap stays a gap: nothing is interpolated over missing samples.
//! - A state has a shape of its own besides its colour.
//! - No line is wider than the given width, whatever script its labels are written in, and no
//!   label can smuggle a control sequence into the terminal.
//!
//! ```
//! use nidoto_chart::{Chart, Limit, Line, State, Strip, Style, Unit, terminal};
//!
//! let minute_ms = 60_000;
//! let mut chart = Chart::new("Pool", 0, 60 * minute_ms);
//! chart.unit = Unit::Percent;
//! chart.lines = vec![Line::new("web-1", (0..60).map(|m| (m * minute_ms, 40.0 + m as f64)).collect())];
//! chart.limits = vec![Limit::constant("limit", 80.0)];
//! chart.strips = vec![Strip::new(
//!     "pool",
//!     vec![(0, 40 * minute_ms, State::Green), (40 * minute_ms, 60 * minute_ms, State::Red)],
//! )];
//! let drawn = terminal(&chart, &Style { width: 40, height: 4, ..Style::default() });
//! assert_eq!(drawn, "\
//! Pool        1970-01-01 00:00 – 01:00 UTC
//! ⠒⠒ web-1   ╌╌ limit 80 %
//! 100 % ┤                               ⣀⡀
//!  80 % ┤╌╌╌╌╌╌╌╌╌╌╌╌╌⣀⣀⣀⣀⡠⠤⠤⠤⠤⠔⠒⠒⠒⠊⠉⠉⠉⠉╌╌
//!       │⠤⠤⠤⠔⠒⠒⠒⠒⠉⠉⠉⠉⠉
//!     0 ┤
//!       └┬───────────────┬───────────────┬
//!      1 Jan           00:30         01:00
//! pool   ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁███████████
//! ▁ green   █ red
//! ");
//! ```

mod calendar;
mod extent;
mod model;
mod scale;
mod span;
mod sparkline;
mod style;
mod table;
mod terminal;
mod text;
mod ticks;
mod unit;

pub use model::{Band, Between, Chart, Level, Limit, Line, Marker, State, Strip, UtcOffset};
pub use sparkline::sparkline;
pub use style::{Ink, Language, Style};
pub use table::{Align, Cell, Column, Table};
pub use terminal::terminal;
pub use text::wrap;
pub use unit::Unit;
