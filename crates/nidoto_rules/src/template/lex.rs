//! The text of a template to texts and actions, and an action to tokens.

use nidoto_core::Words;

use super::Fault;

/// What stands outside and inside of `{{ }}`, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    /// The tokens of an action and where its `{{` stands.
    Action(Vec<Token>, usize),
}

/// A token of an action and its first byte.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub what: What,
    pub at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// A function, keyword, `true`, `nil`.
    Word(String),
    /// `$`, `$x`: the name without `$`.
    Variable(String),
    /// `.a`, directly behind what it belongs to or not.
    Field {
        name: String,
        chained: bool,
    },
    Dot,
    Text(String),
    Int(i64),
    Float(f64),
    Pipe,
    Comma,
    Declare,
    Assign,
    Open,
    Close,
}

pub(super) fn lex(text: &str) -> Result<Vec<Piece>, Fault> {
    let mut pieces = Vec::new();
    let (mut at, mut trim) = (0, false);
    loop {
        let (before, action) = match text[at..].find("{{") {
            Some(start) => (&text[at..at + start], Some(at + start)),
            None => (&text[at..], None),
        };
        let before = if trim { before.trim_start_matches(is_space) } else { before };
        let inside = action.map(|start| start + 2);
        let trims_before = inside.is_some_and(|i| text[i..].starts_with('-') && text[i + 1..].starts_with(is_space));
        let before = if trims_before { before.trim_end_matches(is_space) } else { before };
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let (Some(start), Some(inside)) = (action, inside) else { return Ok(pieces) };
        let mut lexer = Lexer { text, at: inside + if trims_before { 2 } else { 0 } };
        let tokens = match lexer.comment(start)? {
            true => Vec::new(),
            false => lexer.tokens(start)?,
        };
        trim = lexer.end(start)?;
        at = lexer.at;
        if !tokens.is_empty() {
            pieces.push(Piece::Action(tokens, start));
        }
    }
}

