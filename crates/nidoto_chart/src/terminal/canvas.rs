//! Dots in cells: braille with two by four of them, or one ASCII character.

use std::cmp::Ordering;

/// The braille bit of each dot, by row and column within the cell (Unicode 15, chapter 21.1).
const BRAILLE: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// What a line is drawn with where there is no braille.
pub(crate) const ASCII: [char; 8] = ['*', 'o', 'x', '+', '@', '%', '&', '$'];

/// A grid of dots that remembers which line came last in each cell.
pub(crate) struct Canvas {
    columns: usize,
    braille: bool,
    cells: Vec<(u8, usize)>,
}

impl Canvas {
    pub(crate) fn new(columns: usize, rows: usize, braille: bool) -> Self {
        Self { columns, braille, cells: vec![(0, 0); columns * rows] }
    }

    /// Dots across and down in a cell.
    pub(crate) fn dots_per_cell(braille: bool) -> (usize, usize) {
        if braille { (2, 4) } else { (1, 1) }
    }

    fn set(&mut self, x: usize, y: usize, line: usize) {
        let (across, down) = Self::dots_per_cell(self.braille);
        if let Some(cell) = self.cells.get_mut(y / down * self.columns + x / across) {
            *cell = (cell.0 | BRAILLE[y % down][x % across], line);
        }
    }

    /// Sets all dots of a column between two rows.
    pub(crate) fn bar(&mut self, x: usize, top: usize, bottom: usize, line: usize) {
        for y in top..=bottom {
            self.set(x, y, line);
        }
    }

    /// Sets the dots of the straight line from one dot to another one in a column further right.
    /// Where it is steep, two neighbouring columns share the rows between them.
    pub(crate) fn join(&mut self, from: (usize, usize), to: (usize, usize), line: usize) {
        let steps = to.0 - from.0;
        let row_at = |step: usize| {
            let share = step as f64 / steps as f64;
            (from.1 as f64 + share * (to.1 as f64 - from.1 as f64)).round() as usize
        };
        self.set(from.0, from.1, line);
        for step in 1..=steps {
            let (x, y, next) = (from.0 + step, row_at(step - 1), row_at(step));
            let middle = y.midpoint(next);
            match y.cmp(&next) {
                Ordering::Equal => self.set(x, y, line),
                Ordering::Less => {
                    self.bar(x - 1, y, middle, line);
                    self.bar(x, middle + 1, next, line);
                }
                Ordering::Greater => {
                    self.bar(x - 1, middle + 1, y, line);
                    self.bar(x, next, middle, line);
                }
            }
        }
    }

    /// The character of a cell and the line it belongs to; `None` where no dot is set.
    pub(crate) fn cell(&self, column: usize, row: usize) -> Option<(char, usize)> {
        let (dots, line) = self.cells[row * self.columns + column];
        let character = match self.braille {
            true => char::from_u32(0x2800 + u32::from(dots)).expect("256 braille patterns follow U+2800"),
            false => ASCII[line % ASCII.len()],
        };
        (dots != 0).then_some((character, line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Dot = (usize, usize);

    fn draw(columns: usize, rows: usize, joins: &[(Dot, Dot)]) -> String {
        let mut canvas = Canvas::new(columns, rows, true);
        for &(from, to) in joins {
            canvas.join(from, to, 0);
        }
        let cell = |column, row| canvas.cell(column, row).map_or(' ', |cell| cell.0);
        let row = |row| (0..columns).map(|column| cell(column, row)).collect();
        (0..rows).map(row).collect::<Vec<String>>().join("\n")
    }

    #[test]
    fn joins_are_thin_and_without_holes() {
        assert_eq!(draw(4, 1, &[((0, 3), (7, 0))]), "⣀⠤⠒⠉");
        assert_eq!(draw(2, 2, &[((0, 0), (1, 7)), ((2, 7), (3, 0))]), "⡇⢸\n⢸⡇");
        assert_eq!(draw(2, 1, &[((0, 2), (3, 2))]), "⠤⠤");
    }
}
