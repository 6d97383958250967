//! FLY002: a file that Flyway does not take for a migration.

use nidoto_core::Words;

use crate::flyway::name::{Name, Wrong};
use crate::scan::{Facts, Out, Room, Rule, Severity, Spot};

/// A file that Flyway does not take for a migration.
pub const RULE: Rule = Rule {
    code: "FLY002",
    name: "name-skipped",
    room: Room::Migration,
    severity: Severity::Error,
    summary: ("a migration whose name Flyway skips without a word", "名前が違うため、黙って飛ばされるマイグレーション"),
    why: (
        "\
A name without two underscores after the version, or with a small `v`, is no migration to Flyway: it is
skipped without a word, in every environment, until code that needs it is deployed. A version with a letter is
refused, and the application does not start.",
        "\
バージョンの後のアンダースコアが一つだけのもの、小文字の `v` で始まるものは、Flyway にはマイグレーションに見えず、
どの環境でも黙って飛ばされ、それを必要とするコードがデプロイされるまで気づきません。バージョンに英字があると拒まれ、
アプリケーションは起動しません。",
    ),
    bad: "V366_remove_spaces.sql",
    good: "V366__remove_spaces.sql",
    fix: (
        "Rename it with `git mv`: a rename is no edit, so no `--fix` makes it. Check first that its version is still above \
         the maximum that is applied (FLY005).",
        "`git mv` で名前を変えます(改名は編集ではないので `--fix` では直しません)。その前に、バージョンが適用済みの最大より大きいことを確かめます(FLY005)。",
    ),
    outage: "apache/fineract V366; flyway's validateMigrationNaming is off by default",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for (file, name) in facts.migrations.iter().flat_map(|location| &location.others) {
        let Name::Wrong(wrong) = name else { continue };
        let name = file.name();
        let what = match wrong {
            Wrong::Separator => Words::new(
                format!("Flyway skips `{name}` without a word: `__` is missing after the version"),
                format!("`{name}` は黙って飛ばされます: バージョンの後に `__` がありません"),
            ),
            Wrong::Case => Words::new(
                format!("Flyway skips `{name}` without a word: the prefix is a capital letter"),
                format!("`{name}` は黙って飛ばされます: 先頭は大文字です"),
            ),
            Wrong::Version => Words::new(
                format!("Flyway refuses `{name}`: a version has digits only"),
                format!("Flyway は `{name}` を拒みます: バージョンは数字だけです"),
            ),
        };
        out.certain(&Spot::whole(file), what);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scan::Options;
    use crate::testing::{lines, scan_files};

    #[test]
    fn the_examples_are_told_apart() {
        let with = |name| lines(&scan_files(&RULE, &[("m/V1__a.sql", ""), (name, "")], &Options::default()));
        assert_eq!(
            with("m/V366_remove_spaces.sql"),
            ["0:0 certain Flyway skips `V366_remove_spaces.sql` without a word: `__` is missing after the version"]
        );
        assert_eq!(with("m/V366__remove_spaces.sql"), [""; 0]);
        assert_eq!(with("m/seed.sql"), [""; 0]);
        assert_eq!(with("other/V366_x.sql"), [""; 0], "no folder of Flyway's");
    }
}
