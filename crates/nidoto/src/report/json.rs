//! JSON, as `docs/reports.md` describes it.

use serde_json::json;

use super::Report;

/// One object; its `version` grows when something in it changes its meaning.
pub(super) fn write(report: &Report) -> String {
    let mut value = json!({ "version": 1 });
    let body = serde_json::to_value(report).unwrap_or_default();
    if let (Some(value), serde_json::Value::Object(body)) = (value.as_object_mut(), body) {
        value.extend(body);
    }
    format!("{value:#}\n")
}
