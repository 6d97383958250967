//! Flyway's settings, from its own files and from Spring Boot's.

use std::collections::BTreeMap;
use std::sync::Arc;

use nidoto_core::Words;

use super::name::Version;
use crate::scan::{File, Spot};
use crate::spring::{self, App, Said, properties};

/// More locations in one file are refused.
const LOCATIONS_MAX: usize = 1_000;

/// What Flyway takes for a migration, and how it orders and checks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The file that says so, or the strongest of several; `None` for Flyway's defaults.
    pub file: Option<Arc<File>>,
    /// Folders of migrations: `db/migration`; `{vendor}` stands for any folder.
    pub locations: Vec<String>,
    /// Before the version: `V`.
    pub prefix: String,
    /// Before the description of a repeatable migration: `R`.
    pub repeatable_prefix: String,
    /// Between version and description: `__`.
    pub separator: String,
    /// Ends of names: `.sql`.
    pub suffixes: Vec<String>,
    /// Whether a version below the maximum is applied all the same.
    pub out_of_order: bool,
    /// Whether an applied migration may be missing.
    pub ignores_missing: bool,
    /// Whether applied migrations are compared with the files before new ones are applied.
    pub validates: bool,
    /// Up to this version a database that was there before Flyway knows nothing of migrations.
    pub baseline: Option<Version>,
    /// What decided, by key in lower case without dashes: value, place, profile.
    pub(super) said: BTreeMap<String, Said>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            file: None,
            locations: Vec::new(),
            prefix: "V".into(),
            repeatable_prefix: "R".into(),
            separator: "__".into(),
            suffixes: vec![".sql".into()],
            out_of_order: false,
            ignores_missing: false,
            validates: true,
            baseline: None,
            said: BTreeMap::new(),
        }
    }
}

/// Whether a file of this name holds Flyway's settings.
#[must_use]
pub fn is_settings(name: &str) -> bool {
    ["flyway.conf", "flyway.properties"].contains(&name) || spring::is_config(name)
}

const KEYS: [&str; 12] = [
    "outoforder",
    "sqlmigrationprefix",
    "repeatablesqlmigrationprefix",
    "sqlmigrationseparator",
    "sqlmigrationsuffixes",
    "sqlmigrationsuffix",
    "locations",
    "ignoremigrationpatterns",
    "ignoremissingmigrations",
    "validateonmigrate",
    "baselineonmigrate",
    "baselineversion",
];

impl Settings {
    /// Reads a file of Flyway's own; `None` where it says nothing of Flyway.
    ///
    /// # Errors
    /// When it says more than any real file.
    pub fn of(file: &Arc<File>) -> Result<Option<Self>, Words> {
        let mut settings = Self { file: Some(Arc::clone(file)), ..Self::default() };
        let mut is_said = false;
        for one in properties(&file.text).into_iter().flatten() {
            let Some(key) = one.key.strip_prefix("flyway.") else { continue };
            is_said = true;
            let raw = one.value;
            let value = if raw.contains("${") { Err(raw.clone()) } else { Ok(raw.clone()) };
            settings.set(&key.to_lowercase(), &Said { value, raw, spot: Spot::new(file, one.bytes), profile: None });
        }
        settings.finished("sql", is_said)
    }

    /// What production has of an application's settings; `None` where it says nothing of Flyway.
    ///
    /// # Errors
    /// When it says more than any real file.
    pub fn of_app(app: &App) -> Result<Option<Self>, Words> {
        let view = app.production();
        let mut settings = Self::default();
        for key in KEYS {
            for said in view.all(&format!("spring.flyway.{key}"), &|_| None) {
                settings.set(key, &said);
            }
        }
        let is_said = view.speaks_of("spring.flyway.");
        settings.file = app.files().last().cloned();
        settings.finished("db/migration", is_said)
    }

