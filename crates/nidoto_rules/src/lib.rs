#![doc = include_str!("../README.md")]

mod alert;
mod backtest;
pub mod duration;
mod file;
mod reads;
mod run;
mod template;
mod world;

pub use backtest::{Settings, backtest};
pub use file::{Alert, Group, Rule, RuleFile, RuleKind, Text, read};
pub use run::{AlertRun, Failure, Firing, Outcome, Reset};
pub use template::{Context, Template, TemplateError, Vector};
pub use world::World;
