//! MIG003: a migration locks a table for as long as it is large.

use nidoto_core::Words;

use crate::migration::pending::{made_here, pending};
use crate::scan::{Facts, Out, Room, Rule, Severity, Spot};
use crate::sql::{Statement, table_name};

/// A migration locks a table for as long as it is large.
pub const RULE: Rule = Rule {
    code: "MIG003",
    name: "long-lock",
    room: Room::Migration,
    severity: Severity::Warning,
    summary: (
        "a table is locked for as long as it takes to read or rewrite it",
        "読み直しや書き直しが終わるまでテーブルをロックする",
    ),
    why: (
        "\
These statements hold a lock that stops writes, or everything, while the whole table is read or rewritten: no
time at all in staging, minutes on production's table. An application that migrates at start is not ready all
the while, its health check fails, and the next instance waits for the same lock.",
        "\
これらの文は、テーブル全体を読み直すか書き直す間、書き込みかすべてを止めるロックを持ちます。検証環境では一瞬でも、
本番のテーブルでは数分かかります。起動時にマイグレーションするアプリケーションはその間準備ができず、ヘルスチェックに
落ち、次のインスタンスも同じロックを待ちます。",
    ),
    bad: "CREATE INDEX member_team ON member (team_id);",
    good: "CREATE INDEX CONCURRENTLY member_team ON member (team_id);",
    fix: (
        "PostgreSQL: CREATE INDEX CONCURRENTLY; ADD CONSTRAINT ... NOT VALID, then VALIDATE; a new column instead of a new \
         type. MySQL: ALGORITHM=INSTANT or INPLACE, or gh-ost. Set a lock_timeout.",
        "PostgreSQL: CREATE INDEX CONCURRENTLY、ADD CONSTRAINT ... NOT VALID の後に VALIDATE、型変更の代わりに新しい列。\
         MySQL: ALGORITHM=INSTANT か INPLACE、または gh-ost。lock_timeout も設定します。",
    ),
    outage: "PostgreSQL, 13.3 Explicit Locking; MySQL, 17.12.1 Online DDL Operations",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for location in &facts.migrations {
        for migration in pending(location, &facts.options) {
            let fresh = made_here(migration);
            let is_mysql = migration.file.text.contains('`') || migration.file.text.contains("ENGINE=");
            for statement in migration.statements() {
                let Some(table) = locks(statement, is_mysql).filter(|table| !fresh.contains(table)) else { continue };
                out.likely(
                    &Spot::new(&migration.file, statement.bytes()),
                    Words::new(
                        format!("`{table}` is locked while it is read or rewritten as a whole"),
                        format!("全体の読み直しか書き直しが終わるまで `{table}` がロックされます"),
                    ),
                );
            }
        }
    }
}

/// The table that a statement locks for long.
fn locks(statement: &Statement, is_mysql: bool) -> Option<String> {
    let tokens = &statement.tokens;
    let table_at = |at: usize| table_name(tokens, at).map(|(table, _)| table);
    let has = |words: &[&str]| statement.find(words).is_some();
    if statement.begins(&["CREATE"]) && has(&["INDEX"]) {
        let on = statement.find(&["ON"])? + 1;
        let on = on + usize::from(tokens.get(on).is_some_and(|token| token.is("ONLY")));
        return table_at(on).filter(|_| !is_mysql && !has(&["CONCURRENTLY"]));
    }
    if statement.begins(&["LOCK", "TABLE"])
        || statement.begins(&["LOCK", "TABLES"])
        || statement.begins(&["OPTIMIZE", "TABLE"])
    {
        return table_at(2);
    }
    if statement.begins(&["VACUUM", "FULL"]) {
        return table_at(2);
    }
    if !statement.begins(&["ALTER", "TABLE"]) || has(&["ALGORITHM"]) || has(&["NOT", "VALID"]) {
        return None;
    }
    let skip = if tokens.get(2).is_some_and(|token| token.is("IF")) { 4 } else { 2 };
    let rewrites = if is_mysql {
        has(&["MODIFY"]) || has(&["CHANGE"]) || has(&["CONVERT", "TO"]) || has(&["ADD", "PRIMARY"])
    } else {
        let checks = has(&["ADD", "CONSTRAINT"]) && (has(&["FOREIGN", "KEY"]) || has(&["CHECK"]));
        has(&["SET", "NOT", "NULL"]) || (has(&["TYPE"]) && has(&["ALTER", "COLUMN"])) || checks
    };
    table_at(skip).filter(|_| rewrites)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{found, tells_apart};

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(
            found(&RULE, "V2__a.sql", RULE.bad),
            ["1:1 likely `member` is locked while it is read or rewritten as a whole"]
        );
        let bad = [
            "ALTER TABLE t ALTER COLUMN a TYPE bigint",
            "ALTER TABLE `t` MODIFY `a` bigint",
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b (id)",
        ];
        let good = [
            RULE.good,
            "ALTER TABLE t ADD COLUMN a int",
            "CREATE INDEX i ON `t` (a)",
            "CREATE TABLE t (a int); CREATE INDEX i ON t (a);",
            "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b (id) NOT VALID",
        ];
        tells_apart(&RULE, "V2__a.sql", &bad, &good);
    }
}
