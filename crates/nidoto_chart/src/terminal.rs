//! The chart as text.

mod axis;
mod canvas;
mod frame;
mod glyphs;
mod header;
mod markers;
mod plot;
mod strips;

use crate::model::Chart;
use crate::style::Style;
use frame::Frame;

/// Draws a chart as lines of text, from the title to the key of its markers. Every line ends in a
/// line break and takes at most `style.width` columns.
///
/// Never fails: what cannot be drawn (no samples, no span, no room) is left out.
pub fn terminal(chart: &Chart, style: &Style) -> String {
    let frame = Frame::new(chart, style);
    let parts = [
        header::rows(&frame),
        markers::letter_rows(&frame),
        plot::rows(&frame),
        axis::rows(&frame),
        strips::rows(&frame),
        markers::key_rows(&frame),
    ];
    let mut out = String::new();
    for row in parts.into_iter().flatten() {
        row.write(style.colour, &mut out);
    }
    out
}
