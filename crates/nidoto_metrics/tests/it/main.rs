//! The metric kinds, seen from outside.

mod leak;
