//! How a drawing looks: size, colours, characters, language.

use crate::model::State;

/// How to draw for a given terminal and reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns that a line may take.
    pub width: usize,
    /// Rows of the plot itself; title, axis, strips and keys come on top of it.
    pub height: usize,
    /// Whether to write ANSI colour codes (256 colours).
    pub colour: bool,
    /// Whether the terminal shows braille and box-drawing characters. Without them everything but
    /// the caller's own labels is ASCII, and in English. Terminals that draw characters of ambiguous
    /// width (Unicode annex 11) two columns wide need this to be off.
    pub unicode: bool,
    /// The language of dates and of the words that the chart itself adds.
    pub language: Language,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 80, height: 12, colour: false, unicode: true, language: Language::English }
    }
}

impl Style {
    /// The same style within sizes that can be drawn.
    pub(crate) fn clamped(&self) -> Self {
        Self {
            width: self.width.clamp(1, 1000),
            height: self.height.clamp(1, 200),
            language: if self.unicode { self.language } else { Language::English },
            ..*self
        }
    }
}

/// The language of dates and words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// `3 Jul`
    #[default]
    English,
    /// `7/3`
    Japanese,
}

/// The meaning that a colour carries; each one is also told by a shape or a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// The terminal's own colour.
    #[default]
    Plain,
    /// Headlines.
    Strong,
    /// Axes and remarks.
    Faint,
    /// Teal-blue.
    Green,
    /// Yellow.
    Pending,
    /// Grey.
    Blind,
    /// Vermilion.
    Red,
    /// The colour of the nth line.
    Line(usize),
}

impl Ink {
    /// The parameters of the ANSI sequence that selects it. The palette reads on dark and on
    /// light grounds (contrast of at least 3, yellow apart), and teal-blue against vermilion
    /// keeps an OKLab distance of 19 in the worst of the three colour blindnesses, where green
    /// against red keeps 8.
    fn codes(self) -> &'static str {
        match self {
            Ink::Plain => "0",
            Ink::Strong => "1",
            Ink::Faint | Ink::Blind => "38;5;244",
            Ink::Green => "38;5;31",
            Ink::Pending => "38;5;178",
            Ink::Red => "38;5;202",
            Ink::Line(n) => ["38;5;69", "38;5;136", "38;5;36", "38;5;133"][n % 4],
        }
    }

    /// The text in this ink, ended by a reset; the bare text where `colour` is off or there is
    /// nothing to select.
    #[must_use]
    pub fn paint(self, text: &str, colour: bool) -> String {
        match self {
            ink if colour && ink != Ink::Plain => format!("\x1b[{}m{text}\x1b[0m", ink.codes()),
            _ => text.to_owned(),
        }
    }
}

impl From<State> for Ink {
    fn from(state: State) -> Self {
        match state {
            State::Green => Ink::Green,
            State::Pending => Ink::Pending,
            State::Blind => Ink::Blind,
            State::Red => Ink::Red,
        }
    }
}

/// One output line, built from inked pieces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row(Vec<(String, Ink)>);

impl Row {
    pub(crate) fn push(&mut self, text: &str, ink: Ink) {
        match self.0.last_mut() {
            Some((last, last_ink)) if *last_ink == ink => last.push_str(text),
            _ => self.0.push((text.to_owned(), ink)),
        }
    }

    /// Columns that the row takes.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|(text, _)| crate::text::width(text)).sum()
    }

    /// Appends the row and a line break, without trailing spaces.
    pub(crate) fn write(mut self, colour: bool, out: &mut String) {
        while let Some((text, _)) = self.0.last_mut() {
            text.truncate(text.trim_end_matches(' ').len());
            if !text.is_empty() {
                break;
            }
            self.0.pop();
        }
        for (text, ink) in &self.0 {
            // Spaces need no ink: fewer codes, and none around blank cells.
            let blank = text.bytes().all(|byte| byte == b' ');
            out.push_str(&ink.paint(text, colour && !blank));
        }
        out.push('\n');
    }
}
