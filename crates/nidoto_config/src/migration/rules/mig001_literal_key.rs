//! MIG001: a migration inserts a row under a literal key.

use std::collections::{BTreeMap, HashMap};

use nidoto_core::Words;

use crate::flyway::{Location, Migration};
use crate::migration::Rows;
use crate::migration::pending::{is_read, pending};
use crate::scan::{Facts, Out, Room, Rule, Severity, Spot};
use crate::sql::{Cell, Insert, Insertion, Keys, insertion};

/// A migration inserts a row under a literal key.
pub const RULE: Rule = Rule {
    code: "MIG001",
    name: "literal-key",
    room: Room::Migration,
    severity: Severity::Error,
    summary: (
        "a row is inserted under a key that another environment may have",
        "別の環境にすでにあるかもしれないキーでの挿入",
    ),
    why: (
        "\
A migration that inserts `id = 3` passes wherever no row 3 exists. Where somebody added one by hand, years ago
and in production only, it fails with a duplicate key, and an application that migrates at start does not start.
That it passed in staging says nothing. With the rows of each environment at hand the answer is exact: the same
key with other values is certain, the same row has been applied already.",
        "\
`id = 3` を挿入するマイグレーションは、3 の行がない環境でだけ通ります。何年も前に誰かが本番にだけ手で足していれば、
キーの重複で失敗し、起動時にマイグレーションするアプリケーションは起動しません。検証環境で通ったことは何も保証しま
せん。各環境の行が手元にあれば正確に分かります: キーが同じで値の違う行は確実、同じ行なら適用済みです。",
    ),
    bad: "CREATE TABLE team (id integer PRIMARY KEY, name text);\n-- a later migration\nINSERT INTO team (id, name) VALUES (3, 'Foo');",
    good: "INSERT INTO team (id, name) VALUES (3, 'Foo') ON CONFLICT (id) DO UPDATE SET name = excluded.name;",
    fix: (
        "Bring the environments to the same rows first. Then let the key be generated, or say what happens where it \
         exists: ON CONFLICT, ON DUPLICATE KEY UPDATE, WHERE NOT EXISTS. Which of them is a decision about the row that \
         is there, so no `--fix` makes it.",
        "まず環境間の行を揃えます。その上で、キーを自動採番にするか、既にある場合の動きを書きます: ON CONFLICT、\
         ON DUPLICATE KEY UPDATE、WHERE NOT EXISTS。どれにするかは既にある行についての判断なので、`--fix` では\
         直しません。",
    ),
    outage: "2020-11-05 a migration met a row (M3 tech blog, 2020-12-11)",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for location in &facts.migrations {
        let pending: Vec<&str> = pending(location, &facts.options).iter().map(|one| one.file.path.as_str()).collect();
        let mut tables = Tables { location, known: HashMap::new(), all: None };
        for migration in &location.versioned {
            one(migration, &mut tables, &facts.options.rows, pending.contains(&migration.file.path.as_str()), out);
        }
    }
}

/// One by one only those migrations are read that name a table; for more tables than this, all at once.
const ONE_BY_ONE_MAX: usize = 8;

/// The tables that were asked about so far, or all.
struct Tables<'l> {
    location: &'l Location,
    known: HashMap<String, Option<Keys>>,
    all: Option<BTreeMap<String, Keys>>,
}

impl Tables<'_> {
    fn get(&mut self, table: &str) -> Option<&Keys> {
        if self.known.len() >= ONE_BY_ONE_MAX && !self.known.contains_key(table) {
            let all = self.all.get_or_insert_with(|| self.location.all_keys(|_| true));
            return all.get(table);
        }
        let known = self.known.entry(table.to_owned()).or_insert_with(|| self.location.keys_of(table));
        known.as_ref()
    }
}

