//! Text in aligned columns.

use crate::style::{Ink, Row, Style};
use crate::text;

/// Columns are kept at least this wide when a table must shrink, as far as their text is.
const SHRUNK_MIN: usize = 8;

/// On which side of its column a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// For words.
    Left,
    /// For numbers.
    Right,
}

/// A column's header and alignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    header: String,
    align: Align,
}

impl Column {
    /// A column of words. Where no column has a header, no header row is drawn.
    pub fn left(header: impl Into<String>) -> Self {
        Self { header: header.into(), align: Align::Left }
    }

    /// A column of numbers.
    pub fn right(header: impl Into<String>) -> Self {
        Self { header: header.into(), align: Align::Right }
    }
}

/// A text and its ink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    text: String,
    ink: Ink,
}

impl Cell {
    /// A text in an ink.
    pub fn new(text: impl Into<String>, ink: Ink) -> Self {
        Self { text: text.into(), ink }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Ink::Plain)
    }
}

/// Rows under headers, drawn within a width: text that finds no room is wrapped in its column,
/// never cut, and line breaks stay. Wide characters count as two columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Cells(Vec<Cell>),
    /// A text across all columns, which has no say in their widths.
    Heading(Cell),
}

impl Table {
    /// A table without rows.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row. Missing cells are empty; more cells than columns are left out.
    pub fn push(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut cells: Vec<Cell> = cells.into_iter().take(self.columns.len()).collect();
        cells.resize(self.columns.len(), Cell::default());
        for cell in &mut cells {
            cell.text = cell.text.split('\n').map(text::clean).collect::<Vec<_>>().join("\n");
        }
        self.rows.push(Entry::Cells(cells));
    }

    /// Adds a text that stands across all columns, over the rows that follow.
    pub fn push_heading(&mut self, text: impl Into<String>, ink: Ink) {
        self.rows.push(Entry::Heading(Cell::new(text::clean(&text.into()), ink)));
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as lines of text, each ended by a line break. Of the style, `width` and `colour`
    /// count. Only where the width is less than a few columns per cell, lines are longer than it.
    pub fn render(&self, style: &Style) -> String {
        let header: Vec<Cell> =
            self.columns.iter().map(|column| Cell::new(text::clean(&column.header), Ink::Faint)).collect();
        let headed = header.iter().any(|cell| !cell.text.is_empty());
        let cells = self.rows.iter().filter_map(|entry| match entry {
            Entry::Cells(cells) => Some(cells.as_slice()),
            Entry::Heading(_) => None,
        });
        let all: Vec<&[Cell]> = headed.then_some(header.as_slice()).into_iter().chain(cells).collect();
        let widths = self.widths(&all, style.width);
        let mut out = String::new();
        let mut write = |rows: Vec<Row>| rows.into_iter().for_each(|row| row.write(style.colour, &mut out));
        if headed {
            write(self.lines(&header, &widths));
        }
        for entry in &self.rows {
            write(match entry {
                Entry::Cells(cells) => self.lines(cells, &widths),
                Entry::Heading(cell) => heading(cell, style.width),
            });
        }
        out
    }

    /// The width of each column: what its texts need; if that is too much, the last column gives
    /// way first, then the widest.
    fn widths(&self, rows: &[&[Cell]], width_max: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.columns.len())
            .map(|n| rows.iter().flat_map(|cells| cells[n].text.split('\n')).map(text::width).max().unwrap_or(0))
            .collect();
        let gaps = 2 * self.columns.len().saturating_sub(1);
        let Some(last) = widths.len().checked_sub(1) else {
            return widths;
        };
        let excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(width_max);
        widths[last] -= excess.min(widths[last].saturating_sub(3 * SHRUNK_MIN));
        while widths.iter().sum::<usize>() + gaps > width_max {
            let widest = (0..widths.len()).max_by_key(|&n| widths[n]).filter(|&n| widths[n] > SHRUNK_MIN);
            let Some(widest) = widest else { break };
            widths[widest] -= 1;
        }
        widths
    }

    /// One table row as lines, each cell wrapped in its column.
    fn lines(&self, cells: &[Cell], widths: &[usize]) -> Vec<Row> {
        let wrapped: Vec<Vec<String>> =
            cells.iter().zip(widths).map(|(cell, &width)| text::wrap(&cell.text, width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        (0..height)
            .map(|line| {
                let mut row = Row::default();
                for (n, cell) in cells.iter().enumerate() {
                    if n > 0 {
                        row.push("  ", Ink::Plain);
                    }
                    let part = wrapped[n].get(line).map_or("", String::as_str);
                    let part = match self.columns[n].align {
                        Align::Left => text::pad_end(part, widths[n]),
                        Align::Right => text::pad_start(part, widths[n]),
                    };
                    row.push(&part, cell.ink);
                }
                row
            })
            .collect()
    }
}

/// A heading as lines of the whole width.
fn heading(cell: &Cell, width: usize) -> Vec<Row> {
    let line = |text: &String| {
        let mut row = Row::default();
        row.push(text, cell.ink);
        row
    };
    text::wrap(&cell.text, width).iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_shrink_from_the_last_and_rows_stay_together() {
        let mut table = Table::new([Column::left("guard"), Column::right("lead"), Column::left("finding")]);
        table.push([
            "slab-rises".into(),
            "5 d".into(),
            "grows by 52 MB a day\n  and reaches the limit within three days".into(),
        ]);
        table.push(["接続数".into(), "31 min".into(), "green".into(), "no column".into()]);
        table.push_heading("a heading takes the room that it needs", Ink::Plain);
        table.push(["alone".into()]);
        insta::assert_snapshot!(table.render(&Style { width: 46, ..Style::default() }), @"
        guard         lead  finding
        slab-rises     5 d  grows by 52 MB a day
                              and reaches the limit
                              within three days
        接続数      31 min  green
        a heading takes the room that it needs
        alone
        ");
    }
}
