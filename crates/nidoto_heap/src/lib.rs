//! V8 heap snapshots: parsed, compared and explained.
