//! The states of guards, on the columns of the plot.

use crate::model::{State, Strip};
use crate::style::{Ink, Row};
use crate::terminal::frame::{Frame, Item};
use crate::text;

pub(crate) fn rows(frame: &Frame) -> Vec<Row> {
    let strips = &frame.chart.strips;
    let states: Vec<Vec<Option<State>>> = strips.iter().map(|strip| columns(frame, strip)).collect();
    let mut rows = Vec::new();
    for (strip, states) in strips.iter().zip(&states) {
        let label = text::clean(&strip.label);
        if frame.strip_labels_above {
            let mut above = frame.labelled("", Ink::Plain, " ", Ink::Plain);
            above.push(&text::truncate(&label, frame.columns, frame.glyphs.ellipsis), Ink::Plain);
            rows.extend([above, bar(frame, "", states)]);
        } else {
            rows.push(bar(frame, &label, states));
        }
    }
    let seen = |state: &State| states.iter().flatten().flatten().any(|seen| seen == state);
    let key = [State::Green, State::Pending, State::Blind, State::Red].into_iter().filter(seen);
    rows.extend(frame.flow(key.map(|state| Item {
        symbol: frame.glyphs.states[state as usize].to_string(),
        ink: state.into(),
        label: frame.words.states[state as usize].to_owned(),
    })));
    rows
}

/// The worst state in each column.
fn columns(frame: &Frame, strip: &Strip) -> Vec<Option<State>> {
    let mut columns = vec![None; frame.columns];
    for &(from_ms, to_ms, state) in &strip.spans {
        // The end is exclusive; a span without length still shows.
        let last_ms = to_ms.saturating_sub(1).max(from_ms).min(frame.span.to_ms);
        let first_ms = from_ms.max(frame.span.from_ms);
        let (Some(first), Some(last)) = (frame.column(first_ms), frame.column(last_ms)) else {
            continue;
        };
        for column in columns.iter_mut().take(last + 1).skip(first) {
            *column = (*column).max(Some(state));
        }
    }
    columns
}

fn bar(frame: &Frame, label: &str, states: &[Option<State>]) -> Row {
    let mut row = frame.labelled(label, Ink::Plain, " ", Ink::Plain);
    for state in states {
        match state {
            Some(state) => {
                let glyph = frame.glyphs.states[*state as usize];
                row.push(glyph.encode_utf8(&mut [0; 4]), Ink::from(*state));
            }
            None => row.push(" ", Ink::Plain),
        }
    }
    row
}
