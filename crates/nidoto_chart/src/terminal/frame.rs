//! Where everything goes: decided once, before anything is drawn.

use crate::model::{Chart, Level, Limit};
use crate::scale::{Scale, range};
use crate::style::{Ink, Language, Row, Style};
use crate::terminal::canvas::Canvas;
use crate::text;
use crate::time::Span;
use crate::unit::Prefix;

/// A chart with its layout. All rows have a gutter of `gutter` columns for labels, one column for
/// the axis, `columns` columns of plot and, beside several lines, `tail` columns for their numbers.
pub(crate) struct Frame<'a> {
    pub(crate) chart: &'a Chart,
    pub(crate) style: Style,
    pub(crate) span: Span,
    pub(crate) scale: Scale,
    pub(crate) prefix: Prefix,
    pub(crate) ticks: Vec<(f64, String)>,
    pub(crate) gutter: usize,
    pub(crate) columns: usize,
    pub(crate) tail: usize,
    pub(crate) glyphs: &'static Glyphs,
    pub(crate) words: &'static Words,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(chart: &'a Chart, style: &Style) -> Self {
        let style = style.clamped();
        let span = Span::new(chart.from_ms, chart.to_ms);
        let limit = chart.limits.iter().find_map(|limit| constant(limit, span));
        let limit = limit.map(|value| value.clamp(-1e300, 1e300));
        let scale = Scale::new(range(values(chart, span)), limit, style.height, Canvas::dots_per_cell(style.unicode).1);
        let (prefix, ticks) = scale.ticks(chart.unit);
        let mut frame = Self {
            chart,
            style,
            span,
            scale,
            prefix,
            ticks,
            gutter: 0,
            columns: style.width,
            tail: 0,
            glyphs: if style.unicode { &UNICODE } else { &ASCII },
            words: match style.language {
                Language::English => &ENGLISH,
                Language::Japanese => &JAPANESE,
            },
        };
        // Below this width, axes would leave no room for the data.
        if style.width >= 20 {
            frame.gutter = frame.gutter_width();
            frame.tail = if chart.lines.len() > 1 && style.unicode { 2 } else { 0 };
            frame.columns = style.width - frame.gutter - 1 - frame.tail;
        }
        frame
    }

    /// Room for the labels of the value axis, and for those of strips where they are short.
    fn gutter_width(&self) -> usize {
        let limits = self.chart.limits.iter().filter_map(|limit| self.limit_value(limit));
        let labels = self.ticks.iter().map(|(_, label)| label.clone()).chain(limits);
        let values = labels.map(|label| text::width(&label)).max().unwrap_or(0);
        let strips = self.chart.strips.iter().map(|strip| text::width(&text::clean(&strip.label)));
        let strips = strips.filter(|&width| width <= self.style.width / 5).max().unwrap_or(0);
        values.min(self.style.width / 3).max(strips) + 1
    }

    /// Whether there is room for axes and labels beside the plot.
    pub(crate) fn has_axes(&self) -> bool {
        self.gutter > 0
    }

    /// The value of a limit where it begins, as the axis writes it.
    pub(crate) fn limit_value(&self, limit: &Limit) -> Option<String> {
        let value = first_value(limit, self.span)?;
        Some(self.prefix.write_short(value))
    }

    /// The plot column of an instant.
    pub(crate) fn column(&self, t_ms: i64) -> Option<usize> {
        self.span.column(t_ms, self.columns)
    }

    /// A row that begins with a right-aligned label in the gutter and a character of the axis.
    pub(crate) fn labelled(&self, label: &str, ink: Ink, axis: &str, axis_ink: Ink) -> Row {
        let mut row = Row::default();
        if self.has_axes() {
            let label = text::truncate(label, self.gutter - 1, self.glyphs.ellipsis);
            row.push(&text::pad_start(&label, self.gutter - 1), ink);
            row.push(" ", Ink::Plain);
            row.push(axis, axis_ink);
        }
        row
    }

    /// Items one after the other, with as many to a row as fit.
    pub(crate) fn flow(&self, items: impl IntoIterator<Item = Item>) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for item in items {
            let room = self.style.width.saturating_sub(text::width(&item.symbol) + 1);
            let label = text::truncate(&text::clean(&item.label), room, self.glyphs.ellipsis);
            let width = text::width(&item.symbol) + 1 + text::width(&label);
            let fits = |row: &Row| row.width() + 3 + width <= self.style.width;
            match rows.last_mut().filter(|row| fits(row)) {
                Some(row) => row.push("   ", Ink::Plain),
                None => rows.push(Row::default()),
            }
            let row = rows.last_mut().expect("one was pushed");
            row.push(&text::truncate(&item.symbol, self.style.width, ""), item.ink);
            if !label.is_empty() {
                row.push(&format!(" {label}"), Ink::Plain);
            }
        }
        rows
    }
}

