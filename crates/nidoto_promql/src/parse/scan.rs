//! One pass over the tokens: finds syntax errors with their place and collects, in source order, what the
//! parser crate does not tell or tells wrongly: where operands start, ranges, offsets, `@` times.

use super::ast::Anchor;
use super::error::ParseError;
use super::lex::{Token, TokenKind};

/// What stands where an expression may start.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    /// A unary sign; true for minus.
    Sign(bool),
    Paren,
    Number(f64),
    Text,
    Selector,
    Call,
}

/// The places and literals of a query, each list in source order.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Operands with the bytes from their start to their end: its own token or, with parentheses, the closing one.
    pub(crate) operands: Vec<(Operand, usize, usize)>,
    /// Range and step within brackets, in milliseconds.
    pub(crate) ranges: Vec<(i64, Option<i64>)>,
    pub(crate) offsets: Vec<i64>,
    pub(crate) anchors: Vec<Anchor>,
}

const AGGREGATES: [&str; 14] = [
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "group",
    "stddev",
    "stdvar",
    "quantile",
    "topk",
    "bottomk",
    "limitk",
    "limit_ratio",
    "count_values",
];

/// The largest instant of an `@`, so that no later sum overflows.
pub(crate) const TIME_MAX_MS: i64 = i64::MAX / 1000;

pub(crate) fn scan(text: &str, tokens: &[Token<'_>]) -> Result<Places, ParseError> {
    tokens.iter().try_for_each(|token| check_escapes(text, token))?;
    let mut scan = Scan { text, tokens, next: 0, open: Vec::new(), places: Places::default() };
    scan.expression()?;
    Ok(scan.places)
}

/// Escapes of single bytes from 0x80 on are not text by themselves, and the parser crate takes them for characters.
fn check_escapes(text: &str, token: &Token<'_>) -> Result<(), ParseError> {
    let TokenKind::Text(quoted) = token.kind else {
        return Ok(());
    };
    if quoted.starts_with('`') {
        return Ok(());
    }
    let mut rest = quoted.bytes().enumerate();
    while let Some((i, byte)) = rest.next() {
        if byte != b'\\' {
            continue;
        }
        rest.next();
        let after = &quoted.as_bytes()[i + 1..];
        let is_high_byte = match after {
            [b'x', digit, ..] => matches!(digit, b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F'),
            [digit @ b'0'..=b'7', ..] => *digit >= b'2',
            _ => false,
        };
        if is_high_byte {
            let message = "an escaped byte from \\x80 on is not text; write the character itself or \\u and its number";
            return Err(ParseError::new(text, token.start + i, message));
        }
    }
    Ok(())
}

/// A parenthesis that is not closed yet.
struct Open {
    operand: usize,
    is_call: bool,
    is_aggregate: bool,
}

struct Scan<'a> {
    text: &'a str,
    tokens: &'a [Token<'a>],
    next: usize,
    open: Vec<Open>,
    places: Places,
}

impl<'a> Scan<'a> {
    /// Operands and operators take turns. Not recursive: depth costs no stack.
    fn expression(&mut self) -> Result<(), ParseError> {
        loop {
            while !self.operand()? {}
            while self.suffix()? {}
            if self.next == self.tokens.len() {
                return self.all_closed();
            }
            self.separator()?;
        }
    }

    /// Reads one token of an operand. True when the operand is complete up to its suffixes.
    fn operand(&mut self) -> Result<bool, ParseError> {
        let Some(token) = self.take() else {
            return Err(self.error_here("expected an expression"));
        };
        let (operand, is_complete) = match token.kind {
            TokenKind::Symbol(sign @ ("+" | "-")) => (Operand::Sign(sign == "-"), false),
            TokenKind::Symbol("(") => {
                self.open.push(Open { operand: self.places.operands.len(), is_call: false, is_aggregate: false });
                (Operand::Paren, false)
            }
            TokenKind::Symbol("{") => {
                self.next -= 1;
                self.braces()?;
                (Operand::Selector, true)
            }
            TokenKind::Number(value) => (Operand::Number(value), true),
            TokenKind::Duration(ms) => (Operand::Number(ms as f64 / 1000.0), true),
            TokenKind::Text(_) => (Operand::Text, true),
            TokenKind::Word(word) => return self.word(word, token),
            TokenKind::Symbol(symbol) => {
                return Err(self.error(token, format!("unexpected {symbol:?}, expected an expression")));
            }
        };
        self.places.operands.push((operand, token.start, self.tokens[self.next - 1].end));
        Ok(is_complete)
    }

