//! Any text as a template: read or refused, filled in or not, within bounds; a place lies within.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_core::Words;
use nidoto_promql::Labels;
use nidoto_rules::{Context, Template};

fuzz_target!(|text: &str| {
    let labels = Labels::new([("__name__", "up"), ("instance", "web-1:9100"), ("zone", "a")]);
    let query = |query: &str| match query.len() % 3 {
        0 => Err(Words::same("no")),
        1 => Ok(Vec::new()),
        _ => Ok(vec![(labels.clone(), 1.5), (Labels::default(), f64::NAN)]),
    };
    let external = Labels::default();
    let context = Context {
        labels: &labels,
        value: 1234.5,
        at_ms: 1_700_000_000_000,
        external_labels: &external,
        external_url: "http://a/b",
        query: &query,
    };
    let error = match Template::parse(text) {
        Ok(template) => {
            let _ = (template.reads_labels_only(), template.queries());
            template.expand(&context).map(|filled| assert!(filled.len() <= 1 << 20)).err()
        }
        Err(error) => Some(error),
    };
    if let Some(error) = error {
        assert!(error.byte <= text.len() && error.at.line >= 1);
    }
});
