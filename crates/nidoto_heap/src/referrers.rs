//! References beside the tree of a depth-first search, by what they lead to.
//!
//! Nine of ten such references lead to a few objects, most of all to the hidden classes of all others. The busiest
//! targets have a bit each, with which their sources are marked; the others have chains of sources. What a target's
//! sources tell about its semidominator is the smallest semidominator among them and all that is above them in the search
//! tree, as far as it has larger numbers than the target. So the marks are handed up the tree while its nodes are
//! finished from the largest number down.

use rustc_hash::FxHashMap;

/// No number.
pub(crate) const NONE: u32 = u32::MAX;
/// How many targets have a bit.
const BITS: u32 = u32::BITS;
/// A target is busy when chains to it hold one link for so many nodes.
const BUSY_SHARE: usize = 512;
/// One link of so many is counted.
const SAMPLED: usize = 64;
/// Heads of chains from here on stand for bits: there are never so many links.
const FIRST_BIT: u32 = NONE - BITS;

/// What the way up the search tree is found by, side by side in memory.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    /// The parent, or a node farther up where the way to it has been shortened.
    pub(crate) ancestor: u32,
    /// Of a finished node the smallest semidominator on the way to the ancestor; before, the marks of busy targets.
    pub(crate) label: u32,
}

/// Sources of references by their target, both as depth-first numbers.
pub(crate) struct Referrers {
    /// By target: the first entry of its chain, or its bit. Of a finished node the semidominator.
    heads: Vec<u32>,
    /// Source, and next entry.
    chains: Vec<(u32, u32)>,
    /// How many of a sample of the references lead to a target: so busy ones are noticed.
    sampled: FxHashMap<u32, usize>,
    /// A target with so many in the sample is busy.
    busy: usize,
    /// By bit: the chain from before the target was busy.
    of_busy: Vec<u32>,
    /// By bit: the smallest semidominator so far of all that have the mark.
    smallest: [u32; BITS as usize],
}

impl Referrers {
    pub(crate) fn new(nodes: usize, edges: usize) -> Referrers {
        Referrers {
            heads: Vec::with_capacity(nodes),
            chains: Vec::with_capacity(edges), // only what is used takes memory
            sampled: FxHashMap::default(),
            busy: nodes / BUSY_SHARE / SAMPLED + 1,
            of_busy: Vec::new(),
            smallest: [NONE; BITS as usize],
        }
    }

    /// Adds the next target: its number is how many there were.
    #[inline(always)]
    pub(crate) fn add_target(&mut self) {
        self.heads.push(NONE);
    }

    #[inline(always)]
    pub(crate) fn add(&mut self, source: u32, target: u32, links: &mut [Link]) {
        let head = &mut self.heads[target as usize];
        if let Some(bit) = bit(*head) {
            if source > target {
                links[source as usize].label |= 1 << bit;
            } else {
                // A smaller number is finished too late, and stands for itself.
                self.smallest[bit as usize] = self.smallest[bit as usize].min(source);
            }
            return;
        }
        self.chains.push((source, *head));
        *head = self.chains.len() as u32 - 1;
        if self.chains.len() % SAMPLED == 1 {
            self.sample(target);
        }
    }

    /// Counts the reference that was added last; its target may turn out to be busy.
    #[cold]
    fn sample(&mut self, target: u32) {
        let count = self.sampled.entry(target).or_default();
        *count += 1;
        if *count == self.busy && self.of_busy.len() < BITS as usize {
            let bit = self.of_busy.len() as u32;
            self.of_busy.push(std::mem::replace(&mut self.heads[target as usize], FIRST_BIT + bit));
        }
    }

    /// The sources in a target's chain.
    #[inline(always)]
    pub(crate) fn chain(&self, target: usize) -> impl Iterator<Item = u32> {
        let head = self.heads[target];
        let mut next = bit(head).map_or(head, |bit| self.of_busy[bit as usize]);
        std::iter::from_fn(move || {
            let (source, behind) = *self.chains.get(next as usize)?;
            next = behind;
            Some(source)
        })
    }

    /// What the sources with a target's mark tell, once all larger numbers are finished.
    #[inline(always)]
    pub(crate) fn smallest(&self, target: usize) -> u32 {
        bit(self.heads[target]).map_or(NONE, |bit| self.smallest[bit as usize])
    }

    /// Finishes a node, whose semidominator is known, and hands its marks up.
    #[inline(always)]
    pub(crate) fn finish(&mut self, node: usize, semi: u32, links: &mut [Link]) {
        self.heads[node] = semi;
        let Link { ancestor: parent, label: mut marks } = links[node];
        links[node].label = semi;
        links[parent as usize].label |= marks;
        while marks != 0 {
            let smallest = &mut self.smallest[marks.trailing_zeros() as usize];
            *smallest = semi.min(*smallest);
            marks &= marks - 1;
        }
    }

    /// By number, when all are finished.
    pub(crate) fn into_semidominators(self) -> Vec<u32> {
        self.heads
    }
}

/// The bit that a head stands for.
#[inline(always)]
fn bit(head: u32) -> Option<u32> {
    (FIRST_BIT..NONE).contains(&head).then(|| head - FIRST_BIT)
}
