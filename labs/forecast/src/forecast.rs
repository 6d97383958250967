//! The product's own files. They need nothing but each other, and the lab builds without the rest.

#[path = "../../../crates/nidoto_metrics/src/forecast/backtest.rs"]
mod backtest;
#[path = "../../../crates/nidoto_metrics/src/forecast/outlook.rs"]
#[expect(dead_code, reason = "the guard asks for more")]
pub mod outlook;
#[path = "../../../crates/nidoto_metrics/src/forecast/path.rs"]
mod path;
