//! Any text is statements of tokens, which lie where they say and in order; no shape panics.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use nidoto_config::sql::{insertion, keys_of, statements};

fuzz_target!(|text: &str| {
    let mut tables = BTreeMap::new();
    let mut end = 0;
    for statement in statements(text) {
        for token in &statement.tokens {
            assert!(token.bytes.start >= end && text.get(token.bytes.clone()).is_some());
            end = token.bytes.end;
        }
        keys_of(&statement, &mut tables);
        insertion(&statement);
    }
});
