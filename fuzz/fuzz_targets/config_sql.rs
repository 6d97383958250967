//! Any text is statements of tokens, which lie where they say and in order; no shape panics.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use nidoto_config::sql::{Insertion, insertion, keys_of, statements};

fuzz_target!(|text: &str| {
    let mut tables = BTreeMap::new();
    let mut end = 0;
    let read = statements(text);
    for statement in read.of(text) {
        for token in statement.tokens() {
            assert!(token.start >= end && text.get(token.bytes()) == Some(token.raw));
            end = token.bytes().end;
            token.text();
        }
        keys_of(statement, &mut tables);
        if let Some(Insertion::Rows(insert)) = insertion(statement) {
            insert.rows().for_each(drop);
        }
    }
});
