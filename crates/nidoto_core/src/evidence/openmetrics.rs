//! OpenMetrics text (and Prometheus's older text format where it agrees) with time stamps in
//! seconds: <https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md>.

use nidoto_promql::Labels;

use super::series::{Gatherer, SeriesFile};
use crate::words::Words;

/// Reads a file of samples with time stamps. Comments, types, units, exemplars and time stamps of
/// creation are passed over. A sample without a time stamp is an error: evidence is of some time.
#[must_use]
pub fn read(bytes: &[u8]) -> SeriesFile {
    let mut gatherer = Gatherer::default();
    let mut previous = (&[][..], Labels::default());
    for (i, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line[0] == b'#' {
            continue;
        }
        let Ok(text) = std::str::from_utf8(line) else {
            gatherer.fault(i + 1, 1, Words::new("not UTF-8", "UTF-8 ではありません"));
            continue;
        };
        // Samples of a series follow each other: read its labels once.
        let head = series_end(text);
        if previous.0 != &line[..head] || previous.0.is_empty() {
            match labels(&text[..head]) {
                Ok(labels) => previous = (&line[..head], labels),
                Err((column, what)) => {
                    gatherer.fault(i + 1, column, what);
                    continue;
                }
            }
        }
        match value_and_time(&text[head..]) {
            Some((value, at_ms)) => gatherer.add(&previous.1, at_ms, value),
            None => gatherer.fault(
                i + 1,
                text[..head].chars().count() + 1,
                Words::new("expected a value and a time stamp in seconds", "値と秒単位の時刻が必要です"),
            ),
        }
    }
    gatherer.finish()
}

/// Where the series (name and labels) ends: behind `}`, or at the first space.
fn series_end(line: &str) -> usize {
    let bytes = line.as_bytes();
    let mut quoted = false;
    let mut i = 0;
    let mut braces = false;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' if quoted => i += 1,
            b'"' => quoted = !quoted,
            b'{' if !quoted => braces = true,
            b'}' if !quoted => return i + 1,
            b' ' | b'\t' if !quoted && !braces => return i,
            _ => {}
        }
        i += 1;
    }
    // An unclosed brace or quote: `labels` says where.
    line.len()
}

/// `name{a="b",...}`, or the form with a quoted name `{"name",a="b"}`.
fn labels(text: &str) -> Result<Labels, (usize, Words)> {
    let wrong = |at: usize, en: &str, ja: &str| (text[..at].chars().count() + 1, Words::new(en, ja));
    let brace = text.find('{').unwrap_or(text.len());
    let name = &text[..brace];
    let mut pairs: Vec<(String, String)> = Vec::new();
    if !name.is_empty() {
        if !is_plain(name) {
            return Err(wrong(0, "no metric name", "メトリクス名ではありません"));
        }
        pairs.push((nidoto_promql::METRIC_NAME.to_owned(), name.to_owned()));
    }
    let Some(inner) = text.get(brace + 1..) else {
        return if pairs.is_empty() {
            Err(wrong(0, "no metric name", "メトリクス名がありません"))
        } else {
            Ok(pairs.into_iter().collect())
        };
    };
    let Some(inner) = inner.strip_suffix('}') else {
        return Err(wrong(brace, "this `{` is not closed", "この `{` が閉じていません"));
    };
    let mut rest = inner;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let at = brace + 1 + inner.len() - rest.len();
        if rest.is_empty() {
            break;
        }
        let (label, after) = if rest.starts_with('"') {
            quoted(rest).ok_or_else(|| wrong(at, "this quote is not closed", "引用符が閉じていません"))?
        } else {
            let end = rest.find(['=', ',', ' ']).unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        };
        match after.trim_start().strip_prefix('=') {
            Some(value) => {
                let (value, after) = quoted(value.trim_start()).ok_or_else(|| {
                    wrong(at, "expected a label's value in quotes", "ラベルの値を引用符で囲んでください")
                })?;
                pairs.push((label, value));
                rest = after;
            }
            None if name.is_empty() && rest.starts_with('"') => {
                pairs.push((nidoto_promql::METRIC_NAME.to_owned(), label));
                rest = after;
            }
            None => return Err(wrong(at, "expected label=\"value\"", "label=\"value\" が必要です")),
        }
        rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.is_empty() => break,
            None => return Err(wrong(brace + 1 + inner.len() - rest.len(), "expected a comma", "コンマが必要です")),
        }
    }
    Ok(pairs.into_iter().collect())
}

/// A text in double quotes with `\\`, `\"` and `\n`, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Some((value, &inner[i + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                c @ ('"' | '\\') => value.push(c),
                other => value.extend(['\\', other]),
            },
            c => value.push(c),
        }
    }
    None
}

