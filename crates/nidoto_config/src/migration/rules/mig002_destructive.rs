//! MIG002: a migration takes something away that running code uses.

use nidoto_core::Words;

use crate::migration::pending::{is_read, pending};
use crate::scan::{Facts, Out, Room, Rule, Severity, Spot};
use crate::sql::{Kind, Statement, table_name};

/// A migration takes something away that running code uses.
pub const RULE: Rule = Rule {
    code: "MIG002",
    name: "destructive",
    room: Room::Migration,
    severity: Severity::Warning,
    summary: (
        "a table, column or all rows go away under running code",
        "動いているコードの足元からテーブルや列、全行が消える",
    ),
    why: (
        "\
An application that migrates at start migrates while the instances of the last release still serve. A table or
column that is dropped or renamed breaks them at once, until the deploy is over; going back is no way out
either, because the old code no longer fits. What a DROP, TRUNCATE or DELETE without WHERE removed is gone.",
        "\
起動時にマイグレーションするアプリケーションは、前のリリースがまだ動いているうちにマイグレーションします。テーブルや
列の削除や改名は、デプロイが終わるまで旧インスタンスを壊し、切り戻しても古いコードが合いません。DROP、TRUNCATE、
WHERE のない DELETE で消えたものは戻りません。",
    ),
    bad: "ALTER TABLE team DROP COLUMN code;",
    good: "-- this release stops using team.code; the next one drops it\nALTER TABLE team ALTER COLUMN code DROP NOT NULL;",
    fix: (
        "Two releases: first the code stops using it, then a migration removes it. Rename by adding, copying and removing. \
         No `--fix` knows which code still uses it.",
        "二つのリリースに分けます: まずコードが使うのをやめ、次に消します。改名は、追加、コピー、削除に分けます。\
         どのコードがまだ使っているかは分からないため、`--fix` では直しません。",
    ),
    outage: "the deploys of an application that migrates at start (M3 tech blog, 2020-12-11)",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for location in &facts.migrations {
        for migration in pending(location, &facts.options) {
            if !is_read(migration, out) {
                continue;
            }
            for statement in migration.statements() {
                if out.is_full(&migration.file) {
                    break;
                }
                let Some((table, en, ja)) = removes(statement).filter(|(table, ..)| !migration.makes(table)) else {
                    continue;
                };
                let bytes = statement.bytes();
                out.likely(
                    &Spot::new(&migration.file, bytes),
                    Words::new(
                        format!("{en} of `{table}`: instances of the last release still use it"),
                        format!("`{table}` の{ja}: 前のリリースのインスタンスがまだ使っています"),
                    ),
                );
            }
        }
    }
}

fn removes(statement: Statement<'_>) -> Option<(String, &'static str, &'static str)> {
    let is = |at: usize, text: &str| statement.get(at).is_some_and(|token| token.is(text));
    let after = |at: usize| {
        let skip = if is(at, "IF") { 2 } else { 0 };
        table_name(statement, at + skip)
    };
    if statement.begins(&["DROP", "TABLE"]) {
        return after(2).map(|(table, _)| (table, "removal", "削除"));
    }
    if statement.begins(&["TRUNCATE"]) {
        let at = 1 + usize::from(is(1, "TABLE"));
        return after(at).map(|(table, _)| (table, "all rows are removed", "全行の削除"));
    }
    if statement.begins(&["DELETE", "FROM"]) && statement.find(&["WHERE"]).is_none() {
        return after(2).map(|(table, _)| (table, "removal of all rows", "全行の削除"));
    }
    if statement.begins(&["RENAME", "TABLE"]) {
        return after(2).map(|(table, _)| (table, "renaming", "改名"));
    }
    if !statement.begins(&["ALTER", "TABLE"]) {
        return None;
    }
    let (table, at) = after(2)?;
    if is(at, "RENAME") && !["CONSTRAINT", "INDEX", "KEY"].iter().any(|word| is(at + 1, word)) {
        return Some((table, "renaming", "改名"));
    }
    let drops = (at..statement.size()).any(|at| is(at, "DROP") && statement.get(at + 1).is_some_and(is_column));
    drops.then_some((table, "removal of a column", "列の削除"))
}

/// What follows DROP in `ALTER TABLE t DROP [COLUMN] c`, and no constraint, key, default or NOT NULL.
fn is_column(token: crate::sql::Token<'_>) -> bool {
    let other = [
        "CONSTRAINT",
        "FOREIGN",
        "PRIMARY",
        "INDEX",
        "KEY",
        "DEFAULT",
        "NOT",
        "CHECK",
        "IDENTITY",
        "EXPRESSION",
        "PARTITION",
    ];
    matches!(token.kind, Kind::Word | Kind::Name) && !other.iter().any(|word| token.is(word))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{found, tells_apart};

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(
            found(&RULE, "V2__a.sql", RULE.bad),
            ["1:1 likely removal of a column of `team`: instances of the last release still use it"]
        );
        let bad = [
            "DROP TABLE IF EXISTS app.team",
            "TRUNCATE team",
            "DELETE FROM team;",
            "ALTER TABLE `team` DROP `code`",
            "ALTER TABLE team RENAME COLUMN a TO b",
        ];
        let good = [
            RULE.good,
            "DELETE FROM team WHERE id=1",
            "ALTER TABLE team DROP CONSTRAINT k",
            "ALTER TABLE team DROP FOREIGN KEY k",
            "CREATE TABLE a(b int); DROP TABLE a;",
        ];
        tells_apart(&RULE, "V2__a.sql", &bad, &good);
    }
}
