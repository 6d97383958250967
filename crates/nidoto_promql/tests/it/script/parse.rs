//! The format of Prometheus's test scripts (its README stands beside them).

use nidoto_promql::{Labels, METRIC_NAME, STALE};

/// A command of a script and the line it stands on.
pub(super) struct Command {
    pub line: usize,
    pub kind: Kind,
}

pub(super) enum Kind {
    Clear,
    Load { step_ms: i64, series: Vec<Written>, with_nhcb: bool },
    Eval(Eval),
}

/// A series as it is written, a value for each step.
pub(super) struct Written {
    pub labels: Labels,
    /// `None` where there is no sample.
    pub values: Vec<Option<f64>>,
    /// Native histograms occur among the values.
    pub has_histograms: bool,
}

pub(super) struct Eval {
    pub query: String,
    pub when: When,
    pub expectations: Vec<Expectation>,
    pub series: Vec<Written>,
    /// A number on a line of its own.
    pub scalar: Option<f64>,
}

#[derive(Clone, Copy)]
pub(super) enum When {
    Instant(i64),
    Range { start_ms: i64, end_ms: i64, step_ms: i64 },
}

pub(super) enum Expectation {
    Fail(Text),
    Warn(Text),
    Info(Text),
    NoWarn,
    NoInfo,
    Ordered,
    String(String),
    RangeVector { start_ms: i64, step_ms: i64 },
}

/// What a message has to be.
#[derive(Debug)]
pub(super) enum Text {
    Any,
    Is(String),
    Like(String),
}

pub(super) fn parse(script: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for (i, line) in script.lines().enumerate() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let word = text.split_whitespace().next().unwrap_or("");
        let kind = match word {
            "clear" => Kind::Clear,
            "load" | "load_with_nhcb" => {
                let step_ms = duration_ms(text[word.len()..].trim());
                Kind::Load { step_ms, series: vec![], with_nhcb: word != "load" }
            }
            "eval" | "eval_fail" => eval(text, word),
            _ => {
                let last = commands.last_mut().unwrap_or_else(|| panic!("line {}: nothing to belong to", i + 1));
                add_line(&mut last.kind, text);
                continue;
            }
        };
        commands.push(Command { line: i + 1, kind });
    }
    commands
}

fn eval(text: &str, word: &str) -> Kind {
    let rest = text[word.len()..].trim_start();
    let (when, query) = if let Some(rest) = rest.strip_prefix("instant at") {
        let (time, query) = split_word(rest);
        (When::Instant(duration_ms(time)), query)
    } else {
        let rest = rest.strip_prefix("range from").unwrap();
        let (start, rest) = split_word(rest);
        let (end, rest) = split_word(rest.strip_prefix("to").unwrap());
        let (step, query) = split_word(rest.strip_prefix("step").unwrap());
        (When::Range { start_ms: duration_ms(start), end_ms: duration_ms(end), step_ms: duration_ms(step) }, query)
    };
    let expectations = if word == "eval_fail" { vec![Expectation::Fail(Text::Any)] } else { vec![] };
    Kind::Eval(Eval { query: query.to_owned(), when, expectations, series: vec![], scalar: None })
}

fn split_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

fn add_line(kind: &mut Kind, text: &str) {
    match kind {
        Kind::Clear => panic!("a line after clear: {text}"),
        Kind::Load { series, .. } => series.push(written(text)),
        Kind::Eval(eval) => {
            if let Some(rest) = text.strip_prefix("expect ") {
                eval.expectations.push(expectation(rest.trim()));
            } else if let Some(number) = number(text) {
                eval.scalar = Some(number);
            } else {
                eval.series.push(written(text));
            }
        }
    }
}

fn expectation(text: &str) -> Expectation {
    if let Some(rest) = text.strip_prefix("range vector from") {
        let (start, rest) = split_word(rest);
        let (_, rest) = split_word(rest.strip_prefix("to").unwrap());
        let (step, _) = split_word(rest.strip_prefix("step").unwrap());
        return Expectation::RangeVector { start_ms: duration_ms(start), step_ms: duration_ms(step) };
    }
    let (word, rest) = split_word(text);
    let message = || {
        let unquoted = |text: &str| text.trim().trim_matches('"').to_owned();
        match (rest.strip_prefix("msg:"), rest.strip_prefix("regex:")) {
            (Some(text), _) => Text::Is(text.trim().to_owned()),
            (_, Some(text)) => Text::Like(unquoted(text)),
            _ => Text::Any,
        }
    };
    match word {
        "fail" => Expectation::Fail(message()),
        "warn" => Expectation::Warn(message()),
        "info" => Expectation::Info(message()),
        "no_warn" => Expectation::NoWarn,
        "no_info" => Expectation::NoInfo,
        "ordered" => Expectation::Ordered,
        "string" => Expectation::String(rest[1..rest.len() - 1].to_owned()),
        _ => panic!("unknown expectation {text}"),
    }
}

