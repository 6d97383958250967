//! Events: letters above the plot and their key below it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Marker;
use crate::style::{Ink, Row};
use crate::terminal::frame::{Frame, Item};
use crate::text;

/// Markers up to here are listed one by one.
const LISTED_MAX: usize = 8;

/// The markers within the span with their columns, in order of time.
fn visible<'a>(frame: &Frame<'a>) -> Vec<(usize, &'a Marker)> {
    let markers = frame.chart.markers.iter();
    let mut markers: Vec<_> = markers.filter_map(|marker| Some((frame.column(marker.t_ms)?, marker))).collect();
    markers.sort_by_key(|(_, marker)| marker.t_ms);
    markers
}

/// The labels of each letter that occurs too often to be listed one by one.
fn frequent<'a>(frame: &Frame<'a>) -> BTreeMap<char, Vec<&'a str>> {
    let markers = visible(frame);
    let mut labels: BTreeMap<char, Vec<&str>> = BTreeMap::new();
    for (_, marker) in &markers {
        labels.entry(letter(marker)).or_default().push(&marker.label);
    }
    labels.retain(|_, labels| markers.len() > LISTED_MAX && labels.len() > 2);
    labels
}

/// The letters, each above its column or, where letters crowd, as near to it as they can stand in
/// order of time. A letter is drawn once a column.
pub(crate) fn letter_rows(frame: &Frame) -> Vec<Row> {
    let mut places: Vec<(usize, char)> = Vec::new();
    for (column, marker) in visible(frame) {
        let here = places.iter().rev().take_while(|&&(other, _)| other == column);
        if !here.map(|&(_, letter)| letter).any(|other| other == letter(marker)) {
            places.push((column, letter(marker)));
        }
    }
    if places.is_empty() {
        return Vec::new();
    }
    let mut letters = vec![' '; frame.columns];
    for (column, letter) in spread(places, frame.columns) {
        letters[column] = letter;
    }
    let mut row = frame.labelled("", Ink::Plain, " ", Ink::Plain);
    row.push(&letters.into_iter().collect::<String>(), Ink::Strong);
    vec![row]
}

/// Moves letters that share a column to the right, and back to the left where the row ends; the
/// last of more letters than columns are dropped.
fn spread(mut places: Vec<(usize, char)>, columns: usize) -> Vec<(usize, char)> {
    places.truncate(columns);
    let mut free = 0;
    for (column, _) in &mut places {
        *column = (*column).max(free);
        free = *column + 1;
    }
    let mut end = columns;
    for (column, _) in places.iter_mut().rev() {
        *column = (*column).min(end - 1);
        end = *column;
    }
    places
}

/// The columns in which a rule leads from a letter down through the plot. Letters that are only
/// counted have none: a fence would hide the data.
pub(crate) fn rule_columns(frame: &Frame) -> Vec<usize> {
    let frequent = frequent(frame);
    let ruled = visible(frame).into_iter().filter(|(_, marker)| !frequent.contains_key(&letter(marker)));
    ruled.map(|(column, _)| column).collect()
}

/// The letter, if it takes one column.
fn letter(marker: &Marker) -> char {
    match text::width(&text::clean(&marker.letter.to_string())) {
        1 if !marker.letter.is_control() => marker.letter,
        _ => '*',
    }
}

/// What the letters stand for: each marker with its time or, of frequent ones, their count and the
/// label of the first.
pub(crate) fn key_rows(frame: &Frame) -> Vec<Row> {
    let mut frequent = frequent(frame);
    let counted: BTreeSet<char> = frequent.keys().copied().collect();
    let mut items = Vec::new();
    for (_, marker) in visible(frame) {
        let letter = letter(marker);
        let label = match frequent.remove(&letter) {
            Some(labels) => {
                let others = labels.iter().any(|label| *label != marker.label);
                let others = if others { format!(", {}", frame.glyphs.ellipsis) } else { String::new() };
                format!("{}{} {}{others}", frame.glyphs.times, labels.len(), marker.label)
            }
            None if counted.contains(&letter) => continue,
            None => {
                let at = frame.span.moment(marker.t_ms, &frame.chart.utc_offset, frame.style.language);
                format!("{at} {}", marker.label)
            }
        };
        items.push(Item { symbol: letter.to_string(), ink: Ink::Strong, label });
    }
    frame.flow(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn crowded_letters_stand_side_by_side() {
        let at = |places: &[(usize, char)]| spread(places.to_vec(), 10);
        assert_eq!(at(&[(2, 'S'), (2, 'd'), (3, 'm')]), [(2, 'S'), (3, 'd'), (4, 'm')]);
        assert_eq!(at(&[(8, 'S'), (9, 'd'), (9, 'm')]), [(7, 'S'), (8, 'd'), (9, 'm')]);
    }

    proptest! {
        #[test]
        fn spread_letters_keep_their_order_and_never_collide(
            mut columns in prop::collection::vec(0usize..30, 0..60),
        ) {
            columns.sort_unstable();
            let spread = spread(columns.into_iter().map(|column| (column, 'x')).collect(), 30);
            prop_assert!(spread.is_sorted_by(|a, b| a.0 < b.0));
            prop_assert!(spread.iter().all(|&(column, _)| column < 30));
        }
    }
}
