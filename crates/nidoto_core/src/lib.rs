//! What nidoto is about: incidents, evidence, guards, findings, verdicts and proofs.
//!
//! The crate knows no kind of guard and no collector. Kinds implement [`Guard`]; they do no I/O,
//! read no clock and see evidence only through a [`evidence::View`].

pub mod diag;
pub mod evidence;
pub mod finding;
pub mod folder;
pub mod guard;
pub mod prove;
mod run;
pub mod span;
pub mod verdict;
pub mod when;
pub mod words;
pub mod yaml;

pub use diag::{Diag, Pos};
pub use evidence::{Evidence, View};
pub use finding::{Finding, Place};
pub use guard::{Band, Guard, GuardSpec, Hours, Judgement, Kind, Need, Sketch, Watch};
pub use run::{Judged, fault, run, sketch};
pub use span::Span;
pub use verdict::{Blind, Colour, Verdict};
pub use words::{Lang, Words, number};
