//! Strings that the heap holds more than once.

use crate::kind::NodeKind;
use crate::snapshot::Snapshot;
use rustc_hash::FxHashMap;

/// V8 cuts strings in snapshots at this length; longer ones that begin alike look the same.
const CUT: usize = 1024;

/// One content that several strings have.
#[derive(Debug, Clone, PartialEq)]
pub struct Duplicate {
    /// The content, as far as the snapshot tells.
    pub text: String,
    /// How many strings have it.
    pub count: u64,
    /// Bytes that one copy would save.
    pub wasted: u64,
    /// The strings are longer than snapshots tell: they may differ.
    pub is_cut: bool,
}

/// The contents that waste most, at most `limit` of them. Strings without a size of their own do not count.
pub fn duplicate_strings(snapshot: &Snapshot, limit: usize) -> Vec<Duplicate> {
    let mut found: FxHashMap<u32, (u64, u64, u64)> = FxHashMap::default();
    for node in snapshot.nodes().filter(|node| snapshot.kind(*node) == NodeKind::String) {
        let size = snapshot.shallow(node);
        if size > 0 {
            let (count, sum, largest) = found.entry(snapshot.name_index(node)).or_default();
            (*count, *sum, *largest) = (*count + 1, *sum + size, size.max(*largest));
        }
    }
    let mut all: Vec<(u32, u64, u64)> = found
        .into_iter()
        .filter(|(_, (count, ..))| *count > 1)
        .map(|(name, (count, sum, largest))| (name, count, sum - largest))
        .collect();
    all.sort_by_key(|(name, _, wasted)| (std::cmp::Reverse(*wasted), *name));
    all.truncate(limit);
    let duplicate = |(name, count, wasted)| {
        let text = snapshot.strings.get(name);
        Duplicate { is_cut: text.encode_utf16().count() >= CUT, text, count, wasted }
    };
    all.into_iter().map(duplicate).collect()
}
