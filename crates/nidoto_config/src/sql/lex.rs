//! SQL text to statements of tokens. Knows what PostgreSQL, MySQL, MariaDB and SQLite write:
//! quotes, dollar quotes, comments, `DELIMITER`. Never fails: what is not closed ends with the file.

use std::borrow::Cow;
use std::ops::Range;

use nidoto_core::Words;

/// More statements of one text are not read. With rows of their own that is a file of 16 MiB.
const STATEMENTS_MAX: usize = 200_000;
/// More tokens of one text are not read.
const TOKENS_MAX: usize = 6_000_000;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word: keyword, name, type.
    Word,
    /// A name in quotes.
    Name,
    /// A text in quotes.
    Text,
    /// A number.
    Number,
    /// Anything else, one character.
    Sign,
}

/// A token as it stands in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// What it is.
    pub kind: Kind,
    /// Its text as it is written, quotes included.
    pub raw: &'t str,
    /// Where it begins.
    pub start: usize,
    is_mysql: bool,
}

impl<'t> Token<'t> {
    /// Whether it is this keyword or sign, in upper case.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Sign) && self.raw.eq_ignore_ascii_case(text)
    }

    /// Its text without quotes.
    #[must_use]
    pub fn text(&self) -> Cow<'t, str> {
        match self.raw.chars().next() {
            Some(quote @ ('\'' | '"' | '`')) => unquoted(self.raw, quote, self.is_mysql),
            // What stands between dollars is a program: nobody compares it.
            Some('$') if self.kind == Kind::Text => Cow::Borrowed(""),
            _ => Cow::Borrowed(self.raw),
        }
    }

    /// As a name: lower case.
    #[must_use]
    pub fn name(&self) -> String {
        self.text().to_lowercase()
    }

    /// Its bytes, quotes included.
    #[must_use]
    pub fn bytes(&self) -> Range<usize> {
        self.start..self.start + self.raw.len()
    }
}

/// The statements of a text. Twelve bytes a token: a file of 16 MiB may have as many tokens.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Statements {
    tokens: Vec<Piece>,
    /// Where each statement ends in `tokens`.
    ends: Vec<u32>,
    is_mysql: bool,
    is_cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    kind: Kind,
    start: u32,
    end: u32,
}

impl Statements {
    /// The statements, of the text that they were read from.
    pub fn of<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Statement<'t>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(move |(start, end)| Statement {
            text,
            pieces: &self.tokens[start as usize..*end as usize],
            is_mysql: self.is_mysql,
        })
    }

    /// Why only the first of them were read, if so.
    #[must_use]
    pub fn cut(&self) -> Option<Words> {
        self.is_cut.then(|| {
            Words::new(
                format!("more than {STATEMENTS_MAX} statements or {TOKENS_MAX} words"),
                format!("文が {STATEMENTS_MAX} または語が {TOKENS_MAX} を超えています"),
            )
        })
    }

    /// How many there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.ends.len()
    }
}

/// One statement, without its `;`, or some tokens of one.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'t> {
    text: &'t str,
    pieces: &'t [Piece],
    is_mysql: bool,
}

