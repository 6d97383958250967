//! What tells of restarts.

use nidoto_core::{Words, number};
use nidoto_promql::{Expr, Labels};

/// What tells of restarts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A number that rises by one with each restart.
    Counter,
    /// When it was started, in seconds (or milliseconds) since the epoch.
    StartTime,
    /// A label with another value after each restart.
    Label(String),
}

/// Functions after which a counter or a start time is none any more.
const DERIVED: [&str; 10] =
    ["increase", "rate", "irate", "delta", "idelta", "changes", "resets", "deriv", "predict_linear", "avg"];

impl Source {
    /// Reads `as`; without it, guesses from the metric's name where that is certain.
    ///
    /// # Errors
    /// When it is no known word, nothing certain can be guessed, or the query is no plain metric.
    pub fn of(told: Option<&str>, query: &str) -> Result<Self, Words> {
        let source = match told {
            Some("counter") => Self::Counter,
            Some("start_time") => Self::StartTime,
            Some(text) => match text.strip_prefix("label:").map(str::trim) {
                Some(label) if !label.is_empty() => Self::Label(label.to_owned()),
                _ => {
                    return Err(Words::new(
                        format!("`as: {text}` is unknown: write counter, start_time or label:NAME"),
                        format!("`as: {text}` は使えません: counter、start_time、label:名前 のどれかです"),
                    ));
                }
            },
            None => guess(query).ok_or_else(|| {
                Words::new(
                    "what the query counts cannot be told from its name: add `as: counter`, `as: start_time` or `as: label:NAME`",
                    "クエリの名前からは数え方がわかりません: `as: counter`、`as: start_time`、`as: label:名前` のどれかを加えてください",
                )
            })?,
        };
        let sums = if source == Self::Counter { &["sum"][..] } else { &[] };
        match DERIVED.iter().chain(sums).find(|name| calls(query, name)) {
            Some(name) => Err(Words::new(
                format!(
                    "`{name}` hides what is to be counted: give the metric itself, and `each: false` to add up its series"
                ),
                format!(
                    "`{name}` を通すと数えられません: メトリクスそのものを書き、系列をまとめるには `each: false` を使ってください"
                ),
            )),
            None => Ok(source),
        }
    }

    /// Whether a value, no NaN, is what it should be; a wrong count would be worse than none.
    pub fn is_fit(&self, labels: &Labels, value: f64) -> bool {
        match self {
            Self::Counter => value.is_finite() && value >= 0.0 && value.fract() == 0.0,
            Self::StartTime => start_ms(value).is_some(),
            Self::Label(label) => !labels.get(label).is_empty(),
        }
    }

    /// Why a value is not.
    pub fn misfit(&self, labels: &Labels, value: f64) -> Words {
        let value = number(value);
        match self {
            Self::Counter => Words::new(
                format!("{labels} is no counter of restarts: {value}"),
                format!("{labels} は再起動のカウンターではありません: {value}"),
            ),
            Self::StartTime => Words::new(
                format!("{labels} is no start time in seconds since 1970: {value}"),
                format!("{labels} は開始時刻（1970年からの秒）ではありません: {value}"),
            ),
            Self::Label(label) => Words::new(
                format!("{labels} has no label `{label}`"),
                format!("{labels} に `{label}` というラベルがありません"),
            ),
        }
    }
}

/// A start time in milliseconds: given in seconds, or in milliseconds as JavaScript does. An uptime
/// or a counter is neither.
pub fn start_ms(value: f64) -> Option<i64> {
    match value {
        s if (1e8..1e11).contains(&s) => Some((s * 1_000.0) as i64),
        ms if (1e11..1e14).contains(&ms) => Some(ms as i64),
        _ => None,
    }
}

fn guess(query: &str) -> Option<Source> {
    let names = Expr::parse(query).ok()?.metric_names();
    let mut guesses = names.iter().map(|name| {
        if name.ends_with("_start_time_seconds") || name.ends_with("_boot_time_seconds") {
            Some(Source::StartTime)
        } else if name.ends_with("_restarts_total") || name.ends_with("_restarts") || name.ends_with("_restart_count") {
            Some(Source::Counter)
        } else {
            None
        }
    });
    let first = guesses.next()??;
    guesses.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// Whether a query calls a function or aggregation; what stands in quotes does not count.
fn calls(query: &str, name: &str) -> bool {
    let plain: String = query.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
    plain.match_indices(name).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let rest = plain[at + name.len()..].trim_start();
        let is_word = !plain[..at].ends_with(is_part) && !plain[at + name.len()..].starts_with(is_part);
        is_word && (rest.starts_with('(') || rest.starts_with("by") || rest.starts_with("without"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_only_what_is_certain() {
        let of = |query: &str| Source::of(None, query).ok();
        assert_eq!(of("kube_pod_container_status_restarts_total{pod=~\"a.*\"}"), Some(Source::Counter));
        assert_eq!(of("max by (app) (pm2_restarts)"), Some(Source::Counter));
        assert_eq!(of("node_boot_time_seconds"), Some(Source::StartTime));
        assert_eq!(of("process_start_time_seconds or node_boot_time_seconds"), Some(Source::StartTime));
        for unsure in ["node_boot_id_info", "up", "process_start_time_seconds or x_restarts_total", "1 + 1"] {
            assert_eq!(of(unsure), None, "{unsure}");
        }
        assert_eq!(Source::of(Some("label:boot_id"), "node_boot_id_info"), Ok(Source::Label("boot_id".into())));
        for wrong in ["label:", "starts", ""] {
            assert!(Source::of(Some(wrong), "up").is_err(), "{wrong}");
        }
    }

    #[test]
    fn refuses_what_hides_the_count() {
        for query in
            ["increase(x_restarts_total[1h])", "sum by (a) (x_restarts_total)", "changes(node_boot_time_seconds[5m])"]
        {
            assert!(Source::of(None, query).is_err(), "{query}");
        }
        assert!(Source::of(None, "x_restarts_total{job=\"rate(y)\"}").is_ok());
        assert!(Source::of(Some("counter"), "sum_restarts").is_ok());
    }
}
