//! Java's property files (`java.util.Properties.load`), with Spring's `#---` between documents.

use std::ops::Range;

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The key, escapes removed.
    pub key: String,
    /// The value, escapes removed.
    pub value: String,
    /// Their bytes.
    pub bytes: Range<usize>,
}

/// The properties of each document of a text; at least one document. Never fails: a line without a separator is
/// a key with an empty value, as in Java.
#[must_use]
pub fn properties(text: &str) -> Vec<Vec<Property>> {
    let mut documents = vec![Vec::new()];
    let mut start = 0;
    let mut lines = text.split_inclusive('\n');
    while let Some(raw) = lines.next() {
        let at = start;
        start += raw.len();
        if matches!(raw.trim_end(), "#---" | "!---") {
            documents.push(Vec::new());
            continue;
        }
        let first = raw.trim_end_matches(['\n', '\r']);
        let trimmed = first.trim_start();
        if trimmed.is_empty() || trimmed.starts_with(['#', '!']) {
            continue;
        }
        let begin = at + (first.len() - trimmed.len());
        let mut line = trimmed.to_owned();
        let mut end = at + first.len();
        while is_continued(&line) {
            line.pop();
            let Some(raw) = lines.next() else { break };
            let next = raw.trim_end_matches(['\n', '\r']);
            end = start + next.len();
            start += raw.len();
            line += next.trim_start();
        }
        let (key, value) = split(&line);
        let property = Property { key: unescaped(key), value: unescaped(value), bytes: begin..end };
        if let Some(document) = documents.last_mut() {
            document.push(property);
        }
    }
    documents
}

/// Whether an odd number of backslashes stands at its end.
fn is_continued(line: &str) -> bool {
    line.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
}

/// Key and value: between them stand blanks, and at most one `=` or `:`.
fn split(line: &str) -> (&str, &str) {
    let mut is_escaped = false;
    let end = line.find(|c: char| {
        let ends = !is_escaped && (c == '=' || c == ':' || c.is_whitespace());
        is_escaped = !is_escaped && c == '\\';
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start();
    (key, rest.strip_prefix(['=', ':']).unwrap_or(rest).trim())
}

fn unescaped(text: &str) -> String {
    let mut made = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            made.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => made.push('\t'),
            Some('n') => made.push('\n'),
            Some('r') => made.push('\r'),
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                made.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            other => made.extend(other),
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::properties;

    #[test]
    fn lines_documents_and_escapes() {
        let text = "# a\na.b = 1\n c:2\nd 3\ne\\ f\\u003d=x\\ty\nlong=a,\\\n   b,\\\r\n  c\n! n\n#---\nz=\\\\\nalone\n";
        let shown: Vec<Vec<(String, String, &str)>> = properties(text)
            .into_iter()
            .map(|document| document.into_iter().map(|p| (p.key, p.value, &text[p.bytes])).collect())
            .collect();
        insta::assert_debug_snapshot!(shown);
    }

    proptest::proptest! {
        #[test]
        fn properties_lie_where_they_say(text in "[a\\\\=: \n\r#!\\-ué]{0,60}") {
            for property in properties(&text).iter().flatten() {
                proptest::prop_assert!(text.get(property.bytes.clone()).is_some_and(|own| !own.is_empty()));
            }
        }
    }
}
