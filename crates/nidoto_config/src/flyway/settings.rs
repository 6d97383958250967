//! Flyway's settings, from its own files and from Spring Boot's.

use std::path::Path;
use std::sync::Arc;

use nidoto_core::Words;
use nidoto_core::yaml::{Node, Value, parse};

use crate::scan::File;

/// More locations in one file are refused.
const LOCATIONS_MAX: usize = 1_000;

/// What Flyway takes for a migration, and how it orders them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The file that says so; `None` for Flyway's defaults.
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
        }
    }
}

/// Whether a file of this name holds Flyway's settings. Spring's profiles are left out: which of them
/// production uses stands elsewhere.
#[must_use]
pub fn is_settings(name: &str) -> bool {
    ["flyway.conf", "flyway.properties", "application.yml", "application.yaml", "application.properties"]
        .contains(&name)
}

impl Settings {
    /// Reads a file of settings; `None` where it says nothing of Flyway.
    ///
    /// # Errors
    /// When it is no YAML, though its name says so.
    pub fn of(file: &Arc<File>) -> Result<Option<Self>, Words> {
        let is_spring = file.name().starts_with("application.");
        let prefix = if is_spring { "spring.flyway." } else { "flyway." };
        let pairs = if file.path.ends_with(".properties") || file.path.ends_with(".conf") {
            properties(&file.text)
        } else {
            yaml(file)?
        };
        let mut settings = Self { file: Some(Arc::clone(file)), ..Self::default() };
        let default = if is_spring { "db/migration" } else { "sql" };
        let mut said = false;
        for (key, value) in &pairs {
            let Some(key) = key.strip_prefix(prefix) else { continue };
            said = true;
            settings.set(key, value);
        }
        if settings.locations.len() > LOCATIONS_MAX {
            let (en, ja) = (
                format!("more than {LOCATIONS_MAX} locations"),
                format!("locations が {LOCATIONS_MAX} を超えています"),
            );
            return Err(Words::new(en, ja));
        }
        if settings.locations.is_empty() {
            settings.locations.push(default.to_owned());
        }
        Ok(said.then_some(settings))
    }

    fn set(&mut self, key: &str, value: &str) {
        // `out-of-order`, `outOfOrder` and `out_of_order` are one key to Spring. What an environment
        // variable fills in is not known here, and the default is what the team sees when it is empty.
        let key: String = key.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        if value.contains("${") && key != "locations" {
            return;
        }
        let list = || value.split(',').map(str::trim).filter(|part| !part.is_empty());
        let is_on = value.trim().eq_ignore_ascii_case("true");
        // Spring writes a list's places into its keys: `locations[0]`.
        match key.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "outoforder" => self.out_of_order = is_on,
            "sqlmigrationprefix" => value.clone_into(&mut self.prefix),
            "repeatablesqlmigrationprefix" => value.clone_into(&mut self.repeatable_prefix),
            "sqlmigrationseparator" => value.clone_into(&mut self.separator),
            "sqlmigrationsuffixes" | "sqlmigrationsuffix" => self.suffixes = list().map(str::to_owned).collect(),
            "locations" => self.locations.extend(list().map(location)),
            "ignoremigrationpatterns" => self.ignores_missing |= list().any(|one| one == "*:missing"),
            "ignoremissingmigrations" => self.ignores_missing |= is_on,
            _ => {}
        }
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
    let path = text.split_once(':').map_or(text, |(_, path)| path);
    path.trim_start_matches('.').trim_matches('/').to_owned()
}

/// Whether a folder's last parts are those of a location.
fn ends_with(folder: &str, location: &str) -> bool {
    let mut parts = folder.rsplit('/');
    location.rsplit('/').all(|wanted| parts.next().is_some_and(|part| part == wanted || wanted.contains(['{', '*'])))
}

fn properties(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '!']));
    lines
        .filter_map(|line| {
            let (key, value) = line.split_once(['=', ':'])?;
            Some((key.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// The keys of a YAML file as properties have them: `spring.flyway.locations`. Several documents add up.
fn yaml(file: &File) -> Result<Vec<(String, String)>, Words> {
    let mut pairs = Vec::new();
    // `@project.version@` is what Maven fills in, and no YAML before it has.
    let text = file.text.replace('@', "_");
    let mut lines_before = 0;
    for part in text.split("\n---") {
        let document = parse(Path::new(&file.path), part);
        if let Some(diag) = document.diags.first() {
            let line = lines_before + diag.at.line;
            return Err(Words::new(format!("line {line}: {}", diag.what.en), format!("{line} 行目: {}", diag.what.ja)));
        }
        flatten("", &document.root, &mut pairs);
        lines_before += part.matches('\n').count() + 1;
    }
    Ok(pairs)
}

fn flatten(key: &str, node: &Node, pairs: &mut Vec<(String, String)>) {
    match &node.value {
        Value::Map(entries) => {
            for (name, value) in entries {
                let name = name.text().unwrap_or_default();
                let key = if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
                flatten(&key, value, pairs);
            }
        }
        Value::List(items) => items.iter().for_each(|item| flatten(key, item, pairs)),
        _ => pairs.extend(node.text().map(|text| (key.to_owned(), text.to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use crate::scan::File;

    #[test]
    fn every_file_says_the_same() {
        let conf = "# a\nflyway.outOfOrder=true\nflyway.locations=filesystem:./db/migration, classpath:db/seed\nflyway.sqlMigrationPrefix=M\n";
        let yml = "spring:\n  flyway:\n    out-of-order: true\n    sql-migration-prefix: M\n    locations:\n      - classpath:db/migration\n      - classpath:db/seed\n";
        let properties = "spring.flyway.out-of-order=true\nspring.flyway.sqlMigrationPrefix = M\nspring.flyway.locations[0]=db/migration\nspring.flyway.locations[1]=db/seed\n";
        for (name, text) in [("flyway.conf", conf), ("application.yml", yml), ("application.properties", properties)] {
            let settings = Settings::of(&File::new(name, text)).unwrap().unwrap();
            assert!(settings.out_of_order, "{name}");
            assert_eq!(
                (settings.prefix.as_str(), settings.locations.join(" ").as_str()),
                ("M", "db/migration db/seed"),
                "{name}"
            );
        }
        assert_eq!(Settings::of(&File::new("application.yml", "spring: {jpa: {}}")), Ok(None));
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_line() {
        let read = |text: &str| Settings::of(&File::new("application.yml", text)).map_err(|why| why.en);
        assert!(read("spring: {flyway: {}}\n---\na: b\n  c: d\n").unwrap_err().starts_with("line 4: "));
        assert!(
            read("version: @project.version@\nspring: {flyway: {out-of-order: true}}\n").unwrap().unwrap().out_of_order
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
        fn any_text_ends(text in "(flyway|spring|[.:=,\\-\n {}\\[\\]a]){0,40}") {
            for name in ["flyway.conf", "application.yml", "application.properties"] {
                let _ = Settings::of(&File::new(name, text.clone()));
            }
        }
    }
}
