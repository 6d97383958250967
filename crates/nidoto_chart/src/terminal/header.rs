//! Title, span and legend.

use crate::style::{Ink, Row};
use crate::terminal::canvas;
use crate::terminal::frame::{Frame, Item};
use crate::text;

/// Lines beyond these are drawn, but not named.
const NAMED_MAX: usize = 9;

pub(crate) fn rows(frame: &Frame) -> Vec<Row> {
    let mut rows = frame.flow(lines(frame).into_iter().chain(bands(frame)).chain(limits(frame)));
    let title = text::clean(&frame.chart.title);
    if !title.is_empty() {
        let mut row = Row::default();
        row.push(&text::truncate(&title, frame.style.width, frame.glyphs.ellipsis), Ink::Strong);
        rows.insert(0, row);
    }
    add_span(frame, &mut rows);
    rows
}

/// Writes the span at the right of the first row or, where there is no room, below it.
fn add_span(frame: &Frame, rows: &mut Vec<Row>) {
    let width = frame.style.width;
    let span = frame.span.label(&frame.chart.utc_offset, frame.glyphs.dash);
    let span = text::truncate(&span, width, frame.glyphs.ellipsis);
    let taken = rows.first().map_or(0, Row::width);
    if taken == 0 || taken + 2 + text::width(&span) <= width {
        let mut row = if rows.is_empty() { Row::default() } else { rows.remove(0) };
        row.push(&text::pad_start(&span, width - taken), Ink::Faint);
        rows.insert(0, row);
    } else {
        let mut row = Row::default();
        row.push(&span, Ink::Faint);
        rows.insert(1, row);
    }
}

fn lines(frame: &Frame) -> Vec<Item> {
    let lines = &frame.chart.lines;
    let mut items: Vec<Item> = lines
        .iter()
        .enumerate()
        .take(NAMED_MAX)
        .filter(|(_, line)| !line.name.is_empty())
        .map(|(n, line)| Item { symbol: symbol(frame, n), ink: Ink::Line(n), label: line.name.clone() })
        .collect();
    if lines.len() > NAMED_MAX {
        let label = format!("{} {}", lines.len() - NAMED_MAX, frame.words.more);
        items.push(Item { symbol: "+".to_owned(), ink: Ink::Faint, label });
    }
    items
}

/// What the nth line is recognised by: its number where there are several, as colours alone tell
/// nothing in print or to the colour-blind.
fn symbol(frame: &Frame, n: usize) -> String {
    match (frame.style.unicode, frame.chart.lines.len()) {
        (false, _) => canvas::ASCII[n % canvas::ASCII.len()].to_string(),
        (true, 1) => frame.glyphs.line.to_owned(),
        (true, _) => (n + 1).to_string(),
    }
}

fn bands(frame: &Frame) -> Vec<Item> {
    let named = frame.chart.bands.iter().enumerate().filter(|(_, band)| !band.name.is_empty());
    named
        .map(|(n, band)| {
            let glyph = frame.glyphs.bands[n % frame.glyphs.bands.len()];
            Item { symbol: glyph.to_string().repeat(2), ink: Ink::Faint, label: band.name.clone() }
        })
        .collect()
}

fn limits(frame: &Frame) -> Vec<Item> {
    let limits = frame.chart.limits.iter().zip(&frame.limits).enumerate();
    limits
        .filter_map(|(n, (limit, values))| {
            let values = values.as_ref()?;
            let (min, max) = (frame.limit_text(values.min), frame.limit_text(values.max));
            let values = if min == max { min } else { format!("{min} {} {max}", frame.glyphs.dash) };
            let glyph = frame.glyphs.limits[n % frame.glyphs.limits.len()];
            let label = format!("{} {values}", limit.label).trim_start().to_owned();
            Some(Item { symbol: glyph.to_string().repeat(2), ink: Ink::Red, label })
        })
        .collect()
}
