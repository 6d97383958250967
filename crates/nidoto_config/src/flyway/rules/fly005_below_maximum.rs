//! FLY005: a new migration below the highest applied version.

use nidoto_core::Words;

use crate::flyway::applied;
use crate::flyway::judge::find;
use crate::scan::{Facts, Out, Room, Rule, Severity, Spot};

/// A new migration below the highest applied version.
pub const RULE: Rule = Rule {
    code: "FLY005",
    name: "below-maximum",
    room: Room::Migration,
    severity: Severity::Error,
    summary: ("a new migration below the highest applied version", "適用済みの最大より小さい、新しいバージョン"),
    why: (
        "\
Flyway applies versions in order. A new migration below the maximum that a database has seen is not applied
there, and validation fails: `Detected resolved migration not applied to database`. Fresh databases (CI, a
developer's) apply it and are content. It happens when a branch lives longer than another one. Whether
`outOfOrder` is on is what production's profile says, where the application is Spring Boot's.",
        "\
Flyway はバージョン順に適用します。データベースが見た最大より小さい新しいマイグレーションは適用されず、検証に失敗
します(`Detected resolved migration not applied to database`)。CI や手元の新しいデータベースでは通ります。長く生きた
ブランチで起こります。Spring Boot なら、`outOfOrder` は本番のプロファイルの設定で判断します。",
    ),
    bad: "V7__add_team.sql    (new)\nV8__add_member.sql  (in the base branch)",
    good: "V8__add_member.sql  (in the base branch)\nV9__add_team.sql    (new)",
    fix: (
        "Give it the next version with `git mv`, or use timestamps as versions with `outOfOrder=true`.",
        "`git mv` で次のバージョンを付けるか、時刻をバージョンにして `outOfOrder=true` を使います。",
    ),
    outage: "DbValidate in flyway-core at c5e20fc7",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for location in facts.migrations.iter().filter(|location| !location.settings.out_of_order) {
        let before = applied(location, &facts.options).unwrap_or_default();
        let Some(maximum) = before.last().map(|last| &last.version) else { continue };
        for new in location.versioned.iter().filter(|one| one.version < *maximum) {
            if before.iter().any(|one| one.version == new.version) {
                continue;
            }
            let version = &new.version;
            let what = Words::new(
                format!(
                    "version {version} is new and below {maximum}, which is applied: it is never applied, unless `outOfOrder`"
                ),
                format!(
                    "新しいバージョン {version} は適用済みの {maximum} より小さく、`outOfOrder` でない限り適用されません"
                ),
            );
            find(out, location, &["outoforder"], Some(version), &Spot::whole(&new.file), what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::flyway::Before;
    use crate::scan::Options;
    use crate::testing::{lines, scan_files};

    #[test]
    fn the_examples_are_told_apart() {
        let base = [("V8__add_member.sql".to_owned(), Before::Same)];
        let options = Options { base: Some(base.into()), ..Options::default() };
        let with = |name| lines(&scan_files(&RULE, &[("V8__add_member.sql", ""), (name, "")], &options));
        assert_eq!(with("V7__add_team.sql").len(), 1);
        assert_eq!(with("V9__add_team.sql"), [""; 0]);
        let files = [
            ("V8__add_member.sql", ""),
            ("V7__add_team.sql", ""),
            ("flyway.conf", "flyway.outOfOrder=true\nflyway.locations=filesystem:."),
        ];
        assert_eq!(lines(&scan_files(&RULE, &files, &options)), [""; 0]);
    }

    /// The word of production counts, is named, and where it stands elsewhere nothing is green.
    #[test]
    fn profiles_decide() {
        let base = [("r/db/migration/V8__a.sql".to_owned(), Before::Same)];
        let options = Options { base: Some(base.into()), ..Options::default() };
        let with = |prod: &str| {
            let files = [
                ("r/application.yml", "spring.flyway: {out-of-order: true}"),
                ("r/application-prod.yml", prod),
                ("r/db/migration/V8__a.sql", ""),
                ("r/db/migration/V7__b.sql", ""),
            ];
            scan_files(&RULE, &files, &options)
        };
        let scan = with("spring.flyway:\n  out-of-order: false\n");
        let also = &scan.issues[0].also[0];
        assert_eq!((also.0.file.path.as_str(), also.0.pos().line), ("r/application-prod.yml", 2));
        assert_eq!(also.1.en, "profile `prod` says so");
        let scan = with("spring: {datasource: {}}");
        assert_eq!((scan.issues.len(), scan.unchecked.len()), (0, 0));
        let scan = with("spring.flyway.out-of-order: ${LATE}\n");
        assert_eq!((scan.issues.len(), scan.unchecked[0].path.as_str()), (0, "r/application-prod.yml"));
        assert!(scan.unchecked[0].why.en.starts_with("`LATE`, which has no value here, decides: version 7 is new"));
        assert_eq!(with("spring.flyway.out-of-order: ${LATE:false}\n").issues.len(), 1);
        let scan = with("spring.flyway: {out-of-order: false, baseline-on-migrate: '${OLD}'}\n");
        assert_eq!((scan.issues.len(), scan.unchecked.len()), (0, 1));
        let scan = with("spring.flyway: {out-of-order: false, baseline-on-migrate: true, baseline-version: 7}");
        assert!(lines(&scan)[0].contains("likely"), "a database of before Flyway does not ask for it");
    }
}
