//! The answer to a query, written as a table, a chart, or as Prometheus's HTTP API answers:
//! <https://prometheus.io/docs/prometheus/latest/querying/api/>.

use jiff::tz::TimeZone;
use nidoto_chart::{Cell, Chart, Column, Ink, Line, Style, Table, Unit, terminal};
use nidoto_core::evidence::SpanMs;
use nidoto_core::when;
use nidoto_promql::{Annotation, Labels, Matrix, Value, format_value};
use serde_json::{Value as Json, json};

use crate::output::{Output, utc_offset};

/// More lines than this nobody can tell apart; the rest is only counted.
const LINES_MAX: usize = 8;

/// What came out of a query.
pub struct Answer {
    pub value: Value,
    /// The moment, or the last one of a range.
    pub at_ms: i64,
    /// First and last moment where it was asked over a range.
    pub span: Option<SpanMs>,
    pub annotations: Vec<Annotation>,
}

impl Answer {
    /// The answer as Prometheus's HTTP API gives it.
    pub fn json(&self) -> Json {
        let seconds = |ms: i64| if ms % 1_000 == 0 { json!(ms / 1_000) } else { json!(ms as f64 / 1_000.0) };
        let point = |at_ms: i64, value: f64| json!([seconds(at_ms), format_value(value)]);
        let metric = |labels: &Labels| -> Json {
            labels
                .iter()
                .map(|(name, value)| (name.to_owned(), Json::from(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let (kind, result) = match &self.value {
            Value::Scalar(value) => ("scalar", point(self.at_ms, *value)),
            Value::String(text) => ("string", json!([seconds(self.at_ms), text])),
            Value::Vector(series) => {
                let row = |(labels, value): &(Labels, f64)| json!({"metric": metric(labels), "value": point(self.at_ms, *value)});
                ("vector", series.iter().map(row).collect())
            }
            Value::Matrix(matrix) => {
                let values = |points: &[(i64, f64)]| points.iter().map(|(at, v)| point(*at, *v)).collect::<Json>();
                let row = |(labels, points): &(Labels, Vec<(i64, f64)>)| json!({"metric": metric(labels), "values": values(points)});
                ("matrix", matrix.iter().map(row).collect())
            }
        };
        let mut answer = json!({"status": "success", "data": {"resultType": kind, "result": result}});
        for (key, is_warning) in [("warnings", true), ("infos", false)] {
            let notes: Vec<String> =
                self.annotations.iter().filter(|a| a.is_warning == is_warning).map(ToString::to_string).collect();
            if !notes.is_empty() {
                answer[key] = json!(notes);
            }
        }
        answer
    }

    /// A row for each series; of a range, its least, greatest and last value.
    pub fn table(&self, output: Output, zone: &TimeZone) -> String {
        let at = when::short(self.at_ms, zone);
        match &self.value {
            Value::Scalar(value) => format!("{}\n", format_value(*value)),
            Value::String(text) => format!("{text}\n"),
            Value::Vector(series) if series.is_empty() => nothing(output),
            Value::Vector(series) => {
                let mut table = Table::new([Column::left(output.pick("series", "系列")), Column::right(at)]);
                for (labels, value) in series {
                    table.push([Cell::from(labels.to_string()), Cell::new(format_value(*value), Ink::Strong)]);
                }
                table.render(&output.style)
            }
            Value::Matrix(matrix) if matrix.is_empty() => nothing(output),
            Value::Matrix(matrix) => extremes(matrix, output),
        }
    }

    /// Lines over time; anything but a range as a table.
    pub fn chart(&self, output: Output, zone: &TimeZone, title: &str) -> String {
        let (Value::Matrix(matrix), Some(span)) = (&self.value, self.span) else { return self.table(output, zone) };
        if matrix.is_empty() {
            return nothing(output);
        }
        let mut chart = Chart::new(title, span.0, span.1);
        chart.utc_offset = utc_offset(zone);
        // A series that lost its name also lost its unit: a rate of bytes is not bytes.
        chart.unit = Unit::of_metric(matrix[0].0.metric_name());
        chart.lines = matrix
            .iter()
            .take(LINES_MAX)
            .map(|(labels, points)| Line::new(labels.to_string(), points.clone()))
            .collect();
        let drawn = terminal(&chart, &Style { height: 12, ..output.style });
        match matrix.len().saturating_sub(LINES_MAX) {
            0 => drawn,
            more => format!("{drawn}{} {more}\n", output.pick("series not drawn:", "描かれていない系列:")),
        }
    }
}

fn nothing(output: Output) -> String {
    format!("{}\n", output.pick("no series has a value there", "値のある系列はありません"))
}

fn extremes(matrix: &Matrix, output: Output) -> String {
    let mut table = Table::new([
        Column::left(output.pick("series", "系列")),
        Column::right(output.pick("values", "個数")),
        Column::right(output.pick("least", "最小")),
        Column::right(output.pick("greatest", "最大")),
        Column::right(output.pick("last", "最後")),
    ]);
    for (labels, points) in matrix {
        let values = || points.iter().map(|(_, value)| *value);
        let least = values().fold(f64::NAN, f64::min);
        let greatest = values().fold(f64::NAN, f64::max);
        let last = points.last().map_or(f64::NAN, |(_, value)| *value);
        table.push([
            Cell::from(labels.to_string()),
            Cell::from(points.len().to_string()),
            Cell::from(format_value(least)),
            Cell::from(format_value(greatest)),
            Cell::new(format_value(last), Ink::Strong),
        ]);
    }
    table.render(&output.style)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::When;

    fn answer(query: &str, span: Option<SpanMs>) -> Answer {
        let labels = Labels::new([("__name__", "up"), ("job", "web")]);
        let series = vec![nidoto_promql::Series::new(labels, [(0, 1.0), (60_000, 0.5), (120_500, f64::INFINITY)])];
        super::super::here(&series, query, 120_500, span, 60_000).unwrap()
    }

    fn output() -> Output {
        Output::detect(When::Never, Some(60), Some(nidoto_core::folder::LangName::En))
    }

    #[test]
    fn json_in_the_shape_of_the_api() {
        for (query, span, wanted) in [
            ("1 + 1", None, r#"{"resultType":"scalar","result":[120.5,"2"]}"#),
            ("\"a\"", None, r#"{"resultType":"string","result":[120.5,"a"]}"#),
            (
                "up",
                None,
                r#"{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"web"},"value":[120.5,"+Inf"]}]}"#,
            ),
            (
                "-up",
                Some((0, 60_000)),
                r#"{"resultType":"matrix","result":[{"metric":{"job":"web"},"values":[[0,"-1"],[60,"-0.5"]]}]}"#,
            ),
        ] {
            let json = answer(query, span).json();
            assert_eq!(json["data"].to_string(), wanted, "{query}");
            assert_eq!(json["status"], "success");
        }
        let json = answer("rate(up[5m])", None).json();
        assert!(json["infos"][0].as_str().unwrap().contains("might not be a counter"));
    }

    #[test]
    fn tables_of_a_moment_and_of_a_range() {
        let zone = TimeZone::UTC;
        insta::assert_snapshot!(answer("up", None).table(output(), &zone), @r#"
        series         1970-01-01 00:02
        up{job="web"}              +Inf
        "#);
        insta::assert_snapshot!(answer("up", Some((0, 60_000))).table(output(), &zone), @r#"
        series         values  least  greatest  last
        up{job="web"}       2    0.5         1   0.5
        "#);
        insta::assert_snapshot!(answer("down", None).table(output(), &zone), @"no series has a value there");
    }

    #[test]
    fn a_chart_of_a_range_and_a_table_of_a_moment() {
        let zone = TimeZone::UTC;
        assert!(answer("up", Some((0, 120_000))).chart(output(), &zone, "up").contains("└"));
        let moment = answer("up", None);
        assert_eq!(moment.chart(output(), &zone, "up"), moment.table(output(), &zone));
    }
}
