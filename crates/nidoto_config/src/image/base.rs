//! The image that the final stage is built on.

use std::collections::HashMap;
use std::ops::Range;

use globset::GlobBuilder;

use super::parse::Instruction;

/// What a stage is built on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// An image, and where its name stands.
    Image(String, Range<usize>),
    /// An argument without a default stands in the name.
    Unknown(String, Range<usize>),
}

/// The image under the final stage, or under the one that is named, through arguments (those that a build
/// gives win over defaults) and stages.
#[must_use]
pub fn final_base(instructions: &[Instruction], target: Option<&str>, given: &[(String, String)]) -> Option<Base> {
    let mut args: HashMap<&str, Option<&str>> = HashMap::new();
    // A name means the first stage that has it.
    let mut stages: HashMap<String, Base> = HashMap::new();
    let mut last = None;
    for one in instructions {
        match one.name.as_str() {
            // Only arguments before the first FROM count in a FROM.
            "ARG" if last.is_none() => {
                for (word, _) in &one.words {
                    let (name, value) = word
                        .split_once('=')
                        .map_or((word.as_str(), None), |(n, v)| (n, Some(v.trim_matches(['"', '\'']))));
                    let given = given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
                    args.insert(name, given.or(value));
                }
            }
            "FROM" => {
                let Some((alias, base)) = stage(one, &args, &stages) else { continue };
                if let Some(alias) = alias {
                    stages.entry(alias).or_insert_with(|| base.clone());
                }
                last = Some(base);
            }
            _ => {}
        }
    }
    target.and_then(|target| stages.remove(&target.to_lowercase())).or(last)
}

/// The name of a stage and what it is built on.
fn stage(
    from: &Instruction,
    args: &HashMap<&str, Option<&str>>,
    stages: &HashMap<String, Base>,
) -> Option<(Option<String>, Base)> {
    let mut words = from.words.iter().filter(|(word, _)| !word.starts_with("--"));
    let (image, at) = words.next()?;
    let alias = words.next().filter(|(word, _)| word.eq_ignore_ascii_case("as")).and_then(|_| words.next());
    let alias = alias.map(|(name, _)| name.to_lowercase());
    let base = match expand(image, args) {
        Ok(image) => {
            let earlier = stages.get(&image.to_lowercase()).cloned();
            earlier.unwrap_or_else(|| Base::Image(image, at.clone()))
        }
        Err(arg) => Base::Unknown(arg, at.clone()),
    };
    Some((alias, base))
}

/// Replaces `$A`, `${A}`, `${A:-default}`. An error names the argument that has no value.
fn expand(text: &str, args: &HashMap<&str, Option<&str>>) -> Result<String, String> {
    let mut made = String::new();
    let mut rest = text;
    while let Some(i) = rest.find('$') {
        made.push_str(&rest[..i]);
        let after = &rest[i + 1..];
        let (inner, tail) = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            Some(split) => split,
            None => after.split_at(after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len())),
        };
        let (name, default) =
            inner.split_once(":-").or_else(|| inner.split_once('-')).map_or((inner, None), |(n, d)| (n, Some(d)));
        let value = args.get(name).copied().flatten().filter(|value| !value.is_empty()).or(default);
        made.push_str(value.ok_or(name)?);
        rest = tail;
    }
    Ok(made + rest)
}

/// Whether an image is meant by a pattern, whatever registry it comes from: `node:*alpine*` means
/// `docker.io/library/node:20-alpine@sha256:...` too.
#[must_use]
pub fn matches(pattern: &str, image: &str) -> bool {
    let image = image.split('@').next().unwrap_or(image);
    let image = if image.rsplit('/').next().is_some_and(|last| last.contains(':')) {
        image.to_owned()
    } else {
        format!("{image}:latest")
    };
    let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).case_insensitive(true).build() else {
        return false;
    };
    let glob = glob.compile_matcher();
    let tails = image.match_indices('/').map(|(i, _)| &image[i + 1..]);
    std::iter::once(image.as_str()).chain(tails).any(|tail| glob.is_match(tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::parse;

    fn base(text: &str) -> String {
        match final_base(&parse(text), None, &[]) {
            Some(Base::Image(image, _)) => image,
            Some(Base::Unknown(arg, _)) => format!("${arg}?"),
            None => String::new(),
        }
    }

    #[test]
    fn the_final_stage_counts() {
        assert_eq!(
            base("ARG V=20\nFROM --platform=linux/amd64 node:${V}-alpine AS build\nFROM build as b\nFROM B"),
            "node:20-alpine"
        );
        assert_eq!(base("FROM node:20-alpine AS build\nFROM gcr.io/distroless/nodejs"), "gcr.io/distroless/nodejs");
        assert_eq!(base("ARG V\nFROM node:$V"), "$V?");
        assert_eq!(base("ARG V\nFROM node:${V:-18}-slim"), "node:18-slim");
    }

    #[test]
    fn patterns_see_through_registries() {
        for image in [
            "node:20-alpine",
            "docker.io/library/node:alpine",
            "1.dkr.ecr.eu.amazonaws.com:443/mirror/node:20-alpine3.19@sha256:ab",
        ] {
            assert!(matches("node:*alpine*", image), "{image}");
        }
        assert!(
            !matches("node:*alpine*", "node:20-slim")
                && !matches("node:*alpine*", "my-node:alpine")
                && matches("alpine:*", "alpine")
        );
    }
}
