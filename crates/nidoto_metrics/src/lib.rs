//! Kinds over series.
