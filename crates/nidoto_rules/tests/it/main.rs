//! Rule files, templates and backtests, held to what Prometheus does.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod files;
mod laws;
mod promtool;
mod semantics;
mod templates;
