//! The documents of a YAML file, within limits that keep its tree small.

use std::path::Path;

use nidoto_core::Words;
use nidoto_core::yaml::{Node, parse};

/// More documents in one file are refused.
const DOCUMENTS_MAX: usize = 10_000;
/// More values in one file are refused.
const NODES_MAX: usize = 250_000;
/// A longer document is refused: of what stands in brackets, as all of JSON does, the parser keeps two
/// hundred times as much. CloudFormation takes no more, Kubernetes hardly.
const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// The root of each document of a text, with where the document begins.
///
/// # Errors
/// Why it cannot be read, with the line.
pub fn documents(path: &str, text: &str) -> Result<Vec<(usize, Node)>, Words> {
    let refused =
        |what: &str, ja: &str, max: usize| Err(Words::new(format!("{what} {max}"), format!("{ja} {max} までです")));
    let mut roots = Vec::new();
    let (mut offset, mut nodes) = (0, 0);
    for part in split(text) {
        if part.len() > DOCUMENT_BYTES_MAX {
            return refused("a document has more bytes than", "文書のバイト数は", DOCUMENT_BYTES_MAX);
        }
        let document = parse(Path::new(path), part);
        nodes += document.nodes;
        if roots.len() >= DOCUMENTS_MAX {
            return refused("there are more documents than", "文書の数は", DOCUMENTS_MAX);
        }
        if nodes > NODES_MAX {
            return refused("there are more values than", "値の数は", NODES_MAX);
        }
        if let Some(diag) = document.diags.first() {
            let line = diag.at.line + text[..offset].lines().count();
            return Err(Words::new(format!("line {line}: {}", diag.what.en), format!("{line} 行目: {}", diag.what.ja)));
        }
        roots.push((offset, document.root));
        offset += part.len();
    }
    Ok(roots)
}

/// Splits a text into its documents; together they are the text.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if (line.trim_end() == "---" || line.starts_with("--- ")) && at > from {
            parts.push(&text[from..at]);
            from = at;
        }
        at += line.len();
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::documents;

    #[test]
    fn documents_and_limits() {
        let read = |text: &str| documents("a.yml", text).map_err(|why| why.en);
        let starts = |text: &str| read(text).unwrap().iter().map(|(at, _)| *at).collect::<Vec<_>>();
        assert_eq!(starts("a: 1\n---\nb: 2\n--- # c\nd: 3\n"), [0, 5, 14]);
        assert_eq!(starts("---\na: |\n  ---\n"), [0]);
        assert_eq!(read("a: 1\n---\nb: [\n").unwrap_err().split(':').next(), Some("line 4"));
        assert!(read(&format!("[{}]", "0,".repeat(600_000))).unwrap_err().contains("more bytes"));
        assert!(read(&"- [0,0,0]\n".repeat(70_000)).is_err());
        assert!(read(&"---\n".repeat(10_002)).unwrap_err().contains("more documents"));
    }
}