/// A symbol and what it stands for.
pub(crate) struct Item {
    pub(crate) symbol: String,
    pub(crate) ink: Ink,
    pub(crate) label: String,
}

/// All values that should be in range.
fn values(chart: &Chart, span: Span) -> impl Iterator<Item = f64> {
    let lines = chart.lines.iter().flat_map(move |line| within(&line.samples, span));
    let limits = chart.limits.iter().flat_map(move |limit| within(limit.moving(), span));
    let constants = chart.limits.iter().filter_map(move |limit| first_value(limit, span));
    lines.chain(limits).chain(constants)
}

fn within(samples: &[(i64, f64)], span: Span) -> impl Iterator<Item = f64> {
    samples.iter().filter(move |&&(t_ms, _)| span.from_ms <= t_ms && t_ms <= span.to_ms).map(|&(_, value)| value)
}

/// The value of a limit that does not move within the span.
fn constant(limit: &Limit, span: Span) -> Option<f64> {
    let first = first_value(limit, span)?;
    match &limit.level {
        Level::Constant(_) => Some(first),
        Level::Samples(samples) => within(samples, span).all(|value| value == first || value.is_nan()).then_some(first),
    }
}

/// The first finite value of a limit within the span.
pub(crate) fn first_value(limit: &Limit, span: Span) -> Option<f64> {
    match &limit.level {
        Level::Constant(value) => Some(*value).filter(|value| value.is_finite()),
        Level::Samples(samples) => within(samples, span).find(|value| value.is_finite()),
    }
}

/// The characters that draw everything but the lines.
pub(crate) struct Glyphs {
    pub(crate) axis: &'static str,
    pub(crate) axis_tick: &'static str,
    pub(crate) corner: &'static str,
    pub(crate) base: char,
    pub(crate) base_tick: char,
    /// Of the first, the second, ... limit.
    pub(crate) limits: [char; 2],
    /// From a marker's letter down through the plot.
    pub(crate) rule: char,
    /// Green, pending, blind, red.
    pub(crate) states: [char; 4],
    pub(crate) line: &'static str,
    pub(crate) ellipsis: &'static str,
    pub(crate) dash: &'static str,
    pub(crate) times: char,
}

const UNICODE: Glyphs = Glyphs {
    axis: "│",
    axis_tick: "┤",
    corner: "└",
    base: '─',
    base_tick: '┬',
    limits: ['╌', '┈'],
    rule: '┊',
    states: ['▁', '▄', '░', '█'],
    line: "⠒⠒",
    ellipsis: "…",
    dash: "–",
    times: '×',
};

const ASCII: Glyphs = Glyphs {
    axis: "|",
    axis_tick: "+",
    corner: "+",
    base: '-',
    base_tick: '+',
    limits: ['=', '-'],
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

const ENGLISH: Words = Words { states: ["green", "pending", "blind", "red"], no_data: "no data", more: "more" };

const JAPANESE: Words =
    Words { states: ["緑", "保留", "判定不能", "赤"], no_data: "データなし", more: "件" };
