//! FLY004: an applied migration is gone.

use nidoto_core::Words;

use crate::flyway::judge::find;
use crate::flyway::{Location, Migration, Version, applied, repeatables};
use crate::scan::{Facts, File, Out, Room, Rule, Severity, Spot};

/// An applied migration is gone.
pub const RULE: Rule = Rule {
    code: "FLY004",
    name: "applied-migration-missing",
    room: Room::Migration,
    severity: Severity::Error,
    summary: (
        "an applied migration was deleted: validation fails at start",
        "適用済みのマイグレーションの削除: 起動時の検証に失敗します",
    ),
    why: (
        "\
A migration that is in the database's history and no longer in the folder fails validation: `Detected applied
migration not resolved locally`, and the application does not start. Only versions above the highest local one
are forgiven (`ignoreMigrationPatterns=*:future`).",
        "\
データベースの履歴にあってフォルダーにないマイグレーションは検証に失敗し(`Detected applied migration not resolved
locally`)、アプリケーションは起動しません。許されるのは、手元の最大より新しいバージョンだけです
(`ignoreMigrationPatterns=*:future`)。",
    ),
    bad: "-- V7__add_team.sql, merged last week, is deleted today",
    good: "-- V7__add_team.sql stays; V9__drop_team.sql undoes it",
    fix: (
        "Restore the file (`git checkout BASE -- FILE`); undo what it did in a new migration.",
        "ファイルを戻し(`git checkout BASE -- FILE`)、取り消しは新しいマイグレーションに書きます。",
    ),
    outage: "DbValidate in flyway-core at c5e20fc7",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for location in &facts.migrations {
        let is_checked = location.settings.validates && !location.settings.ignores_missing;
        let Some(last) = location.versioned.last().filter(|_| is_checked) else { continue };
        for before in applied(location, &facts.options).unwrap_or_default() {
            let is_here = before.is_here || location.versioned.iter().any(|one| one.version == before.version);
            if is_here || before.version > last.version {
                continue;
            }
            let (version, script) = (&before.version, &before.script);
            let what = Words::new(
                format!("version {version} (`{script}`) is applied and no longer here"),
                format!("適用済みのバージョン {version}(`{script}`)がなくなりました"),
            );
            missing(out, location, last, Some(version), what, before.path.as_deref());
        }
        for before in repeatables(location, &facts.options) {
            if location.repeatable.iter().any(|(here, _)| *here == before.description) {
                continue;
            }
            let script = &before.script;
            let what = Words::new(
                format!("the repeatable migration `{script}` is applied and no longer here"),
                format!("適用済みの繰り返し可能なマイグレーション `{script}` がなくなりました"),
            );
            missing(out, location, last, None, what, before.path.as_deref());
        }
    }
}

/// What is not there has no place: it is told of the last file that is, and where it was beside it.
fn missing(
    out: &mut Out,
    location: &Location,
    last: &Migration,
    version: Option<&Version>,
    what: Words,
    path: Option<&str>,
) {
    let keys = ["validateonmigrate", "ignoremigrationpatterns", "ignoremissingmigrations"];
    let was = path.map(|path| (Spot::whole(&File::new(path, "")), Words::new("it was here", "ここにありました")));
    if let Some(issue) = find(out, location, &keys, version, &Spot::whole(&last.file), what) {
        issue.also.extend(was);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::flyway::Before;
    use crate::scan::Options;
    use crate::testing::{lines, scan_files};

    #[test]
    fn deleted_is_found_and_the_future_is_not() {
        let base = ["m/V1__a.sql", "m/V2__b.sql", "m/V9__z.sql"].map(|name| (name.to_owned(), Before::Gone));
        let options = Options { base: Some(base.into()), ..Options::default() };
        let with =
            |names: &[&str]| lines(&scan_files(&RULE, &names.iter().map(|n| (*n, "")).collect::<Vec<_>>(), &options));
        assert_eq!(
            with(&["m/V1__a.sql", "m/V3__c.sql"]),
            ["0:0 certain version 2 (`V2__b.sql`) is applied and no longer here"]
        );
        assert_eq!(with(&["m/V1__a.sql", "m/V2__b.sql"]), [""; 0]);
    }

    /// With the last migration of a folder nothing is left to hold it against: that is no pass.
    #[test]
    fn a_folder_that_was_emptied_could_not_be_checked() {
        let with = |base: &[(&str, Before)], files: &[(&str, &str)]| -> Vec<String> {
            let base = base.iter().map(|(path, before)| ((*path).to_owned(), before.clone()));
            let options = Options { base: Some(base.collect()), ..Options::default() };
            scan_files(&RULE, files, &options).unchecked.into_iter().map(|one| one.path).collect()
        };
        let gone = [("m/V1__a.sql", Before::Gone), ("m/V2__b.sql", Before::Gone)];
        assert_eq!(with(&gone, &[]), ["m/V2__b.sql"]);
        assert_eq!(with(&gone, &[("n/V1__a.sql", ""), ("n/V2__b.sql", "")]), [""; 0], "moved");
        assert_eq!(with(&gone, &[("m/V3__c.sql", "")]), [""; 0], "FLY004 tells it");
        assert_eq!(with(&[gone[0].clone(), ("m/V2__b.sql", Before::Same)], &[]), [""; 0], "not looked at");
        assert_eq!(with(&[("m/notes.sql", Before::Gone)], &[]), [""; 0], "no migration");
    }

    /// A scan of a part of the repository does not see every file that is there.
    #[test]
    fn a_file_that_is_there_is_not_missing() {
        let base = [("m/a/V1__a.sql", Before::Same), ("m/a/V2__b.sql", Before::Edited(String::new()))]
            .map(|(name, before)| (name.to_owned(), before));
        let options = Options { base: Some(base.into()), ..Options::default() };
        let files = [("m/b/V3__c.sql", ""), ("flyway.conf", "flyway.locations=filesystem:m\n")];
        assert_eq!(lines(&scan_files(&RULE, &files, &options)), [""; 0]);
    }

    #[test]
    fn a_repeatable_one_is_never_of_the_future() {
        let base = [("m/V1__a.sql", Before::Same), ("m/R__view.sql", Before::Gone)]
            .map(|(name, before)| (name.to_owned(), before));
        let options = Options { base: Some(base.into()), ..Options::default() };
        let with = |files: &[(&str, &str)]| lines(&scan_files(&RULE, files, &options));
        assert_eq!(
            with(&[("m/V1__a.sql", "")]),
            ["0:0 certain the repeatable migration `R__view.sql` is applied and no longer here"]
        );
        assert_eq!(with(&[("m/V1__a.sql", ""), ("m/R__view.sql", "changed")]), [""; 0]);
        let settings = ("flyway.conf", "flyway.locations=filesystem:m\nflyway.ignoreMigrationPatterns=*:missing\n");
        assert_eq!(with(&[("m/V1__a.sql", ""), settings]), [""; 0]);
    }
}
