//! CSV series: NAB's `timestamp,value`, or one column a series.

use std::path::Path;

use jiff::tz::TimeZone;
use nidoto_promql::{Labels, METRIC_NAME};

use super::series::{Gatherer, SeriesFile};
use crate::when;
use crate::words::Words;

/// What a CSV file leaves open: name, labels and zone, by the manifest.
#[derive(Clone, Debug)]
pub struct Naming {
    /// The metric's name.
    pub name: String,
    /// More labels.
    pub labels: Vec<(String, String)>,
    /// Zone of times without an offset.
    pub zone: TimeZone,
}

impl Naming {
    /// The labels of a series: name, the given labels, and one that tells columns apart.
    #[must_use]
    pub fn labels(&self, more: Option<(&str, &str)>) -> Labels {
        let mut labels = Labels::new(self.labels.iter().cloned());
        labels.set(METRIC_NAME, self.name.as_str());
        if let Some((name, value)) = more {
            labels.set(name, value);
        }
        labels
    }

    /// A name made of a file's name, where the manifest gives none: `ec2_cpu_24ae8d.csv` is `ec2_cpu_24ae8d`.
    #[must_use]
    pub fn of_file(path: &Path) -> String {
        let stem = super::bytes::plain_name(path);
        let stem = stem.rsplit_once('.').map_or(stem.as_str(), |(stem, _)| stem);
        let mut name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            name.insert(0, '_');
        }
        name
    }
}

/// Reads a table whose first column is a time and whose other columns are values. The first row
/// names the columns; with several value columns the name becomes the label `column`. Empty cells
/// are gaps. A time may come twice, as in exports over the hour that daylight saving repeats: the
/// later row counts.
#[must_use]
pub fn read(bytes: &[u8], naming: &Naming) -> SeriesFile {
    let mut gatherer = Gatherer::that_may_repeat();
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let Some((_, head)) = lines.next() else {
        gatherer.fault(1, 1, Words::new("empty file", "空のファイルです"));
        return gatherer.finish();
    };
    let columns = cells(head);
    if columns.len() < 2 {
        gatherer.fault(
            1,
            1,
            Words::new("expected a header like `timestamp,value`", "`timestamp,value` のような見出しが必要です"),
        );
        return gatherer.finish();
    }
    let labels: Vec<Labels> = match columns.as_slice() {
        [_, _] => vec![naming.labels(None)],
        _ => columns[1..].iter().map(|name| naming.labels(Some(("column", name)))).collect(),
    };
    for (i, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let row = cells(line);
        let Some(at_ms) = row.first().and_then(|cell| time_ms(cell, &naming.zone)) else {
            gatherer.fault(i + 1, 1, Words::new("the first column is no time", "最初の列が日時ではありません"));
            continue;
        };
        if row.len() != columns.len() {
            gatherer.fault(
                i + 1,
                1,
                Words::new(
                    format!("{} cells under {} headings", row.len(), columns.len()),
                    format!("見出し {} 個に対してセルが {} 個です", columns.len(), row.len()),
                ),
            );
            continue;
        }
        for (cell, labels) in row[1..].iter().zip(&labels) {
            match cell.parse::<f64>() {
                Ok(value) => gatherer.add(labels, at_ms, value),
                Err(_) if cell.is_empty() => {}
                Err(_) => gatherer.fault(
                    i + 1,
                    1,
                    Words::new(format!("`{cell}` is no number"), format!("`{cell}` は数ではありません")),
                ),
            }
        }
    }
    gatherer.finish()
}

/// A date and time, or seconds or milliseconds since the epoch.
fn time_ms(cell: &str, zone: &TimeZone) -> Option<i64> {
    if let Ok(number) = cell.parse::<f64>() {
        let ms = if number.abs() < 1e11 { number * 1_000.0 } else { number };
        return (ms.abs() < 9e15).then_some(ms.round() as i64);
    }
    when::parse(cell, zone).map(when::ms)
}

/// The cells of a row; quotes may hold commas, a doubled quote is one.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                if let Some(cell) = cells.last_mut() {
                    cell.push('"');
                }
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming() -> Naming {
        Naming { name: "cpu".into(), labels: vec![("host".into(), "a".into())], zone: TimeZone::UTC }
    }

    #[test]
    fn nab_and_wide_tables() {
        let file = read(b"timestamp,value\n2014-02-14 14:30:00,0.132\n2014-02-14 14:35:00,0.134\n", &naming());
        assert_eq!(file.series[0].labels.to_string(), "cpu{host=\"a\"}");
        assert_eq!(file.series[0].samples.iter().next(), Some((1_392_388_200_000, 0.132)));
        let file = read(b"t,\"a,b\",c\n1600000000,1,\n1600000060,x,2\n,1,1\n", &naming());
        assert_eq!(file.series.len(), 2);
        assert_eq!(file.faults.len(), 2);
    }
}
