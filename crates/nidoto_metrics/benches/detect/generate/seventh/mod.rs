//! The seventh test half, told by a hand that knew no detector, no peer and no result; it trains since its results shaped
//! a detector.
//!
//! Its stories are of teams of a few people with little traffic: an app or two with their collectors, a database, a
//! broker, a host that builds images. Its visitors, its processes and its records are its own; what is plain arithmetic
//! it takes from the third half.

mod app;
mod calendar;
mod changes;
mod clerk;
mod counts;
mod fills;
mod hosts;
mod machine;
mod memory;
mod ordinary;
mod restarts;
mod stores;
mod town;
mod volumes;

use super::Family;

/// Its leaks and its healthy families.
pub fn families() -> [Vec<Family>; 2] {
    [
        [&memory::LEAKS[..], &hosts::LEAKS, &restarts::LEAKS, &counts::LEAKS, &stores::LEAKS].concat(),
        [&ordinary::HEALTHY[..], &fills::HEALTHY, &volumes::HEALTHY, &calendar::HEALTHY, &changes::HEALTHY].concat(),
    ]
}
