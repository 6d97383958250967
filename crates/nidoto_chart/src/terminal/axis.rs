//! The time axis.

use crate::style::{Ink, Row};
use crate::terminal::frame::Frame;
use crate::text;
use crate::ticks::ticks;

pub(crate) fn rows(frame: &Frame) -> Vec<Row> {
    if !frame.has_axes() {
        return Vec::new();
    }
    let ticks = ticks(frame.span, frame.columns, &frame.chart.utc_offset, frame.style.language);
    let mut base = vec![frame.glyphs.base; frame.columns];
    // Labels may begin left of the plot, but not go beyond the width.
    let origin = frame.gutter + 1;
    let mut labels = String::new();
    for tick in &ticks {
        let Some(column) = frame.column(tick.t_ms) else {
            continue;
        };
        base[column] = frame.glyphs.base_tick;
        let width = text::width(&tick.label);
        let start = (origin + column).saturating_sub(width / 2).min(frame.style.width.saturating_sub(width));
        if labels.is_empty() || start > text::width(&labels) {
            labels = text::pad_end(&labels, start) + &tick.label;
        }
    }
    let mut axis = frame.labelled("", Ink::Faint, frame.glyphs.corner, Ink::Faint);
    axis.push(&base.into_iter().collect::<String>(), Ink::Faint);
    let mut row = Row::default();
    row.push(&labels, Ink::Faint);
    vec![axis, row]
}
