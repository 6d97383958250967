//! The plot itself: lines over limits over bands over the rules of markers.

use crate::extent::{Extent, extents};
use crate::model::{Band, Between, Level, Limit, Line};
use crate::style::{Ink, Row};
use crate::terminal::canvas::Canvas;
use crate::terminal::frame::Frame;
use crate::terminal::markers;
use crate::text;

/// One character cell and what it belongs to.
type Cell = Option<(char, Ink)>;

/// The rows of the plot; none where the chart has neither lines, bands nor limits, only states and
/// events.
pub(crate) fn rows(frame: &Frame) -> Vec<Row> {
    if frame.chart.lines.is_empty() && frame.chart.bands.is_empty() && frame.chart.limits.is_empty() {
        return Vec::new();
    }
    let mut cells = vec![vec![None; frame.columns + frame.tail]; frame.style.height];
    let ends = lines(frame, &mut cells);
    limits(frame, &mut cells);
    bands(frame, &mut cells);
    no_data(frame, &mut cells);
    numbers(frame, &ends, &mut cells);
    rules(frame, &mut cells);
    cells.into_iter().enumerate().map(|(n, cells)| finish(frame, n, &cells)).collect()
}

/// Draws all lines, and returns the cell in which each one ends.
fn lines(frame: &Frame, cells: &mut [Vec<Cell>]) -> Vec<Option<(usize, usize)>> {
    let mut canvas = Canvas::new(frame.columns, frame.style.height, frame.style.unicode);
    let lines = frame.chart.lines.iter().enumerate();
    let ends = lines.map(|(n, line)| draw(frame, &mut canvas, n, line)).collect();
    for (row, cells) in cells.iter_mut().enumerate() {
        for (column, cell) in cells.iter_mut().take(frame.columns).enumerate() {
            *cell = canvas.cell(column, row).map(|(character, line)| (character, Ink::Line(line)));
        }
    }
    ends
}

/// Draws the nth line: its extent in each column of dots, joined where no gap lies between.
fn draw(frame: &Frame, canvas: &mut Canvas, n: usize, line: &Line) -> Option<(usize, usize)> {
    let across = Canvas::dots_per_cell(frame.style.unicode).0;
    let dot = |value: f64| frame.scale.dot(value);
    let extents = extents(line, frame.span, frame.columns * across).into_iter().enumerate();
    let shown = |extent: &Extent| {
        line.between != Between::Straight || frame.scale.contains(extent.min) && frame.scale.contains(extent.max)
    };
    let extents: Vec<(usize, Extent)> = extents.filter_map(|(x, extent)| Some((x, extent.filter(shown)?))).collect();
    for (at, &(x, extent)) in extents.iter().enumerate() {
        canvas.bar(x, dot(extent.max), dot(extent.min), n);
        if extent.linked && at > 0 {
            let (from, previous) = extents[at - 1];
            canvas.join((from, dot(previous.last)), (x, dot(extent.first)), n);
        }
        // A single dot between gaps is easily missed: it gets the width of its cell.
        let goes_on = extents.get(at + 1).is_some_and(|(_, next)| next.linked);
        if across == 2 && !extent.linked && !goes_on {
            canvas.bar(x ^ 1, dot(extent.max), dot(extent.min), n);
        }
    }
    extents.last().map(|&(x, extent)| (x / across, frame.scale.row(extent.last)))
}

fn limits(frame: &Frame, cells: &mut [Vec<Cell>]) {
    for (n, limit) in frame.chart.limits.iter().enumerate() {
        let glyph = frame.glyphs.limits[n % frame.glyphs.limits.len()];
        for (column, row) in limit_rows(frame, limit).into_iter().enumerate() {
            if let Some(row) = row {
                cells[row][column].get_or_insert((glyph, Ink::Red));
            }
        }
    }
}

/// The row of a limit in each column.
fn limit_rows(frame: &Frame, limit: &Limit) -> Vec<Option<usize>> {
    let row = |value: f64| value.is_finite().then(|| frame.scale.row(value));
    let samples = match &limit.level {
        Level::Constant(value) => return vec![row(*value); frame.columns],
        Level::Samples(samples) => samples,
    };
    let mut rows = vec![None; frame.columns];
    let (mut held, mut next) = (None, 0);
    for &(t_ms, value) in samples {
        let Some(column) = frame.column(t_ms) else { continue };
        if next < column {
            rows[next..column].fill(held);
        }
        held = row(value);
        rows[column] = held.or(rows[column]);
        next = column + 1;
    }
    rows[next..].fill(held);
    rows
}

fn bands(frame: &Frame, cells: &mut [Vec<Cell>]) {
    for (n, band) in frame.chart.bands.iter().enumerate() {
        let glyph = frame.glyphs.bands[n % frame.glyphs.bands.len()];
        for (column, rows) in band_rows(frame, band).into_iter().enumerate() {
            for row in rows.into_iter().flat_map(|(top, bottom)| top..=bottom) {
                cells[row][column].get_or_insert((glyph, Ink::Faint));
            }
        }
    }
}

/// The uppermost and the lowermost row of a band in each column.
fn band_rows(frame: &Frame, band: &Band) -> Vec<Option<(usize, usize)>> {
    let [low, high] = band.ends().map(|end| extents(&end, frame.span, frame.columns));
    let rows = |(low, high): (Option<Extent>, Option<Extent>)| {
        let (low, high) = (low?.min, high?.max);
        (low <= high && frame.scale.shows((low, high))).then(|| (frame.scale.row(high), frame.scale.row(low)))
    };
    low.into_iter().zip(high).map(rows).collect()
}

