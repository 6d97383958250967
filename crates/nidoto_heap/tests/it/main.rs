//! Laws of heap snapshots, on generated graphs whose truth is known and on real ones.

mod builder;
mod damage;
mod growth;
mod guard;
mod numbers;
mod parity;
mod redaction;
mod retainers;
mod slim;
