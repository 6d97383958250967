//! One table in four forms: for people, programs, spreadsheets and postmortems.

use nidoto_chart::{Cell, Column, Ink, Table};
use nidoto_heap::bytes_text;
use serde_json::{Map, Value as Json, json};

use super::args::{Form, Format};
use crate::output::Output;

/// Width of the bar of a row, in characters.
const BAR: usize = 12;

/// What stands in a cell.
#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    Number(i64),
    /// V8's number of an object, written as `--retainers` takes it.
    Id(u32),
    Bytes(i64),
    /// A share of the whole, 0 to 1: drawn as a bar.
    Share(f64),
}

/// A column: its key for programs, its heading for people.
pub struct Heading {
    pub key: &'static str,
    pub title: &'static str,
}

/// A table.
pub struct Sheet {
    /// Its key for programs.
    pub key: &'static str,
    /// Its title for people.
    pub title: String,
    pub headings: Vec<Heading>,
    pub rows: Vec<Vec<Value>>,
}

/// Prints sheets below a summary. `summary` is for people, `facts` say the same to programs.
pub fn print(form: &Form, output: Output, summary: &str, facts: Map<String, Json>, sheets: &[Sheet]) {
    match form.format {
        Format::Text => {
            print!("{summary}");
            for sheet in sheets.iter().filter(|sheet| !sheet.rows.is_empty()) {
                println!("\n{}\n{}", sheet.title, sheet.text(output));
            }
        }
        Format::Markdown => {
            if !summary.is_empty() {
                println!("```text\n{}\n```", summary.trim_end());
            }
            for sheet in sheets.iter().filter(|sheet| !sheet.rows.is_empty()) {
                println!("\n### {}\n\n{}", sheet.title, sheet.markdown());
            }
        }
        Format::Csv => print!("{}", sheets.first().map(Sheet::csv).unwrap_or_default()),
        Format::Json => {
            let mut all = facts;
            all.extend(sheets.iter().map(|sheet| (sheet.key.to_owned(), sheet.json())));
            println!("{:#}", Json::Object(all));
        }
    }
}

/// Headings from pairs of key and title.
pub fn headings<const N: usize>(pairs: [(&'static str, &'static str); N]) -> Vec<Heading> {
    pairs.into_iter().map(|(key, title)| Heading { key, title }).collect()
}

impl Value {
    fn is_left(&self) -> bool {
        matches!(self, Value::Text(_) | Value::Share(_))
    }

    fn text(&self, unicode: bool) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Number(number) => grouped(*number),
            Value::Id(id) => id.to_string(),
            Value::Bytes(bytes) if *bytes < 0 => format!("-{}", bytes_text(bytes.unsigned_abs())),
            Value::Bytes(bytes) => bytes_text(bytes.unsigned_abs()),
            Value::Share(share) => bar(*share, unicode),
        }
    }

    fn plain(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Number(number) | Value::Bytes(number) => number.to_string(),
            Value::Id(id) => id.to_string(),
            Value::Share(share) => format!("{share:.4}"),
        }
    }

    fn json(&self) -> Json {
        match self {
            Value::Text(text) => json!(text),
            Value::Number(number) | Value::Bytes(number) => json!(number),
            Value::Id(id) => json!(id),
            Value::Share(share) => json!((share * 1e4).round() / 1e4),
        }
    }
}

impl Sheet {
    fn text(&self, output: Output) -> String {
        let is_left = |i: usize| self.rows.first().is_none_or(|row| row[i].is_left());
        let column = |(i, heading): (usize, &Heading)| {
            if is_left(i) { Column::left(heading.title) } else { Column::right(heading.title) }
        };
        let mut table = Table::new(self.headings.iter().enumerate().map(column));
        for row in &self.rows {
            table.push(row.iter().map(|value| {
                let ink = if matches!(value, Value::Share(_)) { Ink::Faint } else { Ink::Plain };
                Cell::new(value.text(output.style.unicode), ink)
            }));
        }
        table.render(&output.style)
    }

    fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let escape = |text: String| text.replace('|', "\\|").replace('\n', " ");
        let shown: Vec<usize> =
            (0..self.headings.len()).filter(|i| !matches!(self.rows[0][*i], Value::Share(_))).collect();
        let mut out = line(shown.iter().map(|&i| self.headings[i].title.to_owned()).collect());
        out +=
            &line(shown.iter().map(|&i| if self.rows[0][i].is_left() { "---".into() } else { "--:".into() }).collect());
        for row in &self.rows {
            out += &line(shown.iter().map(|&i| escape(row[i].text(true))).collect());
        }
        out
    }

    fn csv(&self) -> String {
        let field = |text: &str| {
            if text.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let line = |cells: Vec<String>| cells.join(",") + "\r\n";
        let mut out = line(self.headings.iter().map(|heading| heading.key.to_owned()).collect());
        for row in &self.rows {
            out += &line(row.iter().map(|value| field(&value.plain())).collect());
        }
        out
    }

    fn json(&self) -> Json {
        let object = |row: &Vec<Value>| {
            Json::Object(
                self.headings.iter().zip(row).map(|(heading, value)| (heading.key.to_owned(), value.json())).collect(),
            )
        };
        Json::Array(self.rows.iter().map(object).collect())
    }
}

/// Thousands apart.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn bar(share: f64, unicode: bool) -> String {
    let eighths = (share.clamp(0.0, 1.0) * (BAR * 8) as f64).round() as usize;
    if !unicode {
        return "#".repeat(eighths.div_ceil(8));
    }
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{rest}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let row = |name: &str, bytes| vec![Value::Text(name.into()), Value::Bytes(bytes), Value::Share(0.5)];
        Sheet {
            key: "classes",
            title: "Classes".into(),
            headings: headings([("class", "class"), ("bytes", "size"), ("share", "")]),
            rows: vec![row("a|b, \"c\"", 1234), row("d", -5)],
        }
    }

    #[test]
    fn csv_quotes_and_markdown_escapes() {
        assert_eq!(sheet().csv(), "class,bytes,share\r\n\"a|b, \"\"c\"\"\",1234,0.5000\r\nd,-5,0.5000\r\n");
        assert_eq!(sheet().markdown(), "| class | size |\n| --- | --: |\n| a\\|b, \"c\" | 1.2 kB |\n| d | -5 B |\n");
    }

    #[test]
    fn numbers_and_bars_are_for_people() {
        assert_eq!([grouped(-1_234_567), grouped(12), grouped(1000)], ["-1,234,567", "12", "1,000"]);
        assert_eq!([bar(1.0, true), bar(0.01, true), bar(0.5, false)], ["████████████", "▏", "######"]);
    }
}
