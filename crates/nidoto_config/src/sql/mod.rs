//! SQL, as far as rules over migrations need it: tokens and statements, in any dialect.

mod lex;
mod shape;

pub use lex::{Kind, Statement, Statements, Token, statements};
pub use shape::{Cell, Insert, Insertion, Keys, created_table, insertion, keys_of, table_name};
