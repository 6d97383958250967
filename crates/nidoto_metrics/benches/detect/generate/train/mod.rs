//! The training half: whoever tunes a detector looks at it.

mod harder;
mod healthy;
mod leaks;

use super::Family;

/// Its leaks and its healthy families.
pub fn families() -> [Vec<Family>; 2] {
    [[&leaks::FAMILIES[..], &harder::LEAKS].concat(), [&healthy::FAMILIES[..], &harder::HEALTHY].concat()]
}
