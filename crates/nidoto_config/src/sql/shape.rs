//! What a statement creates or inserts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::lex::{Kind, Statement};

/// Columns and keys of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Column names in order, lower case.
    pub columns: Vec<String>,
    /// Primary and unique keys, each as its columns.
    pub keys: Vec<Vec<String>>,
}

/// A value of an INSERT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'t> {
    /// A number or text that stands there as it is.
    Literal(Cow<'t, str>),
    /// NULL, DEFAULT, a function, a subquery.
    Other,
}

/// An INSERT that lists its rows.
#[derive(Clone, Debug)]
pub struct Insert<'t> {
    /// The table, lower case, without its schema.
    pub table: String,
    /// The columns named, lower case; empty if none are.
    pub columns: Vec<String>,
    statement: Statement<'t>,
    /// Where the rows begin.
    values: usize,
}

/// What kind of INSERT a statement is.
#[derive(Clone, Debug)]
pub enum Insertion<'t> {
    /// It lists rows and fails where one of their keys exists.
    Rows(Insert<'t>),
    /// It says what to do where a key exists, or inserts what it selects.
    Guarded,
}

/// A table's name at a position: lower case, without its schema. And the position after it.
#[must_use]
pub fn table_name(tokens: Statement<'_>, at: usize) -> Option<(String, usize)> {
    let mut at = at;
    let mut name = None;
    while let Some(token) = tokens.get(at).filter(|token| matches!(token.kind, Kind::Word | Kind::Name)) {
        name = Some(token);
        at += 1;
        if !is(tokens, at, ".") {
            break;
        }
        at += 1;
    }
    name.map(|token| (token.name(), at))
}

fn is(tokens: Statement<'_>, at: usize, text: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.is(text))
}

