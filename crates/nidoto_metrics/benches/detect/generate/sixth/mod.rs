//! The sixth test half, told by a hand that knew no detector, no peer and no result; it trains since its results shaped
//! a detector.
//!
//! Its stories are of what small teams run and watch: services of five engines and their deploys, a server with cron,
//! databases and their connections, brokers, dumps, caches, temporary files. Its visitors, its processes and its
//! records are its own; what is plain arithmetic it takes from the third half.

mod calendar;
mod counts;
mod crowd;
mod engine;
mod fills;
mod memory;
mod ordinary;
mod restarts;
mod scribe;
mod stores;

use super::Family;

/// Its leaks and its healthy families.
pub fn families() -> [Vec<Family>; 2] {
    [
        [&memory::LEAKS[..], &restarts::LEAKS, &counts::LEAKS, &stores::LEAKS].concat(),
        [&ordinary::HEALTHY[..], &fills::HEALTHY, &calendar::HEALTHY].concat(),
    ]
}