    fn finished(mut self, default: &str, is_said: bool) -> Result<Option<Self>, Words> {
        if self.locations.len() > LOCATIONS_MAX {
            let (en, ja) = (
                format!("more than {LOCATIONS_MAX} locations"),
                format!("locations が {LOCATIONS_MAX} を超えています"),
            );
            return Err(Words::new(en, ja));
        }
        // A part of a path that stands elsewhere may be any folder; of a whole path nothing is known.
        if let Some(open) = self.locations.iter().find(|one| one.starts_with("${") && !one.contains('/')) {
            let (en, ja) = (
                format!("`{open}` of the locations has no value here"),
                format!("locations の `{open}` の値がここにありません"),
            );
            return Err(Words::new(en, ja));
        }
        if self.locations.is_empty() {
            self.locations.push(default.to_owned());
        }
        if !self.said.get("baselineonmigrate").is_some_and(is_on) {
            self.baseline = None;
        } else if !self.said.contains_key("baselineversion") {
            self.baseline = Version::of("1");
        }
        Ok(is_said.then_some(self))
    }

    fn set(&mut self, key: &str, said: &Said) {
        self.said.insert(key.to_owned(), said.clone());
        let value = match (&said.value, key) {
            (Ok(value), _) => value.as_str(),
            (Err(_), "locations") => &said.raw,
            (Err(_), _) => return,
        };
        let list = || value.split(',').map(str::trim).filter(|part| !part.is_empty());
        match key {
            "outoforder" => self.out_of_order = is_on(said),
            "sqlmigrationprefix" => value.clone_into(&mut self.prefix),
            "repeatablesqlmigrationprefix" => value.clone_into(&mut self.repeatable_prefix),
            "sqlmigrationseparator" => value.clone_into(&mut self.separator),
            "sqlmigrationsuffixes" | "sqlmigrationsuffix" => self.suffixes = list().map(str::to_owned).collect(),
            "locations" => self.locations.extend(list().map(location)),
            "ignoremigrationpatterns" => self.ignores_missing |= list().any(|one| one == "*:missing"),
            "ignoremissingmigrations" => self.ignores_missing |= is_on(said),
            "validateonmigrate" => self.validates = is_on(said),
            "baselineversion" => self.baseline = Version::of(value),
            _ => {}
        }
    }

    /// Who decided about a key.
    #[must_use]
    pub fn said(&self, key: &str) -> Option<&Said> {
        self.said.get(key)
    }

    /// The folder of migrations that holds a file's folder, if one of the locations does: the part of the
    /// path up to the location's end.
    #[must_use]
    pub fn root_of<'f>(&self, folder: &'f str) -> Option<&'f str> {
        let ends = folder.match_indices('/').map(|(i, _)| i).chain([folder.len()]);
        ends.map(|end| &folder[..end]).find(|root| self.locations.iter().any(|location| ends_with(root, location)))
    }

    /// The file's folder, or nothing for the defaults.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.file.as_ref().map_or("", |file| file.folder())
    }
}

/// The path of `classpath:db/migration`, `filesystem:./sql`.
fn location(text: &str) -> String {
    let path = text.split_once(':').filter(|(scheme, _)| !scheme.contains('$')).map_or(text, |(_, path)| path);
    path.trim_start_matches('.').trim_matches('/').to_owned()
}

/// Whether a folder's last parts are those of a location.
fn ends_with(folder: &str, location: &str) -> bool {
    let mut parts = folder.rsplit('/');
    location.rsplit('/').all(|wanted| parts.next().is_some_and(|part| part == wanted || wanted.contains(['{', '*'])))
}

