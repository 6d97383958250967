//! Events: letters above the plot and their key below it.

use crate::model::Marker;
use crate::style::{Ink, Row};
use crate::terminal::frame::{Frame, Item};
use crate::text;
use crate::time;

/// Letters that share a column are stacked up to here.
const STACK_MAX: usize = 3;

/// Markers up to here are listed one by one.
const LISTED_MAX: usize = 8;

/// The markers within the span, in order of time.
fn visible<'a>(frame: &Frame<'a>) -> Vec<&'a Marker> {
    let markers = frame.chart.markers.iter();
    let mut markers: Vec<&Marker> = markers.filter(|marker| frame.column(marker.t_ms).is_some()).collect();
    markers.sort_by_key(|marker| marker.t_ms);
    markers
}

/// Rows of letters, each exactly above its column. The same letter is drawn once a column;
/// different ones are stacked, and more than fit end in `+`.
pub(crate) fn letter_rows(frame: &Frame) -> Vec<Row> {
    let mut stacks: Vec<Vec<char>> = vec![Vec::new(); frame.columns];
    for marker in visible(frame) {
        let Some(column) = frame.column(marker.t_ms) else {
            continue;
        };
        let (stack, letter) = (&mut stacks[column], letter(marker));
        if stack.contains(&letter) {
            continue;
        }
        match stack.len() < STACK_MAX {
            true => stack.push(letter),
            false => stack[STACK_MAX - 1] = '+',
        }
    }
    let height = stacks.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .rev()
        .map(|level| {
            let mut row = frame.labelled("", Ink::Plain, " ", Ink::Plain);
            let letters: String = stacks.iter().map(|stack| stack.get(level).copied().unwrap_or(' ')).collect();
            row.push(&letters, Ink::Strong);
            row
        })
        .collect()
}

/// The letter, if it takes one column.
fn letter(marker: &Marker) -> char {
    match text::width(&text::clean(&marker.letter.to_string())) {
        1 if !marker.letter.is_control() => marker.letter,
        _ => '*',
    }
}

/// What the letters stand for: each marker with its time or, of many, each letter with a count.
pub(crate) fn key_rows(frame: &Frame) -> Vec<Row> {
    let markers = visible(frame);
    let same = |marker: &Marker| markers.iter().filter(|other| letter(other) == letter(marker)).count();
    let mut items = Vec::new();
    let mut counted: Vec<char> = Vec::new();
    for marker in &markers {
        let count = same(marker);
        let label = if markers.len() <= LISTED_MAX || count <= 2 {
            let at = time::moment(marker.t_ms, frame.span, &frame.chart.utc_offset, frame.style.language);
            format!("{at} {}", marker.label)
        } else if counted.contains(&letter(marker)) {
            continue;
        } else {
            counted.push(letter(marker));
            format!("{}{count} {}", frame.glyphs.times, marker.label)
        };
        items.push(Item { symbol: letter(marker).to_string(), ink: Ink::Strong, label });
    }
    frame.flow(items)
}