/// What Go counts as space within a template.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip(&mut self, wanted: fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Whether a comment stands here; it fills its action.
    fn comment(&mut self, start: usize) -> Result<bool, Fault> {
        if !self.rest().starts_with("/*") {
            return Ok(false);
        }
        let Some(length) = self.rest().find("*/") else {
            return Err(Fault::new(
                start,
                Words::new("this comment has no end `*/`", "コメントが `*/` で閉じていません"),
            ));
        };
        self.at += length + 2;
        Ok(true)
    }

    /// The end of an action; true if it trims the text behind it.
    fn end(&mut self, start: usize) -> Result<bool, Fault> {
        let spaced = !self.skip(is_space).is_empty();
        for (end, trims) in [("}}", false), ("-}}", true)] {
            if self.rest().starts_with(end) && (spaced || !trims) {
                self.at += end.len();
                return Ok(trims);
            }
        }
        Err(Fault::new(start, Words::new("this `{{` is not closed by `}}`", "この `{{` が `}}` で閉じていません")))
    }

    fn is_end(&self) -> bool {
        let rest = self.rest();
        let trimmed = rest.trim_start_matches(is_space);
        trimmed.is_empty() || trimmed.starts_with("}}") || trimmed.starts_with("-}}") && trimmed.len() < rest.len()
    }

    fn tokens(&mut self, start: usize) -> Result<Vec<Token>, Fault> {
        let mut tokens = Vec::new();
        while !self.is_end() {
            let is_behind_space = !self.skip(is_space).is_empty() || tokens.is_empty();
            let at = self.at;
            let what = self.token(is_behind_space)?;
            tokens.push(Token { what, at });
        }
        if tokens.is_empty() {
            return Err(Fault::new(start, Words::new("this `{{ }}` is empty", "この `{{ }}` は空です")));
        }
        Ok(tokens)
    }

    fn token(&mut self, is_behind_space: bool) -> Result<What, Fault> {
        let at = self.at;
        let rest = self.rest();
        for (sign, what) in [
            (":=", What::Declare),
            ("=", What::Assign),
            ("|", What::Pipe),
            (",", What::Comma),
            ("(", What::Open),
            (")", What::Close),
        ] {
            if rest.starts_with(sign) {
                self.at += sign.len();
                return Ok(what);
            }
        }
        let first = rest.chars().next().unwrap_or(' ');
        let second = rest[first.len_utf8()..].chars().next().unwrap_or(' ');
        match first {
            '"' => self.quoted(),
            '`' => self.raw(),
            '\'' => self.character(),
            '$' => {
                self.at += 1;
                Ok(What::Variable(self.skip(is_of_name).to_owned()))
            }
            '.' if is_of_name(second) && !second.is_ascii_digit() => {
                self.at += 1;
                Ok(What::Field { name: self.skip(is_of_name).to_owned(), chained: !is_behind_space })
            }
            '.' if !second.is_ascii_digit() => {
                self.at += 1;
                Ok(What::Dot)
            }
            '0'..='9' | '+' | '-' | '.' => self.number(),
            c if is_of_name(c) => Ok(What::Word(self.skip(is_of_name).to_owned())),
            c => Err(Fault::new(
                at,
                Words::new(format!("`{c}` does not belong here"), format!("`{c}` はここには書けません")),
            )),
        }
    }

    fn number(&mut self) -> Result<What, Fault> {
        let at = self.at;
        let text = self.skip(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-'));
        let plain = text.replace('_', "");
        let hex =
            plain.trim_start_matches(['+', '-']).strip_prefix("0x").and_then(|hex| i64::from_str_radix(hex, 16).ok());
        if let Some(value) = hex {
            return Ok(What::Int(if plain.starts_with('-') { -value } else { value }));
        }
        if let Ok(value) = plain.parse::<i64>() {
            return Ok(What::Int(value));
        }
        let is_numeric = plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-' | 'e' | 'E'));
        match plain.parse::<f64>() {
            Ok(value) if is_numeric => Ok(What::Float(value)),
            _ => Err(Fault::new(
                at,
                Words::new(format!("`{text}` is no number"), format!("`{text}` は数ではありません")),
            )),
        }
    }

    fn raw(&mut self) -> Result<What, Fault> {
        let rest = &self.rest()[1..];
        let Some(end) = rest.find('`') else { return Err(self.open_text()) };
        self.at += end + 2;
        Ok(What::Text(rest[..end].to_owned()))
    }

    fn open_text(&self) -> Fault {
        Fault::new(self.at, Words::new("this text is not closed by its quote", "文字列が引用符で閉じていません"))
    }

    /// Go's `"..."`: on one line, with its escapes.
    fn quoted(&mut self) -> Result<What, Fault> {
        let mut out = String::new();
        let rest = self.rest();
        let mut chars = rest.char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += i + 1;
                    return Ok(What::Text(out));
                }
                '\n' => break,
                '\\' => out.push(escaped(&mut chars).ok_or_else(|| self.bad_escape(i))?),
                c => out.push(c),
            }
        }
        Err(self.open_text())
    }

    fn bad_escape(&self, i: usize) -> Fault {
        let what = Words::new("this is no escape of a quoted text", "引用符の中のエスケープとして読めません");
        Fault::new(self.at + i, what)
    }

    /// `'a'` is a number in Go.
    fn character(&mut self) -> Result<What, Fault> {
        let rest = self.rest();
        let mut chars = rest.char_indices().skip(1);
        let c = match chars.next() {
            Some((i, '\\')) => escaped(&mut chars).ok_or_else(|| self.bad_escape(i))?,
            Some((_, c)) if c != '\'' => c,
            _ => return Err(self.open_text()),
        };
        match chars.next() {
            Some((i, '\'')) => {
                self.at += i + 1;
                Ok(What::Int(i64::from(u32::from(c))))
            }
            _ => Err(self.open_text()),
        }
    }
}

fn is_of_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// What an escape stands for; `None` if it is none. Bytes above 127 as `\x` and `\377` are no text.
fn escaped(chars: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    let (_, c) = chars.next()?;
    let mut code = |digits: usize, radix: u32, first: u32| {
        let mut value = first;
        for _ in 0..digits {
            value = value * radix + chars.next()?.1.to_digit(radix)?;
        }
        Some(value)
    };
    match c {
        'a' => Some('\u{7}'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\u{b}'),
        '\\' | '\'' | '"' => Some(c),
        'x' => char::from_u32(code(2, 16, 0)?).filter(char::is_ascii),
        'u' => char::from_u32(code(4, 16, 0)?),
        'U' => (0..8)
            .try_fold(0_u32, |value, _| value.checked_mul(16)?.checked_add(chars.next()?.1.to_digit(16)?))
            .and_then(char::from_u32),
        '0'..='7' => char::from_u32(code(2, 8, c.to_digit(8)?)?).filter(char::is_ascii),
        _ => None,
    }
}
