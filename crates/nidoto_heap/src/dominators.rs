//! Who holds an object alone: the dominator tree.
//!
//! An object's immediate dominator is the nearest object through which every path from the root leads; if it went, the
//! object would go. Method: Semi-NCA (L. Georgiadis, "Linear-time algorithms for dominators and related problems",
//! Princeton, 2005, section 2.3), on depth-first numbers.

use crate::bits::Bits;
use crate::referrers::{Link, Referrers};
use crate::search::Search;
use crate::snapshot::{Node, Snapshot};

/// The dominator tree in depth-first numbers: a dominator's number is smaller than those it dominates.
pub(crate) struct Dominators {
    /// The node with this number; the root is first.
    pub(crate) order: Vec<Node>,
    /// The number of the immediate dominator; the root's is its own.
    pub(crate) idom: Vec<u32>,
    /// The nodes that belong to the page or program.
    pub(crate) page_owned: Bits,
    /// An array of this length that has been used up: to fill it again is cheaper than to ask the system for a new one.
    pub(crate) spare: Vec<u32>,
}

/// Finds the immediate dominator of every node.
pub(crate) fn dominators(snapshot: &Snapshot) -> Dominators {
    let Search { number, order, links, referrers, page_owned, .. } = Search::run(snapshot);
    let (idom, spare) = semi_nca(links, referrers, number);
    Dominators { order, idom, page_owned, spare }
}

/// Immediate dominators from the search, in the array `idom`, and an array that has been used up.
fn semi_nca(mut links: Vec<Link>, mut referrers: Referrers, mut idom: Vec<u32>) -> (Vec<u32>, Vec<u32>) {
    idom.clear();
    idom.extend(links.iter().map(|link| link.ancestor));
    let mut path = Vec::new();
    for w in (1..links.len()).rev() {
        let mut semi = idom[w].min(referrers.smallest(w));
        for v in referrers.chain(w) {
            let found = if v < w as u32 { v } else { evaluate(v as usize, w as u32, &mut links, &mut path) };
            semi = semi.min(found);
        }
        referrers.finish(w, semi, &mut links);
    }
    drop(links);
    let semis = referrers.into_semidominators();
    for w in 1..idom.len() {
        let mut candidate = idom[w];
        while candidate > semis[w] {
            candidate = idom[candidate as usize];
        }
        idom[w] = candidate;
    }
    (idom, semis)
}

/// The smallest semidominator on the way from `v` up to the nodes not yet visited (those up to `w`); shortens the way.
#[inline(always)]
fn evaluate(v: usize, w: u32, links: &mut [Link], path: &mut Vec<u32>) -> u32 {
    let mut top = links[v];
    if top.ancestor <= w {
        return top.label;
    }
    path.push(v as u32);
    loop {
        let x = top.ancestor;
        top = links[x as usize];
        if top.ancestor <= w {
            break;
        }
        path.push(x);
    }
    while let Some(y) = path.pop() {
        let link = &mut links[y as usize];
        top.label = top.label.min(link.label);
        *link = top;
    }
    top.label
}