fn is_on(said: &Said) -> bool {
    said.value.as_ref().is_ok_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use super::{Settings, is_settings};
    use crate::scan::File;
    use crate::spring::load;

    fn read(files: &[(&str, &str)]) -> Result<Option<Settings>, String> {
        let files: Vec<_> = files.iter().map(|(path, text)| File::new(path, *text)).collect();
        let mut unread = Vec::new();
        match load(&files, &mut unread).first() {
            Some(app) if unread.is_empty() => Settings::of_app(app).map_err(|why| why.en),
            _ if !unread.is_empty() => Err(unread.remove(0).1.en),
            _ => Settings::of(&files[0]).map_err(|why| why.en),
        }
    }

    #[test]
    fn every_file_says_the_same() {
        let conf = "# a\nflyway.outOfOrder=true\nflyway.locations=filesystem:./db/migration, classpath:db/seed\nflyway.sqlMigrationPrefix=M\n";
        let yml = "spring:\n  flyway:\n    out-of-order: true\n    sql-migration-prefix: M\n    locations:\n      - classpath:db/migration\n      - classpath:db/seed\n";
        let properties = "spring.flyway.out-of-order=true\nspring.flyway.sqlMigrationPrefix = M\nspring.flyway.locations[0]=db/migration\nspring.flyway.locations[1]=db/seed\n";
        for (name, text) in [("flyway.conf", conf), ("application.yml", yml), ("application.properties", properties)] {
            let settings = read(&[(name, text)]).unwrap().unwrap();
            assert!(settings.out_of_order, "{name}");
            assert_eq!(
                (settings.prefix.as_str(), settings.locations.join(" ").as_str()),
                ("M", "db/migration db/seed"),
                "{name}"
            );
        }
        assert_eq!(read(&[("application.yml", "spring: {jpa: {}}")]), Ok(None));
        assert!(
            is_settings("application-prod.yaml")
                && !is_settings("applications.yml")
                && !is_settings("application-.yml")
        );
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_line() {
        let one = |text: &str| read(&[("application.yml", text)]);
        assert!(one("spring: {flyway: {}}\n---\na: b\n  c: d\n").unwrap_err().starts_with("line 4: "));
        assert!(
            one("version: @project.version@\nspring: {flyway: {out-of-order: true}}\n").unwrap().unwrap().out_of_order
        );
    }

    #[test]
    fn production_wins() {
        let all = "spring.flyway.out-of-order=true\nspring.flyway.locations=a,b";
        let with =
            |prod: &str| read(&[("application.properties", all), ("application-prod.yml", prod)]).unwrap().unwrap();
        let settings = with("spring.flyway: {out-of-order: false, locations: c}");
        assert_eq!((settings.out_of_order, settings.locations.join(" ").as_str()), (false, "c"));
        assert_eq!(settings.said("outoforder").unwrap().profile.as_deref(), Some("prod"));
        assert!(with("a: b").out_of_order);
        let open = with("spring.flyway.out-of-order: ${OUT_OF_ORDER}");
        assert_eq!(
            (open.out_of_order, &open.said("outoforder").unwrap().value),
            (false, &Err("OUT_OF_ORDER".to_owned()))
        );
    }

    #[test]
    fn baselines_count_where_they_are_made() {
        let baseline = |text: &str| read(&[("application.properties", text)]).unwrap().unwrap().baseline;
        assert_eq!(baseline("spring.flyway.baseline-version=7"), None);
        let shown = |text: &str| baseline(text).map(|version| version.to_string());
        assert_eq!(shown("spring.flyway.baseline-on-migrate=true").as_deref(), Some("1"));
        assert_eq!(
            shown("spring.flyway.baseline-on-migrate=true\nspring.flyway.baselineVersion=7").as_deref(),
            Some("7")
        );
    }

    #[test]
    fn a_location_holds_its_subfolders() {
        let settings = Settings { locations: vec!["db/migration/{vendor}".into()], ..Settings::default() };
        assert_eq!(settings.root_of("app/db/migration/mysql/2021"), Some("app/db/migration/mysql"));
        assert_eq!(settings.root_of("app/db/seed"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends(text in "(flyway|spring|profiles|[.:=,\\-\n {}\\[\\]$a]){0,40}") {
            for name in ["flyway.conf", "application.yml", "application-prod.properties"] {
                let _ = read(&[(name, &text)]);
            }
        }
    }
}
