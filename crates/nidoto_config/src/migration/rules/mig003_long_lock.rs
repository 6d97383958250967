//! MIG003: a migration locks a table for as long as it is large.

use nidoto_core::Words;

use crate::flyway::Migration;
use crate::migration::pending::{is_read, pending};
use crate::scan::{Edit, Facts, Fix, Out, Room, Rule, Severity, Spot};
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
         type. MySQL: ALGORITHM=INSTANT or INPLACE, or gh-ost. `--unsafe-fixes` writes CONCURRENTLY (in a migration of \
         one statement: Flyway runs it outside of a transaction), NOT VALID or ALGORITHM=INPLACE. Where nothing helps, \
         `SET lock_timeout = '5s';` lets the deploy fail instead of the site.",
        "PostgreSQL: CREATE INDEX CONCURRENTLY、ADD CONSTRAINT ... NOT VALID の後に VALIDATE、型変更の代わりに新しい列。\
         MySQL: ALGORITHM=INSTANT か INPLACE、または gh-ost。`--unsafe-fixes` は CONCURRENTLY(文が一つだけの\
         マイグレーションなら、Flyway はトランザクションの外で実行します)、NOT VALID、ALGORITHM=INPLACE を書きます。どれも\
         使えなければ、`SET lock_timeout = '5s';` でサイトではなくデプロイの方を失敗させます。",
    ),
    outage: "PostgreSQL, 13.3 Explicit Locking; MySQL, 17.12.1 Online DDL Operations",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for location in &facts.migrations {
        for migration in pending(location, &facts.options) {
            if !is_read(migration, out) {
                continue;
            }
            let is_mysql = migration.file.text.contains('`') || migration.file.text.contains("ENGINE=");
            for statement in migration.statements() {
                if out.is_full(&migration.file) {
                    break;
                }
                let Some(table) = locks(statement, is_mysql).filter(|table| !migration.makes(table)) else { continue };
                let issue = out.likely(
                    &Spot::new(&migration.file, statement.bytes()),
                    Words::new(
                        format!("`{table}` is locked while it is read or rewritten as a whole"),
                        format!("全体の読み直しか書き直しが終わるまで `{table}` がロックされます"),
                    ),
                );
                issue.fix = fix(migration, statement, is_mysql);
            }
        }
    }
}

/// The table that a statement locks for long.
fn locks(statement: Statement<'_>, is_mysql: bool) -> Option<String> {
    let table_at = |at: usize| table_name(statement, at).map(|(table, _)| table);
    let has = |words: &[&str]| statement.find(words).is_some();
    if statement.begins(&["CREATE"]) && has(&["INDEX"]) {
        let on = statement.find(&["ON"])? + 1;
        let on = on + usize::from(statement.get(on).is_some_and(|token| token.is("ONLY")));
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
    let skip = if statement.get(2).is_some_and(|token| token.is("IF")) { 4 } else { 2 };
    let rewrites = if is_mysql {
        has(&["MODIFY"]) || has(&["CHANGE"]) || has(&["CONVERT", "TO"]) || has(&["ADD", "PRIMARY"])
    } else {
        let checks = has(&["ADD", "CONSTRAINT"]) && (has(&["FOREIGN", "KEY"]) || has(&["CHECK"]));
        has(&["SET", "NOT", "NULL"]) || (has(&["TYPE"]) && has(&["ALTER", "COLUMN"])) || checks
    };
    table_at(skip).filter(|_| rewrites)
}

/// What the database does without the lock, for a statement that does one thing.
fn fix(migration: &Migration, statement: Statement<'_>, is_mysql: bool) -> Option<Fix> {
    let has = |words: &[&str]| statement.find(words).is_some();
    let (at, with, what) = if let (true, Some(index)) =
        (statement.begins(&["CREATE"]), statement.find(&["INDEX"]).and_then(|at| statement.get(at)))
    {
        if migration.size() > 1 {
            return None;
        }
        let what = Words::new(
            "PostgreSQL builds the index beside the writes: it takes longer, and leaves an INVALID index where it fails",
            "PostgreSQL は書き込みを止めずに索引を作ります。時間は長くなり、失敗すると INVALID な索引が残ります",
        );
        (index.bytes().end, " CONCURRENTLY", what)
    } else if statement.begins(&["ALTER", "TABLE"]) && is_mysql {
        let what = Words::new(
            "MySQL refuses, in every environment, what it cannot do while others write",
            "書き込みを止めずにはできない変更なら、MySQL がどの環境でも拒みます",
        );
        (statement.bytes().end, ", ALGORITHM=INPLACE, LOCK=NONE", what)
    } else if has(&["ADD", "CONSTRAINT"]) && does_one_thing(statement) {
        let what = Words::new(
            "PostgreSQL checks new rows only: a later migration has to VALIDATE CONSTRAINT",
            "PostgreSQL は新しい行だけを検査します: 後のマイグレーションで VALIDATE CONSTRAINT が要ります",
        );
        (statement.bytes().end, " NOT VALID", what)
    } else {
        return None;
    };
    let edit = Edit { spot: Spot::new(&migration.file, at..at), with: with.to_owned() };
    Some(Fix::not_safe(what, vec![edit]))
}

/// Whether no comma stands outside of brackets.
fn does_one_thing(statement: Statement<'_>) -> bool {
    let mut depth = 0_usize;
    statement.tokens().all(|token| {
        depth = (depth + usize::from(token.is("("))).saturating_sub(usize::from(token.is(")")));
        depth > 0 || !token.is(",")
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{fixed, found, tells_apart};

    #[test]
    fn the_fixes_do_not_lock() {
        for (bad, good) in [
            (RULE.bad, RULE.good),
            ("create unique index i on t (a)", "create unique index CONCURRENTLY i on t (a)"),
            (
                "ALTER TABLE t ADD CONSTRAINT c CHECK (a IN (1, 2)); -- why",
                "ALTER TABLE t ADD CONSTRAINT c CHECK (a IN (1, 2)) NOT VALID; -- why",
            ),
            ("ALTER TABLE `t` MODIFY `a` bigint;", "ALTER TABLE `t` MODIFY `a` bigint, ALGORITHM=INPLACE, LOCK=NONE;"),
        ] {
            assert_eq!(fixed("V2__a.sql", bad, true), good);
            assert_eq!((fixed("V2__a.sql", bad, false).as_str(), found(&RULE, "V2__a.sql", good).len()), (bad, 0));
        }
        for by_hand in [
            "CREATE INDEX i ON t (a);\nCREATE INDEX j ON t (b);",
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1), ADD CONSTRAINT d CHECK (b > 1);",
            "ALTER TABLE t ALTER COLUMN a TYPE bigint",
        ] {
            assert_eq!(fixed("V2__a.sql", by_hand, true), by_hand);
        }
    }

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
