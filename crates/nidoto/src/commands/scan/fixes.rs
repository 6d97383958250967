//! `--fix`: shows what would change as a diff, then changes it.

use std::path::Path;

use anyhow::{Context, Result};
use nidoto_config::scan::{Found, Options, Source, apply};
use nidoto_core::folder::replace;

use super::disk::Disk;
use super::selection::Selection;
use crate::output::Output;

/// Makes fixes: each is checked by a scan of what comes out, then all are shown and written.
pub fn make(disk: &Disk, selection: &Selection, options: &Options, unsafe_too: bool, output: Output) -> Result<()> {
    let fixed = apply(disk, &selection.targets, options, unsafe_too);
    for (path, text) in &fixed.texts {
        if selection.only.as_ref().is_some_and(|only| !only.contains(path)) {
            continue;
        }
        let Found::Bytes(before) = disk.read(path) else { continue };
        print!("{}", diff(path, &String::from_utf8_lossy(&before), text));
        replace(Path::new(path), text.as_bytes()).with_context(|| format!("failed to write {path}"))?;
    }
    for (rule, spot, _) in &fixed.refused {
        let text = output.pick("the fix would not mend it: left alone", "この修正では直らないため、変更しません");
        println!("{}: {}: {text}", spot.file.path, rule.code);
    }
    Ok(())
}

/// A unified diff with one hunk: from the first line that differs to the last.
fn diff(path: &str, before: &str, after: &str) -> String {
    const CONTEXT: usize = 2;
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let shorter = old.len().min(new.len()) - same;
    let tail = old.iter().rev().zip(new.iter().rev()).take(shorter).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(CONTEXT);
    let (old_to, new_to) = ((old.len() - tail + CONTEXT).min(old.len()), (new.len() - tail + CONTEXT).min(new.len()));
    let mut out =
        format!("--- {path}\n+++ {path}\n@@ -{},{} +{},{} @@\n", from + 1, old_to - from, from + 1, new_to - from);
    let mut lines = |mark: char, lines: &[&str]| lines.iter().for_each(|line| out += &format!("{mark}{line}\n"));
    lines(' ', &old[from..same]);
    lines('-', &old[same..old.len() - tail]);
    lines('+', &new[same..new.len() - tail]);
    lines(' ', &old[old.len() - tail..old_to]);
    out
}

#[cfg(test)]
mod tests {
    use super::diff;

    #[test]
    fn one_hunk() {
        insta::assert_snapshot!(diff("a", "1\n2\n3\n4\n5\n6\n", "1\n2\n3\nx\ny\n5\n6\n"), @r"
        --- a
        +++ a
        @@ -2,5 +2,6 @@
         2
         3
        -4
        +x
        +y
         5
         6
        ");
    }
}
