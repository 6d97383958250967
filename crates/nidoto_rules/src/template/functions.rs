//! The functions of a template: Go's own and those of Prometheus
//! (<https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;

use nidoto_core::Words;
use nidoto_promql::Labels;
use regex::Regex;

use super::value::{Sample, Value};
use super::{Context, humanize, print};
use crate::duration;

/// What a function needs besides its arguments.
type Call = fn(&[Value], &Context<'_>) -> Result<Value, Words>;

/// Each function by its name with the number of arguments it takes, at least and at most.
const FUNCTIONS: &[(&str, usize, usize, Call)] = &[
    ("args", 0, MANY, args),
    ("eq", 1, MANY, |args, _| Ok(Value::Bool(any_equal(args)?))),
    ("externalURL", 0, 0, |_, context| Ok(Value::text(context.external_url))),
    ("first", 1, 1, first),
    ("ge", 2, 2, |args, _| Ok(Value::Bool(compare(args)?.is_some_and(std::cmp::Ordering::is_ge)))),
    ("graphLink", 1, 1, |args, _| link(args, 0)),
    ("gt", 2, 2, |args, _| Ok(Value::Bool(compare(args)?.is_some_and(std::cmp::Ordering::is_gt)))),
    ("html", 1, MANY, |args, _| Ok(Value::text(html(&print::print(args))))),
    ("humanize", 1, 1, |args, _| Ok(Value::text(humanize::metric(number(&args[0])?)))),
    ("humanize1024", 1, 1, |args, _| Ok(Value::text(humanize::binary(number(&args[0])?)))),
    ("humanizeDuration", 1, 1, |args, _| Ok(Value::text(humanize::duration(number(&args[0])?)))),
    ("humanizePercentage", 1, 1, |args, _| Ok(Value::text(humanize::percentage(number(&args[0])?)))),
    ("humanizeTimestamp", 1, 1, timestamp),
    ("index", 2, MANY, index),
    ("label", 2, 2, |args, _| Ok(Value::text(sample(&args[1])?.labels.get(text(&args[0])?)))),
    ("le", 2, 2, |args, _| Ok(Value::Bool(compare(args)?.is_some_and(std::cmp::Ordering::is_le)))),
    ("len", 1, 1, length),
    ("lt", 2, 2, |args, _| Ok(Value::Bool(compare(args)?.is_some_and(std::cmp::Ordering::is_lt)))),
    ("match", 2, 2, |args, _| Ok(Value::Bool(regex(&args[0])?.is_match(text(&args[1])?)))),
    ("ne", 2, 2, |args, _| Ok(Value::Bool(!any_equal(args)?))),
    ("not", 1, 1, |args, _| Ok(Value::Bool(!args[0].is_true()))),
    ("now", 0, 0, |_, context| Ok(Value::Float(context.at_ms as f64 / 1_000.0))),
    ("parseDuration", 1, 1, parse_duration),
    ("pathPrefix", 0, 0, |_, context| Ok(Value::text(path(context.external_url)))),
    ("print", 0, MANY, |args, _| Ok(Value::text(print::print(args)))),
    ("printf", 1, MANY, |args, _| Ok(Value::text(print::printf(text(&args[0])?, &args[1..])))),
    ("println", 0, MANY, println),
    ("query", 1, 1, query),
    ("reReplaceAll", 3, 3, replace),
    ("safeHtml", 1, 1, |args, _| Ok(Value::text(text(&args[0])?))),
    ("sortByLabel", 2, 2, sort_by_label),
    ("stripDomain", 1, 1, |args, _| Ok(Value::text(strip_domain(text(&args[0])?)))),
    ("stripPort", 1, 1, |args, _| {
        Ok(Value::text(host_and_port(text(&args[0])?).map_or(text(&args[0])?, |(host, _)| host)))
    }),
    ("strvalue", 1, 1, |args, _| Ok(Value::text(sample(&args[0])?.labels.get("__value__")))),
    ("tableLink", 1, 1, |args, _| link(args, 1)),
    ("title", 1, 1, |args, _| Ok(Value::text(title(text(&args[0])?)))),
    ("toLower", 1, 1, |args, _| Ok(Value::text(text(&args[0])?.to_lowercase()))),
    ("toUpper", 1, 1, |args, _| Ok(Value::text(text(&args[0])?.to_uppercase()))),
    ("urlquery", 1, MANY, |args, _| Ok(Value::text(escaped(&print::print(args))))),
    ("value", 1, 1, |args, _| Ok(Value::Float(sample(&args[0])?.value))),
];

const MANY: usize = usize::MAX;

/// Evaluated by name elsewhere, since they look at no more arguments than they need.
const LAZY: [&str; 2] = ["and", "or"];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, ..)| *name).chain(LAZY)
}

