//! YAML text to a tree of nodes with places.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::Path;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};

use crate::diag::{Diag, Pos};
use crate::words::Words;

/// Deeper nesting is refused: nothing that nidoto reads needs it, and the stack is finite.
const DEPTH_MAX: usize = 64;
/// More nodes are refused, so that aliases cannot blow a small file up.
const NODES_MAX: usize = 250_000;
/// After so many errors reading ends.
const DIAGS_MAX: usize = 1_000;

/// One value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub at: Pos,
    /// Its bytes in the text.
    pub bytes: Range<usize>,
    /// What it is.
    pub value: Value,
}

/// A YAML value (core schema).
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number and how it was written.
    Number(f64, String),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the author's order.
    Map(Vec<(Node, Node)>),
}

/// What could be read of a file, and what was wrong with it.
#[derive(Clone, Debug)]
pub struct Document {
    /// The root; `Null` for an empty or unreadable file.
    pub root: Node,
    /// Errors, in the order of the text.
    pub diags: Vec<Diag>,
    /// How many nodes were read, with what aliases stand for.
    pub nodes: usize,
}

impl Node {
    /// The value under a key of a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Key and value nodes under a key of a mapping.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        self.entries().find(|(k, _)| k.text() == Some(key))
    }

    /// Keys and values of a mapping; nothing for other values.
    pub fn entries(&self) -> impl Iterator<Item = (&Node, &Node)> {
        let entries: &[(Node, Node)] = match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        };
        entries.iter().map(|(k, v)| (k, v))
    }

    /// The items of a list; nothing for other values.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar as it was written, numbers and booleans too.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(_, text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// The same value as JSON, without places.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(b) => Json::Bool(*b),
            Value::Number(n, text) => text
                .parse::<i64>()
                .map(Json::from)
                .unwrap_or_else(|_| serde_json::Number::from_f64(*n).map_or(Json::Null, Json::Number)),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => Json::Array(items.iter().map(Node::json).collect()),
            Value::Map(entries) => {
                Json::Object(entries.iter().map(|(k, v)| (k.text().unwrap_or_default().to_owned(), v.json())).collect())
            }
        }
    }

    fn size(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Node::size).sum(),
            Value::Map(entries) => entries.iter().map(|(k, v)| k.size() + v.size()).sum(),
            _ => 0,
        }
    }
}

/// Reads the first document of a YAML text. `file` is only named in errors.
#[must_use]
pub fn parse(file: &Path, text: &str) -> Document {
    let mut builder = Builder {
        file,
        lines: line_starts(text),
        ascii: text.is_ascii(),
        text,
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        nodes: 0,
        diags: Vec::new(),
        cursor: Cursor::default(),
    };
    let root = builder.document().unwrap_or(Node { at: Pos::default(), bytes: 0..0, value: Value::Null });
    Document { root, diags: builder.diags, nodes: builder.nodes }
}

/// Lines as YAML counts them: a carriage return by itself ends one too.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let is_break = |(i, b): &(usize, &u8)| **b == b'\n' || **b == b'\r' && bytes.get(i + 1) != Some(&b'\n');
    let ends = bytes.iter().enumerate().filter(is_break).map(|(i, _)| i + 1);
    std::iter::once(0).chain(ends).collect()
}

struct Builder<'t> {
    file: &'t Path,
    text: &'t str,
    lines: Vec<usize>,
    ascii: bool,
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    diags: Vec<Diag>,
    cursor: Cursor,
}

/// The place that was asked for last: the next one is near, and a line may be very long.
#[derive(Clone, Copy, Default)]
struct Cursor {
    line: usize,
    col: usize,
    byte: usize,
}

