//! The syntax of Dockerfiles: instructions, continuations, the escape directive, heredocs
//! (Dockerfile reference, "Format"). Never fails: unknown instructions are kept as they are.

use std::collections::VecDeque;
use std::ops::Range;

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Its name in upper case.
    pub name: String,
    /// Its words with their bytes; what follows a continuation is included, heredocs are not.
    pub words: Vec<(String, Range<usize>)>,
}

/// The instructions of a file, in its order.
#[must_use]
pub fn parse(text: &str) -> Vec<Instruction> {
    let escape = escape_of(text);
    let mut instructions: Vec<Instruction> = Vec::new();
    let mut words: Vec<(String, Range<usize>)> = Vec::new();
    let mut heredocs: VecDeque<String> = VecDeque::new();
    let mut is_open = false;
    let mut start = 0;
    for raw in text.split_inclusive('\n') {
        let at = start;
        start += raw.len();
        let line = raw.trim_end();
        if !is_open && let Some(end) = heredocs.front() {
            // `<<-EOT` may be closed by an indented line.
            if line.trim_start_matches('\t') == end {
                heredocs.pop_front();
            }
            continue;
        }
        let trimmed = line.trim_start_matches('\u{feff}').trim_start();
        if trimmed.starts_with('#') || trimmed.is_empty() {
            continue;
        }
        let part = line.strip_suffix(escape).unwrap_or(line);
        is_open = part.len() < line.len();
        for word in part.trim_start_matches('\u{feff}').split_whitespace() {
            let begin = at + (word.as_ptr() as usize - raw.as_ptr() as usize);
            words.push((word.to_owned(), begin..begin + word.len()));
        }
        if !is_open {
            heredocs = heredocs_of(&words);
            instructions.extend(instruction(std::mem::take(&mut words)));
        }
    }
    instructions.extend(instruction(words));
    instructions
}

fn instruction(mut words: Vec<(String, Range<usize>)>) -> Option<Instruction> {
    if words.is_empty() {
        return None;
    }
    let (name, _) = words.remove(0);
    Some(Instruction { name: name.to_ascii_uppercase(), words })
}

/// `# escape=` may stand in the first lines.
fn escape_of(text: &str) -> char {
    let directives = text.lines().take_while(|line| line.trim_start().starts_with('#'));
    let mut values = directives.filter_map(|line| {
        let (key, value) = line.trim_start().trim_start_matches('#').split_once('=')?;
        key.trim().eq_ignore_ascii_case("escape").then_some(value.trim())
    });
    if values.next() == Some("`") { '`' } else { '\\' }
}

/// The ends of the heredocs that an instruction opens: `<<EOT`, `<<-EOT`, `<<"EOT"`.
fn heredocs_of(words: &[(String, Range<usize>)]) -> VecDeque<String> {
    let takes =
        words.first().is_some_and(|(name, _)| ["RUN", "COPY", "ADD"].contains(&name.to_ascii_uppercase().as_str()));
    let ends = words.iter().filter_map(|(word, _)| {
        let (before, end) = word.split_once("<<")?;
        let end = end.trim_start_matches('-').trim_matches(['"', '\'']);
        let is_name = end.starts_with(|c: char| c.is_alphabetic() || c == '_') && !end.contains(['<', '(', '$']);
        (is_name && before.chars().all(|c| c.is_ascii_digit())).then(|| end.to_owned())
    });
    if takes { ends.collect() } else { VecDeque::new() }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn continuations_heredocs_and_escapes() {
        let text = "# escape=`\nFROM a AS `\n # comment\n b\nRUN <<EOT bash\nFROM x\nEOT\ncopy <<-\"F\" /f\n\tFROM y\n\tF\nCMD x\\\n";
        let shown: Vec<String> = parse(text)
            .iter()
            .map(|i| {
                format!(
                    "{} {}",
                    i.name,
                    i.words
                        .iter()
                        .map(|(w, at)| {
                            assert_eq!(&text[at.clone()], w);
                            w.as_str()
                        })
                        .collect::<Vec<_>>()
                        .join(" ")
                )
            })
            .collect();
        assert_eq!(shown, ["FROM a AS b", "RUN <<EOT bash", "COPY <<-\"F\" /f", "CMD x\\"]);
    }

    proptest::proptest! {
        #[test]
        fn words_lie_where_they_say(text in "(FROM|RUN| |\n|\\\\|<<E|#|\u{feff}|é){0,30}") {
            for (word, at) in parse(&text).iter().flat_map(|i| &i.words) {
                proptest::prop_assert_eq!(text.get(at.clone()), Some(word.as_str()));
            }
        }
    }
}
