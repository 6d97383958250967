//! What nidoto says of a guard at an instant.

use serde::Serialize;

use crate::finding::Finding;
use crate::words::Words;

/// Green, red or blind. Only [`crate::run`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "verdict")]
pub enum Verdict {
    /// It looked, and all is well.
    Green,
    /// It saw what must not be.
    Red {
        /// What it saw; never empty.
        findings: Vec<Finding>,
    },
    /// It could not look. Never green.
    Blind {
        /// Why not.
        why: Blind,
    },
}

impl Verdict {
    /// The verdict in a word.
    #[must_use]
    pub fn colour(&self) -> Colour {
        match self {
            Self::Green => Colour::Green,
            Self::Red { .. } => Colour::Red,
            Self::Blind { .. } => Colour::Blind,
        }
    }
}

/// A verdict without its reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// All is well.
    Green,
    /// It could not look.
    Blind,
    /// It saw what must not be.
    Red,
}

/// Why a guard could not look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blind {
    /// True where nothing at all stands for what the guard needs, so that the evidence is simply
    /// about something else; false where something stands there and cannot be read.
    pub absent: bool,
    /// The reason, with the file or server named.
    pub why: Words,
}

impl Blind {
    /// The evidence holds nothing that the guard needs.
    #[must_use]
    pub fn absent(why: Words) -> Self {
        Self { absent: true, why }
    }

    /// What the guard needs is there and cannot be used.
    #[must_use]
    pub fn broken(why: Words) -> Self {
        Self { absent: false, why }
    }
}