impl<'t> Statement<'t> {
    /// How many tokens it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.pieces.len()
    }

    /// A token.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Token<'t>> {
        self.pieces.get(at).map(|piece| self.token(*piece))
    }

    /// The sign that a token is; a zero where it is none.
    #[must_use]
    pub fn sign(&self, at: usize) -> u8 {
        self.pieces
            .get(at)
            .filter(|piece| piece.kind == Kind::Sign)
            .map_or(0, |piece| self.text.as_bytes()[piece.start as usize])
    }

    /// Its tokens.
    pub fn tokens(&self) -> impl Iterator<Item = Token<'t>> {
        let all = *self;
        self.pieces.iter().map(move |piece| all.token(*piece))
    }

    /// Some of its tokens; none where there are fewer.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        Self { pieces: self.pieces.get(range).unwrap_or_default(), ..*self }
    }

    fn token(&self, piece: Piece) -> Token<'t> {
        let (start, end) = (piece.start as usize, piece.end as usize);
        Token { kind: piece.kind, raw: &self.text[start..end], start, is_mysql: self.is_mysql }
    }

    /// From its first to its last token.
    #[must_use]
    pub fn bytes(&self) -> Range<usize> {
        let start = self.pieces.first().map_or(0, |piece| piece.start as usize);
        start..self.pieces.last().map_or(start, |piece| piece.end as usize)
    }

    /// Whether it begins with these keywords.
    #[must_use]
    pub fn begins(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(at, word)| self.get(at).is_some_and(|token| token.is(word)))
    }

    /// Where these keywords stand next to each other.
    #[must_use]
    pub fn find(&self, words: &[&str]) -> Option<usize> {
        let (first, rest) = words.split_first()?;
        let is_there = |at: &usize| {
            let piece = self.pieces[*at];
            // Most tokens differ in length already.
            (piece.end - piece.start) as usize == first.len()
                && self.token(piece).is(first)
                && self.part(at + 1..self.size()).begins(rest)
        };
        (0..self.size()).find(is_there)
    }
}

/// The statements of a text.
#[must_use]
pub fn statements(text: &str) -> Statements {
    let is_mysql = text.contains('`') || text.contains("ENGINE=");
    let mut lexer = Lexer { text, at: 0, is_mysql, delimiter: ";".to_owned() };
    let mut statements = Statements { is_mysql, ..Statements::default() };
    let mut start = 0;
    loop {
        lexer.skip_blank();
        if lexer.at >= text.len() {
            break;
        }
        let is_full = statements.ends.len() >= STATEMENTS_MAX || statements.tokens.len() >= TOKENS_MAX;
        // A place of 32 bits cannot name what is further on.
        if is_full || u32::try_from(text.len()).is_err() {
            statements.is_cut = true;
            break;
        }
        let is_first = statements.tokens.len() == start;
        if is_first && lexer.delimiter_command() {
            continue;
        }
        if lexer.rest().starts_with(&lexer.delimiter) {
            lexer.at += lexer.delimiter.len();
            if !is_first {
                start = statements.tokens.len();
                statements.ends.push(place(start));
            }
            continue;
        }
        let from = lexer.at;
        let kind = lexer.token();
        statements.tokens.push(Piece { kind, start: place(from), end: place(lexer.at) });
    }
    if statements.tokens.len() > start {
        statements.ends.push(place(statements.tokens.len()));
    }
    statements
}

fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A text in quotes without them: a doubled quote stands for one, in MySQL a backslash escapes.
fn unquoted(raw: &str, quote: char, is_mysql: bool) -> Cow<'_, str> {
    let inner = &raw[1..];
    let escape = (is_mysql && quote != '`').then_some('\\');
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    if !inner.contains(|c| c == quote || Some(c) == escape) {
        return Cow::Borrowed(inner);
    }
    let mut chars = inner.chars();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        text.extend(if c == quote || Some(c) == escape { chars.next() } else { Some(c) });
    }
    Cow::Owned(text)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    is_mysql: bool,
    delimiter: String,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_blank(&mut self) {
        loop {
            // Most tokens follow the one before at once.
            if self.text.as_bytes().get(self.at).is_some_and(|b| b.is_ascii_alphanumeric() || b"(),;='".contains(b)) {
                return;
            }
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
            self.at += blank;
            let rest = self.rest();
            if rest.starts_with("--") || (self.is_mysql && rest.starts_with('#')) {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |i| i + 2);
            } else if blank == 0 {
                return;
            }
        }
    }

    /// `DELIMITER //`, as mysql's client and Flyway read it.
    fn delimiter_command(&mut self) -> bool {
        let rest = self.rest();
        if !rest.get(..10).is_some_and(|word| word.eq_ignore_ascii_case("delimiter ")) {
            return false;
        }
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let new = line[10..].trim();
        if !new.is_empty() {
            new.clone_into(&mut self.delimiter);
        }
        self.at += line.len();
        true
    }

    /// Goes behind the next token, and says what it is.
    fn token(&mut self) -> Kind {
        match self.rest().chars().next().unwrap_or(' ') {
            '\'' => self.quoted('\'', Kind::Text),
            '"' => self.quoted('"', if self.is_mysql { Kind::Text } else { Kind::Name }),
            '`' => self.quoted('`', Kind::Name),
            '$' if self.dollar_quoted() => Kind::Text,
            c if c.is_alphabetic() || c == '_' => {
                self.take(|c| c.is_alphanumeric() || c == '_' || c == '$', Kind::Word)
            }
            c if c.is_ascii_digit() => self.take(|c| c.is_ascii_alphanumeric() || c == '.', Kind::Number),
            c => {
                self.at += c.len_utf8();
                Kind::Sign
            }
        }
    }

    fn take(&mut self, fits: impl Fn(char) -> bool, kind: Kind) -> Kind {
        let rest = self.rest();
        self.at += rest.find(|c| !fits(c)).unwrap_or(rest.len());
        kind
    }

    /// A doubled quote ends no text, nor does an escaped one.
    fn quoted(&mut self, quote: char, kind: Kind) -> Kind {
        let escape = (self.is_mysql && quote != '`').then_some('\\');
        self.at += quote.len_utf8();
        while let Some(i) = self.rest().find(|c| c == quote || Some(c) == escape) {
            self.at += i;
            let mut chars = self.rest().chars();
            let (special, next) = (chars.next(), chars.next());
            self.at += 1;
            if special == Some(quote) && next != Some(quote) {
                return kind;
            }
            self.at += next.map_or(0, char::len_utf8);
        }
        self.at = self.text.len();
        kind
    }

    /// Skips `$tag$ ... $tag$`.
    fn dollar_quoted(&mut self) -> bool {
        let rest = self.rest();
        let Some(tag_len) = rest[1..].find('$').map(|i| i + 2) else { return false };
        let tag = &rest[..tag_len];
        if !tag[1..tag_len - 1].chars().all(|c| c.is_alphanumeric() || c == '_') || self.is_mysql {
            return false;
        }
        self.at += rest[tag_len..].find(tag).map_or(rest.len(), |i| i + 2 * tag_len);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::statements;

    fn shown(text: &str) -> Vec<String> {
        let shown = |token: super::Token<'_>| match token.kind {
            super::Kind::Word => token.raw.to_uppercase(),
            _ => token.text().into_owned(),
        };
        let one = |s: super::Statement<'_>| s.tokens().map(shown).collect::<Vec<_>>().join(" ");
        statements(text).of(text).map(one).collect()
    }

    #[test]
    fn quotes_comments_and_dollars() {
        let text =
            "insert into a values (1, 'it''s;') -- c;\n; /* ; */ create function f() as $b$ x; y $b$;\nselect \"Q\";";
        assert_eq!(shown(text), ["INSERT INTO A VALUES ( 1 , it's; )", "CREATE FUNCTION F ( ) AS ", "SELECT Q"]);
    }

    #[test]
    fn mysql_escapes_and_delimiters() {
        let text =
            "select `a`, 'b\\';'; # c\nDELIMITER //\ncreate procedure p() begin x; end//\nDELIMITER ;\nselect 1;";
        assert_eq!(shown(text), ["SELECT a , b';", "CREATE PROCEDURE P ( ) BEGIN X ; END", "SELECT 1"]);
    }

    proptest::proptest! {
        #[test]
        fn tokens_lie_where_they_say(text in "[a-c1;'\"`$\\-/*# \n\\\\é]{0,60}") {
            let read = statements(&text);
            for token in read.of(&text).flat_map(|statement| statement.tokens().collect::<Vec<_>>()) {
                proptest::prop_assert_eq!(text.get(token.bytes()), Some(token.raw));
                proptest::prop_assert!(!token.raw.is_empty());
                let _ = token.text();
            }
        }
    }
}
