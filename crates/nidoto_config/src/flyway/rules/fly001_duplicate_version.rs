//! FLY001: two migrations with one version.

use nidoto_core::Words;

use crate::scan::{Facts, Out, Room, Rule, Severity, Spot};

/// Two migrations with one version.
pub const RULE: Rule = Rule {
    code: "FLY001",
    name: "duplicate-version",
    room: Room::Migration,
    severity: Severity::Error,
    summary: (
        "two migrations with one version: the application does not start",
        "同じバージョンのマイグレーション: 起動しません",
    ),
    why: (
        "\
Flyway refuses to migrate at all when two files have one version, and an application that migrates at start
does not start. Each of two branches is well; it breaks when both are merged. `_` reads as `.` and zeros do not
count: V1, V1_0 and V01 are one version.",
        "\
同じバージョンのファイルが二つあると、Flyway は何も適用せず、起動時にマイグレーションするアプリケーションは起動しま
せん。それぞれのブランチでは通り、両方をマージしたときに壊れます。`_` は `.` と同じで、ゼロは数えません: V1、V1_0、
V01 は同じバージョンです。",
    ),
    bad: "V7__add_team.sql\nV7__add_member.sql",
    good: "V7__add_team.sql\nV8__add_member.sql",
    fix: (
        "Give the later one the next free version, unless it has been applied anywhere. A rename is no edit, so no `--fix` \
         makes it: `git mv`.",
        "後から来た方に、次の空いたバージョンを付けます(どこにも適用されていなければ)。改名は編集ではないので `--fix` では直しません: `git mv` を使います。",
    ),
    outage: "DefaultMigrationResolver in flyway-core at c5e20fc7",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for location in &facts.migrations {
        for pair in location.versioned.windows(2).filter(|pair| pair[0].version == pair[1].version) {
            let (first, second) = (pair[0].file.name(), &pair[1].version);
            let issue = out.certain(
                &Spot::whole(&pair[1].file),
                Words::new(
                    format!("version {second} is also `{first}`: Flyway refuses both"),
                    format!("バージョン {second} は `{first}` と同じです: Flyway は適用を拒みます"),
                ),
            );
            issue.also.push((Spot::whole(&pair[0].file), Words::new("the other one", "もう一つ")));
        }
        for pair in location.repeatable.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let description = &pair[1].0;
            let issue = out.certain(
                &Spot::whole(&pair[1].1),
                Words::new(
                    format!("two repeatable migrations are `{description}`: Flyway refuses both"),
                    format!("繰り返し可能なマイグレーション `{description}` が二つあります: Flyway は適用を拒みます"),
                ),
            );
            issue.also.push((Spot::whole(&pair[0].1), Words::new("the other one", "もう一つ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scan::Options;
    use crate::testing::{lines, scan_files};

    fn with(names: &str) -> Vec<String> {
        let files: Vec<(&str, &str)> = names.lines().map(|name| (name, "SELECT 1;")).collect();
        lines(&scan_files(&RULE, &files, &Options::default()))
    }

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(with(RULE.bad), ["0:0 certain version 7 is also `V7__add_member.sql`: Flyway refuses both"]);
        assert_eq!(with(RULE.good), [""; 0]);
        assert_eq!(with("V1__a.sql\nV01_0__b.sql").len(), 1);
        assert_eq!(with("a/V1__a.sql\nb/V1__a.sql"), [""; 0], "two folders are two locations");
    }

    #[test]
    fn locations_of_one_file_are_applied_together() {
        let with = |settings: &str, b: &str| {
            let files = [("src/application.yml", settings), ("src/db/migration/a/V1__a.sql", ""), (b, "")];
            lines(&scan_files(&RULE, &files, &Options::default())).len()
        };
        let settings = "spring: {flyway: {locations: 'classpath:db/migration,classpath:db/seed'}}";
        assert_eq!(with(settings, "src/db/migration/b/V1__b.sql"), 1);
        assert_eq!(with(settings, "src/db/seed/V1.0__b.sql"), 1);
        assert_eq!(with(settings, "src/db/other/V1__b.sql"), 0);
        let vendors = "spring: {flyway: {locations: 'classpath:db/migration/{vendor}'}}";
        assert_eq!(with(vendors, "src/db/migration/b/V1__b.sql"), 0);
        let files = [
            ("m/V1__a.sql", ""),
            ("m/R__view.sql", ""),
            ("src/application.yml", "spring: {flyway: {locations: m}}"),
            ("m/x/R__view.sql", ""),
        ];
        assert_eq!(lines(&scan_files(&RULE, &files, &Options::default())).len(), 1);
    }
}
