//! The syntax of unit files, read as systemd reads it (systemd.syntax(7); config_parse in
//! src/shared/conf-parser.c): what it does not understand it ignores, and so do we.

use std::ops::Range;

/// An assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The section that it stands in, without brackets.
    pub section: String,
    /// Its key.
    pub key: String,
    /// Its value, continued lines joined by a space.
    pub value: String,
    /// The bytes of the whole assignment.
    pub bytes: Range<usize>,
}

/// The assignments of a file, in its order.
#[must_use]
pub fn parse(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut section = String::new();
    let mut is_continued = false;
    let mut start = 0;
    for raw in text.split_inclusive('\n') {
        let at = start;
        start += raw.len();
        let line = raw.trim_end_matches(['\n', '\r']).trim_start_matches('\u{feff}');
        let trimmed = line.trim();
        // Comments may stand between continued lines.
        if trimmed.starts_with(['#', ';']) || (trimmed.is_empty() && !is_continued) {
            continue;
        }
        let (part, continues) = match trimmed.strip_suffix('\\') {
            Some(part) => (part.trim_end(), true),
            None => (trimmed, false),
        };
        let indent = line.len() - line.trim_start().len() + (raw.len() - raw.trim_start_matches('\u{feff}').len());
        let bytes = at + indent..at + indent + trimmed.len();
        if is_continued {
            if let Some(last) = entries.last_mut().filter(|_| !part.is_empty()) {
                last.value.extend((!last.value.is_empty()).then_some(' '));
                last.value.push_str(part);
                last.bytes.end = bytes.end;
            }
        } else if let Some(name) = part.strip_prefix('[').and_then(|part| part.strip_suffix(']')) {
            name.clone_into(&mut section);
            continue;
        } else if let Some((key, value)) = part.split_once('=').filter(|_| !section.is_empty()) {
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            entries.push(Entry { section: section.clone(), key, value, bytes });
        } else {
            // Nothing that systemd knows: it warns and goes on, and its continued lines go with it.
            is_continued = false;
            continue;
        }
        is_continued = continues;
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sections_continuations_and_comments() {
        let text = "; a\n[Unit]\nDescription=Daily \\\n# between\n  Reboot\nnonsense\n[Service]\r\nExecStart=/bin/a \\\n\n ExecStop = b\n";
        let shown: Vec<String> = parse(text)
            .iter()
            .map(|e| format!("{}.{}={} {:?}", e.section, e.key, e.value, &text[e.bytes.clone()]))
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        Unit.Description=Daily Reboot "Description=Daily \\\n# between\n  Reboot"
        Service.ExecStart=/bin/a "ExecStart=/bin/a \\"
        Service.ExecStop=b "ExecStop = b"
        "#);
    }

    proptest::proptest! {
        #[test]
        fn entries_lie_where_they_say(text in "(\\[[A-Z]\\]\n|[a-z]=[a-z#\\\\]{0,4}\n|\u{feff}| |\n|\\\\){0,30}") {
            for entry in parse(&text) {
                proptest::prop_assert!(text.get(entry.bytes.clone()).is_some());
            }
        }
    }
}
