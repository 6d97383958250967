//! The test half.

use super::Family;

/// Its leaks and its healthy families.
pub fn families() -> [Vec<Family>; 2] {
    [vec![], vec![]]
}
