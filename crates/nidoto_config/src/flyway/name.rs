//! The names of migrations: `V1_2__add_team.sql`.

/// A version: its parts without zeros at the end, so that 1 is 1.0 and 01.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Vec<Part>);

/// A part of any length: first by number of digits, then by digits.
type Part = (usize, String);

impl Version {
    /// Reads `1_2`, `1.2`, `20210703120000`. `None` if it is no version.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let part = |part: &str| {
            let digits = part.trim_start_matches('0');
            let is_number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| (digits.len(), digits.to_owned()))
        };
        let mut parts: Vec<Part> = text.split(['.', '_']).map(part).collect::<Option<_>>()?;
        while parts.last().is_some_and(|(len, _)| *len == 0) && parts.len() > 1 {
            parts.pop();
        }
        Some(Self(parts))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<&str> = self.0.iter().map(|(_, digits)| if digits.is_empty() { "0" } else { digits }).collect();
        f.write_str(&parts.join("."))
    }
}

/// What Flyway makes of a file name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// `V`: runs once.
    Versioned(Version, String),
    /// `R`: runs whenever it changes.
    Repeatable(String),
    /// `U` and `B`: undo and baseline.
    Other,
    /// Meant as a migration and skipped or refused, with the reason.
    Wrong(Wrong),
    /// Not meant as a migration.
    None,
}

/// Why a name is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// No `__` between version and description.
    Separator,
    /// The prefix is in lower case.
    Case,
    /// The version has something else than digits, dots and underscores.
    Version,
}

impl Name {
    /// Reads a file name.
    #[must_use]
    pub fn of(file: &str) -> Self {
        let Some(stem) = file.strip_suffix(".sql") else { return Self::None };
        let mut chars = stem.chars();
        let prefix = chars.next().unwrap_or(' ');
        let rest = chars.as_str();
        let starts_with_digit = rest.starts_with(|c: char| c.is_ascii_digit());
        match (prefix, rest.split_once("__")) {
            ('R', Some(("", description))) => Self::Repeatable(description.replace('_', " ")),
            ('V' | 'U' | 'B', Some((version, description))) if starts_with_digit => match Version::of(version) {
                Some(version) if prefix == 'V' => Self::Versioned(version, description.replace('_', " ")),
                Some(_) => Self::Other,
                None => Self::Wrong(Wrong::Version),
            },
            // A version without a description is a migration too.
            ('V', None) if Version::of(rest).is_some() => {
                Self::Versioned(Version::of(rest).expect("it is one"), String::new())
            }
            ('V' | 'U', None) if starts_with_digit => Self::Wrong(Wrong::Separator),
            ('v' | 'u', Some(_)) if starts_with_digit => Self::Wrong(Wrong::Case),
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        let v = |text| Version::of(text).unwrap();
        assert_eq!(v("1"), v("1_0"));
        assert_eq!(v("01"), v("1.0.0"));
        assert!(v("9") < v("10") && v("1.9") < v("1.10") && v("1") < v("1.0.1"));
        assert!(v("99999999999999999999999") > v("1"));
        assert_eq!(Version::of("1a"), None);
        assert_eq!(v("0").to_string(), "0");
    }

    #[test]
    fn names() {
        assert!(matches!(Name::of("V50__add_foo_project.sql"), Name::Versioned(_, d) if d == "add foo project"));
        assert_eq!(Name::of("V366_remove_spaces.sql"), Name::Wrong(Wrong::Separator));
        assert_eq!(Name::of("v2__x.sql"), Name::Wrong(Wrong::Case));
        assert_eq!(Name::of("V2a__x.sql"), Name::Wrong(Wrong::Version));
        assert_eq!(Name::of("R__views.sql"), Name::Repeatable("views".into()));
        assert_eq!(Name::of("afterMigrate.sql"), Name::None);
        assert_eq!(Name::of("Views.sql"), Name::None);
    }
}
