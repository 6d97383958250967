//! Evaluation through the public API.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod differential;
mod errors;
mod language;
mod properties;
mod script;
mod selectors;
