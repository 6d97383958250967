//! The second test half, told by a hand that knew no detector. It trains since its results shape detectors.

mod counts;
mod healthy;
mod leaks;
mod memory;
mod parts;
mod process;
mod seasons;

use super::Family;

/// Its leaks and its healthy families.
pub fn families() -> [Vec<Family>; 2] {
    [
        [&leaks::FAMILIES[..], &counts::LEAKS].concat(),
        [&healthy::FAMILIES[..], &seasons::HEALTHY, &counts::HEALTHY].concat(),
    ]
}
