//! Finding objects of one snapshot in another: V8 numbers each object once in the life of a process.

use crate::bits::{Bits, Ranked};
use crate::error::{Error, Result};
use crate::snapshot::{Node, Snapshot};

/// Share of common objects that must be of the same kind for two snapshots to be of one process.
const SAME_KIND_MIN: f64 = 0.9;

/// The nodes of a snapshot by id.
#[derive(Debug)]
pub(crate) struct Ids {
    ids: Ranked,
    /// Nodes in the order of their ids.
    nodes: Vec<Node>,
}

impl Ids {
    pub(crate) fn of(snapshot: &Snapshot) -> Ids {
        let max = snapshot.nodes.ids.iter().copied().max().unwrap_or(0);
        let ids = Ranked::new(Bits::of(max as usize + 1, snapshot.nodes.ids.iter().copied()));
        let mut nodes = vec![0; ids.len()];
        for node in snapshot.nodes() {
            nodes[ids.rank(snapshot.id(node)).expect("every id of the snapshot was inserted")] = node;
        }
        Ids { ids, nodes }
    }

    /// The node with this id.
    pub(crate) fn get(&self, id: u32) -> Option<Node> {
        self.ids.rank(id).map(|rank| self.nodes[rank])
    }

    /// Is there a node with this id?
    pub(crate) fn contains(&self, id: u32) -> bool {
        self.ids.contains(id)
    }
}

/// So many objects of a snapshot are enough to tell whether it is of the same process.
const COMPARED: usize = 1 << 16;

/// Refuses two snapshots that are not of one process, or in the wrong order.
pub(crate) fn check_related(base: &Snapshot, ids: &Ids, after: &Snapshot) -> Result<()> {
    let some = after.nodes().step_by(after.node_count() / COMPARED + 1);
    let common = some.filter_map(|node| Some((node, ids.get(after.id(node))?)));
    let (mut same, mut all) = (0u64, 0u64);
    for (later, earlier) in common {
        all += 1;
        same += u64::from(after.kind(later) == base.kind(earlier));
    }
    if all == 0 || (same as f64) < SAME_KIND_MIN * all as f64 {
        return Err(Error::Unrelated(format!(
            "the snapshots are of different processes, or an inspector was closed in between (V8 then numbers its objects anew): of {all} common object numbers that were compared {same} name the same kind of object; take all of them from one process in one go, as `nidoto heap watch` does"
        )));
    }
    // Numbers of heap objects are odd and only grow.
    let newest = |snapshot: &Snapshot| snapshot.nodes.ids.iter().copied().filter(|id| id % 2 == 1).max();
    if newest(after) < newest(base) {
        return Err(Error::Unrelated(
            "the snapshots are in the wrong order: the first holds the newer objects; swap them".into(),
        ));
    }
    Ok(())
}
