//! The metric kinds, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod leak;
