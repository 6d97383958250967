//! The names of migrations: `V1_2__add_team.sql`.

use super::settings::Settings;

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
    pub fn of(file: &str, settings: &Settings) -> Self {
        let Some(stem) = settings.suffixes.iter().find_map(|suffix| file.strip_suffix(suffix.as_str())) else {
            return Self::None;
        };
        let separator = settings.separator.as_str();
        let starts_with_digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        if let Some(rest) = stem.strip_prefix(settings.repeatable_prefix.as_str())
            && let Some(description) = rest.strip_prefix(separator)
        {
            return Self::Repeatable(description.replace('_', " "));
        }
        if let Some(rest) = stem.strip_prefix(settings.prefix.as_str()).filter(|rest| starts_with_digit(rest)) {
            return match rest.split_once(separator) {
                Some((version, description)) => Version::of(version).map_or(Self::Wrong(Wrong::Version), |version| {
                    Self::Versioned(version, description.replace('_', " "))
                }),
                // A version without a description is a migration too.
                None => Version::of(rest)
                    .map_or(Self::Wrong(Wrong::Separator), |version| Self::Versioned(version, String::new())),
            };
        }
        let mut chars = stem.chars();
        let first = chars.next().unwrap_or(' ');
        let rest = chars.as_str();
        match first {
            'U' | 'B' if starts_with_digit(rest) => match rest.split_once(separator) {
                Some((version, _)) if Version::of(version).is_some() => Self::Other,
                Some(_) => Self::Wrong(Wrong::Version),
                None if first == 'U' => Self::Wrong(Wrong::Separator),
                None => Self::None,
            },
            'v' | 'u' if starts_with_digit(rest) && rest.contains(separator) => Self::Wrong(Wrong::Case),
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Name {
        Name::of(name, &Settings::default())
    }

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
        assert!(matches!(of("V50__add_foo_project.sql"), Name::Versioned(_, d) if d == "add foo project"));
        assert_eq!(of("V366_remove_spaces.sql"), Name::Wrong(Wrong::Separator));
        assert_eq!(of("v2__x.sql"), Name::Wrong(Wrong::Case));
        assert_eq!(of("V2a__x.sql"), Name::Wrong(Wrong::Version));
        assert_eq!(of("R__views.sql"), Name::Repeatable("views".into()));
        assert_eq!(of("afterMigrate.sql"), Name::None);
        assert_eq!(of("Views.sql"), Name::None);
        let other = Settings {
            prefix: "M".into(),
            separator: "-".into(),
            suffixes: vec![".ddl".into(), ".sql".into()],
            ..Settings::default()
        };
        assert!(matches!(Name::of("M3-a.ddl", &other), Name::Versioned(_, d) if d == "a"));
        assert_eq!(Name::of("V3__a.sql", &other), Name::None);
    }
}
