//! Where everything goes: decided once, before anything is drawn.

use crate::extent::values;
use crate::model::{Band, Between, Chart, Level, Limit, Line};
use crate::scale::{Scale, range};
use crate::span::Span;
use crate::style::{Ink, Language, Row, Style};
use crate::terminal::canvas::Canvas;
use crate::terminal::glyphs::{ASCII, ENGLISH, Glyphs, JAPANESE, UNICODE, Words};
use crate::text;
use crate::unit::Prefix;

/// A chart with its layout. All rows have a gutter of `gutter` columns for labels, one column for
/// the axis, `columns` columns of plot and, beside several lines, `tail` columns for their numbers.
pub(crate) struct Frame<'a> {
    pub(crate) chart: &'a Chart,
    pub(crate) style: Style,
    pub(crate) span: Span,
    pub(crate) scale: Scale,
    pub(crate) prefix: Prefix,
    /// Values with their labels, from the bottom to the top.
    pub(crate) ticks: Vec<(f64, String)>,
    /// The values of each limit of the chart; `None` where it has none within the span.
    pub(crate) limits: Vec<Option<LimitValues>>,
    pub(crate) gutter: usize,
    pub(crate) columns: usize,
    pub(crate) tail: usize,
    /// Whether some strip's label is too long for the gutter: then all of them stand above their
    /// strips, since the name of a guard is never cut for want of room.
    pub(crate) strip_labels_above: bool,
    pub(crate) glyphs: &'static Glyphs,
    pub(crate) words: &'static Words,
}

/// The finite values that a limit takes within the span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LimitValues {
    pub(crate) first: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(chart: &'a Chart, style: &Style) -> Self {
        let style = style.clamped();
        let span = Span::new(chart.from_ms, chart.to_ms);
        let limits: Vec<Option<LimitValues>> = chart.limits.iter().map(|limit| limit_values(limit, span)).collect();
        let (scale, has_values) = scale(chart, span, &limits, &style);
        let (prefix, ticks) = scale.ticks(chart.unit);
        let mut frame = Self {
            chart,
            style,
            span,
            scale,
            prefix,
            ticks: if has_values { ticks } else { Vec::new() },
            limits,
            gutter: 0,
            columns: style.width,
            tail: 0,
            strip_labels_above: true,
            glyphs: if style.unicode { &UNICODE } else { &ASCII },
            words: match style.language {
                Language::English => &ENGLISH,
                Language::Japanese => &JAPANESE,
            },
        };
        // Below this width, axes would leave no room for the data.
        if style.width >= 20 {
            frame.lay_out();
        }
        frame
    }

    fn lay_out(&mut self) {
        let strips = self.chart.strips.iter();
        let strips = strips.map(|strip| text::width(&text::clean(&strip.label))).max().unwrap_or(0);
        let limits = self.limits.iter().flatten().map(|limit| self.limit_text(limit.first));
        let labels = self.ticks.iter().map(|(_, label)| label.clone()).chain(limits);
        let values = labels.map(|label| text::width(&label)).max().unwrap_or(0).min(self.style.width / 3);
        self.strip_labels_above = strips > values.max(self.style.width / 5);
        self.gutter = 1 + if self.strip_labels_above { values } else { values.max(strips) };
        self.tail = if self.chart.lines.len() > 1 && self.style.unicode { 2 } else { 0 };
        self.columns = self.style.width - self.gutter - 1 - self.tail;
    }

    /// Whether there is room for axes and labels beside the plot.
    pub(crate) fn has_axes(&self) -> bool {
        self.gutter > 0
    }

    /// A limit's value as the axis would write it, unless that would be mostly zeros.
    pub(crate) fn limit_text(&self, value: f64) -> String {
        match value.abs() < self.prefix.divisor / 100.0 {
            true => self.chart.unit.format(value),
            false => self.prefix.write_short(value),
        }
    }

    /// The plot column of an instant.
    pub(crate) fn column(&self, t_ms: i64) -> Option<usize> {
        self.span.column(t_ms, self.columns)
    }

    /// A row that begins with a label in the gutter (the caller aligns it) and a character of the
    /// axis; empty where there is no room for either.
    pub(crate) fn labelled(&self, label: &str, ink: Ink, axis: &str, axis_ink: Ink) -> Row {
        let mut row = Row::default();
        if self.has_axes() {
            let label = text::truncate(label, self.gutter - 1, self.glyphs.ellipsis);
            row.push(&text::pad_end(&label, self.gutter), ink);
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
            if text::width(&label) > 0 {
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

/// The scale of everything within the span, and whether there is anything.
fn scale(chart: &Chart, span: Span, limits: &[Option<LimitValues>], style: &Style) -> (Scale, bool) {
    let (computed, measured): (Vec<&Line>, Vec<&Line>) =
        chart.lines.iter().partition(|line| line.between == Between::Straight);
    let limit_ends = limits.iter().flatten().flat_map(|limit| [limit.min, limit.max]);
    let known = range(measured.iter().flat_map(|line| values(line, span)).chain(limit_ends));
    let band_ends: Vec<Line> = chart.bands.iter().flat_map(Band::ends).collect();
    let computed = computed.into_iter().chain(&band_ends).flat_map(|line| values(line, span));
    let range = match known {
        None => range(computed),
        // What was computed may lie anywhere: it must not press what was measured into a line.
        Some((low, high)) => {
            let room = (high - low) / 2.0;
            range(computed.map(|value| value.clamp(low - room, high + room)).chain([low, high]))
        }
    };
    let constant = limits.iter().flatten().find(|limit| limit.min == limit.max).map(|limit| limit.first);
    let dots_per_row = Canvas::dots_per_cell(style.unicode).1;
    (Scale::new(range.unwrap_or((0.0, 1.0)), constant, style.height, dots_per_row), range.is_some())
}

fn limit_values(limit: &Limit, span: Span) -> Option<LimitValues> {
    let constant = match limit.level {
        Level::Constant(value) => Some(value),
        Level::Samples(_) => None,
    };
    let values = constant.into_iter().chain(within(limit.moving(), span));
    values.filter(|value| value.is_finite()).fold(None, |seen: Option<LimitValues>, value| {
        let seen = seen.unwrap_or(LimitValues { first: value, min: value, max: value });
        Some(LimitValues { min: seen.min.min(value), max: seen.max.max(value), ..seen })
    })
}

fn within(samples: &[(i64, f64)], span: Span) -> impl Iterator<Item = f64> {
    let samples = samples.iter().filter(move |&&(t_ms, _)| span.from_ms <= t_ms && t_ms <= span.to_ms);
    samples.map(|&(_, value)| value)
}
