//! The fourth test half, told by a hand that knew no detector, no peer and no result; it trains since its results
//! shaped a detector.
//!
//! Its stories are of what fills up around a web service of a small team: sockets, registries, replication slots,
//! session files, retry queues, pools, handles of rotated logs, tables of the kernel. Its traffic, its processes and
//! its sampling trouble are its own; what is plain arithmetic it takes from the third half.

mod bounded;
mod busy;
mod counts;
mod memory;
mod parts;
mod plain;
mod stores;
mod teeth;
mod told;

use super::Family;

/// Its leaks and its healthy families.
pub fn families() -> [Vec<Family>; 2] {
    [
        [&memory::LEAKS[..], &counts::LEAKS, &stores::LEAKS].concat(),
        [&plain::HEALTHY[..], &bounded::HEALTHY, &teeth::HEALTHY, &busy::HEALTHY].concat(),
    ]
}
