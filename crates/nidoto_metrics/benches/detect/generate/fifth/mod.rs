//! The fifth test half, told by a hand that knew no detector, no peer and no result; it trains since its results shaped
//! a detector.
//!
//! Its stories are of what small teams run: services of five runtimes with their releases, hosts, pools, volumes,
//! caches, queues, sequences. Its crowds, its processes and its exporters are its own; what is plain arithmetic it takes
//! from the third half.

mod calendar;
mod counts;
mod fills;
mod memory;
mod ordinary;
mod process;
mod record;
mod restarted;
mod runtimes;
mod stores;
mod traffic;

use super::Family;

/// Its leaks and its healthy families.
pub fn families() -> [Vec<Family>; 2] {
    [
        [&memory::LEAKS[..], &restarted::LEAKS, &counts::LEAKS, &stores::LEAKS].concat(),
        [&ordinary::HEALTHY[..], &runtimes::HEALTHY, &fills::HEALTHY, &calendar::HEALTHY].concat(),
    ]
}
