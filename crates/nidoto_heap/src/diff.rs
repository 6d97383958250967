//! Two snapshots compared: Chrome DevTools' Comparison table (`calculateSnapshotDiff`).

use crate::analysis::Analysis;
use crate::classes::{Class, Classes, classify};
use crate::error::Result;
use crate::ids::{Ids, check_related};
use crate::interfaces::{Interface, infer};
use crate::snapshot::{Node, Snapshot};
use rustc_hash::FxHashMap;
use serde::Serialize;

/// An earlier snapshot, reduced to what a comparison needs: what its objects are, not how they refer to each other.
#[derive(Debug)]
pub struct Baseline {
    pub(crate) snapshot: Snapshot,
    pub(crate) ids: Ids,
}

/// How one class changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiffRow {
    /// The class.
    pub class: Class,
    /// Objects that were not there before.
    pub added: u64,
    /// Objects that are gone.
    pub removed: u64,
    /// Shallow bytes of the former.
    pub added_bytes: u64,
    /// Shallow bytes of the latter.
    pub removed_bytes: u64,
}

impl DiffRow {
    /// By how many objects the class grew.
    pub fn delta(&self) -> i64 {
        self.added as i64 - self.removed as i64
    }

    /// By how many shallow bytes the class grew.
    pub fn delta_bytes(&self) -> i64 {
        self.added_bytes as i64 - self.removed_bytes as i64
    }
}

impl Baseline {
    /// Forgets the references of a snapshot.
    pub fn new(mut snapshot: Snapshot) -> Baseline {
        snapshot.edges.list = Vec::new();
        snapshot.nodes.first_edge = Vec::new();
        let ids = Ids::of(&snapshot);
        Baseline { snapshot, ids }
    }

    /// Sum of all shallow sizes in bytes.
    pub fn total(&self) -> u64 {
        self.snapshot.nodes().map(|node| self.snapshot.shallow(node)).sum()
    }

    /// Was there an object with this number?
    pub fn contains(&self, id: u32) -> bool {
        self.ids.contains(id)
    }
}

/// Compares an analysed snapshot with an earlier one of the same process. The class that grew most comes first.
pub fn compare(base: &Baseline, after: &Analysis) -> Result<Vec<DiffRow>> {
    rows(base, &after.snapshot, &after.classes, &after.interfaces, |_| true)
}

/// Compares without an analysis of the later snapshot, at half the cost.
pub fn compare_snapshots(base: &Baseline, after: &Snapshot) -> Result<Vec<DiffRow>> {
    let interfaces = infer(after);
    rows(base, after, &classify(after, &interfaces), &interfaces, |_| true)
}

/// The rows, of all objects of `after` that are old or fulfil `counts`.
pub(crate) fn rows(
    base: &Baseline,
    after: &Snapshot,
    classes: &Classes,
    interfaces: &[Interface],
    counts: impl Fn(Node) -> bool,
) -> Result<Vec<DiffRow>> {
    check_related(&base.snapshot, &base.ids, after)?;
    // Plain objects are named as in the later snapshot, or an object would change its class by what others do.
    let base_classes = classify(&base.snapshot, interfaces);
    let mut table = Table::new(classes, &base_classes);
    for node in base.snapshot.nodes().filter(|node| !base.snapshot.nodes.sizes.is_zero(*node)) {
        table.removed(base_classes.of[node as usize], base.snapshot.shallow(node));
    }
    for node in after.nodes().filter(|node| !after.nodes.sizes.is_zero(*node)) {
        let class = classes.of[node as usize];
        let earlier = base.ids.get(after.id(node)).filter(|e| !base.snapshot.nodes.sizes.is_zero(*e));
        let unchanged = earlier.filter(|e| table.of_base[base_classes.of[*e as usize] as usize] == class);
        match unchanged {
            Some(earlier) => table.kept(class, base.snapshot.shallow(earlier)),
            None if earlier.is_some() || counts(node) => table.added(class, after.shallow(node)),
            None => {}
        }
    }
    Ok(table.finish())
}

struct Table {
    rows: Vec<DiffRow>,
    /// From a class of the base to its row.
    of_base: Vec<u32>,
}

impl Table {
    fn new(after: &Classes, base: &Classes) -> Table {
        let blank =
            |class: &Class| DiffRow { class: class.clone(), added: 0, removed: 0, added_bytes: 0, removed_bytes: 0 };
        let mut rows: Vec<DiffRow> = after.list.iter().map(blank).collect();
        let known: FxHashMap<&Class, u32> = after.list.iter().zip(0..).collect();
        let of_base = base.list.iter().map(|class| {
            known.get(class).copied().unwrap_or_else(|| {
                rows.push(blank(class));
                rows.len() as u32 - 1
            })
        });
        let of_base = of_base.collect();
        Table { rows, of_base }
    }

    fn removed(&mut self, base_class: u32, size: u64) {
        let row = &mut self.rows[self.of_base[base_class as usize] as usize];
        row.removed += 1;
        row.removed_bytes += size;
    }

    /// An object that was counted as removed is still there.
    fn kept(&mut self, class: u32, size: u64) {
        let row = &mut self.rows[class as usize];
        row.removed -= 1;
        row.removed_bytes -= size;
    }

    fn added(&mut self, class: u32, size: u64) {
        let row = &mut self.rows[class as usize];
        row.added += 1;
        row.added_bytes += size;
    }

    fn finish(self) -> Vec<DiffRow> {
        let mut rows = self.rows;
        rows.retain(|row| row.added + row.removed > 0);
        rows.sort_by_key(|row| std::cmp::Reverse((row.delta_bytes(), row.delta())));
        rows
    }
}
