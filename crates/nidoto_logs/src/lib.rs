//! Kinds over log lines.
