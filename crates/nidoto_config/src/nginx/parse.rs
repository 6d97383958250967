//! nginx's configuration syntax, read as `ngx_conf_read_token` reads it (src/core/ngx_conf_file.c).
//!
//! The result is flat: each directive knows its parent. So nesting costs no stack.

use std::ops::Range;

use nidoto_core::Words;

/// Deeper nesting is refused: nginx itself accepts only contexts of its modules, four or five deep.
const DEPTH_MAX: usize = 64;
/// More directives are refused.
const DIRECTIVES_MAX: usize = 250_000;
/// More words are refused.
const WORDS_MAX: usize = 1_000_000;
/// Their rows are not kept: nobody asks for them, and an address list has hundreds of thousands.
const TABLES: [&str; 3] = ["geo", "types", "charset_map"];

/// A word of a directive, quotes and escapes removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its text.
    pub text: String,
    /// Its bytes in the file, quotes included.
    pub bytes: Range<usize>,
}

/// A directive, simple or with a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The position of the directive whose block holds it.
    pub parent: Option<usize>,
    /// Name and arguments; never empty.
    pub words: Vec<Word>,
    /// The bytes between its braces, if it has a block.
    pub block: Option<Range<usize>>,
}

impl Directive {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.words.first().map_or("", |word| &word.text)
    }

    /// Its arguments.
    #[must_use]
    pub fn args(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }
}

/// Why a file is not nginx configuration, and at which byte.
pub type SyntaxError = (usize, Words);

/// Reads a file.
///
/// # Errors
/// When the text is not nginx configuration: what is wrong and where.
pub fn parse(text: &str) -> Result<Vec<Directive>, SyntaxError> {
    let mut parser = Parser { text, at: 0, directives: Vec::new(), open: Vec::new(), words: 0 };
    parser.file()?;
    Ok(parser.directives)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    directives: Vec<Directive>,
    open: Vec<usize>,
    words: usize,
}

impl Parser<'_> {
    fn file(&mut self) -> Result<(), SyntaxError> {
        let mut words: Vec<Word> = Vec::new();
        loop {
            self.skip_space();
            let Some(byte) = self.peek() else { break };
            match byte {
                b';' => {
                    self.end(&mut words, None)?;
                    self.at += 1;
                }
                b'{' => {
                    let body = self.at + 1;
                    let is_lua = words.first().is_some_and(|word| word.text.ends_with("_by_lua_block"));
                    self.end(&mut words, Some(body..body))?;
                    self.at = body;
                    if is_lua { self.skip_lua()? } else { self.enter()? }
                }
                b'}' => {
                    if let Some(word) = words.first() {
                        return Err(error(word.bytes.start, "a `;` is missing", "`;` がありません"));
                    }
                    self.leave()?;
                }
                b'#' => self.skip_line(),
                _ => {
                    self.words += 1;
                    if self.words > WORDS_MAX {
                        let (en, ja) =
                            (format!("more than {WORDS_MAX} words"), format!("語が {WORDS_MAX} を超えています"));
                        return Err((self.at, Words::new(en, ja)));
                    }
                    words.push(self.word()?);
                }
            }
        }
        match (words.first(), self.open.pop()) {
            (Some(word), _) => Err(error(word.bytes.start, "a `;` is missing", "`;` がありません")),
            (None, Some(open)) => {
                let at = self.directives[open].words[0].bytes.start;
                Err(error(at, "this block is not closed", "このブロックが閉じていません"))
            }
            (None, None) => Ok(()),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) || self.text[self.at..].starts_with('\u{feff}') {
            self.at += if self.text[self.at..].starts_with('\u{feff}') { 3 } else { 1 };
        }
    }

    fn skip_line(&mut self) {
        self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at);
    }

    fn end(&mut self, words: &mut Vec<Word>, block: Option<Range<usize>>) -> Result<(), SyntaxError> {
        if words.is_empty() {
            return Err(error(self.at, "a directive without a name", "名前のないディレクティブです"));
        }
        let parent = self.open.last().copied();
        let is_row = parent.is_some_and(|at| TABLES.contains(&self.directives[at].name())) && block.is_none();
        if is_row && words[0].text != "include" {
            self.words -= words.len();
            words.clear();
            return Ok(());
        }
        if self.directives.len() >= DIRECTIVES_MAX {
            let (en, ja) = (
                format!("more than {DIRECTIVES_MAX} directives"),
                format!("ディレクティブが {DIRECTIVES_MAX} を超えています"),
            );
            return Err((self.at, Words::new(en, ja)));
        }
        let mut words = std::mem::take(words);
        // Most have one or two.
        words.shrink_to_fit();
        self.directives.push(Directive { parent, words, block });
        Ok(())
    }

    fn enter(&mut self) -> Result<(), SyntaxError> {
        if self.open.len() >= DEPTH_MAX {
            let (en, ja) = (format!("more than {DEPTH_MAX} blocks deep"), format!("{DEPTH_MAX} 段より深い入れ子です"));
            return Err((self.at, Words::new(en, ja)));
        }
        self.open.push(self.directives.len() - 1);
        Ok(())
    }

    fn leave(&mut self) -> Result<(), SyntaxError> {
        let Some(open) = self.open.pop() else {
            return Err(error(self.at, "`}` without a block", "対応するブロックのない `}` です"));
        };
        if let Some(block) = &mut self.directives[open].block {
            block.end = self.at;
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self) -> Result<Word, SyntaxError> {
        let start = self.at;
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => self.quoted(quote),
            _ => Ok(self.bare(start)),
        }
    }

    fn bare(&mut self, start: usize) -> Word {
        let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b';' | b'{' | b'\\' | b'$');
        let plain = self.text.as_bytes()[start..].iter().position(ends);
        // Most words are as they stand.
        if let Some(end) =
            plain.map(|len| start + len).filter(|end| !matches!(self.text.as_bytes()[*end], b'\\' | b'$'))
        {
            self.at = end;
            return Word { text: self.text[start..end].to_owned(), bytes: start..end };
        }
        let mut text = String::new();
        let mut chars = self.text[start..].char_indices().peekable();
        let mut end = self.text.len();
        while let Some((i, c)) = chars.next() {
            match c {
                // `${name}` is a variable, not a block.
                '$' if chars.peek().is_some_and(|(_, c)| *c == '{') => {
                    text.push_str("${");
                    chars.next();
                }
                '\\' => text.extend(chars.next().into_iter().flat_map(|(_, c)| unescape(c))),
                c if c.is_ascii_whitespace() || c == ';' || c == '{' => {
                    end = start + i;
                    break;
                }
                c => text.push(c),
            }
        }
        self.at = end;
        Word { text, bytes: start..end }
    }

    fn quoted(&mut self, quote: u8) -> Result<Word, SyntaxError> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.text[start + 1..].char_indices();
        while let Some((i, c)) = chars.next() {
            if c == '\\' {
                text.extend(chars.next().into_iter().flat_map(|(_, c)| unescape(c)));
            } else if c == char::from(quote) {
                self.at = start + 1 + i + 1;
                // nginx wants a separator here; a `)` may follow in `if`.
                return match self.peek() {
                    None | Some(b';' | b'{' | b')') => Ok(Word { text, bytes: start..self.at }),
                    Some(b) if b.is_ascii_whitespace() => Ok(Word { text, bytes: start..self.at }),
                    Some(_) => {
                        Err(error(self.at, "a space is missing after the quote", "引用符の後に空白がありません"))
                    }
                };
            } else {
                text.push(c);
            }
        }
        Err(error(start, "this quote is not closed", "この引用符が閉じていません"))
    }

    /// Skips Lua code: braces count, except in strings and comments.
    fn skip_lua(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut depth = 1_usize;
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b'-' if bytes.get(self.at + 1) == Some(&b'-') => {
                    self.at += bytes[self.at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - self.at);
                    continue;
                }
                quote @ (b'"' | b'\'') => {
                    self.at += 1;
                    while bytes.get(self.at).is_some_and(|b| *b != quote) {
                        self.at += 1 + usize::from(bytes[self.at] == b'\\');
                    }
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                if let Some(block) = self.directives.last_mut().and_then(|d| d.block.as_mut()) {
                    block.end = self.at - 1;
                }
                return Ok(());
            }
        }
        self.at = bytes.len();
        Err(error(start, "this block is not closed", "このブロックが閉じていません"))
    }
}

