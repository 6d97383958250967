//! The test half, told by a hand that knew no detector, no peer and no result.
//!
//! Its stories are of shops, clinics, schools and games that a few people run: an app on one or two machines, jobs, a
//! database, disks, what the kernel counts for them. Its visitors, its runtimes and its meters are its own; what is plain
//! arithmetic it takes from the third half.

mod app;
mod calendar;
mod changes;
mod counts;
mod disks;
mod engine;
mod fills;
mod hosts;
mod memory;
mod meter;
mod ordinary;
mod people;
mod restarts;
mod volumes;

use super::Family;

/// Its leaks and its healthy families.
pub fn families() -> [Vec<Family>; 2] {
    [
        [&memory::LEAKS[..], &hosts::LEAKS, &counts::LEAKS, &disks::LEAKS, &restarts::LEAKS].concat(),
        [&ordinary::HEALTHY[..], &fills::HEALTHY, &calendar::HEALTHY, &changes::HEALTHY, &volumes::HEALTHY].concat(),
    ]
}
