//! Prometheus's HTTP API, as Prometheus, VictoriaMetrics, Mimir and Thanos speak it:
//! <https://prometheus.io/docs/prometheus/latest/querying/api/>.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use nidoto_core::evidence::{Naming, SpanMs, parse_series};
use nidoto_core::folder::PrometheusSource;
use nidoto_core::{Span, Words};
use nidoto_promql::{Labels, Matrix, Series};

/// Servers refuse a range of more than 11,000 points; longer ones are asked for in parts.
const POINTS_MAX: i64 = 10_000;
/// A larger answer is refused.
const ANSWER_BYTES_MAX: u64 = 256 << 20;

/// The answer to a query at every step of a span, both ends included.
///
/// # Errors
/// When the server cannot be reached, takes too long, says no, warns, or answers in part: half an
/// answer must not pass for a whole one.
pub fn range(name: &str, source: &PrometheusSource, query: &str, span: SpanMs, step_ms: i64) -> Result<Matrix, Words> {
    let mut rows: BTreeMap<Labels, Vec<(i64, f64)>> = BTreeMap::new();
    let mut from_ms = span.0;
    while from_ms <= span.1 {
        let to_ms = span.1.min(from_ms + (POINTS_MAX - 1) * step_ms);
        let form = [
            ("query", query.to_owned()),
            ("start", seconds(from_ms)),
            ("end", seconds(to_ms)),
            ("step", seconds(step_ms)),
        ];
        for series in ask(name, source, "query_range", &form)? {
            rows.entry(series.labels.clone()).or_default().extend(series.samples.iter());
        }
        from_ms = to_ms + step_ms;
    }
    Ok(rows.into_iter().collect())
}

/// The raw samples of a selector in a span, its start left out and its end included.
///
/// # Errors
/// As [`range`].
pub fn raw(name: &str, source: &PrometheusSource, selector: &str, span: SpanMs) -> Result<Vec<Series>, Words> {
    let length = Span::seconds((span.1 - span.0) / 1_000);
    let form = [("query", format!("{selector}[{}s]", length.s)), ("time", seconds(span.1))];
    ask(name, source, "query", &form)
}

fn ask(name: &str, source: &PrometheusSource, path: &str, form: &[(&str, String)]) -> Result<Vec<Series>, Words> {
    // A server may quote what it was sent, and a library the address that it cannot parse.
    request(name, source, path, form).map_err(|why| without_secrets(source, why))
}

fn request(name: &str, source: &PrometheusSource, path: &str, form: &[(&str, String)]) -> Result<Vec<Series>, Words> {
    let timeout = source.timeout.unwrap_or(Span::seconds(30));
    let unreachable = |error: &dyn std::fmt::Display| {
        let host = shown(&source.prometheus);
        Words::new(
            format!("`{name}` ({host}) did not answer: {error}"),
            format!("`{name}`（{host}）が応答しません: {error}"),
        )
    };
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(timeout.s.unsigned_abs().max(1))))
        // An error's body says what is wrong with a query.
        .http_status_as_error(false)
        .build()
        .into();
    let url = format!("{}/api/v1/{path}", interpolate(&source.prometheus)?.trim_end_matches('/'));
    let mut request = agent.post(&url).header("accept", "application/json");
    if let Some(token) = &source.bearer {
        request = request.header("authorization", format!("Bearer {}", interpolate(token)?));
    }
    if let Some(user) = &source.user {
        let password = source.password.as_deref().map(interpolate).transpose()?.unwrap_or_default();
        request =
            request.header("authorization", format!("Basic {}", base64(&format!("{}:{password}", interpolate(user)?))));
    }
    for (header, value) in &source.headers {
        request = request.header(header, interpolate(value)?);
    }
    let response = request
        .send_form(form.iter().map(|(key, value)| (*key, value.as_str())))
        .map_err(|error| unreachable(&error))?;
    let status = response.status();
    let mut body = Vec::new();
    let mut reader = response.into_body().into_reader().take(ANSWER_BYTES_MAX + 1);
    reader.read_to_end(&mut body).map_err(|error| unreachable(&error))?;
    if body.len() as u64 > ANSWER_BYTES_MAX {
        return Err(unreachable(&"the answer is larger than 256 MiB"));
    }
    if !status.is_success() && !body.starts_with(b"{") {
        let said = String::from_utf8_lossy(&body);
        return Err(unreachable(&format!(
            "HTTP {status}: {}",
            said.lines().next().unwrap_or_default().chars().take(200).collect::<String>()
        )));
    }
    let naming = Naming { name: String::new(), labels: Vec::new(), zone: jiff::tz::TimeZone::UTC };
    let file = parse_series("answer.json", &body, &naming);
    match file.faults.into_iter().next() {
        None => Ok(file.series),
        Some((_, what)) => Err(Words::new(format!("`{name}`: {}", what.en), format!("`{name}`: {}", what.ja))),
    }
}

/// Replaces `${NAME}` by what the environment holds.
///
/// # Errors
/// When it holds nothing of that name; the value is never shown.
fn interpolate(text: &str) -> Result<String, Words> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(end) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + end];
        let value = std::env::var(name).map_err(|_| {
            Words::new(
                format!("the environment has no {name}, which nidoto.yaml asks for"),
                format!("nidoto.yaml が求める環境変数 {name} がありません"),
            )
        })?;
        out += &rest[..start];
        out += &value;
        rest = &rest[start + end + 1..];
    }
    Ok(out + rest)
}

/// The same words with every secret of a source replaced by its name.
fn without_secrets(source: &PrometheusSource, why: Words) -> Words {
    let password = source.password.as_deref().and_then(|text| interpolate(text).ok());
    let user = source.user.as_deref().and_then(|text| interpolate(text).ok());
    let mut secrets: Vec<(String, String)> = Vec::new();
    if let (Some(user), Some(password)) = (user, &password) {
        secrets.push((base64(&format!("{user}:{password}")), "***".into()));
    }
    let literal = [&source.bearer, &source.password].into_iter().flatten().filter(|text| !text.contains("${"));
    secrets.extend(literal.map(|text| (text.clone(), "***".into())));
    let texts = [&source.bearer, &source.user, &source.password].into_iter().flatten();
    for text in texts.chain(source.headers.values()).chain([&source.prometheus]) {
        for name in text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)) {
            secrets.extend(std::env::var(name).ok().map(|value| (value, format!("${{{name}}}"))));
        }
    }
    // The longest first: one may be a part of another.
    secrets.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    let hide = |text: String| {
        secrets
            .iter()
            .filter(|(value, _)| !value.is_empty())
            .fold(text, |text, (value, name)| text.replace(value, name))
    };
    Words::new(hide(why.en), hide(why.ja))
}

/// An address without user and password.
fn shown(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or(host);
    let slash = if path.is_empty() { "" } else { "/" };
    format!("{scheme}://{host}{slash}{path}")
}

fn seconds(ms: i64) -> String {
    format!("{}.{:03}", ms.div_euclid(1_000), ms.rem_euclid(1_000))
}

/// RFC 4648, for basic authentication.
fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place)) & 63;
            out.push(if place <= chunk.len() { char::from(ALPHABET[sextet as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_rfc_4648() {
        let shown = ["", "f", "fo", "foo", "foob", "user:パス"].map(base64);
        assert_eq!(shown, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "dXNlcjrjg5Hjgrk="]);
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(shown("https://me:secret@prom.example/x"), "https://prom.example/x");
        assert_eq!(seconds(-1), "-1.999");
        assert!(interpolate("a${NIDOTO_TEST_UNSET}").unwrap_err().en.contains("NIDOTO_TEST_UNSET"));
    }
}