/// `name{label="value"} 1 2+3x4 _ stale`
fn written(text: &str) -> Written {
    let mut in_quotes = false;
    let mut depth = 0;
    let end = text.char_indices().find(|&(_, c)| {
        match c {
            '"' => in_quotes = !in_quotes,
            '{' if !in_quotes => depth += 1,
            '}' if !in_quotes => depth -= 1,
            _ => {}
        }
        c.is_whitespace() && depth == 0 && !in_quotes
    });
    let end = end.map_or(text.len(), |(i, _)| i);
    let (values, has_histograms) = values(&text[end..]);
    Written { labels: labels(&text[..end]), values, has_histograms }
}

fn labels(text: &str) -> Labels {
    let (name, rest) = text.split_once('{').unwrap_or((text, "}"));
    let mut labels = Labels::default();
    labels.set(METRIC_NAME, name);
    let mut rest = rest.trim_end().strip_suffix('}').unwrap();
    while let Some((name, after)) = rest.split_once('=').filter(|(n, _)| !n.contains('"') || n.trim().ends_with('"')) {
        let after = after.trim_start().strip_prefix('"').unwrap();
        let mut is_escaped = false;
        let close = after.find(|c| {
            let closes = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            closes
        });
        let close = close.unwrap();
        let name = name.trim().trim_matches('"');
        labels.set(name, unescaped(&after[..close]));
        rest = after[close + 1..].trim_start().trim_start_matches(',').trim_start();
    }
    if let Some(name) = rest.trim().strip_prefix('"') {
        labels.set(METRIC_NAME, name.trim_end_matches(',').trim_end_matches('"'));
    }
    labels
}

fn unescaped(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\n", "\n").replace("\\\\", "\\")
}

fn values(text: &str) -> (Vec<Option<f64>>, bool) {
    let mut values = Vec::new();
    let text = text.split(" #").next().unwrap_or("");
    if text.contains("{{") {
        return (values, true);
    }
    for token in text.split_whitespace() {
        let (item, times) = match token.rsplit_once('x') {
            Some((item, times)) => (item, times.parse::<usize>().unwrap()),
            None => (token, 0),
        };
        if item == "_" {
            values.extend(vec![None; times.max(1)]);
            continue;
        }
        let (start, step) = start_and_step(item);
        values.extend((0..=times).map(|i| Some(if is_stale(start) { start } else { start + step * i as f64 })));
    }
    (values, false)
}

fn is_stale(value: f64) -> bool {
    nidoto_promql::is_stale(value)
}

/// `1+2` is a start and a step; `-1e+3` is only a start.
fn start_and_step(item: &str) -> (f64, f64) {
    if item == "stale" {
        return (STALE, 0.0);
    }
    if let Some(value) = number(item) {
        return (value, 0.0);
    }
    let is_sign = |&(i, c): &(usize, char)| i > 0 && matches!(c, '+' | '-') && !item[..i].ends_with(['e', 'E']);
    let (at, _) = item.char_indices().find(is_sign).unwrap_or_else(|| panic!("no value: {item}"));
    let part = |text: &str| number(text).unwrap_or_else(|| panic!("no value: {item}"));
    (part(&item[..at]), part(&item[at..]))
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

pub(super) fn duration_ms(text: &str) -> i64 {
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds * 1000.0).round() as i64;
    }
    let (is_negative, mut rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut total = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or_else(|| panic!("no duration: {text}"));
        let unit = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |i| digits + i);
        let unit_ms = match &rest[digits..unit] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 7 * 86_400_000,
            "y" => 365 * 86_400_000,
            other => panic!("no unit: {other} in {text}"),
        };
        total += rest[..digits].parse::<i64>().unwrap() * unit_ms;
        rest = &rest[unit..];
    }
    if is_negative { -total } else { total }
}
