//! Rules over what migrations do.

pub(crate) mod mig001_literal_key;
pub(crate) mod mig002_destructive;
pub(crate) mod mig003_long_lock;
