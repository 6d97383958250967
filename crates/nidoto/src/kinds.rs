//! The only place that knows all kinds of guards.

use nidoto_core::Kind;

/// Every kind, in the order in which help and documentation show them.
#[must_use]
pub fn all() -> Vec<&'static Kind> {
    [nidoto_metrics::KINDS, nidoto_logs::KINDS, nidoto_config::KINDS, nidoto_heap::KINDS].concat()
}
