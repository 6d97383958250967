//! From a place in a script to the package that it belongs to.

use crate::place::Place;
use crate::snapshot::Snapshot;
use serde::Serialize;
use std::fmt;

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Origin {
    /// The npm package, where the file lies in `node_modules`; `node` for Node.js itself.
    pub package: Option<String>,
    /// Path or URL of the script.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.file.rfind("node_modules/").map_or(self.file.as_str(), |at| &self.file[at..]);
        write!(f, "{}:{}:{}", short.trim_start_matches("file://"), self.line, self.column)
    }
}

impl Snapshot {
    /// The file of a place; `None` where the snapshot does not tell the script's name.
    pub fn origin(&self, place: Place) -> Option<Origin> {
        let script = *self.scripts.get(&place.script)?;
        let file = self.name(script);
        if file.is_empty() {
            return None;
        }
        let (line, column) = (place.line.saturating_add(1), place.column.saturating_add(1));
        Some(Origin { package: package(&file).map(str::to_owned), file, line, column })
    }
}

/// The package that a script belongs to: the innermost, so a dependency is not blamed on what depends on it.
fn package(file: &str) -> Option<&str> {
    if file.starts_with("node:") {
        return Some("node");
    }
    let normal = |at: usize| file[at..].split(['/', '\\']).next().map_or(at, |part| at + part.len());
    let start = file.rfind("node_modules/").or_else(|| file.rfind("node_modules\\"))? + "node_modules/".len();
    let mut end = normal(start);
    if file[start..].starts_with('@') && end < file.len() {
        end = normal(end + 1);
    }
    (end > start).then(|| &file[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_in_paths() {
        for (file, expected) in [
            ("/app/node_modules/inversify/lib/index.js", Some("inversify")),
            ("file:///app/node_modules/@scope/name/a.mjs", Some("@scope/name")),
            ("/app/node_modules/.pnpm/a@1.0.0/node_modules/a/index.js", Some("a")),
            ("/app/node_modules/outer/node_modules/inner/x.js", Some("inner")),
            (r"C:\app\node_modules\left-pad\index.js", Some("left-pad")),
            ("node:internal/timers", Some("node")),
            ("/app/src/server.js", None),
            ("/app/node_modules/", None),
        ] {
            assert_eq!(package(file), expected, "{file}");
        }
    }
}
