//! The third test half, told by a hand that knew no detector, no peer and no result. It trains since its results shape
//! detectors.
//!
//! Its stories are of teams of one to fifty people: tasks of ECS, VPS under systemd, dynos, spot instances, managed
//! databases, brokers, volumes; runtimes from Node.js to Go. Its parts are its own.

mod calendar;
mod counts;
mod healthy;
mod leaks;
pub mod memory;
pub mod parts;
mod restarted;
pub mod telling;
mod volumes;

use super::Family;

/// Its leaks and its healthy families.
pub fn families() -> [Vec<Family>; 2] {
    [
        [&leaks::LEAKS[..], &restarted::LEAKS, &counts::LEAKS, &volumes::LEAKS].concat(),
        [&healthy::HEALTHY[..], &calendar::HEALTHY, &restarted::HEALTHY, &counts::HEALTHY, &volumes::HEALTHY].concat(),
    ]
}