pub(super) fn is_known(name: &str) -> bool {
    names().any(|known| known == name)
}

pub(super) fn call(name: &str, args: &[Value], context: &Context<'_>) -> Result<Value, Words> {
    let Some((_, least, most, function)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
        return Err(Words::new(format!("no function `{name}`"), format!("関数 `{name}` はありません")));
    };
    if args.len() < *least || args.len() > *most {
        let n = args.len();
        return Err(Words::new(
            format!("`{name}` takes {least} arguments, {n} are given"),
            format!("`{name}` の引数は {least} 個ですが、{n} 個あります"),
        ));
    }
    function(args, context)
}

fn wrong_type(wanted: &str, value: &Value) -> Words {
    let given = value.type_name();
    Words::new(
        format!("wrong type: {wanted} is needed, {given} is given"),
        format!("型が違います: {wanted} が必要ですが {given} です"),
    )
}

fn text(value: &Value) -> Result<&str, Words> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(wrong_type("string", other)),
    }
}

fn number(value: &Value) -> Result<f64, Words> {
    match value {
        Value::Float(value) => Ok(*value),
        Value::Int(value) => Ok(*value as f64),
        Value::Text(text) => text
            .parse()
            .map_err(|_| Words::new(format!("`{text}` is no number"), format!("`{text}` は数ではありません"))),
        other => Err(wrong_type("a number", other)),
    }
}

fn sample(value: &Value) -> Result<&Sample, Words> {
    match value {
        Value::Sample(sample) => Ok(sample),
        other => Err(wrong_type("a sample of a query", other)),
    }
}

fn samples(value: &Value) -> Result<&Rc<[Rc<Sample>]>, Words> {
    match value {
        Value::Samples(samples) => Ok(samples),
        other => Err(wrong_type("the answer to a query", other)),
    }
}

fn regex(value: &Value) -> Result<Regex, Words> {
    let built = regex::RegexBuilder::new(text(value)?).size_limit(1 << 20).build();
    built.map_err(|error| {
        // The last line says what, those before draw where.
        let error = error.to_string();
        let error = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        Words::new(format!("no regular expression: {error}"), format!("正規表現ではありません: {error}"))
    })
}

fn replace(args: &[Value], _: &Context<'_>) -> Result<Value, Words> {
    let replaced = regex(&args[0])?.replace_all(text(&args[2])?, text(&args[1])?).into_owned();
    Ok(Value::text(replaced))
}

fn args(args: &[Value], _: &Context<'_>) -> Result<Value, Words> {
    let named: BTreeMap<String, Value> =
        args.iter().enumerate().map(|(i, value)| (format!("arg{i}"), value.clone())).collect();
    Ok(Value::Map(named.into()))
}

fn first(args: &[Value], _: &Context<'_>) -> Result<Value, Words> {
    let none = || Words::new("first() of a query without an answer", "結果のない query に first() は使えません");
    samples(&args[0])?.first().map(|sample| Value::Sample(Rc::clone(sample))).ok_or_else(none)
}

fn timestamp(args: &[Value], _: &Context<'_>) -> Result<Value, Words> {
    let none = || Words::new("no calendar has this time", "日時にできない数です");
    humanize::timestamp(number(&args[0])?).map(Value::text).ok_or_else(none)
}

fn parse_duration(args: &[Value], _: &Context<'_>) -> Result<Value, Words> {
    duration::parse_ms(text(&args[0])?).map(|ms| Value::Float(ms as f64 / 1_000.0))
}

fn println(args: &[Value], _: &Context<'_>) -> Result<Value, Words> {
    let all: Vec<String> = args.iter().map(Value::shown).collect();
    Ok(Value::text(all.join(" ") + "\n"))
}

fn query(args: &[Value], context: &Context<'_>) -> Result<Value, Words> {
    let answer = (context.query)(text(&args[0])?)?;
    let sample = |(labels, value): (Labels, f64)| Rc::new(Sample { labels: Rc::new(labels), value });
    Ok(Value::Samples(answer.into_iter().map(sample).collect()))
}

