//! A column of sizes in bytes: four bytes each, and a map for the few that need more.

use rustc_hash::FxHashMap;

/// Marks a size that stands in the map.
const LARGE: u32 = u32::MAX;

/// One size in bytes per node. Sizes of 4 GiB and more are rare and kept apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sizes {
    small: Vec<u32>,
    large: FxHashMap<u32, u64>,
}

impl Sizes {
    /// From a column in which `LARGE` entries are given again in `large`.
    pub(crate) fn from_parts(small: Vec<u32>, large: FxHashMap<u32, u64>) -> Self {
        Sizes { small, large }
    }

    /// What a column holds for `size`; `None` when it goes to the map.
    pub(crate) fn narrow(size: u64) -> Option<u32> {
        u32::try_from(size).ok().filter(|&s| s != LARGE)
    }

    /// The mark that a column holds for a size of the map.
    pub(crate) const MARK: u32 = LARGE;

    #[inline(always)]
    pub(crate) fn get(&self, node: u32) -> u64 {
        match self.small[node as usize] {
            LARGE => self.large[&node],
            size => u64::from(size),
        }
    }

    #[inline(always)]
    pub(crate) fn is_zero(&self, node: u32) -> bool {
        self.small[node as usize] == 0
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, node: u32, size: u64) {
        if let Some(small) = Self::narrow(size) {
            if std::mem::replace(&mut self.small[node as usize], small) == LARGE {
                self.large.remove(&node);
            }
        } else {
            self.small[node as usize] = LARGE;
            self.large.insert(node, size);
        }
    }

    #[inline(always)]
    pub(crate) fn add(&mut self, node: u32, size: u64) {
        self.set(node, self.get(node).saturating_add(size));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_beyond_four_gibibytes_survive() {
        let mut sizes = Sizes::from_parts(vec![1, 2], FxHashMap::default());
        sizes.add(1, 1 << 40);
        sizes.add(0, u64::from(u32::MAX) - 1);
        assert_eq!((sizes.get(0), sizes.get(1)), (u64::from(u32::MAX), (1 << 40) + 2));
        sizes.set(1, 7);
        assert_eq!(sizes.get(1), 7);
    }
}
