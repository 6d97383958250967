//! The metric kinds, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod capacity;
mod forecast;
mod gc;
mod hostile;
mod leak;
mod restarts;
mod seasonal;
mod step;
mod support;
mod world;
