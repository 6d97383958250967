//! Who holds an object alone: the dominator tree.
//!
//! An object's immediate dominator is the nearest object through which every path from the root leads; if it went, the
//! object would go. Method: Semi-NCA (L. Georgiadis, "Linear-time algorithms for dominators and related problems",
//! Princeton, 2005, section 2.3), on depth-first numbers.

use crate::bits::Bits;
use crate::referrers::{Link, NONE, Referrers, Target};
use crate::search::Search;
use crate::snapshot::{Node, Snapshot};

/// The dominator tree in depth-first numbers: a dominator's number is smaller than those it dominates.
pub(crate) struct Dominators {
    /// The node with this number; the root is first.
    pub(crate) order: Vec<Node>,
    /// By number: the number of the immediate dominator; the root's is its own. Labels are used up.
    pub(crate) links: Vec<Link>,
    /// The nodes that belong to the page or program.
    pub(crate) page_owned: Bits,
    /// Of the same length and used up: to fill it again is cheaper than to ask the system for new memory.
    pub(crate) spare: Vec<Target>,
}

/// Finds the immediate dominator of every node.
pub(crate) fn dominators(snapshot: &Snapshot) -> Dominators {
    let Search { mut targets, order, mut links, referrers, page_owned, .. } = Search::run(snapshot);
    semidominators(&order, &mut targets, &mut links, referrers);
    for w in 1..order.len() {
        let Target { number: mut candidate, head: semi } = targets[order[w] as usize];
        while candidate > semi {
            candidate = links[candidate as usize].ancestor;
        }
        links[w].ancestor = candidate;
    }
    Dominators { order, links, page_owned, spare: targets }
}

/// Puts parent and semidominator of each node but the root in the place of its number and its referrers.
fn semidominators(order: &[Node], targets: &mut [Target], links: &mut [Link], mut referrers: Referrers) {
    for w in (1..order.len()).rev() {
        let target = &mut targets[order[w] as usize];
        let parent = links[w].ancestor;
        let mut semi = parent.min(referrers.smallest(target.head));
        for sources in referrers.sources(target.head) {
            for v in sources {
                let found = if v < w as u32 || v == NONE { v } else { evaluate(v as usize, w as u32, links) };
                semi = semi.min(found);
            }
        }
        referrers.finish(w, semi, links);
        *target = Target { number: parent, head: semi };
    }
}

/// The smallest semidominator on the way from `v` up to the nodes not yet visited (those up to `w`); shortens the way.
#[inline(always)]
fn evaluate(v: usize, w: u32, links: &mut [Link]) -> u32 {
    let mut top = links[v];
    if top.ancestor <= w {
        return top.label;
    }
    // On the way up each ancestor is replaced by where we came from: so the way back needs no list.
    let (mut at, mut from) = (v as u32, NONE);
    while top.ancestor > w {
        links[at as usize].ancestor = from;
        from = at;
        at = top.ancestor;
        top = links[at as usize];
    }
    while from != NONE {
        let link = &mut links[from as usize];
        from = link.ancestor;
        top.label = top.label.min(link.label);
        *link = top;
    }
    top.label
}