/// What nginx makes of a character after a backslash.
fn unescape(c: char) -> Vec<char> {
    match c {
        '"' | '\'' | '\\' => vec![c],
        't' => vec!['\t'],
        'r' => vec!['\r'],
        'n' => vec!['\n'],
        _ => vec!['\\', c],
    }
}

fn error(at: usize, en: &str, ja: &str) -> SyntaxError {
    (at, Words::new(en, ja))
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn shown(text: &str) -> String {
        match parse(text) {
            Ok(directives) => {
                let line = |d: &super::Directive| {
                    let words: Vec<&str> = d.words.iter().map(|w| w.text.as_str()).collect();
                    format!("{:?}:{}", d.parent, words.join("|"))
                };
                directives.iter().map(line).collect::<Vec<_>>().join("\n")
            }
            Err((at, why)) => format!("{at}: {}", why.en),
        }
    }

    #[test]
    fn directives_blocks_quotes_and_variables() {
        let text = r#"events {} http { # a comment
            log_format x '$a "b" ' "c\"d"; server { location ~ \.php${x}$ { proxy_pass http://${up}:80; } } }"#;
        insta::assert_snapshot!(shown(text), @r#"
        None:events
        None:http
        Some(1):log_format|x|$a "b" |c"d
        Some(1):server
        Some(3):location|~|\.php${x}$
        Some(4):proxy_pass|http://${up}:80
        "#);
    }

    #[test]
    fn lua_is_skipped() {
        insta::assert_snapshot!(shown("content_by_lua_block { local x = { '}' } -- }\n } a b;"), @r"
        None:content_by_lua_block
        None:a|b
        ");
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(shown("http { server { }"), "0: this block is not closed");
        assert_eq!(shown("a b"), "0: a `;` is missing");
        assert_eq!(shown("a; }"), "3: `}` without a block");
        assert_eq!(shown("a 'b;"), "2: this quote is not closed");
        assert_eq!(shown(";"), "0: a directive without a name");
        let deep = format!("{}{}", "a {".repeat(10_000), "}".repeat(10_000));
        assert_eq!(shown(&deep), "195: more than 64 blocks deep");
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends(text in ".{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn words_lie_where_they_say(text in "[a-z;{} \"'$#\\\\\n]{0,80}") {
            for directive in parse(&text).unwrap_or_default() {
                for word in &directive.words {
                    proptest::prop_assert!(text.get(word.bytes.clone()).is_some());
                }
            }
        }
    }
}
