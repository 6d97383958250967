//! Whole drawings: their looks as snapshots, their laws as properties.

#[path = "../examples/gallery/charts.rs"]
mod charts;

use insta::assert_snapshot;
use nidoto_chart::{
    Band, Between, Cell, Chart, Column, Ink, Language, Level, Limit, Line, Marker, State, Strip, Style, Table, Unit,
    UtcOffset, terminal,
};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

fn gallery(style: &Style) -> String {
    let charts = charts::charts().map(|chart| terminal(&chart, style));
    format!("{}\n{}", charts.join("\n"), charts::guards().render(style))
}

#[test]
fn gallery_in_80_columns() {
    assert_snapshot!(gallery(&Style::default()));
}

#[test]
fn gallery_in_40_columns_of_japanese() {
    assert_snapshot!(gallery(&Style { width: 40, language: Language::Japanese, ..Style::default() }));
}

#[test]
fn gallery_in_120_columns() {
    assert_snapshot!(gallery(&Style { width: 120, ..Style::default() }));
}

#[test]
fn gallery_in_ascii() {
    assert_snapshot!(gallery(&Style { width: 72, unicode: false, language: Language::Japanese, ..Style::default() }));
}

#[test]
fn gallery_in_colour() {
    // Escape characters are made visible.
    assert_snapshot!(gallery(&Style { colour: true, ..Style::default() }).replace('\x1b', "␛"));
}

#[test]
fn the_worst_state_of_a_column_is_drawn() {
    let day = 86_400_000;
    let strip = |state| vec![(0, 9 * day, State::Green), (4 * day, 4 * day, state), (5 * day, 5 * day + 1, state)];
    let chart = Chart {
        strips: vec![
            Strip::new("blind", strip(State::Blind)),
            Strip::new("red", [strip(State::Red), strip(State::Blind)].concat()),
            Strip::new("ends", vec![(0, day, State::Green), (8 * day, 10 * day, State::Red)]),
        ],
        ..Chart::new("", 0, 10 * day)
    };
    let drawn = terminal(&chart, &Style { width: 40, height: 1, ..Style::default() });
    assert_snapshot!(drawn, @"
                      1970-01-01 – 01-11 UTC
          └─────────────┬───────────────────
                      5 Jan
    blind  ▁▁▁▁▁▁▁▁▁▁▁▁▁░▁▁░▁▁▁▁▁▁▁▁▁▁▁▁▁
    red    ▁▁▁▁▁▁▁▁▁▁▁▁▁█▁▁█▁▁▁▁▁▁▁▁▁▁▁▁▁
    ends   ▁▁▁▁                      ███████
    ▁ green   ░ blind   █ red
    ");
}

#[test]
fn a_label_cannot_steer_the_terminal() {
    let evil = "\x1b[2J\u{202e}evil\r\n\u{7}";
    let chart = Chart {
        lines: vec![Line::new(evil, vec![(0, 1.0)])],
        limits: vec![Limit::constant(evil, 2.0)],
        strips: vec![Strip::new(evil, vec![(0, 10, State::Red)])],
        markers: vec![Marker::new(5, '\x1b', evil)],
        ..Chart::new(evil, 0, 10)
    };
    let mut table = Table::new([Column::left(evil)]);
    table.push([evil.into()]);
    let drawn = terminal(&chart, &Style::default()) + &table.render(&Style::default());
    assert!(drawn.chars().all(|c| c == '\n' || !c.is_control()) && !drawn.contains('\u{202e}'), "{drawn:?}");
}

/// Any number, with the awkward ones often.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e4..1e4f64,
        1 => prop::num::f64::ANY,
        1 => prop::sample::select(vec![0.0, -0.0, 1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 5e-324]),
    ]
}

fn samples() -> impl Strategy<Value = Vec<(i64, f64)>> {
    let time = prop_oneof![8 => 0i64..100_000, 1 => any::<i64>()];
    prop::collection::vec((time, value()), 0..30)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[ -~]{0,30}", 1 => "[a-z接続数、。🦀é]{0,30}", 1 => any::<String>()]
}

fn between() -> impl Strategy<Value = Between> {
    prop::sample::select(vec![Between::Measured, Between::Held, Between::Straight])
}

fn band(samples: &[(i64, f64)], width: f64) -> Vec<(i64, f64, f64)> {
    samples.iter().map(|&(t_ms, low)| (t_ms, low, low + width)).collect()
}