impl<'t> Builder<'t> {
    fn document(&mut self) -> Option<Node> {
        loop {
            match self.event()? {
                (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
                (Event::StreamEnd | Event::DocumentEnd, _) => return None,
                (event, span) => return self.node(event, span, 0),
            }
        }
    }

    /// The next event; an error ends the document and is kept.
    fn event(&mut self) -> Option<(Event<'t>, Span)> {
        match self.parser.next_event()? {
            Ok(event) => Some(event),
            Err(error) => {
                let what = Words::new(
                    format!("this is not YAML: {}", error.info()),
                    format!("YAML として読めません: {}", error.info()),
                );
                let mut diag = Diag::new(self.file, pos(*error.marker()), what);
                // The likeliest slip: a PromQL query within { } without quotes.
                if error.info().contains("flow") {
                    diag = diag.mend(Words::new(
                        "put text that holds { } [ ] , : into quotes",
                        "{ } [ ] , : を含む文字列は引用符で囲んでください",
                    ));
                }
                self.diags.push(diag);
                None
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Option<Node> {
        let at = pos(span.start);
        self.nodes += 1;
        if depth > DEPTH_MAX || self.nodes > NODES_MAX {
            self.fault(at, Words::new("nested too deep or too large", "入れ子が深すぎるか大きすぎます"));
            return None;
        }
        let start = self.byte(span.start);
        let (value, end, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let end = scalar_end(self.text, start, style, self.byte(span.end));
                (scalar(text.into_owned(), style), end, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                let (items, end) = self.list(depth)?;
                (Value::List(items), end, anchor)
            }
            Event::MappingStart(anchor, _) => {
                let (entries, end) = self.map(depth)?;
                (Value::Map(entries), end, anchor)
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).map_or(Value::Null, |node| node.value.clone());
                let node = Node { at, bytes: start..self.byte(span.end), value };
                self.nodes = self.nodes.saturating_add(node.size());
                return Some(node);
            }
            _ => (Value::Null, start, 0),
        };
        let node = Node { at, bytes: start..end.max(start), value };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Some(node)
    }

    fn list(&mut self, depth: usize) -> Option<(Vec<Node>, usize)> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.event()?;
            if event == Event::SequenceEnd {
                let last = items.last().map(|node: &Node| node.bytes.end);
                return Some((items, self.end(span, last)));
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Option<(Vec<(Node, Node)>, usize)> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        let mut seen = HashSet::new();
        loop {
            let (event, span) = self.event()?;
            if event == Event::MappingEnd {
                let last = entries.last().map(|(key, value)| value.bytes.end.max(key.bytes.end));
                return Some((entries, self.end(span, last)));
            }
            let key = self.node(event, span, depth + 1)?;
            let (event, span) = self.event()?;
            let value = self.node(event, span, depth + 1)?;
            if let Some(name) = key.text()
                && !seen.insert(name.to_owned())
            {
                self.fault(
                    key.at,
                    Words::new(
                        format!("`{name}` stands here twice: only the first counts"),
                        format!("`{name}` が二度書かれています: 最初のものだけが有効です"),
                    ),
                );
                if self.diags.len() >= DIAGS_MAX {
                    return None;
                }
                continue;
            }
            entries.push((key, value));
        }
    }

    /// Where a collection ends: behind its bracket, or with its last child.
    fn end(&mut self, span: Span, last: Option<usize>) -> usize {
        let start = self.byte(span.start);
        match self.text.as_bytes().get(start) {
            Some(b']' | b'}') => start + 1,
            _ => last.unwrap_or(start),
        }
    }

    fn fault(&mut self, at: Pos, what: Words) {
        self.diags.push(Diag::new(self.file, at, what));
    }

    fn byte(&mut self, marker: Marker) -> usize {
        let start = self.lines.get(marker.line().saturating_sub(1)).copied().unwrap_or(self.text.len());
        if self.ascii {
            return (start + marker.col()).min(self.text.len());
        }
        if self.cursor.line != marker.line() {
            self.cursor = Cursor { line: marker.line(), col: 0, byte: start };
        }
        let Cursor { col, byte, .. } = self.cursor;
        let found = if marker.col() >= col {
            self.text[byte..].char_indices().nth(marker.col() - col).map(|(i, _)| byte + i)
        } else {
            self.text[start..byte].char_indices().rev().nth(col - marker.col() - 1).map(|(i, _)| start + i)
        };
        let Some(byte) = found else { return self.text.len() };
        self.cursor = Cursor { col: marker.col(), byte, ..self.cursor };
        byte
    }
}

/// Where a scalar ends. The parser counts what follows a quoted one as a part of it.
fn scalar_end(text: &str, start: usize, style: ScalarStyle, end: usize) -> usize {
    let inner = text.as_bytes().get(start + 1..).unwrap_or_default();
    let quote = match style {
        ScalarStyle::SingleQuoted => b'\'',
        ScalarStyle::DoubleQuoted => b'"',
        _ => return end.max(start),
    };
    let mut i = 0;
    while i < inner.len() {
        match inner[i] {
            b'\\' if quote == b'"' => i += 1,
            b if b == quote && quote == b'\'' && inner.get(i + 1) == Some(&quote) => i += 1,
            b if b == quote => return start + 1 + i + 1,
            _ => {}
        }
        i += 1;
    }
    end.max(start)
}

fn pos(marker: Marker) -> Pos {
    Pos { line: marker.line(), column: marker.col() + 1 }
}

/// A plain scalar by YAML 1.2's core schema; a quoted one is text.
fn scalar(text: String, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Text(text);
    }
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".inf" | "+.inf" => Value::Number(f64::INFINITY, text),
        "-.inf" => Value::Number(f64::NEG_INFINITY, text),
        // `inf` and `nan` are numbers to Rust but text to YAML.
        _ if !text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => Value::Text(text),
        _ => match text.parse() {
            Ok(number) if !text.ends_with(|c: char| c.is_ascii_alphabetic()) => Value::Number(number, text),
            _ => Value::Text(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Document {
        parse(Path::new("x.yaml"), text)
    }

    #[test]
    fn nodes_know_where_they_stand() {
        let text = "# 注釈\na: 1\nネスト:\n  b: [true, '2', ~]  # end\n";
        let document = read(text);
        assert!(document.diags.is_empty());
        let b = document.root.get("ネスト").unwrap().get("b").unwrap();
        assert_eq!(b.at, Pos { line: 4, column: 6 });
        assert_eq!(&text[b.bytes.clone()], "[true, '2', ~]");
        assert_eq!(b.json(), serde_json::json!([true, "2", null]));
        let text = "a: 1\rb: 2\r\nc: x\n";
        let root = read(text).root;
        assert_eq!(["a", "b", "c"].map(|key| &text[root.get(key).unwrap().bytes.clone()]), ["1", "2", "x"]);
    }

    #[test]
    fn errors_are_kept_and_placed() {
        let diags = read("a: 1\na: 2\n").diags;
        assert_eq!(diags[0].place(), "x.yaml:2:1");
        assert!(!read("a: [1, 2").diags.is_empty());
        assert!(!read(&"[".repeat(5_000)).diags.is_empty());
    }

    #[test]
    fn aliases_cannot_blow_up() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..12 {
            let refs = vec![format!("*a{}", i - 1); 10].join(", ");
            bomb += &format!("a{i}: &a{i} [{refs}]\n");
        }
        assert!(read(&bomb).diags.iter().any(|d| d.what.en.contains("too large")));
    }
}