fn value_and_time(text: &str) -> Option<(f64, i64)> {
    // An exemplar stands behind ` # `.
    let text = text.split(" # ").next()?;
    let mut words = text.split_ascii_whitespace();
    let value = number(words.next()?)?;
    let at_s: f64 = words.next()?.parse().ok()?;
    let at_ms = (at_s * 1_000.0).round();
    (words.next().is_none() && at_ms.abs() < 9e15).then_some((value, at_ms as i64))
}

/// A value: Rust reads what OpenMetrics writes, `+Inf` and `NaN` included.
fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Writes samples as OpenMetrics text: what `promtool tsdb create-blocks-from openmetrics` reads.
#[must_use]
pub fn write(series: &[nidoto_promql::Series]) -> String {
    let mut out = String::new();
    let mut last = "";
    for one in series {
        let name = one.labels.metric_name();
        if name != last {
            out += &format!("# TYPE {} unknown\n", if is_plain(name) { name.to_owned() } else { quote(name) });
            last = name;
        }
        let labels = series_text(&one.labels);
        for (at_ms, value) in one.samples.iter() {
            let value = if value.is_nan() {
                "NaN".to_owned()
            } else if value.is_infinite() {
                if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
            } else {
                value.to_string()
            };
            let (s, ms) = (at_ms.div_euclid(1_000), at_ms.rem_euclid(1_000));
            let time = if ms == 0 { s.to_string() } else { format!("{}", at_ms as f64 / 1_000.0) };
            out += &format!("{labels} {value} {time}\n");
        }
    }
    out + "# EOF\n"
}

/// `name{a="b"}`, or `{"na me",a="b"}` where the name is not of the classic form.
fn series_text(labels: &Labels) -> String {
    let name = labels.metric_name();
    let mut inner: Vec<String> = Vec::new();
    if !name.is_empty() && !is_plain(name) {
        inner.push(quote(name));
    }
    for (label, value) in labels.iter().filter(|(label, _)| *label != nidoto_promql::METRIC_NAME) {
        let label = if is_plain(label) && !label.contains(':') { label.to_owned() } else { quote(label) };
        inner.push(format!("{label}={}", quote(value)));
    }
    match (is_plain(name), inner.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{name}{{{}}}", inner.join(",")),
        (false, _) => format!("{{{}}}", inner.join(",")),
    }
}

/// Whether a name is of the classic form: ASCII letters, digits, `_` and `:`.
fn is_plain(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    !name.is_empty() && name.chars().all(fits) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// A text in quotes with the only escapes that OpenMetrics has.
fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nidoto_promql::Series;
    use proptest::prelude::*;

    #[test]
    fn reads_values_labels_and_times() {
        let text = "# TYPE a counter\na_total{x=\"1\\\"}\",y=\"é\"} 5 1600000000.5 # {t=\"1\"} 1\na_total{x=\"1\\\"}\",y=\"é\"} +Inf 1600000060\nb NaN 1600000000\n{\"c d\",e=\"f\"} -1e3 1\n# EOF\n";
        let file = read(text.as_bytes());
        assert_eq!(file.faults, []);
        let shown: Vec<String> =
            file.series.iter().map(|s| format!("{} {:?}", s.labels, s.samples.iter().collect::<Vec<_>>())).collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        a_total{x="1\"}", y="é"} [(1600000000500, 5.0), (1600000060000, inf)]
        b [(1600000000000, NaN)]
        {__name__="c d", e="f"} [(1000, -1000.0)]
        "#);
    }

    #[test]
    fn errors_name_line_and_column() {
        let file = read(b"ok 1 2\nno_time 5\nx{a=b} 1 2\ny{a=\"b\" 1 2\n\xff 1 2\n1a 2 3\n");
        let shown: Vec<String> =
            file.faults.iter().map(|(at, what)| format!("{}:{} {}", at.line, at.column, what.en)).collect();
        insta::assert_snapshot!(shown.join("\n"), @"
        2:8 expected a value and a time stamp in seconds
        3:3 expected a label's value in quotes
        4:2 this `{` is not closed
        5:1 not UTF-8
        6:1 no metric name
        ");
        assert_eq!(file.series.len(), 1);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            name in "[a-z:]{1,3}|[ -~é]{1,4}",
            label in "[a-z]{1,3}|[ -~é]{1,4}",
            value in "([ -~é\\n\\t\\x01]|, | # |}){0,12}",
            samples in proptest::collection::btree_map(0_i64..4_000_000_000_000, proptest::num::f64::ANY.prop_filter("NaN has many faces", |v| !v.is_nan()), 1..20),
        ) {
            let labels = Labels::new([("__name__", name.as_str()), (label.as_str(), value.as_str())]);
            let series = vec![Series::new(labels, samples)];
            let file = read(write(&series).as_bytes());
            prop_assert_eq!(file.faults, vec![]);
            prop_assert_eq!(file.series, series);
        }
    }
}
