//! Which profiles a document asks for: `prod`, `prod & !eu`, `(a | b) & c`.

/// Longer expressions are not read.
const BYTES_MAX: usize = 200;

/// Whether an expression holds where these profiles are active; `None` where it cannot be read.
#[must_use]
pub fn holds(expression: &str, active: &[String]) -> Option<bool> {
    if expression.len() > BYTES_MAX {
        return None;
    }
    let mut words = words(expression).into_iter().peekable();
    let held = either(&mut words, active)?;
    words.next().is_none().then_some(held)
}

/// The names of profiles in an expression.
pub fn names(expression: &str) -> impl Iterator<Item = &str> {
    words(expression).into_iter().filter(|word| !["&", "|", "!", "(", ")"].contains(word))
}

fn words(expression: &str) -> Vec<&str> {
    let is_sign = |c: char| "&|!()".contains(c);
    let mut words = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let len = if is_sign(first) {
            first.len_utf8()
        } else {
            rest.find(|c: char| is_sign(c) || c.is_whitespace()).unwrap_or(rest.len())
        };
        let (word, tail) = rest.split_at(len);
        words.push(word);
        rest = tail.trim_start();
    }
    words
}

type Words<'w> = std::iter::Peekable<std::vec::IntoIter<&'w str>>;

fn either(words: &mut Words<'_>, active: &[String]) -> Option<bool> {
    let mut held = both(words, active)?;
    while words.next_if_eq(&"|").is_some() {
        held |= both(words, active)?;
    }
    Some(held)
}

fn both(words: &mut Words<'_>, active: &[String]) -> Option<bool> {
    let mut held = one(words, active)?;
    while words.next_if_eq(&"&").is_some() {
        held &= one(words, active)?;
    }
    Some(held)
}

fn one(words: &mut Words<'_>, active: &[String]) -> Option<bool> {
    match words.next()? {
        "!" => Some(!one(words, active)?),
        "(" => {
            let held = either(words, active)?;
            words.next_if_eq(&")")?;
            Some(held)
        }
        "&" | "|" | ")" => None,
        name => Some(active.iter().any(|profile| profile == name)),
    }
}

#[cfg(test)]
mod tests {
    use super::{holds, names};

    #[test]
    fn expressions() {
        let active = ["prod".to_owned(), "eu".to_owned()];
        let is = |expression: &str| holds(expression, &active);
        assert_eq!((is("prod"), is("dev"), is("!dev")), (Some(true), Some(false), Some(true)));
        assert_eq!((is("prod & eu"), is("prod&!eu"), is("dev | (prod & eu)")), (Some(true), Some(false), Some(true)));
        for wrong in ["", "prod &", "(prod", "prod eu", "& prod", &"(".repeat(99_999)] {
            assert_eq!(is(wrong), None, "{wrong}");
        }
        assert_eq!(names("dev | (prod & !eu)").collect::<Vec<_>>(), ["dev", "prod", "eu"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends(text in "[ab&|!() ]{0,40}") {
            let _ = holds(&text, &["a".to_owned()]);
        }
    }
}
