//! Series in JSON: answers of Prometheus's `query` and `query_range`, and of CloudWatch's
//! `get-metric-data`.

use nidoto_promql::Labels;
use serde::Deserialize;

use super::csv::Naming;
use super::series::{Gatherer, SeriesFile};
use crate::when;
use crate::words::Words;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    status: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default, rename = "isPartial")]
    partial: bool,
    data: Option<Data>,
    #[serde(rename = "MetricDataResults")]
    cloudwatch: Option<Vec<CloudWatch>>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    kind: String,
    result: serde_json::Value,
}

#[derive(Deserialize)]
struct Row {
    metric: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
    value: Option<(f64, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CloudWatch {
    #[serde(default)]
    label: String,
    #[serde(default)]
    id: String,
    timestamps: Vec<serde_json::Value>,
    values: Vec<f64>,
    #[serde(default)]
    status_code: String,
}

/// Reads an answer. One that is an error, partial or carries warnings is an error here: half an
/// answer must not pass for a whole one.
#[must_use]
pub fn read(bytes: &[u8], naming: &Naming) -> SeriesFile {
    let mut gatherer = Gatherer::default();
    match serde_json::from_slice::<Answer>(bytes) {
        Err(error) => gatherer.fault(
            error.line(),
            error.column(),
            Words::new(
                format!("no answer of Prometheus or CloudWatch: {error}"),
                format!("Prometheus や CloudWatch の応答ではありません: {error}"),
            ),
        ),
        Ok(Answer { cloudwatch: Some(results), .. }) => cloudwatch(&results, naming, &mut gatherer),
        Ok(answer) => prometheus(answer, &mut gatherer),
    }
    gatherer.finish()
}

fn prometheus(answer: Answer, gatherer: &mut Gatherer) {
    let mut fault = |text: String| {
        gatherer.fault(1, 0, Words::new(format!("the server said: {text}"), format!("サーバーの応答: {text}")));
    };
    if answer.status != "success" {
        fault(if answer.error.is_empty() { format!("status `{}`", answer.status) } else { answer.error });
        return;
    }
    for warning in answer.warnings {
        fault(warning);
    }
    if answer.partial {
        fault("isPartial: the answer is partial".into());
    }
    let Some(data) = answer.data else { return fault("no data".into()) };
    match data.kind.as_str() {
        "matrix" | "vector" => match serde_json::from_value::<Vec<Row>>(data.result) {
            Ok(rows) => rows.into_iter().for_each(|row| add_row(row, gatherer)),
            Err(error) => fault(error.to_string()),
        },
        "scalar" => match serde_json::from_value::<(f64, String)>(data.result) {
            Ok(value) => add_row(Row { metric: Default::default(), values: vec![value], value: None }, gatherer),
            Err(error) => fault(error.to_string()),
        },
        other => fault(format!("resultType `{other}` holds no series")),
    }
}

fn add_row(row: Row, gatherer: &mut Gatherer) {
    let labels: Labels = row.metric.into_iter().collect();
    for (at_s, value) in row.values.into_iter().chain(row.value) {
        match value.parse::<f64>() {
            Ok(value) if at_s.abs() < 9e12 => gatherer.add(&labels, (at_s * 1_000.0).round() as i64, value),
            _ => gatherer.fault(
                1,
                0,
                Words::new(
                    format!("{labels}: `{value}` at {at_s} is no sample"),
                    format!("{labels}: `{value}` ({at_s}) はサンプルではありません"),
                ),
            ),
        }
    }
}

fn cloudwatch(results: &[CloudWatch], naming: &Naming, gatherer: &mut Gatherer) {
    for result in results {
        if !matches!(result.status_code.as_str(), "" | "Complete") {
            let (id, code) = (&result.id, &result.status_code);
            gatherer.fault(
                1,
                0,
                Words::new(
                    format!("`{id}` has status {code}: the answer is not whole"),
                    format!("`{id}` の状態が {code} です: 応答が全部ではありません"),
                ),
            );
        }
        if result.timestamps.len() != result.values.len() {
            gatherer.fault(
                1,
                0,
                Words::new(
                    format!("`{}` has {} times and {} values", result.id, result.timestamps.len(), result.values.len()),
                    format!(
                        "`{}` の時刻は {} 個、値は {} 個です",
                        result.id,
                        result.timestamps.len(),
                        result.values.len()
                    ),
                ),
            );
        }
        let label = if result.label.is_empty() { &result.id } else { &result.label };
        let labels = naming.labels((results.len() > 1).then_some(("label", label)));
        for (time, value) in result.timestamps.iter().zip(&result.values) {
            let at_ms = match time {
                serde_json::Value::String(text) => when::parse(text, &naming.zone).map(when::ms),
                serde_json::Value::Number(n) => {
                    n.as_f64().filter(|s| s.abs() < 9e12).map(|s| (s * 1_000.0).round() as i64)
                }
                _ => None,
            };
            match at_ms {
                Some(at_ms) => gatherer.add(&labels, at_ms, *value),
                None => gatherer.fault(
                    1,
                    0,
                    Words::new(format!("`{time}` is no time"), format!("`{time}` は日時ではありません")),
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming() -> Naming {
        Naming { name: "cpu".into(), labels: vec![], zone: jiff::tz::TimeZone::UTC }
    }

    #[test]
    fn range_answers_and_cloudwatch() {
        let text = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"a"},"values":[[1600000000,"1"],[1600000060.5,"NaN"]]}]}}"#;
        let file = read(text.as_bytes(), &naming());
        assert_eq!(
            (file.faults.len(), file.series[0].samples.timestamps_ms.as_slice()),
            (0, &[1_600_000_000_000, 1_600_000_060_500][..])
        );
        let text = r#"{"MetricDataResults":[{"Id":"m1","Label":"CPUUtilization","Timestamps":["2021-02-06T07:55:00+00:00"],"Values":[99.5],"StatusCode":"Complete"}]}"#;
        assert_eq!(read(text.as_bytes(), &naming()).series[0].labels.to_string(), "cpu");
    }

    #[test]
    fn half_an_answer_is_an_error() {
        for text in [
            r#"{"status":"error","error":"bad"}"#,
            r#"{"status":"success","warnings":["store down"],"data":{"resultType":"matrix","result":[]}}"#,
            r#"{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[]}}"#,
            r#"{"MetricDataResults":[{"Id":"m1","Timestamps":[],"Values":[],"StatusCode":"PartialData"}]}"#,
            "[]",
            "",
        ] {
            assert!(!read(text.as_bytes(), &naming()).faults.is_empty(), "{text}");
        }
    }
}