/// Says so where no line has samples, as far as there is room.
fn no_data(frame: &Frame, cells: &mut [Vec<Cell>]) {
    // Until the rules are drawn, only bands are faint.
    let is_data = |cell: &Cell| matches!(cell, Some((_, Ink::Line(_) | Ink::Faint)));
    let empty: Vec<bool> = (0..frame.columns).map(|column| !cells.iter().any(|row| is_data(&row[column]))).collect();
    let width = text::width(frame.words.no_data);
    let mut start = 0;
    for run in empty.chunk_by(|a, b| a == b) {
        if run[0] && run.len() >= width + 4 {
            let column = start + (run.len() - width) / 2;
            let row = cells
                .iter()
                .enumerate()
                .skip(frame.style.height / 2)
                .find(|(_, row)| row[column..column + width].iter().all(Option::is_none));
            if let Some(row) = row.map(|(row, _)| row) {
                write(&mut cells[row][column..], frame.words.no_data, Ink::Faint);
            }
        }
        start += run.len();
    }
}

/// Writes a text into cells; the second cell of a wide character becomes a NUL, which is not
/// printed.
fn write(cells: &mut [Cell], label: &str, ink: Ink) {
    let mut column = 0;
    for character in label.chars() {
        cells[column] = Some((character, ink));
        let width = text::width(character.encode_utf8(&mut [0; 4]));
        for cell in &mut cells[column + 1..column + width.max(1)] {
            *cell = Some(('\0', ink));
        }
        column += width;
    }
}

/// Writes the number of each of several lines beside its end, where there is room.
fn numbers(frame: &Frame, ends: &[Option<(usize, usize)>], cells: &mut [Vec<Cell>]) {
    if frame.tail == 0 {
        return;
    }
    for (n, end) in ends.iter().enumerate().take(9) {
        let Some((column, row)) = *end else { continue };
        let places = [(row, column + 1), (row, column + 2), (row + 1, column + 1), (row.wrapping_sub(1), column + 1)];
        let free = places.into_iter().find(|&(row, column)| {
            cells
                .get(row)
                .and_then(|cells| cells.get(column))
                .is_some_and(|cell| !matches!(cell, Some((_, Ink::Line(_)))))
        });
        if let (Some((row, column)), Some(digit)) = (free, char::from_digit(n as u32 + 1, 10)) {
            cells[row][column] = Some((digit, Ink::Line(n)));
        }
    }
}

fn rules(frame: &Frame, cells: &mut [Vec<Cell>]) {
    for column in markers::rule_columns(frame) {
        for row in cells.iter_mut() {
            row[column].get_or_insert((frame.glyphs.rule, Ink::Faint));
        }
    }
}

fn finish(frame: &Frame, n: usize, cells: &[Cell]) -> Row {
    let (label, ink) = axis_label(frame, n);
    let axis = if label.is_empty() { frame.glyphs.axis } else { frame.glyphs.axis_tick };
    let label = text::pad_start(&label, frame.gutter.saturating_sub(1));
    let mut row = frame.labelled(&label, ink, axis, ink);
    for cell in cells {
        match cell {
            Some(('\0', _)) => {}
            Some((character, ink)) => row.push(character.encode_utf8(&mut [0; 4]), *ink),
            None => row.push(" ", Ink::Plain),
        }
    }
    row
}

/// The label of a row on the value axis: that of a limit goes before that of a tick.
fn axis_label(frame: &Frame, row: usize) -> (String, Ink) {
    let here = |value: f64| frame.scale.row(value) == row;
    let limit = frame.limits.iter().flatten().find(|limit| here(limit.first));
    if let Some(limit) = limit {
        return (frame.limit_text(limit.first), Ink::Red);
    }
    let tick = frame.ticks.iter().find(|(value, _)| here(*value));
    (tick.map(|(_, label)| label.clone()).unwrap_or_default(), Ink::Faint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Chart;
    use crate::style::Style;
    use proptest::prelude::*;

    /// The dot rows of the highest and the lowest dot in the drawn braille.
    fn drawn_dots(frame: &Frame) -> Option<(usize, usize)> {
        let mut dots: Vec<usize> = Vec::new();
        for (n, row) in rows(frame).into_iter().enumerate() {
            let mut line = String::new();
            row.write(false, &mut line);
            let patterns = line.chars().map(u32::from).filter(|c| (0x2800..0x2900).contains(c));
            let pattern = patterns.fold(0, |all, c| all | (c - 0x2800));
            let bits = [0x09, 0x12, 0x24, 0xc0];
            dots.extend((0..4).filter(|&dot| pattern & bits[dot] != 0).map(|dot| n * 4 + dot));
        }
        Some((*dots.first()?, *dots.last()?))
    }

    proptest! {
        #[test]
        fn the_highest_dot_is_the_true_maximum(
            values in prop::collection::vec(-1e3..1e3f64, 1..2000), limit in prop::option::of(-2e3..2e3f64),
            width in 1usize..120, height in 1usize..20,
        ) {
            let max = values.iter().copied().reduce(f64::max).unwrap();
            let min = values.iter().copied().reduce(f64::min).unwrap();
            let samples: Vec<(i64, f64)> = (0..).zip(values).collect();
            let mut chart = Chart::new("", 0, samples.len() as i64);
            chart.lines = vec![Line::new("", samples)];
            chart.limits = limit.map(|limit| Limit::constant("", limit)).into_iter().collect();
            let frame = Frame::new(&chart, &Style { width, height, ..Style::default() });
            prop_assert_eq!(drawn_dots(&frame), Some((frame.scale.dot(max), frame.scale.dot(min))));
        }
    }
}
