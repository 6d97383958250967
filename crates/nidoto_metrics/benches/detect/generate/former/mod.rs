//! The former test half, which trains since its results shaped detectors.

mod healthy;
mod leaks;

use super::Family;

/// Its leaks and its healthy families.
pub fn families() -> [Vec<Family>; 2] {
    [leaks::FAMILIES.to_vec(), healthy::FAMILIES.to_vec()]
}
