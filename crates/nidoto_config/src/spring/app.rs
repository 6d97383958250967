//! An application: the files of one folder, put together by the profiles that are active.

use std::collections::BTreeMap;
use std::sync::Arc;

use nidoto_core::Words;

use super::document::{Document, documents, is_config};
use super::said::{Said, View};
use crate::scan::File;

/// What teams call the profile of production; the first that an application has is taken.
const PRODUCTION: [&str; 4] = ["prod", "production", "prd", "live"];

/// More profiles at once are not looked at.
const PROFILES_MAX: usize = 100;

/// The configuration of one application.
#[derive(Debug)]
pub struct App {
    /// The folder of its files: `src/main/resources`.
    pub folder: String,
    /// From the weakest to the strongest, all profiles active.
    documents: Vec<Document>,
}

/// Reads the files of Spring Boot's names; others are passed over.
#[must_use]
pub fn load(files: &[Arc<File>], unread: &mut Vec<(String, Words)>) -> Vec<App> {
    let mut apps: BTreeMap<&str, Vec<(Strength, Document)>> = BTreeMap::new();
    for file in files.iter().filter(|file| is_config(file.name())) {
        let folder = file.folder();
        let root = folder.strip_suffix("config").map_or(folder, |root| root.trim_end_matches('/'));
        // `classpath:/config/` is stronger than `classpath:/`, and properties than YAML beside them.
        let is_config = root.len() < folder.len() && (root.is_empty() || folder.as_bytes()[root.len()] == b'/');
        let root = if is_config { root } else { folder };
        match documents(file) {
            Ok(read) => {
                let strength =
                    |document: &Document| (document.profile.is_some(), is_config, file.path.ends_with(".properties"));
                apps.entry(root).or_default().extend(read.into_iter().map(|one| (strength(&one), one)));
            }
            Err(why) => unread.push((file.path.clone(), why)),
        }
    }
    let app = |(folder, mut read): (&str, Vec<(Strength, Document)>)| {
        // Stable: later documents of a file are stronger.
        read.sort_by_key(|(strength, _)| *strength);
        App { folder: folder.to_owned(), documents: read.into_iter().map(|(_, document)| document).collect() }
    };
    apps.into_iter().map(app).collect()
}

/// Whether a file is of a profile, stands in `config/`, and is no YAML.
type Strength = (bool, bool, bool);

impl App {
    /// The configuration as production has it: what is said for the profile of production wins over what is said
    /// for all. Where no file speaks of one, what is said for all.
    #[must_use]
    pub fn production(&self) -> View<'_> {
        let known: Vec<String> = self.documents.iter().flat_map(Document::profiles).collect();
        let found = PRODUCTION.iter().find(|name| known.iter().any(|known| known == *name));
        self.with(found.iter().map(|name| (**name).to_owned()).collect())
    }

    /// The configuration with these profiles, and those that they bring along.
    #[must_use]
    pub fn with(&self, mut active: Vec<String>) -> View<'_> {
        let mut at = 0;
        // `spring.profiles.group.prod=proddb`; groups hold no groups.
        let named = active.len();
        while at < named {
            let key = format!("spring.profiles.group.{}", super::document::canonical(&active[at]));
            active.extend(self.documents.iter().flat_map(|one| one.list(&key)).map(str::to_owned));
            at += 1;
        }
        let included = |active: &[String]| -> Vec<String> {
            let on = self.documents.iter().filter(|one| one.holds(active) == Some(true));
            on.flat_map(|one| one.list("spring.profiles.include")).map(str::to_owned).collect()
        };
        active.extend(included(&active));
        active.truncate(PROFILES_MAX);
        if active.is_empty() {
            active.push("default".to_owned());
        }
        let sure = self.documents.iter().filter_map(|document| match document.holds(&active) {
            Some(false) => None,
            held => Some((document, held.is_some())),
        });
        View { documents: sure.collect() }
    }

    /// `spring.application.name`, where it stands there as it is.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        self.production().one("spring.application.name", &|_| None).and_then(|said: Said| said.value.ok())
    }

    /// Its files.
    pub fn files(&self) -> impl Iterator<Item = &Arc<File>> {
        self.documents.iter().map(|document| &document.file)
    }
}

#[cfg(test)]
mod tests {
    use super::{App, load};
    use crate::scan::File;

