//! Edits of texts that people wrote: each touches its own bytes and no other.

use std::path::Path;

use super::markdown::{SectionKind, sections};
use crate::words::Lang;
use crate::yaml;

/// Where the YAML of the front matter stands in `incident.md`: between two lines of `---`.
#[must_use]
pub fn front_range(text: &str) -> Option<std::ops::Range<usize>> {
    let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let first = text[bom..].split_inclusive('\n').next()?;
    if first.trim_end() != "---" || !first.ends_with('\n') {
        return None;
    }
    let start = bom + first.len();
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Some(start..at);
        }
        at += line.len();
    }
    None
}

/// Sets a key of the front matter to a plain scalar; a missing key is added, a missing front
/// matter too.
#[must_use]
pub fn set_front(text: &str, key: &str, value: &str) -> String {
    let newline = newline(text);
    let Some(range) = front_range(text) else {
        return format!("---{newline}{key}: {value}{newline}---{newline}{text}");
    };
    let front = &text[range.clone()];
    let document = yaml::parse(Path::new("incident.md"), front);
    if let Some((name, node)) = document.root.entry(key) {
        // An empty value has no bytes of its own: write behind the colon.
        let (start, end) = if node.bytes.is_empty() {
            let colon = front[name.bytes.end..].find(':').map_or(name.bytes.end, |i| name.bytes.end + i + 1);
            (colon, colon)
        } else {
            (node.bytes.start, node.bytes.end)
        };
        let space = if front[..start].ends_with(' ') { "" } else { " " };
        return splice(text, range.start + start..range.start + end, &format!("{space}{value}"));
    }
    let gap = if front.is_empty() || front.ends_with('\n') { "" } else { newline };
    splice(text, range.end..range.end, &format!("{gap}{key}: {value}{newline}"))
}

/// Appends a line to the list of a section, behind its last item; a missing section is added at
/// the end, under its heading in `lang`.
#[must_use]
pub fn append_to_section(text: &str, kind: SectionKind, line: &str, lang: Lang) -> String {
    let newline = newline(text);
    let body = front_range(text).map_or(0, |range| range.end);
    // The closing `---` of the front matter must not be read as an underlined heading.
    let body = text[body..].find('\n').filter(|_| body > 0).map_or(body, |i| body + i + 1);
    let found = sections(text, body).into_iter().find(|section| section.kind == Some(kind));
    let Some(section) = found else {
        let (en, ja) = kind.headings();
        let heading = if lang == Lang::Ja { ja } else { en };
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
        return format!("{text}{gap}{newline}## {heading}{newline}{line}{newline}");
    };
    let end = section.items.last().map_or(section.body.start, |item| item.end);
    let at = text[..end].trim_end().len().max(section.body.start.min(end));
    let at = match text[at..].find('\n') {
        _ if text[..at].ends_with('\n') => at,
        Some(i) => at + i + 1,
        None => return format!("{text}{newline}{line}{newline}"),
    };
    splice(text, at..at, &format!("{line}{newline}"))
}

/// Appends an item to the list under a key of a YAML file, behind the last one; `item` is the
/// item's lines without indentation, the first without its `- `. A missing key is added.
#[must_use]
pub fn append_item(text: &str, key: &str, item: &str) -> String {
    let newline = newline(text);
    let block = |indent: &str| {
        let mut block = String::new();
        for (i, line) in item.lines().enumerate() {
            block += indent;
            block += if i == 0 { "- " } else { "  " };
            block += line;
            block += newline;
        }
        block
    };
    let document = yaml::parse(Path::new("manifest.yaml"), text);
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    let Some((name, node)) = document.root.entry(key) else {
        return format!("{text}{gap}{key}:{newline}{}", block("  "));
    };
    let Some(last) = node.items().last() else {
        // `items: []` or `items:` becomes a block list.
        let colon = text[name.bytes.end..].find(':').map_or(name.bytes.end, |i| name.bytes.end + i + 1);
        let end = node.bytes.end.max(colon);
        let line_end = text[end..].find('\n').map_or(text.len(), |i| end + i + 1);
        let rest = text[end..line_end].trim_end();
        let head = splice(text, colon..line_end, &format!("{rest}{newline}{}", block("  ")));
        return head;
    };
    let first = &node.items()[0];
    let line_start = text[..first.bytes.start].rfind('\n').map_or(0, |i| i + 1);
    let indent: String = text[line_start..].chars().take_while(|c| *c == ' ').collect();
    let end = text[..last.bytes.end].trim_end().len();
    match text[end..].find('\n') {
        Some(i) => splice(text, end + i + 1..end + i + 1, &block(&indent)),
        None => format!("{text}{newline}{}", block(&indent)),
    }
}

