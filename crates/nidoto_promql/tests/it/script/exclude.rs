//! Which cases are out of scope, decided by what a case says and not by how it ends.

use nidoto_promql::{Expr, Labels, Options};

use super::parse::{Eval, Expectation};

const NATIVE: &str = "native histograms";
/// This one fails as it should, but already when it is read, and so with other words.
const NOT_UTF8: (&str, &str) =
    (r#"count_values("a\xc5z", version)"#, "a label name that is not UTF-8 is refused by the parser");

/// Syntax and functions that Prometheus 3 marks experimental or hides behind a feature flag, as they appear in a query.
const EXPERIMENTAL: [(&str, &str); 14] = [
    ("info(", "info() is experimental"),
    ("histogram_quantiles(", "histogram_quantiles() is experimental"),
    ("limit_ratio", "limit_ratio() is experimental"),
    ("start_timestamp(", "start_timestamp() is experimental"),
    ("anchored", "anchored and smoothed are experimental"),
    ("smoothed", "anchored and smoothed are experimental"),
    ("fill(", "fill modifiers are experimental"),
    ("fill_left(", "fill modifiers are experimental"),
    ("fill_right(", "fill modifiers are experimental"),
    ("step()", "step() and range() are experimental"),
    ("range()", "step() and range() are experimental"),
    ("max_of(", "max_of() and min_of() are experimental"),
    ("min_of(", "max_of() and min_of() are experimental"),
    ("integral(", "integral() is experimental"),
];

/// Scripts that need a feature flag of Prometheus for what they load.
const FLAGGED_FILES: [(&str, &str); 1] = [("start_timestamps.test", "start timestamps are behind a feature flag")];

const NATIVE_FUNCTIONS: [&str; 5] =
    ["histogram_avg(", "histogram_count(", "histogram_stddev(", "histogram_stdvar(", "histogram_sum("];

/// Why a case is out of scope, if it is. `native` are the series that hold native histograms.
pub(super) fn reason(eval: &Eval, native: &[Labels]) -> Option<&'static str> {
    if eval.series.iter().any(|s| s.has_histograms) || NATIVE_FUNCTIONS.iter().any(|f| eval.query.contains(f)) {
        return Some(NATIVE);
    }
    if eval.query == NOT_UTF8.0 {
        return Some(NOT_UTF8.1);
    }
    if let Some((_, reason)) = EXPERIMENTAL.iter().find(|(text, _)| eval.query.to_lowercase().contains(text)) {
        return Some(reason);
    }
    match Expr::parse(&eval.query) {
        Ok(expr) => {
            let selections = expr.selectors(&Options::default());
            let reads_native = selections.iter().any(|s| native.iter().any(|labels| s.matchers.matches(labels)));
            reads_native.then_some(NATIVE)
        }
        Err(_) => {
            let fails = eval.expectations.iter().any(|e| matches!(e, Expectation::Fail(_)));
            (!fails && is_duration_expression(&eval.query)).then_some("arithmetic in durations is experimental")
        }
    }
}

/// Whether a bracket or an offset holds more than a duration.
fn is_duration_expression(query: &str) -> bool {
    let is_plain = |text: &str| text.trim().chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | ' '));
    let in_brackets = query.split('[').skip(1).any(|rest| !is_plain(rest.split(']').next().unwrap_or("")));
    let in_offset =
        query.split("offset").skip(1).any(|rest| rest.trim().trim_start_matches(['-', '+']).trim().starts_with('('));
    in_brackets || in_offset
}

pub(super) fn flagged_file(file: &str) -> Option<&'static str> {
    FLAGGED_FILES.iter().find(|(name, _)| *name == file).map(|(_, reason)| *reason)
}