    fn apps(files: &[(&str, &str)]) -> Vec<App> {
        let files: Vec<_> = files.iter().map(|(path, text)| File::new(path, *text)).collect();
        let mut unread = Vec::new();
        let apps = load(&files, &mut unread);
        assert_eq!(unread, []);
        apps
    }

    /// `value path:line profile` of key `a` in production.
    fn said(files: &[(&str, &str)]) -> String {
        let apps = apps(files);
        let all = apps[0].production().all("a", &|_| None);
        let line = |said: &super::Said| {
            let value = said.value.clone().unwrap_or_else(|name| format!("?{name}"));
            format!(
                "{value} {}:{} {}",
                said.spot.file.path,
                said.spot.pos().line,
                said.profile.as_deref().unwrap_or("-")
            )
        };
        all.iter().map(line).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn the_strongest_document_counts() {
        let yml = (
            "application.yml",
            "a: 1\n---\nspring.config.activate.on-profile: prod\na: 2\n---\nspring.profiles: [dev, qa]\na: 3\n",
        );
        assert_eq!(said(&[yml]), "2 application.yml:4 prod");
        let properties = ("application.properties", "a=4\n#---\nspring.config.activate.on-profile=!prod\na=5\n");
        assert_eq!(said(&[yml, properties]), "4 application.properties:1 -", "properties win over YAML");
        let config = ("config/application.yml", "a: 6");
        assert_eq!(said(&[config, properties, yml]), "6 config/application.yml:1 -");
        let prod = ("application-prod.yml", "a: [7, 8]");
        assert_eq!(said(&[prod, config, yml]), "7 application-prod.yml:1 prod; 8 application-prod.yml:1 prod");
        assert_eq!(said(&[("application-dev.yml", "a: 9"), ("application.yml", "a: 1")]), "1 application.yml:1 -");
        assert_eq!(
            said(&[("application-default.yml", "a: 9"), ("application.yml", "a: 1")]),
            "9 application-default.yml:1 default"
        );
    }

    #[test]
    fn groups_and_includes_bring_profiles_along() {
        let group = "spring.profiles.group.production: [db, mq]\n---\nspring.config.activate.on-profile: production & mq\na: 1\n";
        assert_eq!(said(&[("application.yml", group)]), "1 application.yml:4 production & mq");
        let include = [("application.yml", "spring.profiles.include: db"), ("application-db.yml", "a: 2")];
        assert_eq!(said(&include), "2 application-db.yml:1 db");
    }

    #[test]
    fn placeholders_are_filled_in_or_told() {
        let with = |text: &str| said(&[("application.properties", text)]);
        assert_eq!(with("a=${B:7}x"), "7x application.properties:1 -");
        assert_eq!(with("a=${my-key}\nmyKey=${C:${D:5}}"), "5 application.properties:1 -");
        assert_eq!(with("a=${B}"), "?B application.properties:1 -");
        assert_eq!(with("a=${B:}"), " application.properties:1 -");
        for endless in ["a=${a}", "a=${b}${b}\nb=${a}${a}", "a=${", &format!("a={}", "${b:".repeat(99))] {
            assert!(with(endless).starts_with("?${"), "{endless}");
        }
        let cloud = "a: 1\n---\nspring.config.activate.on-cloud-platform: kubernetes\na: 2\n";
        assert_eq!(said(&[("application.yml", cloud)]), "?spring.config.activate application.yml:4 -");
        let apps = apps(&[("application.yml", "a: ${POOL:10}")]);
        let value = |held: Option<&str>| {
            let outside = |name: &str| (name == "POOL").then(|| held.map(str::to_owned));
            apps[0].production().one("a", &outside).unwrap().value
        };
        assert_eq!((value(Some("20")), value(None)), (Ok("20".to_owned()), Err("POOL".to_owned())));
    }

    #[test]
    fn each_folder_is_an_application() {
        let folders: Vec<String> = apps(&[
            ("a/src/main/resources/application.yml", "a: 1"),
            ("a/src/main/resources/config/application-prod.yml", "a: 2"),
            ("a/src/test/resources/application.yml", "a: 3"),
            ("myconfig/application.yml", "a: 4"),
        ])
        .into_iter()
        .map(|app| app.folder)
        .collect();
        assert_eq!(folders, ["a/src/main/resources", "a/src/test/resources", "myconfig"]);
    }
}
