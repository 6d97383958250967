//! The characters and words that a chart adds to what the caller gave.

/// The characters that draw everything but the lines.
pub(crate) struct Glyphs {
    pub(crate) axis: &'static str,
    pub(crate) axis_tick: &'static str,
    pub(crate) corner: &'static str,
    pub(crate) base: char,
    pub(crate) base_tick: char,
    /// Of the first, the second, ... limit.
    pub(crate) limits: [char; 2],
    /// Of the first, the second, ... band.
    pub(crate) bands: [char; 2],
    /// From a marker's letter down through the plot.
    pub(crate) rule: char,
    /// Green, pending, blind, red.
    pub(crate) states: [char; 4],
    pub(crate) line: &'static str,
    pub(crate) ellipsis: &'static str,
    pub(crate) dash: &'static str,
    pub(crate) times: char,
}

pub(crate) const UNICODE: Glyphs = Glyphs {
    axis: "│",
    axis_tick: "┤",
    corner: "└",
    base: '─',
    base_tick: '┬',
    limits: ['╌', '┈'],
    bands: ['░', '▒'],
    rule: '┊',
    states: ['▁', '▄', '░', '█'],
    line: "⠒⠒",
    ellipsis: "…",
    dash: "–",
    times: '×',
};

pub(crate) const ASCII: Glyphs = Glyphs {
    axis: "|",
    axis_tick: "+",
    corner: "+",
    base: '-',
    base_tick: '+',
    limits: ['=', '-'],
    bands: ['.', ','],
    rule: ':',
    states: ['_', '~', '?', '#'],
    line: "**",
    ellipsis: "...",
    dash: "-",
    times: 'x',
};

/// The words that a chart adds by itself.
pub(crate) struct Words {
    /// Green, pending, blind, red.
    pub(crate) states: [&'static str; 4],
    pub(crate) no_data: &'static str,
    pub(crate) more: &'static str,
}

pub(crate) const ENGLISH: Words =
    Words { states: ["green", "pending", "blind", "red"], no_data: "no data", more: "more" };

pub(crate) const JAPANESE: Words =
    Words { states: ["正常", "保留", "判定不能", "異常"], no_data: "データなし", more: "件" };
