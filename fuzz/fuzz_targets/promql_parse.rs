//! Any text is read or refused: no panic, no endless loop. What is refused has its place within the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_promql::{Expr, Options};

fuzz_target!(|text: &str| {
    match Expr::parse(text) {
        Ok(expr) => {
            expr.selectors(&Options::default()).iter().for_each(|s| drop((s.peeks(), s.window_ms(0, 1), s.matchers.to_string())));
        }
        Err(error) => {
            assert!(error.position() <= text.len());
            assert!(error.to_string().contains('^'));
        }
    }
});
