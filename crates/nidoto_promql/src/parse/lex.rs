//! Tokens with their places.
//!
//! The parser crate reports neither where it stopped nor where an expression stands, and reads some literals
//! wrongly or with a panic. So literals and places come from here, the structure comes from there.

use super::error::ParseError;

/// A token and the bytes that it covers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind<'a>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind<'a> {
    /// An identifier or keyword; may hold colons.
    Word(&'a str),
    Number(f64),
    /// Milliseconds.
    Duration(i64),
    /// A quoted string, as written.
    Text(&'a str),
    /// An operator or bracket.
    Symbol(&'a str),
}

/// Longest first, so that `==` is not read as two `=`.
const SYMBOLS: [&str; 25] = [
    "=~", "!~", "==", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "%", "^", "(", ")", "[", "]", "{", "}", ",",
    ":", "@", "!",
];

pub(crate) fn lex(text: &str) -> Result<Vec<Token<'_>>, ParseError> {
    let mut tokens = Vec::new();
    let mut in_bracket = false;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match c {
            c if c.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            '#' => {
                at += rest.find(['\n', '\r']).unwrap_or(rest.len());
                continue;
            }
            '"' | '\'' | '`' => text_length(text, at, c)?,
            c if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) => {
                number_length(rest)
            }
            c if is_word_start(c, in_bracket) => {
                rest.find(|c: char| !is_word_part(c) && c != ':').unwrap_or(rest.len())
            }
            _ => SYMBOLS.iter().find(|s| rest.starts_with(**s)).map_or(0, |s| s.len()),
        };
        let token = &rest[..length];
        let kind = match c {
            _ if length == 0 => {
                return Err(ParseError::new(text, at, format!("unexpected character {c:?}")));
            }
            '"' | '\'' | '`' => TokenKind::Text(token),
            c if c.is_ascii_digit() || c == '.' => {
                literal(token).map_err(|message| ParseError::new(text, at, message))?
            }
            c if is_word_start(c, in_bracket) => TokenKind::Word(token),
            _ => TokenKind::Symbol(token),
        };
        in_bracket = token == "[" || (in_bracket && token != "]");
        tokens.push(Token { kind, start: at, end: at + length });
        at += length;
    }
    Ok(tokens)
}

/// A colon starts a metric's name, except within a bracket, where it separates range and step.
fn is_word_start(c: char, in_bracket: bool) -> bool {
    c == '_' || c.is_ascii_alphabetic() || (c == ':' && !in_bracket)
}

fn is_word_part(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

fn text_length(text: &str, at: usize, quote: char) -> Result<usize, ParseError> {
    let mut rest = text[at + 1..].char_indices();
    while let Some((i, c)) = rest.next() {
        if c == quote {
            return Ok(i + 2);
        }
        if c == '\n' && quote != '`' {
            return Err(ParseError::new(text, at, "a quoted text ends on its own line; write the line break as \\n"));
        }
        if c == '\\' && quote != '`' {
            rest.next();
        }
    }
    Err(ParseError::new(text, at, format!("this text is not closed by {quote}")))
}

/// How far a number or duration reaches: everything that could belong to one.
fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let is_hex = rest.len() > 1 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X');
    let belongs = |i: usize| match bytes[i] {
        b'+' | b'-' => !is_hex && matches!(bytes[i - 1], b'e' | b'E'),
        b => b == b'.' || b == b'_' || b.is_ascii_alphanumeric(),
    };
    (1..bytes.len()).find(|&i| !belongs(i)).unwrap_or(bytes.len())
}

fn literal(token: &str) -> Result<TokenKind<'static>, String> {
    if let Some(number) = number(token) {
        return Ok(TokenKind::Number(number));
    }
    match duration_ms(token) {
        None => Err(format!("{token:?} is neither a number nor a duration such as 5m or 1h30m")),
        Some(ms) if ms > DURATION_MAX_MS => Err(format!("the duration {token} is longer than 292 years")),
        Some(ms) => Ok(TokenKind::Duration(ms)),
    }
}

/// Numbers as Go reads them: decimal, hexadecimal (`0x1F`), octal (`017`).
fn number(token: &str) -> Option<f64> {
    let lower = token.to_ascii_lowercase();
    if let Some(hex) = lower.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok().map(|n| n as f64);
    }
    let is_octal = lower.len() > 1 && lower.starts_with('0') && lower.bytes().all(|b| (b'0'..=b'7').contains(&b));
    if is_octal {
        return u64::from_str_radix(&lower, 8).ok().map(|n| n as f64);
    }
    let is_decimal = lower.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'+' | b'-'));
    if is_decimal { lower.parse().ok() } else { None }
}

/// Units of durations, largest first, in milliseconds.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// A duration longer than this (292 years) does not fit Prometheus's own type.
pub(crate) const DURATION_MAX_MS: i64 = i64::MAX / 1_000_000;

/// `1h30m`: units in descending order, each at most once. Saturates above [`DURATION_MAX_MS`].
fn duration_ms(token: &str) -> Option<i64> {
    let mut rest = token;
    let mut units = UNITS.iter();
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit_end = rest[digits..].find(|c: char| !c.is_ascii_lowercase()).map_or(rest.len(), |i| digits + i);
        let (_, unit_ms) = units.find(|(name, _)| *name == &rest[digits..unit_end])?;
        if digits == 0 {
            return None;
        }
        let count: i64 = rest[..digits].parse().unwrap_or(i64::MAX);
        total = total.saturating_add(count.saturating_mul(*unit_ms));
        rest = &rest[unit_end..];
    }
    Some(total)
}
