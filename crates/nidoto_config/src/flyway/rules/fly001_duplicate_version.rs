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
        "Give the later one the next free version, unless it has been applied anywhere.",
        "後から来た方に、次の空いたバージョンを付けます(どこにも適用されていなければ)。",
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
}
