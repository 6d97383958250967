//! The metric kinds, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod capacity;
mod gc;
mod leak;
mod restarts;
mod step;
mod support;