/// Reads an INSERT or REPLACE; `None` for other statements.
#[must_use]
pub fn insertion(statement: Statement<'_>) -> Option<Insertion<'_>> {
    if statement.begins(&["REPLACE"]) {
        return Some(Insertion::Guarded);
    }
    if !statement.begins(&["INSERT"]) {
        return None;
    }
    let guards: [&[&str]; 5] =
        [&["INSERT", "IGNORE"], &["ON", "CONFLICT"], &["ON", "DUPLICATE"], &["NOT", "EXISTS"], &["INSERT", "OR"]];
    if guards.iter().any(|words| statement.find(words).is_some()) {
        return Some(Insertion::Guarded);
    }
    let into = statement.tokens().take(4).position(|token| token.is("INTO")).map_or(1, |at| at + 1);
    let (table, mut at) = table_name(statement, into)?;
    let mut columns = Vec::new();
    if is(statement, at, "(") {
        let end = closing(statement, at)?;
        let named = statement.part(at + 1..end);
        columns = named.tokens().filter(|token| !token.is(",")).map(|token| token.name()).collect();
        at = end + 1;
    }
    let values = (at..at + 4).find(|at| is(statement, *at, "VALUES") || is(statement, *at, "VALUE"));
    let Some(values) = values else { return Some(Insertion::Guarded) };
    Some(Insertion::Rows(Insert { table, columns, statement, values: values + 1 }))
}

impl<'t> Insert<'t> {
    /// The rows, each with the position of its first token.
    pub fn rows(&self) -> impl Iterator<Item = (usize, Vec<Cell<'t>>)> {
        let (statement, mut next) = (self.statement, Some(self.values));
        std::iter::from_fn(move || {
            let at = next.take().filter(|at| is(statement, *at, "("))?;
            let end = closing(statement, at)?;
            next = is(statement, end + 1, ",").then_some(end + 2);
            let row = statement.part(at + 1..end);
            Some((at, split(row).map(|cell| read_cell(row.part(cell))).collect()))
        })
    }
}

fn read_cell(tokens: Statement<'_>) -> Cell<'_> {
    match (tokens.size(), tokens.get(0), tokens.get(1)) {
        (1, Some(one), _) if matches!(one.kind, Kind::Text | Kind::Number) => Cell::Literal(one.text()),
        (2, Some(sign), Some(one)) if sign.is("-") && one.kind == Kind::Number => {
            Cell::Literal(format!("-{}", one.raw).into())
        }
        _ => Cell::Other,
    }
}

/// The position of the bracket that closes the one at `open`.
fn closing(tokens: Statement<'_>, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    (open..tokens.size()).find(|at| {
        match tokens.sign(*at) {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })
}

/// Parts between commas that stand in no brackets.
fn split(tokens: Statement<'_>) -> impl Iterator<Item = Range<usize>> {
    let (mut next, mut depth) = (Some(0), 0_usize);
    std::iter::from_fn(move || {
        let start = next.take()?;
        let comma = (start..tokens.size()).find(|at| {
            match tokens.sign(*at) {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                b',' => return depth == 0,
                _ => {}
            }
            false
        });
        next = comma.map(|at| at + 1);
        Some(start..comma.unwrap_or(tokens.size()))
    })
}

/// The table that a statement creates, with the position after its name.
#[must_use]
pub fn created_table(statement: Statement<'_>) -> Option<(String, usize)> {
    let create =
        statement.begins(&["CREATE"]).then(|| statement.part(0..statement.size().min(4)).find(&["TABLE"]))??;
    let skip = if statement.part(create + 1..statement.size()).begins(&["IF", "NOT", "EXISTS"]) { 4 } else { 1 };
    table_name(statement, create + skip)
}

/// Adds what a statement says of tables' columns and keys.
pub fn keys_of(statement: Statement<'_>, tables: &mut BTreeMap<String, Keys>) {
    if let Some((table, at)) = created_table(statement) {
        let Some(end) = is(statement, at, "(").then(|| closing(statement, at)).flatten() else { return };
        let mut keys = Keys::default();
        let list = statement.part(at + 1..end);
        split(list).for_each(|part| column_or_key(list.part(part), &mut keys));
        tables.insert(table, keys);
    } else if statement.begins(&["CREATE", "UNIQUE", "INDEX"]) {
        let on = statement.find(&["ON"]).and_then(|on| table_name(statement, on + 1));
        if let Some((table, at)) = on {
            let key = columns_in(statement, at);
            tables.entry(table).or_default().keys.extend(key);
        }
    } else if statement.begins(&["ALTER", "TABLE"]) {
        let Some((table, at)) = table_name(statement, 2) else { return };
        for words in [&["PRIMARY", "KEY"][..], &["UNIQUE"][..]] {
            if let Some(found) = statement.find(words).filter(|found| *found >= at) {
                let key = columns_in(statement, found);
                tables.entry(table.clone()).or_default().keys.extend(key);
            }
        }
    }
}

/// One item of CREATE TABLE's list.
fn column_or_key(part: Statement<'_>, keys: &mut Keys) {
    let Some(first) = part.get(0) else { return };
    let has = |words: &[&str]| part.find(words).is_some();
    let is_table_key = ["PRIMARY", "UNIQUE", "CONSTRAINT", "KEY", "INDEX", "FOREIGN", "CHECK", "EXCLUDE"]
        .iter()
        .any(|word| first.is(word));
    if is_table_key {
        if has(&["PRIMARY", "KEY"]) || has(&["UNIQUE"]) {
            keys.keys.extend(columns_in(part, 0));
        }
        return;
    }
    let name = first.name();
    if has(&["PRIMARY", "KEY"]) || has(&["UNIQUE"]) {
        keys.keys.push(vec![name.clone()]);
    }
    keys.columns.push(name);
}

/// The column names in the first brackets from a position on; `None` where there are none.
fn columns_in(tokens: Statement<'_>, from: usize) -> Option<Vec<String>> {
    let open = (from..tokens.size()).find(|at| is(tokens, *at, "("))?;
    let list = tokens.part(open + 1..closing(tokens, open)?);
    let columns = split(list).map(|part| list.part(part).get(0).map(|token| token.name()));
    columns.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::statements;

    #[test]
    fn keys_of_tables() {
        let sql = "CREATE TABLE IF NOT EXISTS app.team (id integer PRIMARY KEY, code varchar(32) NOT NULL UNIQUE, a numeric(5,2), UNIQUE KEY k (a, code(10)));\
            ALTER TABLE team ADD CONSTRAINT c UNIQUE (a); CREATE UNIQUE INDEX i ON team (lower(a), id);";
        let mut tables = BTreeMap::new();
        statements(sql).of(sql).for_each(|statement| keys_of(statement, &mut tables));
        insta::assert_debug_snapshot!(tables["team"].keys, @r#"
        [
            [
                "id",
            ],
            [
                "code",
            ],
            [
                "a",
                "code",
            ],
            [
                "a",
            ],
            [
                "lower",
                "id",
            ],
        ]
        "#);
        assert_eq!(tables["team"].columns, ["id", "code", "a"]);
    }

    #[test]
    fn rows_of_inserts() {
        let sql = "INSERT INTO app.team (id, code) VALUES (3, 'x'), (-1, now())";
        let read = statements(sql);
        let Some(Insertion::Rows(insert)) = insertion(read.of(sql).next().unwrap()) else { panic!() };
        let rows: Vec<_> = insert.rows().collect();
        assert_eq!((insert.table.as_str(), insert.columns.len(), rows.len()), ("team", 2, 2));
        assert_eq!(rows[1].1, [Cell::Literal("-1".into()), Cell::Other]);
        for sql in [
            "INSERT IGNORE INTO a VALUES (1)",
            "insert into a values (1) on conflict do nothing",
            "REPLACE INTO a VALUES (1)",
            "INSERT INTO a SELECT 1",
        ] {
            let read = statements(sql);
            assert!(matches!(insertion(read.of(sql).next().unwrap()), Some(Insertion::Guarded)), "{sql}");
        }
        assert!(insertion(statements("SELECT 1").of("SELECT 1").next().unwrap()).is_none());
    }
}
