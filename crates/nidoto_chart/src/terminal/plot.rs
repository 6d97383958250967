//! The plot itself: lines over limits over the rules of markers.

use crate::extent::extents;
use crate::model::{Level, Limit};
use crate::style::{Ink, Row};
use crate::terminal::canvas::Canvas;
use crate::terminal::frame::{Frame, first_value};
use crate::text;

/// One character cell and what it belongs to.
type Cell = Option<(char, Ink)>;

pub(crate) fn rows(frame: &Frame) -> Vec<Row> {
    let mut cells = vec![vec![None; frame.columns + frame.tail]; frame.style.height];
    let ends = lines(frame, &mut cells);
    limits(frame, &mut cells);
    no_data(frame, &mut cells);
    numbers(frame, &ends, &mut cells);
    rules(frame, &mut cells);
    cells.into_iter().enumerate().map(|(n, cells)| finish(frame, n, &cells)).collect()
}

/// Draws all lines, and returns the cell in which each one ends.
fn lines(frame: &Frame, cells: &mut [Vec<Cell>]) -> Vec<Option<(usize, usize)>> {
    let mut canvas = Canvas::new(frame.columns, frame.style.height, frame.style.unicode);
    let across = Canvas::dots_per_cell(frame.style.unicode).0;
    let mut ends = Vec::new();
    for (n, line) in frame.chart.lines.iter().enumerate() {
        let mut previous: Option<(usize, usize)> = None;
        let extents = extents(&line.samples, frame.span, frame.columns * across);
        for (x, extent) in extents.iter().enumerate().filter_map(|(x, extent)| Some((x, extent.as_ref()?))) {
            canvas.bar(x, frame.scale.dot(extent.max), frame.scale.dot(extent.min), n);
            if let Some(from) = previous.filter(|_| extent.linked) {
                canvas.join(from, (x, frame.scale.dot(extent.first)), n);
            }
            previous = Some((x, frame.scale.dot(extent.last)));
        }
        let last = extents.iter().rposition(Option::is_some).and_then(|x| Some((x, extents[x]?.last)));
        ends.push(last.map(|(x, value)| (x / across, frame.scale.row(value))));
    }
    for (row, cells) in cells.iter_mut().enumerate() {
        for (column, cell) in cells.iter_mut().take(frame.columns).enumerate() {
            *cell = canvas.cell(column, row).map(|(character, line)| (character, Ink::Line(line)));
        }
    }
    ends
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

/// The row of a limit in each column. A sampled limit holds its value until the next sample,
/// unless a gap lies between.
fn limit_rows(frame: &Frame, limit: &Limit) -> Vec<Option<usize>> {
    match &limit.level {
        Level::Constant(value) => {
            vec![value.is_finite().then(|| frame.scale.row(*value)); frame.columns]
        }
        Level::Samples(samples) => {
            let extents = extents(samples, frame.span, frame.columns);
            let mut rows: Vec<Option<usize>> =
                extents.iter().map(|extent| extent.map(|extent| frame.scale.row(extent.last))).collect();
            let mut previous: Option<usize> = None;
            for (column, extent) in extents.iter().enumerate() {
                let Some(extent) = extent else { continue };
                if let Some(previous) = previous.filter(|_| extent.linked) {
                    let held = rows[previous];
                    rows[previous + 1..column].fill(held);
                }
                previous = Some(column);
            }
            rows
        }
    }
}

/// Says so where no line has samples, as far as there is room.
fn no_data(frame: &Frame, cells: &mut [Vec<Cell>]) {
    let is_line = |cell: &Cell| matches!(cell, Some((_, Ink::Line(_))));
    let empty: Vec<bool> = (0..frame.columns).map(|column| !cells.iter().any(|row| is_line(&row[column]))).collect();
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
    for column in frame.chart.markers.iter().filter_map(|marker| frame.column(marker.t_ms)) {
        for row in cells.iter_mut() {
            row[column].get_or_insert((frame.glyphs.rule, Ink::Faint));
        }
    }
}

fn finish(frame: &Frame, n: usize, cells: &[Cell]) -> Row {
    let (label, ink) = axis_label(frame, n);
    let axis = if label.is_empty() { frame.glyphs.axis } else { frame.glyphs.axis_tick };
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
    let limit = frame.chart.limits.iter().find(|limit| first_value(limit, frame.span).is_some_and(here));
    if let Some(label) = limit.and_then(|limit| frame.limit_value(limit)) {
        return (label, Ink::Red);
    }
    let tick = frame.ticks.iter().find(|(value, _)| here(*value));
    (tick.map(|(_, label)| label.clone()).unwrap_or_default(), Ink::Faint)
}
