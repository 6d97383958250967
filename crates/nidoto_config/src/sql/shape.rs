//! What a statement creates or inserts.

use std::collections::BTreeMap;

use super::lex::{Kind, Statement, Token};

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
pub enum Cell {
    /// A number or text that stands there as it is.
    Literal(String),
    /// NULL, DEFAULT, a function, a subquery.
    Other,
}

/// An INSERT that lists its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    /// The table, lower case, without its schema.
    pub table: String,
    /// The columns named, lower case; empty if none are.
    pub columns: Vec<String>,
    /// The rows, each with the position of its first token.
    pub rows: Vec<(usize, Vec<Cell>)>,
}

/// What kind of INSERT a statement is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// It lists rows and fails where one of their keys exists.
    Rows(Insert),
    /// It says what to do where a key exists, or inserts what it selects.
    Guarded,
}

/// A table's name at a position: lower case, without its schema. And the position after it.
#[must_use]
pub fn table_name(tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let mut at = at;
    let mut name = None;
    while let Some(token) = tokens.get(at).filter(|token| matches!(token.kind, Kind::Word | Kind::Name)) {
        name = Some(token.name());
        at += 1;
        if !tokens.get(at).is_some_and(|token| token.is(".")) {
            break;
        }
        at += 1;
    }
    name.map(|name| (name, at))
}

/// Reads an INSERT or REPLACE; `None` for other statements.
#[must_use]
pub fn insertion(statement: &Statement) -> Option<Insertion> {
    let tokens = &statement.tokens;
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
    let into = tokens.iter().take(4).position(|token| token.is("INTO")).map_or(1, |at| at + 1);
    let (table, mut at) = table_name(tokens, into)?;
    let mut columns = Vec::new();
    if tokens.get(at).is_some_and(|token| token.is("(")) {
        let end = closing(tokens, at)?;
        columns = tokens[at + 1..end].iter().filter(|token| !token.is(",")).map(Token::name).collect();
        at = end + 1;
    }
    let values = tokens.get(at..)?.iter().take(4).position(|token| token.is("VALUES") || token.is("VALUE"));
    let Some(values) = values else { return Some(Insertion::Guarded) };
    let rows = rows(tokens, at + values + 1);
    Some(Insertion::Rows(Insert { table, columns, rows }))
}

fn rows(tokens: &[Token], mut at: usize) -> Vec<(usize, Vec<Cell>)> {
    let mut rows = Vec::new();
    while tokens.get(at).is_some_and(|token| token.is("(")) {
        let Some(end) = closing(tokens, at) else { break };
        let cells = split(&tokens[at + 1..end]).map(|(_, cell)| read_cell(cell)).collect();
        rows.push((at, cells));
        at = end + 1;
        if !tokens.get(at).is_some_and(|token| token.is(",")) {
            break;
        }
        at += 1;
    }
    rows
}

fn read_cell(tokens: &[Token]) -> Cell {
    match tokens {
        [one] if matches!(one.kind, Kind::Text | Kind::Number) => Cell::Literal(one.text.to_string()),
        [sign, one] if sign.is("-") && one.kind == Kind::Number => Cell::Literal(format!("-{}", one.text)),
        _ => Cell::Other,
    }
}

/// The position of the bracket that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().skip(open) {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth -= 1;
            if depth == 0 {
                return Some(i);
            }
        }
    }
    None
}

/// Parts between commas that stand in no brackets, with the position of each.
fn split(tokens: &[Token]) -> impl Iterator<Item = (usize, &[Token])> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (i, token) in tokens.iter().enumerate() {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth = depth.saturating_sub(1);
        } else if token.is(",") && depth == 0 {
            parts.push((start, &tokens[start..i]));
            start = i + 1;
        }
    }
    parts.push((start, &tokens[start..]));
    parts.into_iter()
}

