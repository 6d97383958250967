//! SQL text to statements of tokens. Knows what PostgreSQL, MySQL, MariaDB and SQLite write:
//! quotes, dollar quotes, comments, `DELIMITER`. Never fails: what is not closed ends with the file.

use std::borrow::Cow;
use std::ops::Range;

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

/// A token; `text` is without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its text: words in upper case, quoted things as they are, without quotes.
    pub text: Cow<'static, str>,
    /// Its bytes, quotes included.
    pub bytes: Range<usize>,
}

impl Token {
    /// Whether it is this keyword or sign.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Sign) && self.text == text
    }

    /// As a name: lower case.
    #[must_use]
    pub fn name(&self) -> String {
        self.text.to_lowercase()
    }
}

/// One statement, without its `;`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Its tokens; never empty.
    pub tokens: Vec<Token>,
}

impl Statement {
    /// From its first to its last token.
    #[must_use]
    pub fn bytes(&self) -> Range<usize> {
        let start = self.tokens.first().map_or(0, |token| token.bytes.start);
        start..self.tokens.last().map_or(start, |token| token.bytes.end)
    }

    /// Whether it begins with these keywords.
    #[must_use]
    pub fn begins(&self, words: &[&str]) -> bool {
        words.len() <= self.tokens.len() && self.tokens.iter().zip(words).all(|(token, word)| token.is(word))
    }

    /// Where these keywords stand next to each other.
    #[must_use]
    pub fn find(&self, words: &[&str]) -> Option<usize> {
        self.tokens.windows(words.len()).position(|tokens| tokens.iter().zip(words).all(|(token, word)| token.is(word)))
    }
}

/// A sign; the common ones need no memory of their own.
fn sign(c: char) -> Cow<'static, str> {
    const COMMON: &str = "(),.;=*-+/<>:";
    match COMMON.find(c) {
        Some(at) => Cow::Borrowed(&COMMON[at..=at]),
        None => Cow::Owned(c.to_string()),
    }
}

/// The statements of a text.
#[must_use]
pub fn statements(text: &str) -> Vec<Statement> {
    let is_mysql = text.contains('`') || text.contains("ENGINE=");
    let mut lexer = Lexer { text, at: 0, is_mysql, delimiter: ";".to_owned() };
    let mut statements = Vec::new();
    let mut current = Statement::default();
    loop {
        lexer.skip_blank();
        if lexer.at >= text.len() {
            break;
        }
        if current.tokens.is_empty() && lexer.delimiter_command() {
            continue;
        }
        if lexer.rest().starts_with(&lexer.delimiter) {
            lexer.at += lexer.delimiter.len();
            if !current.tokens.is_empty() {
                statements.push(std::mem::take(&mut current));
            }
            continue;
        }
        current.tokens.push(lexer.token());
    }
    if !current.tokens.is_empty() {
        statements.push(current);
    }
    statements
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

    fn token(&mut self) -> Token {
        let start = self.at;
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or(' ');
        let (kind, text) = match first {
            '\'' => (Kind::Text, self.quoted('\'').into()),
            '"' => (if self.is_mysql { Kind::Text } else { Kind::Name }, self.quoted('"').into()),
            '`' => (Kind::Name, self.quoted('`').into()),
            '$' if self.dollar_quoted() => (Kind::Text, Cow::Borrowed("")),
            c if c.is_alphabetic() || c == '_' => {
                let word = self.take(|c| c.is_alphanumeric() || c == '_' || c == '$');
                (Kind::Word, if word.is_ascii() { word.to_ascii_uppercase() } else { word.to_uppercase() }.into())
            }
            c if c.is_ascii_digit() => {
                (Kind::Number, self.take(|c| c.is_ascii_alphanumeric() || c == '.').to_owned().into())
            }
            c => {
                self.at += c.len_utf8();
                (Kind::Sign, sign(c))
            }
        };
        Token { kind, text, bytes: start..self.at }
    }

    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let len = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    /// A text in quotes: a doubled quote stands for one, in MySQL a backslash escapes.
    fn quoted(&mut self, quote: char) -> String {
        let mut text = String::new();
        let escape = (self.is_mysql && quote != '`').then_some('\\');
        self.at += quote.len_utf8();
        while let Some(i) = self.rest().find(|c| c == quote || Some(c) == escape) {
            text += &self.rest()[..i];
            self.at += i;
            let mut chars = self.rest().chars();
            let (special, next) = (chars.next(), chars.next());
            self.at += 1;
            if special == Some(quote) && next != Some(quote) {
                return text;
            }
            text.extend(next);
            self.at += next.map_or(0, char::len_utf8);
        }
        text += self.rest();
        self.at = self.text.len();
        text
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
        let one = |s: &super::Statement| s.tokens.iter().map(|t| t.text.clone()).collect::<Vec<_>>().join(" ");
        statements(text).iter().map(one).collect()
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
            for token in statements(&text).iter().flat_map(|s| &s.tokens) {
                proptest::prop_assert!(text.get(token.bytes.clone()).is_some());
                proptest::prop_assert!(!token.bytes.is_empty());
            }
        }
    }
}
