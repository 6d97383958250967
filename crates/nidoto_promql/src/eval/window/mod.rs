//! Functions of windows that slide over samples.