fn splice(text: &str, range: std::ops::Range<usize>, new: &str) -> String {
    format!("{}{new}{}", &text[..range.start], &text[range.end..])
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_is_set_and_all_else_kept() {
        let text = "---\n# 注釈\ntitle: 'a: b' # why\nodd: {x: 1}\nresolved:\n---\nbody\n";
        assert_eq!(set_front(text, "title", "c"), text.replace("'a: b'", "c"));
        assert_eq!(set_front(text, "resolved", "now"), text.replace("resolved:", "resolved: now"));
        assert_eq!(set_front(text, "status", "closed"), text.replace("resolved:\n", "resolved:\nstatus: closed\n"));
        let plain = "---\nstatus: draft # for now\n---\n";
        assert_eq!(set_front(plain, "status", "closed"), plain.replace("draft", "closed"));
        assert_eq!(set_front("body", "a", "1"), "---\na: 1\n---\nbody");
    }

    #[test]
    fn a_line_goes_behind_the_last_item() {
        let text = "---\na: 1\n---\n## Timeline\n- one\n- two\n  more\n\n## Luck\nmuch\n";
        let want = text.replace("  more\n", "  more\n- three\n");
        assert_eq!(append_to_section(text, SectionKind::Timeline, "- three", Lang::En), want);
        let empty = "## 時系列\n\n## 学び\n";
        assert_eq!(append_to_section(empty, SectionKind::Timeline, "- one", Lang::Ja), "## 時系列\n- one\n\n## 学び\n");
        assert_eq!(append_to_section("x", SectionKind::Timeline, "- one", Lang::Ja), "x\n\n## 時系列\n- one\n");
    }

    #[test]
    fn an_item_joins_its_list() {
        let item = "path: b\nto: 2";
        assert_eq!(
            append_item("# c\nitems:\n  - path: a # x\n    to: 1\n", "items", item),
            "# c\nitems:\n  - path: a # x\n    to: 1\n  - path: b\n    to: 2\n"
        );
        for empty in ["items: []\n", "items:\n", ""] {
            assert_eq!(append_item(empty, "items", item), "items:\n  - path: b\n    to: 2\n", "{empty:?}");
        }
    }

    /// What an edit inserts must be the only difference.
    fn only_inserted(before: &str, after: &str) -> bool {
        let head = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
        let tail = before.bytes().rev().zip(after.bytes().rev()).take_while(|(a, b)| a == b).count();
        after.len() >= before.len() && head + tail >= before.len()
    }

    proptest! {
        #[test]
        fn appending_never_loses_a_byte(text in "(---\n(a: b\n)?---\n)?((## (Timeline|時系列|X)\r?\n)?(- [a-zé ]{0,4}\n|[ a-z#>`-]{0,6}\n?|\n)){0,8}") {
            let after = append_to_section(&text, SectionKind::Timeline, "- new", Lang::En);
            prop_assert!(only_inserted(&text, &after), "{text:?} -> {after:?}");
        }

        /// Setting a key touches its value alone: comments, other keys and the body stay as they were.
        #[test]
        fn a_set_value_is_read_back_and_nothing_else_changes(
            entries in prop::collection::vec((0..6_usize, "[ ]{0,2}(# [a-zé: ]{0,6})?"), 1..6),
            chosen in any::<prop::sample::Index>(),
            body in "[a-z#\n -]{0,12}",
            ends in prop_oneof![Just("\n"), Just("\r\n")],
        ) {
            let values = ["plain", "'a: ''b'", "\"q # \\\" x\"", "[1, {a: 2}]", "", "2021-02-06T16:55:00+09:00"];
            let mut text = format!("---{ends}");
            for (i, (value, comment)) in entries.iter().enumerate() {
                let comment = if comment.trim_start().starts_with('#') { format!(" {}", comment.trim_start()) } else { comment.clone() };
                text += &format!("k{i}: {}{comment}{ends}", values[*value]);
            }
            text += &format!("---{ends}{body}");
            let key = format!("k{}", chosen.index(entries.len()));
            let after = set_front(&text, &key, "now");
            let (old, new): (Vec<&str>, Vec<&str>) = (text.lines().collect(), after.lines().collect());
            prop_assert_eq!(old.len(), new.len(), "{:?} -> {:?}", text, after);
            for (old, new) in old.iter().zip(&new) {
                let is_set = old.starts_with(&format!("{key}:"));
                prop_assert!(is_set || old == new, "{:?} -> {:?}", text, after);
                let comment = old.rfind(" # ").filter(|_| is_set && !old.contains('"'));
                prop_assert!(comment.is_none_or(|at| new.ends_with(&old[at..])), "{:?} -> {:?}", old, new);
            }
            let front = yaml::parse(Path::new("a"), &after[front_range(&after).unwrap()]);
            prop_assert_eq!(front.root.get(&key).and_then(yaml::Node::text), Some("now"), "{:?}", after);
            prop_assert!(front.diags.is_empty(), "{:?}", after);
        }

        #[test]
        fn a_new_key_never_loses_a_byte(text in "---\n([a-z]{1,3}: ?[a-z#' ]{0,5}\n){0,4}---\n[a-z\n]{0,10}") {
            let after = set_front(&text, "resolved", "now");
            prop_assert!(only_inserted(&text, &after), "{text:?} -> {after:?}");
        }
    }
}
