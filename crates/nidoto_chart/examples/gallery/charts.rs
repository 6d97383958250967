//! Charts of invented outages, for the eye and for the tests.

use nidoto_chart::{Band, Cell, Chart, Column, Ink, Limit, Line, Marker, State, Strip, Table, Unit, UtcOffset};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// 2021-06-05 00:00 in Tokyo.
const START: i64 = 1_622_818_800_000;

pub(crate) fn charts() -> [Chart; 7] {
    [slab(), leak(), connections(), disk(), errors(), unit_file(), nothing()]
}

/// Weeks of a leak under a constant limit, with a pause in the recording.
fn slab() -> Chart {
    let samples = (0..28 * 24 * 4)
        .map(|n: i64| (START + n * HOUR / 4, n as f64))
        .filter(|&(t_ms, _)| !(START + 9 * DAY..START + 12 * DAY).contains(&t_ms));
    let samples =
        samples.map(|(t_ms, n)| (t_ms, 2.4e8 + n * 5.6e5 + 6e7 * (n / 15.3).sin().powi(3) + 4e7 * (n * 0.77).sin()));
    Chart {
        unit: Unit::Bytes,
        utc_offset: UtcOffset::fixed(9 * 3600),
        lines: vec![Line::new("s512", samples.collect())],
        limits: vec![Limit::constant("limit", 1.5e9)],
        strips: vec![
            Strip::new(
                "slab-rises",
                vec![
                    (START, START + 9 * DAY, State::Green),
                    (START + 9 * DAY, START + 12 * DAY, State::Blind),
                    (START + 12 * DAY, START + 22 * DAY, State::Green),
                    (START + 22 * DAY, START + 23 * DAY, State::Pending),
                    (START + 23 * DAY, START + 28 * DAY, State::Red),
                ],
            ),
            Strip::new(
                "memory-available-is-forecast",
                vec![(START, START + 24 * DAY, State::Green), (START + 24 * DAY, START + 28 * DAY, State::Red)],
            ),
        ],
        markers: vec![
            Marker::new(START + 6 * DAY, 'D', "traQ 3.4"),
            Marker::new(START + 19 * DAY, 'R', "web restarted"),
            Marker::new(START + 19 * DAY + HOUR, 'D', "traQ 3.5"),
            Marker::new(START + 28 * DAY - 22 * HOUR, 'S', "started"),
            Marker::new(START + 28 * DAY - 10 * HOUR, 'd', "detected"),
        ],
        ..Chart::new("カーネルの slab (SUnreclaim)", START, START + 28 * DAY)
    }
}

/// A proof of a leak: floor, trend and forecast beyond the end of the recording, daily restarts.
fn leak() -> Chart {
    let end = START + 14 * DAY;
    let value = |n: i64| 3.0e8 + (n % 24) as f64 * 1.1e7 + n as f64 * 1.3e6;
    let floor = (0..14).map(|day| (START + day * DAY, value(day * 24)));
    let trend = |days: f64| 3.0e8 + days * 3.12e7;
    let cone = |day: i64, width: f64| (START + (day * DAY), trend(day as f64) - width, trend(day as f64) + width);
    Chart {
        unit: Unit::Bytes,
        lines: vec![
            Line::new("api", (0..14 * 24).map(|n| (START + n * HOUR, value(n))).collect()),
            Line::straight("floor", floor.collect()),
            Line::straight("trend", vec![(START + 4 * DAY, trend(4.0)), (START + 40 * DAY, trend(40.0))]),
        ],
        bands: vec![Band::new("forecast, 80 %", vec![cone(14, 1e7), cone(18, 8e7), cone(24, 6e8)])],
        limits: vec![Limit::constant("limit", 9e8)],
        strips: vec![Strip::new(
            "api-leaks",
            vec![(START, START + 9 * DAY, State::Green), (START + 9 * DAY, end, State::Red)],
        )],
        markers: (0..14).map(|day| Marker::new(START + day * DAY, 'R', "restart")).collect(),
        ..Chart::new("Resident memory", START, START + 18 * DAY)
    }
}