fn sort_by_label(args: &[Value], _: &Context<'_>) -> Result<Value, Words> {
    let label = text(&args[0])?;
    let mut sorted: Vec<Rc<Sample>> = samples(&args[1])?.to_vec();
    sorted.sort_by(|a, b| a.labels.get(label).cmp(b.labels.get(label)));
    Ok(Value::Samples(sorted.into()))
}

fn length(args: &[Value], _: &Context<'_>) -> Result<Value, Words> {
    let length = match &args[0] {
        Value::Text(text) => text.len(),
        Value::Labels(labels) => labels.iter().count(),
        Value::Samples(samples) => samples.len(),
        Value::Map(map) => map.len(),
        other => return Err(wrong_type("something with a length", other)),
    };
    Ok(Value::Int(length as i64))
}

fn index(args: &[Value], _: &Context<'_>) -> Result<Value, Words> {
    let mut found = args[0].clone();
    for key in &args[1..] {
        found = match (&found, key) {
            (Value::Labels(labels), Value::Text(name)) => Value::text(labels.get(name)),
            (Value::Map(map), Value::Text(name)) => map.get(&**name).cloned().unwrap_or(Value::Nil),
            (Value::Samples(samples), Value::Int(i)) => {
                let at = usize::try_from(*i).ok().and_then(|i| samples.get(i));
                let none = || Words::new(format!("there is no item {i}"), format!("{i} 番目はありません"));
                Value::Sample(Rc::clone(at.ok_or_else(none)?))
            }
            (other, _) => return Err(wrong_type("a list or map and its key", other)),
        };
    }
    Ok(found)
}

/// Whether the first argument equals one of the others. Go compares an integer with a float never.
fn any_equal(args: &[Value]) -> Result<bool, Words> {
    let Some((first, others)) = args.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err(Words::new("nothing to compare with", "比べる相手がありません"));
    };
    let mut found = false;
    for other in others {
        found |= match (first, other) {
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Nil, Value::Nil) => true,
            _ => compare(&[first.clone(), other.clone()])? == Some(std::cmp::Ordering::Equal),
        };
    }
    Ok(found)
}

fn compare(args: &[Value]) -> Result<Option<std::cmp::Ordering>, Words> {
    match (&args[0], &args[1]) {
        (Value::Int(a), Value::Int(b)) => Ok(Some(a.cmp(b))),
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
        (Value::Text(a), Value::Text(b)) => Ok(Some(a.cmp(b))),
        (Value::Float(_), Value::Int(n)) | (Value::Int(n), Value::Float(_)) => Err(Words::new(
            format!("incompatible types: a value is a float, write `{n}.0` instead of `{n}`"),
            format!("型が違います: 値は小数なので `{n}` ではなく `{n}.0` と書いてください"),
        )),
        (a, b) => Err(Words::new(
            format!("incompatible types: {} and {}", a.type_name(), b.type_name()),
            format!("型が違います: {} と {}", a.type_name(), b.type_name()),
        )),
    }
}

/// The first letter of each word as a capital.
fn title(text: &str) -> String {
    let mut before = ' ';
    let capital = |c: char| {
        let is_start = match before {
            c if c.is_ascii() => !c.is_ascii_alphanumeric() && c != '_',
            c => !c.is_alphanumeric() && c.is_whitespace(),
        };
        before = c;
        if is_start { c.to_uppercase().collect::<String>() } else { c.to_string() }
    };
    text.chars().map(capital).collect()
}

/// `host:port` and `[::1]:port`; `None` where there is no port.
fn host_and_port(text: &str) -> Option<(&str, &str)> {
    let (host, port) = text.rsplit_once(':')?;
    match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').filter(|host| !host.contains(['[', ']'])).map(|host| (host, port)),
        None => (!host.contains([':', '[', ']']) && !port.contains(['[', ']'])).then_some((host, port)),
    }
}

fn strip_domain(text: &str) -> String {
    let (host, port) = host_and_port(text).unwrap_or((text, ""));
    if host.parse::<IpAddr>().is_ok() {
        return text.to_owned();
    }
    let name = host.split('.').next().unwrap_or(host);
    match port {
        "" => name.to_owned(),
        port => format!("{name}:{port}"),
    }
}

fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let path = rest.find('/').map_or("", |i| &rest[i..]);
    path.split(['?', '#']).next().unwrap_or(path)
}

fn link(args: &[Value], tab: u8) -> Result<Value, Words> {
    Ok(Value::text(format!("/graph?g0.expr={}&g0.tab={tab}", escaped(text(&args[0])?))))
}

/// Go's `url.QueryEscape`.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out += "&#34;",
            '\'' => out += "&#39;",
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
