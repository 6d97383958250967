//! Folders of migrations.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};

use nidoto_core::Words;

use super::name::{Name, Version};
use super::settings::{Settings, is_settings};
use crate::scan::File;
use crate::spring::{App, is_config};
use crate::sql::{Keys, Statement, Statements, created_table, keys_of, statements};

/// Migrations that are applied together: a folder, or the locations of a file of settings with all that
/// is below them.
#[derive(Debug, Default)]
pub struct Location {
    /// What Flyway does with them.
    pub settings: Arc<Settings>,
    /// Versioned migrations in order of version.
    pub versioned: Vec<Migration>,
    /// Repeatable migrations by description.
    pub repeatable: Vec<(String, Arc<File>)>,
    /// Other SQL files, with what their names are.
    pub others: Vec<(Arc<File>, Name)>,
    key: String,
    all_settings: Arc<Vec<Arc<Settings>>>,
}

/// A versioned migration.
#[derive(Debug)]
pub struct Migration {
    /// Its file.
    pub file: Arc<File>,
    /// Its version.
    pub version: Version,
    /// Its description, with spaces.
    pub description: String,
    statements: OnceLock<Statements>,
    made: OnceLock<HashSet<String>>,
}

impl Migration {
    /// Its statements.
    pub fn statements(&self) -> impl Iterator<Item = Statement<'_>> {
        self.read().of(&self.file.text)
    }

    /// How many statements it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.read().size()
    }

    /// Why only its first statements were read, if so.
    #[must_use]
    pub fn cut(&self) -> Option<Words> {
        self.read().cut()
    }

    /// Whether it makes a table itself: nobody uses it yet.
    #[must_use]
    pub fn makes(&self, table: &str) -> bool {
        let made = || self.statements().filter_map(created_table).map(|(table, _)| table).collect();
        self.made.get_or_init(made).contains(table)
    }

    fn read(&self) -> &Statements {
        self.statements.get_or_init(|| statements(&self.file.text))
    }
}

impl Location {
    /// Columns and keys of a table, by the migrations that name it; the others are not even read.
    #[must_use]
    pub fn keys_of(&self, table: &str) -> Option<Keys> {
        self.all_keys(|text| names(text, table)).remove(table)
    }

    /// Columns and keys of all tables, by the migrations whose texts are wanted.
    #[must_use]
    pub fn all_keys(&self, is_wanted: impl Fn(&str) -> bool) -> BTreeMap<String, Keys> {
        let mut tables = BTreeMap::new();
        for migration in self.versioned.iter().filter(|migration| is_wanted(&migration.file.text)) {
            migration.statements().for_each(|statement| keys_of(statement, &mut tables));
        }
        tables
    }

    /// Whether a path, which need not be there any more, belongs to it.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        group(folder, &self.all_settings).0 == self.key
    }
}

/// Groups SQL files by what is applied together; a group without a single versioned migration is none of
/// Flyway's.
#[must_use]
pub fn load(files: &[Arc<File>], apps: &[App], unread: &mut Vec<(String, Words)>) -> Vec<Location> {
    let (settings, sql): (Vec<&Arc<File>>, Vec<&Arc<File>>) = files.iter().partition(|file| is_settings(file.name()));
    let mut told = |file: &Arc<File>, read: Result<Option<Settings>, Words>| match read {
        Ok(settings) => settings.map(Arc::new),
        Err(why) => {
            unread.push((file.path.clone(), why));
            None
        }
    };
    let own = settings.into_iter().filter(|file| !is_config(file.name()));
    let mut all: Vec<Arc<Settings>> = own.filter_map(|file| told(file, Settings::of(file))).collect();
    all.extend(apps.iter().filter_map(|app| told(app.files().last()?, Settings::of_app(app))));
    let settings = Arc::new(all);
    let mut groups: BTreeMap<String, Location> = BTreeMap::new();
    for file in sql {
        let (key, own) = group(file.folder(), &settings);
        let location = groups.entry(key.clone()).or_insert_with(|| Location {
            settings: own,
            key,
            all_settings: Arc::clone(&settings),
            ..Location::default()
        });
        let file = Arc::clone(file);
        match Name::of(file.name(), &location.settings) {
            Name::Versioned(version, description) => {
                location.versioned.push(Migration {
                    file,
                    version,
                    description,
                    statements: OnceLock::new(),
                    made: OnceLock::new(),
                });
            }
            Name::Repeatable(description) => location.repeatable.push((description, file)),
            name => location.others.push((file, name)),
        }
    }
    let mut locations: Vec<Location> = groups.into_values().filter(|l| !l.versioned.is_empty()).collect();
    for location in &mut locations {
        location.versioned.sort_by(|a, b| (&a.version, &a.file.path).cmp(&(&b.version, &b.file.path)));
        location.repeatable.sort_by(|a, b| (&a.0, &a.1.path).cmp(&(&b.0, &b.1.path)));
    }
    locations
}

/// Whether a text has a name, which is in lower case.
fn names(text: &str, name: &str) -> bool {
    !name.is_ascii() || text.to_ascii_lowercase().contains(name)
}

/// What a folder's migrations are applied with. Of several files of settings whose locations fit, the
/// nearest counts: a repository may hold several applications.
fn group(folder: &str, settings: &[Arc<Settings>]) -> (String, Arc<Settings>) {
    // What tests set does not count for what runs.
    let is_test = |folder: &str| folder.split('/').any(|part| part == "test");
    let own = settings.iter().filter(|one| is_test(folder) || !is_test(one.folder()));
    let fitting = own.filter_map(|one| Some((one, one.root_of(folder)?)));
    match fitting.max_by_key(|(one, _)| common(one.folder(), folder)) {
        // All locations of one file are applied together, except that each vendor has its own.
        Some((one, root)) => {
            let vendor = if one.locations.iter().any(|l| l.contains('{')) { root } else { "" };
            let file = one.file.as_ref().map_or("", |file| file.path.as_str());
            (format!("{file}\0{vendor}"), Arc::clone(one))
        }
        None => (folder.to_owned(), Arc::default()),
    }
}

/// How many folders two paths share from the start.
fn common(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}