/// A day of three instances, with many deploys.
fn connections() -> Chart {
    let line = |name: &str, phase: f64, height: f64| {
        let samples = (0..24 * 60).map(|n| {
            let day = ((n as f64 - 300.0 - phase) / 1440.0 * std::f64::consts::TAU).sin() * 22.0 + 45.0;
            let push = if (725..760).contains(&n) { 55.0 } else { 0.0 };
            (START + n * 60_000, height + day + push + 6.0 * (n as f64 * 0.9 + phase).sin())
        });
        Line::new(name, samples.collect())
    };
    Chart {
        utc_offset: UtcOffset::fixed(9 * 3600),
        lines: vec![line("web-1", 0.0, 0.0), line("web-2", 30.0, 12.0), line("web-3", 70.0, 22.0)],
        limits: vec![Limit::constant("max_connections", 120.0)],
        strips: vec![Strip::new(
            "pool",
            vec![
                (START, START + 12 * HOUR, State::Green),
                (START + 12 * HOUR, START + 13 * HOUR, State::Red),
                (START + 13 * HOUR, START + DAY, State::Green),
            ],
        )],
        markers: (0..12)
            .map(|n| Marker::new(START + n * 2 * HOUR, 'D', format!("deploy {n}")))
            .chain([
                Marker::new(START + 12 * HOUR, 'P', "push to 240,000"),
                Marker::new(START + 12 * HOUR + 180_000, 'S', "started"),
                Marker::new(START + 12 * HOUR + 900_000, 'd', "detected"),
            ])
            .collect(),
        ..Chart::new("DB connections", START, START + DAY)
    }
}

/// Two hours below a limit that moves.
fn disk() -> Chart {
    let at = |n: i64| START + n * 15_000;
    Chart {
        unit: Unit::Ratio,
        lines: vec![Line::new("", (0..480).map(|n| (at(n), 0.61 + n as f64 / 2000.0)).collect())],
        limits: vec![Limit::samples("limit", (0..480).map(|n| (at(n), if n < 300 { 0.8 } else { 0.9 })).collect())],
        ..Chart::new("Disk used", at(0), at(480))
    }
}

/// Lines of a log within five minutes: a value stands until it changes. No title.
fn errors() -> Chart {
    let at = |minutes: i64| START + minutes * 60_000;
    let burst = (0..35).map(|n| (at(1005 + n), (n.min(5) * 40 + 30 * (n % 3)) as f64));
    Chart {
        lines: vec![Line::held(
            "1040 too many connections",
            [(at(0), 0.0)].into_iter().chain(burst).chain([(at(1045), 0.0)]).collect(),
        )],
        limits: vec![Limit::constant("limit", 20.0)],
        ..Chart::new("", START, START + DAY)
    }
}

/// A guard that reads a file: states and events, but no values. The outage is short against the
/// time before it.
fn unit_file() -> Chart {
    let outage = START + 24 * DAY + 5 * HOUR;
    let at = |minutes: i64| outage + minutes * 60_000;
    Chart {
        utc_offset: UtcOffset::fixed(9 * 3600),
        strips: vec![Strip::new(
            "restart-is-on",
            vec![
                (START, START + 3 * DAY, State::Green),
                (START + 3 * DAY, at(80), State::Red),
                (at(80), START + 28 * DAY, State::Green),
            ],
        )],
        markers: vec![
            Marker::new(START + 3 * DAY, 'D', "unit rewritten"),
            Marker::new(at(0), 'S', "started"),
            Marker::new(at(30), 'd', "detected"),
            Marker::new(at(41), 'c', "declared"),
            Marker::new(at(55), 'm', "mitigated"),
            Marker::new(at(80), 'r', "resolved"),
        ],
        ..Chart::new("Restart= of traq.service", START, START + 28 * DAY)
    }
}

fn nothing() -> Chart {
    Chart { lines: vec![Line::new("web-9", Vec::new())], ..Chart::new("Nothing at all", START, START + DAY) }
}

pub(crate) fn guards() -> Table {
    let mut table =
        Table::new([Column::left("guard"), Column::right("lead"), Column::left("verdict"), Column::left("finding")]);
    table.push([
        "slab-rises".into(),
        "5 d".into(),
        Cell::new("red", Ink::Red),
        "the slab's floor grows by 52 MB a day and reaches the limit within 72 hours".into(),
    ]);
    table.push([
        "接続数".into(),
        "31 min".into(),
        Cell::new("green", Ink::Green),
        "プール数×台数が max_connections の75%を超えない。四日ごとに確かめる。".into(),
    ]);
    table
}
