//! Folders of migrations.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::name::{Name, Version};
use crate::scan::File;
use crate::sql::{Keys, Statement, keys_of, statements};

/// A folder of migrations.
#[derive(Debug)]
pub struct Location {
    /// The folder.
    pub folder: String,
    /// Versioned migrations in order of version.
    pub versioned: Vec<Migration>,
    /// Other SQL files, with what their names are.
    pub others: Vec<(Arc<File>, Name)>,
    tables: OnceLock<BTreeMap<String, Keys>>,
}

impl Location {
    /// Columns and keys of every table that its migrations make. Few rules ask, so it is read late.
    pub fn tables(&self) -> &BTreeMap<String, Keys> {
        self.tables.get_or_init(|| {
            let mut tables = BTreeMap::new();
            for statement in self.versioned.iter().flat_map(Migration::statements) {
                keys_of(statement, &mut tables);
            }
            tables
        })
    }
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
    statements: OnceLock<Vec<Statement>>,
}

impl Migration {
    /// Its statements.
    pub fn statements(&self) -> &[Statement] {
        self.statements.get_or_init(|| statements(&self.file.text))
    }
}

/// Groups SQL files by folder; a folder without a single versioned migration is none of Flyway's.
#[must_use]
pub fn load(files: &[Arc<File>]) -> Vec<Location> {
    let mut folders: BTreeMap<&str, Location> = BTreeMap::new();
    for file in files {
        let folder = file.folder();
        let location = folders.entry(folder).or_insert_with(|| Location {
            folder: folder.to_owned(),
            versioned: Vec::new(),
            others: Vec::new(),
            tables: OnceLock::new(),
        });
        match Name::of(file.name()) {
            Name::Versioned(version, description) => {
                let file = Arc::clone(file);
                location.versioned.push(Migration { file, version, description, statements: OnceLock::new() });
            }
            name => location.others.push((Arc::clone(file), name)),
        }
    }
    let mut locations: Vec<Location> = folders.into_values().filter(|l| !l.versioned.is_empty()).collect();
    for location in &mut locations {
        location.versioned.sort_by(|a, b| (&a.version, &a.file.path).cmp(&(&b.version, &b.file.path)));
    }
    locations
}