    fn word(&mut self, word: &'a str, token: &Token<'a>) -> Result<bool, ParseError> {
        let lower = word.to_ascii_lowercase();
        let is_aggregate = AGGREGATES.contains(&lower.as_str())
            && (self.peek_is("(") || self.peek_word().is_some_and(|w| w == "by" || w == "without"));
        if is_aggregate {
            self.grouping_clause()?;
        }
        if is_aggregate || self.peek_is("(") {
            self.expect("(")?;
            let operand = self.places.operands.len();
            self.places.operands.push((Operand::Call, token.start, token.end));
            self.open.push(Open { operand, is_call: true, is_aggregate });
            if self.peek_is(")") {
                self.close()?;
                return Ok(true);
            }
            return Ok(false);
        }
        let operand = match lower.as_str() {
            "inf" => Operand::Number(f64::INFINITY),
            "nan" => Operand::Number(f64::NAN),
            _ => Operand::Selector,
        };
        if operand == Operand::Selector && self.peek_is("{") {
            self.braces()?;
        }
        self.places.operands.push((operand, token.start, self.tokens[self.next - 1].end));
        Ok(true)
    }

    /// Reads what may follow an operand: a closing parenthesis, a range, an offset, an `@`.
    fn suffix(&mut self) -> Result<bool, ParseError> {
        if self.peek_is(")") {
            self.close()?;
        } else if self.peek_is("[") {
            self.range()?;
        } else if self.peek_is("@") {
            self.next += 1;
            let anchor = self.anchor()?;
            self.places.anchors.push(anchor);
        } else if self.peek_word().is_some_and(|w| w == "offset") {
            self.next += 1;
            let is_negative = self.sign();
            let ms = self.length()?;
            self.places.offsets.push(if is_negative { -ms } else { ms });
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads what leads to the next operand: a comma or a binary operator with its modifiers.
    fn separator(&mut self) -> Result<(), ParseError> {
        if self.peek_is(",") {
            if !self.open.last().is_some_and(|open| open.is_call) {
                return Err(self.error_here("unexpected \",\": only arguments are separated by commas"));
            }
            self.next += 1;
            return Ok(());
        }
        let is_symbol = matches!(
            self.peek(),
            Some(TokenKind::Symbol("+" | "-" | "*" | "/" | "%" | "^" | "==" | "!=" | "<" | "<=" | ">" | ">="))
        );
        let is_word = self.peek_word().is_some_and(|w| matches!(w.as_str(), "and" | "or" | "unless" | "atan2"));
        if !is_symbol && !is_word {
            let token = self.tokens.get(self.next).map_or("", |t| &self.text[t.start..t.end]);
            return Err(self.error_here(&format!("unexpected {token:?}, expected an operator or the end")));
        }
        self.next += 1;
        self.modifiers()
    }

    fn modifiers(&mut self) -> Result<(), ParseError> {
        self.eat_word(&["bool"]);
        if self.eat_word(&["on", "ignoring"]) {
            self.labels()?;
            if self.eat_word(&["group_left", "group_right"]) && self.peek_is("(") {
                self.labels()?;
            }
        } else if self.peek_word().is_some_and(|w| w == "group_left" || w == "group_right") {
            return Err(self.error_here("group_left and group_right need on(...) or ignoring(...) before them"));
        }
        let fills = ["fill", "fill_left", "fill_right"];
        let is_fill = self.peek_word().is_some_and(|w| fills.contains(&w.as_str()));
        if is_fill && matches!(self.tokens.get(self.next + 1).map(|t| &t.kind), Some(TokenKind::Symbol("("))) {
            return Err(self.error_here("fill modifiers are experimental in Prometheus and not supported"));
        }
        Ok(())
    }

    fn grouping_clause(&mut self) -> Result<(), ParseError> {
        if self.eat_word(&["by", "without"]) { self.labels() } else { Ok(()) }
    }

    /// `(a, "b", c,)`
    fn labels(&mut self) -> Result<(), ParseError> {
        self.expect("(")?;
        while !self.peek_is(")") {
            match self.peek() {
                Some(TokenKind::Word(word)) if !word.contains(':') => self.next += 1,
                Some(TokenKind::Text(_)) => self.next += 1,
                _ => return Err(self.error_here("expected a label's name")),
            }
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")
    }

    /// `{name="value", "quoted.name"=~"...", "metric name"}`
    fn braces(&mut self) -> Result<(), ParseError> {
        self.expect("{")?;
        while !self.peek_is("}") {
            let is_quoted = matches!(self.peek(), Some(TokenKind::Text(_)));
            match self.peek() {
                Some(TokenKind::Word(word)) if !word.contains(':') => self.next += 1,
                Some(TokenKind::Text(_)) => self.next += 1,
                _ => return Err(self.error_here("expected a label's name or \"}\"")),
            }
            if matches!(self.peek(), Some(TokenKind::Symbol("=" | "!=" | "=~" | "!~"))) {
                self.next += 1;
                if !matches!(self.peek(), Some(TokenKind::Text(_))) {
                    return Err(self.error_here("expected a quoted text"));
                }
                self.next += 1;
            } else if !is_quoted {
                return Err(self.error_here("expected one of = != =~ !~"));
            }
            if !self.eat(",") {
                break;
            }
        }
        self.expect("}")
    }

    /// `[5m]`, `[1h:1m]`, `[1h:]`
    fn range(&mut self) -> Result<(), ParseError> {
        self.expect("[")?;
        let range_ms = self.positive_length()?;
        let mut step_ms = None;
        if self.eat(":") && !self.peek_is("]") {
            step_ms = Some(self.positive_length()?);
        }
        self.expect("]")?;
        self.places.ranges.push((range_ms, step_ms));
        Ok(())
    }

    fn anchor(&mut self) -> Result<Anchor, ParseError> {
        let at = self.next;
        for (name, anchor) in [("start", Anchor::Start), ("end", Anchor::End)] {
            if self.eat_word(&[name]) {
                self.expect("(")?;
                self.expect(")")?;
                return Ok(anchor);
            }
        }
        let is_negative = self.sign();
        let time_s = match self.take().map(|t| &t.kind) {
            Some(TokenKind::Number(time_s)) => *time_s,
            Some(TokenKind::Duration(ms)) => *ms as f64 / 1000.0,
            _ => {
                self.next = at;
                return Err(self.error_here("expected a time in seconds, start() or end() after \"@\""));
            }
        };
        let ms = (time_s * 1000.0).round();
        if ms.is_nan() || ms.abs() >= TIME_MAX_MS as f64 {
            self.next = at;
            return Err(self.error_here("this time is out of bounds"));
        }
        Ok(Anchor::Time(if is_negative { -(ms as i64) } else { ms as i64 }))
    }

    fn positive_length(&mut self) -> Result<i64, ParseError> {
        match self.length()? {
            0 => {
                self.next -= 1;
                Err(self.error_here("a range or step must be longer than 0"))
            }
            ms => Ok(ms),
        }
    }

    /// A duration or a number of seconds, in milliseconds.
    fn length(&mut self) -> Result<i64, ParseError> {
        let ms = match self.peek() {
            Some(TokenKind::Duration(ms)) => *ms,
            Some(TokenKind::Number(s)) if *s * 1000.0 <= super::lex::DURATION_MAX_MS as f64 => {
                (s * 1000.0).round() as i64
            }
            Some(TokenKind::Number(_)) => {
                return Err(self.error_here("this duration is longer than 292 years"));
            }
            _ => return Err(self.error_here("expected a duration such as 5m or 1h30m")),
        };
        self.next += 1;
        Ok(ms)
    }

    fn sign(&mut self) -> bool {
        let is_negative = self.eat("-");
        if !is_negative {
            self.eat("+");
        }
        is_negative
    }

    fn close(&mut self) -> Result<(), ParseError> {
        let Some(open) = self.open.pop() else {
            return Err(self.error_here("this \")\" closes nothing"));
        };
        self.next += 1;
        if open.is_aggregate {
            self.grouping_clause()?;
        }
        self.places.operands[open.operand].2 = self.tokens[self.next - 1].end;
        Ok(())
    }

    fn all_closed(&self) -> Result<(), ParseError> {
        match self.open.last() {
            None => Ok(()),
            Some(open) => {
                let start = self.places.operands[open.operand].1;
                let paren = start + self.text[start..].find('(').unwrap_or(0);
                Err(ParseError::new(self.text, paren, "this \"(\" is not closed"))
            }
        }
    }

    fn peek(&self) -> Option<&'a TokenKind<'a>> {
        self.tokens.get(self.next).map(|t| &t.kind)
    }

    fn peek_is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(TokenKind::Symbol(s)) if *s == symbol)
    }

    fn peek_word(&self) -> Option<String> {
        match self.peek() {
            Some(TokenKind::Word(word)) => Some(word.to_ascii_lowercase()),
            _ => None,
        }
    }

    fn take(&mut self) -> Option<&'a Token<'a>> {
        let token = self.tokens.get(self.next)?;
        self.next += 1;
        Some(token)
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let is_next = self.peek_is(symbol);
        self.next += usize::from(is_next);
        is_next
    }

    fn eat_word(&mut self, words: &[&str]) -> bool {
        let is_next = self.peek_word().is_some_and(|w| words.contains(&w.as_str()));
        self.next += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, symbol: &str) -> Result<(), ParseError> {
        if self.eat(symbol) { Ok(()) } else { Err(self.error_here(&format!("expected {symbol:?}"))) }
    }

    fn error(&self, token: &Token<'_>, message: String) -> ParseError {
        ParseError::new(self.text, token.start, message)
    }

    fn error_here(&self, message: &str) -> ParseError {
        let position = self.tokens.get(self.next).map_or(self.text.len(), |t| t.start);
        ParseError::new(self.text, position, message)
    }
}
