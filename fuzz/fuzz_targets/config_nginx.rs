//! Any text is read or refused: words lie where they say, parents stand before their children.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_config::nginx::{parse, split_dump};

fuzz_target!(|text: &str| {
    split_dump(text);
    match parse(text) {
        Ok(directives) => {
            for (i, directive) in directives.iter().enumerate() {
                assert!(directive.parent.is_none_or(|parent| parent < i));
                assert!(directive.words.iter().all(|word| text.get(word.bytes.clone()).is_some()));
                assert!(directive.block.as_ref().is_none_or(|block| text.get(block.clone()).is_some()));
            }
        }
        Err((at, _)) => assert!(text.is_char_boundary(at)),
    }
});