/// The table that a statement creates, with the position after its name.
#[must_use]
pub fn created_table(statement: &Statement) -> Option<(String, usize)> {
    let create = statement.find(&["TABLE"]).filter(|at| *at <= 3 && statement.begins(&["CREATE"]))?;
    let skip = if statement.find(&["IF", "NOT", "EXISTS"]) == Some(create + 1) { 4 } else { 1 };
    table_name(&statement.tokens, create + skip)
}

/// Adds what a statement says of tables' columns and keys.
pub fn keys_of(statement: &Statement, tables: &mut BTreeMap<String, Keys>) {
    let tokens = &statement.tokens;
    if let Some((table, at)) = created_table(statement) {
        let Some(end) = tokens.get(at).filter(|token| token.is("(")).and_then(|_| closing(tokens, at)) else { return };
        let mut keys = Keys::default();
        for (_, part) in split(&tokens[at + 1..end]) {
            column_or_key(part, &mut keys);
        }
        tables.insert(table, keys);
    } else if statement.begins(&["CREATE", "UNIQUE", "INDEX"]) {
        let on = statement.find(&["ON"]).and_then(|on| table_name(tokens, on + 1));
        if let Some((table, at)) = on {
            let key = columns_in(tokens, at);
            tables.entry(table).or_default().keys.extend(key);
        }
    } else if statement.begins(&["ALTER", "TABLE"]) {
        let Some((table, at)) = table_name(tokens, 2) else { return };
        for words in [&["PRIMARY", "KEY"][..], &["UNIQUE"][..]] {
            if let Some(found) = statement.find(words).filter(|found| *found >= at) {
                let open = tokens[found..].iter().position(|token| token.is("(")).map(|i| found + i);
                let key = open.and_then(|open| columns_in(tokens, open));
                tables.entry(table.clone()).or_default().keys.extend(key);
            }
        }
    }
}

/// One item of CREATE TABLE's list.
fn column_or_key(part: &[Token], keys: &mut Keys) {
    let Some(first) = part.first() else { return };
    let has = |words: &[&str]| part.windows(words.len()).any(|w| w.iter().zip(words).all(|(t, word)| t.is(word)));
    let is_table_key = ["PRIMARY", "UNIQUE", "CONSTRAINT", "KEY", "INDEX", "FOREIGN", "CHECK", "EXCLUDE"]
        .iter()
        .any(|word| first.is(word));
    if is_table_key {
        if has(&["PRIMARY", "KEY"]) || has(&["UNIQUE"]) {
            let open = part.iter().position(|token| token.is("("));
            keys.keys.extend(open.and_then(|open| columns_in(part, open)));
        }
        return;
    }
    let name = first.name();
    if has(&["PRIMARY", "KEY"]) || has(&["UNIQUE"]) {
        keys.keys.push(vec![name.clone()]);
    }
    keys.columns.push(name);
}

/// The column names in brackets at a position; `None` where an expression stands among them.
fn columns_in(tokens: &[Token], open: usize) -> Option<Vec<String>> {
    let end = closing(tokens, open)?;
    let columns = split(&tokens[open + 1..end]).map(|(_, part)| part.first().map(Token::name));
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
        statements(sql).iter().for_each(|statement| keys_of(statement, &mut tables));
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
        let one = |sql: &str| insertion(&statements(sql)[0]);
        let Some(Insertion::Rows(insert)) = one("INSERT INTO app.team (id, code) VALUES (3, 'x'), (-1, now())") else {
            panic!()
        };
        assert_eq!((insert.table.as_str(), insert.columns.len(), insert.rows.len()), ("team", 2, 2));
        assert_eq!(insert.rows[1].1, [Cell::Literal("-1".into()), Cell::Other]);
        for sql in [
            "INSERT IGNORE INTO a VALUES (1)",
            "insert into a values (1) on conflict do nothing",
            "REPLACE INTO a VALUES (1)",
            "INSERT INTO a SELECT 1",
        ] {
            assert_eq!(one(sql), Some(Insertion::Guarded), "{sql}");
        }
        assert_eq!(one("SELECT 1"), None);
    }
}
