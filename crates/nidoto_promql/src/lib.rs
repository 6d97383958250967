//! PromQL over any source of series, without I/O.