fn state() -> impl Strategy<Value = State> {
    prop::sample::select(vec![State::Green, State::Pending, State::Blind, State::Red])
}

fn unit() -> impl Strategy<Value = Unit> {
    use Unit::{BinaryBytes, Bytes, Percent, Plain, Ratio, Seconds};
    prop::sample::select(vec![Plain, Bytes, BinaryBytes, Percent, Ratio, Seconds])
}

prop_compose! {
    fn chart()(
        title in text(),
        span in prop_oneof![4 => Just((0i64, 100_000i64)), 1 => any::<(i64, i64)>()],
        offset: i32,
        unit in unit(),
        lines in prop::collection::vec((text(), samples(), between()), 0..4),
        bands in prop::collection::vec((text(), samples(), value()), 0..3),
        limits in prop::collection::vec(
            (text(), prop_oneof![value().prop_map(Level::Constant), samples().prop_map(Level::Samples)]),
            0..3,
        ),
        strips in prop::collection::vec((text(), prop::collection::vec((any::<i64>(), 0i64..100_000, state()), 0..5)), 0..3),
        markers in prop::collection::vec((0i64..100_000, any::<char>(), text()), 0..12),
    ) -> Chart {
        Chart {
            title,
            from_ms: span.0,
            to_ms: span.1,
            utc_offset: UtcOffset::fixed(offset),
            unit,
            lines: lines.into_iter().map(|(name, samples, between)| Line { name, samples, between }).collect(),
            bands: bands.into_iter().map(|(name, samples, width)| Band::new(name, band(&samples, width))).collect(),
            limits: limits.into_iter().map(|(label, level)| Limit { label, level }).collect(),
            strips: strips.into_iter().map(|(label, spans)| Strip { label, spans }).collect(),
            markers: markers.into_iter().map(|(t_ms, letter, label)| Marker { t_ms, letter, label }).collect(),
        }
    }
}

prop_compose! {
    fn style()(width in 0usize..220, height in 0usize..30, colour: bool, unicode: bool, japanese: bool) -> Style {
        let language = if japanese { Language::Japanese } else { Language::English };
        Style { width, height, colour, unicode, language }
    }
}

/// The text without colour codes.
fn uncoloured(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once('m').expect("a code ends in m").1)
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_style(chart in chart(), style in style()) {
        for line in uncoloured(&terminal(&chart, &style)).lines() {
            prop_assert!(line.width() <= style.width.max(1), "{line:?}");
            prop_assert!(!line.ends_with(' '));
        }
    }

    #[test]
    fn colours_change_nothing_else(chart in chart(), style in style()) {
        let [plain, coloured] = [false, true].map(|colour| terminal(&chart, &Style { colour, ..style }));
        prop_assert!(!plain.contains('\x1b'));
        prop_assert_eq!(uncoloured(&coloured), plain);
    }

    #[test]
    fn ascii_in_ascii_out(mut chart in chart(), style in style()) {
        let ascii = |text: &mut String| text.retain(|c| c.is_ascii());
        ascii(&mut chart.title);
        chart.lines.iter_mut().for_each(|line| ascii(&mut line.name));
        chart.bands.iter_mut().for_each(|band| ascii(&mut band.name));
        chart.limits.iter_mut().for_each(|limit| ascii(&mut limit.label));
        chart.strips.iter_mut().for_each(|strip| ascii(&mut strip.label));
        chart.markers.iter_mut().for_each(|marker| ascii(&mut marker.label));
        chart.markers.retain(|marker| marker.letter.is_ascii());
        let drawn = terminal(&chart, &Style { unicode: false, ..style });
        prop_assert!(uncoloured(&drawn).is_ascii(), "{drawn}");
    }

    #[test]
    fn tables_fit_and_lose_nothing(
        cells in prop::collection::vec([text(), text(), text()], 0..6), width in 40usize..120, colour: bool,
    ) {
        let mut table = Table::new([Column::left("a"), Column::right("b"), Column::left("c")]);
        for row in &cells {
            table.push(row.iter().map(|text| Cell::new(text, Ink::Red)));
        }
        let drawn = uncoloured(&table.render(&Style { width, colour, ..Style::default() }));
        for line in drawn.lines() {
            prop_assert!(line.width() <= width, "{line:?}");
        }
        let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).count();
        prop_assert_eq!(letters(&drawn), 3 + letters(&cells.concat().concat()));
    }
}