/// Rows tell by themselves what has been applied; without them only pending migrations are asked.
fn one(migration: &Migration, tables: &mut Tables<'_>, rows: &[Rows], is_pending: bool, out: &mut Out) {
    if rows.is_empty() && !is_pending {
        return;
    }
    if !is_read(migration, out) {
        return;
    }
    for statement in migration.statements() {
        if out.is_full(&migration.file) {
            break;
        }
        let Some(Insertion::Rows(mut insert)) = insertion(statement) else { continue };
        let known: Vec<&Rows> = rows.iter().filter(|rows| rows.table == insert.table).collect();
        if known.is_empty() && (!is_pending || migration.makes(&insert.table)) {
            continue;
        }
        let spot_of = |token: usize| {
            let bytes = statement.part(token..statement.size()).bytes();
            let line = Spot::new(&migration.file, bytes.clone()).line();
            Spot::new(&migration.file, bytes.start..bytes.end.min(line.end))
        };
        let keys = keys(&mut insert, tables);
        if insert.columns.is_empty() {
            out.cannot(
                &spot_of(0),
                Words::new(
                    format!("the columns of `{}` are not known", insert.table),
                    format!("`{}` の列が分かりません", insert.table),
                ),
            );
            continue;
        }
        if known.is_empty() {
            let shown_key = |cells: &[Cell<'_>]| literal_key(&insert, cells, &keys).map(|key| shown(&key));
            if let Some((at, key)) = insert.rows().find_map(|(at, cells)| Some((at, shown_key(&cells)?))) {
                let table = &insert.table;
                out.likely(
                    &spot_of(at),
                    Words::new(
                        format!("`{table}` gets a row under the literal key {key}: it fails where one exists"),
                        format!("`{table}` にキー {key} を直接指定して挿入します: すでにある環境では失敗します"),
                    ),
                );
            }
            continue;
        }
        for (at, cells) in insert.rows() {
            for (rows, key) in known.iter().filter_map(|rows| Some((rows, conflict(rows, &insert, &cells, &keys)?))) {
                let (table, environment, key) = (&insert.table, &rows.environment, shown(&key));
                out.certain(
                    &spot_of(at),
                    Words::new(
                        format!(
                            "`{table}` of {environment} has another row with {key}: this fails with a duplicate key"
                        ),
                        format!("{environment} の `{table}` には {key} の別の行があります: キーの重複で失敗します"),
                    ),
                );
            }
        }
    }
}

/// The keys of the table, `id` where they are not known; names the columns where the INSERT does not.
fn keys(insert: &mut Insert<'_>, tables: &mut Tables<'_>) -> Vec<Vec<String>> {
    let known = tables.get(&insert.table);
    if insert.columns.is_empty() {
        insert.columns = known.map(|keys| keys.columns.clone()).unwrap_or_default();
    }
    known.map(|keys| keys.keys.clone()).filter(|keys| !keys.is_empty()).unwrap_or_else(|| vec![vec!["id".to_owned()]])
}

type Key<'i> = Vec<(&'i str, &'i str)>;

/// The literals that stand for a key's columns, if all of them are literals.
fn values<'i>(insert: &'i Insert<'_>, cells: &'i [Cell<'_>], key: &[String]) -> Option<Key<'i>> {
    key.iter()
        .map(|column| {
            let at = insert.columns.iter().position(|name| name == column)?;
            match cells.get(at)? {
                Cell::Literal(value) => Some((insert.columns[at].as_str(), value.as_ref())),
                Cell::Other => None,
            }
        })
        .collect()
}

fn literal_key<'i>(insert: &'i Insert<'_>, cells: &'i [Cell<'_>], keys: &[Vec<String>]) -> Option<Key<'i>> {
    keys.iter().find_map(|key| values(insert, cells, key))
}

/// A key under which an environment has a row that is not this one.
fn conflict<'i>(rows: &Rows, insert: &'i Insert<'_>, cells: &'i [Cell<'_>], keys: &[Vec<String>]) -> Option<Key<'i>> {
    keys.iter().find_map(|key| {
        let key = values(insert, cells, key)?;
        let there = rows.find(&key)?;
        let is_same = insert.columns.iter().zip(cells).all(|(column, cell)| match cell {
            Cell::Literal(value) => there.iter().all(|(name, held)| name != column || *held == **value),
            Cell::Other => true,
        });
        (!is_same).then_some(key)
    })
}

fn shown(key: &Key<'_>) -> String {
    key.iter().map(|(column, value)| format!("{column}={value}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::migration::Rows;
    use crate::scan::Options;
    use crate::testing::{lines, scan_files};

    const TABLE: (&str, &str) = ("m/V1__a.sql", "CREATE TABLE team (id integer PRIMARY KEY, name text);");

    fn with(sql: &str, production: Option<&str>) -> Vec<String> {
        let rows = production.map(|csv| Rows::of("production/team.csv", csv).unwrap());
        let options = Options { rows: rows.into_iter().collect(), ..Options::default() };
        lines(&scan_files(&RULE, &[TABLE, ("m/V50__foo.sql", sql)], &options))
    }

    #[test]
    fn without_rows_it_is_likely() {
        let bad = "INSERT INTO team (id, name) VALUES (3, 'Foo');";
        assert_eq!(
            with(bad, None),
            ["1:36 likely `team` gets a row under the literal key id=3: it fails where one exists"]
        );
        for good in [RULE.good, "INSERT INTO team (name) VALUES ('Foo');", "INSERT INTO team VALUES (DEFAULT, 'Foo');"]
        {
            assert_eq!(with(good, None), [""; 0], "{good}");
        }
    }

    #[test]
    fn with_rows_it_is_exact() {
        let sql = "INSERT INTO team VALUES (2, 'Two'),\n (3, 'Foo');";
        assert_eq!(with(sql, Some("id,name\n1,One\n")), [""; 0]);
        assert_eq!(with(sql, Some("id,name\n2,Two\n3,Foo\n")), [""; 0], "it has been applied");
        assert_eq!(
            with(sql, Some("id,name\n3,Bar\n")),
            ["2:2 certain `team` of production has another row with id=3: this fails with a duplicate key"]
        );
    }
}
