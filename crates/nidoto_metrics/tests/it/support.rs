//! Guards and words for the tests of all kinds.

use nidoto_core::{GuardSpec, Hours, Judged, Pos, Verdict, Words};
use serde_json::Value;

/// A guard of a kind, in Tokyo.
pub fn guard(kind: &str, keys: Value, source: &str) -> GuardSpec {
    let kind = nidoto_metrics::KINDS.iter().find(|known| known.name == kind).unwrap();
    GuardSpec {
        name: "g".into(),
        incident: None,
        kind,
        guard: (kind.build)(keys).unwrap(),
        source: Some(source.into()),
        settings: Default::default(),
        hours: Hours { zone: jiff::tz::TimeZone::get("Asia/Tokyo").unwrap(), night: None },
        file: "guards.yaml".into(),
        at: Pos::default(),
    }
}

/// Why keys are refused.
pub fn refused(kind: &str, keys: Value) -> Option<Words> {
    let kind = nidoto_metrics::KINDS.iter().find(|known| known.name == kind).unwrap();
    (kind.build)(keys).err()
}

/// A verdict in English, a line for each finding.
pub fn says(judged: &Judged) -> String {
    match &judged.verdict {
        Verdict::Red { findings } => findings.iter().map(|f| f.what.en.clone()).collect::<Vec<_>>().join("\n"),
        Verdict::Blind { why } => format!("blind: {}", why.why.en),
        Verdict::Green if judged.pending => "pending".to_owned(),
        Verdict::Green => "green".to_owned(),
    }
}
