//! The instants at which an expression is evaluated.

use crate::parse::ast::{Anchor, Shift};

/// Evenly spaced instants, in milliseconds. A step of 0 repeats one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grid {
    pub(crate) start_ms: i64,
    pub(crate) step_ms: i64,
    pub(crate) len: usize,
}

impl Grid {
    pub(crate) fn instant(t_ms: i64) -> Self {
        Self { start_ms: t_ms, step_ms: 0, len: 1 }
    }

    pub(crate) fn at(self, i: usize) -> i64 {
        self.start_ms + self.step_ms * i as i64
    }

    pub(crate) fn last_ms(self) -> i64 {
        self.at(self.len.saturating_sub(1))
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = i64> {
        (0..self.len).map(move |i| self.at(i))
    }

    /// The instants that are meant after `@` and `offset`; `query` holds the first and last instant of the query.
    pub(crate) fn shifted(self, shift: Shift, query: (i64, i64)) -> Self {
        let base = match shift.at {
            None => self,
            Some(Anchor::Start) => Self { start_ms: query.0, step_ms: 0, ..self },
            Some(Anchor::End) => Self { start_ms: query.1, step_ms: 0, ..self },
            Some(Anchor::Time(ms)) => Self { start_ms: ms, step_ms: 0, ..self },
        };
        Self { start_ms: base.start_ms - shift.offset_ms, ..base }
    }
}
