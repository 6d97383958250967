//! Rules over images.

pub(crate) mod img001_denied_base;
