//! References beside the tree of a depth-first search, by what they lead to.
//!
//! Nine of ten such references lead to a few objects, most of all to the hidden classes of all others. The busiest
//! targets have a bit each, with which their sources are marked; the others have lists of sources. What a target's
//! sources tell about its semidominator is the smallest semidominator among them and all that is above them in the search
//! tree, as far as it has larger numbers than the target. So the marks are handed up the tree while its nodes are
//! finished from the largest number down.

use crate::parse::header::NODES_MAX;
use rustc_hash::FxHashMap;

/// No number.
pub(crate) const NONE: u32 = u32::MAX;
/// How many targets have a bit.
const BITS: u32 = u32::BITS;
/// A target is busy when it has one source for so many nodes.
const BUSY_SHARE: usize = 512;
/// One reference of so many is counted: a prime, as they come in patterns.
const SAMPLED: usize = 61;
/// Heads from here on stand for bits.
const FIRST_BIT: u32 = NONE - BITS;
/// Heads from here on stand for a single source, those below for a block: each block has two sources or follows a full
/// one, so there are at most half as many as edges.
const FIRST_SINGLE: u32 = 1 << 31;
// Each number of a node has its head below the bits.
const _: () = assert!(FIRST_SINGLE as usize + NODES_MAX <= FIRST_BIT as usize);

/// What the way up the search tree is found by, side by side in memory.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    /// The parent, or a node farther up where the way to it has been shortened.
    pub(crate) ancestor: u32,
    /// Of a finished node the smallest semidominator on the way to the ancestor; before, the marks of busy targets.
    pub(crate) label: u32,
}

/// What is known of a node while references are searched, side by side in memory.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// Its depth-first number.
    pub(crate) number: u32,
    /// Where the sources of references to it are found: its only source, the last of its blocks, or its bit.
    pub(crate) head: u32,
}

impl Target {
    pub(crate) const NEW: Target = Target { number: NONE, head: NONE };
}

/// Some of a target's sources. Several in one place are found with a single look at a cold part of memory.
#[derive(Clone, Copy)]
struct Block {
    /// The rest is `NONE`.
    sources: [u32; 3],
    /// The block before.
    next: u32,
}

/// Sources of references by their target, both as depth-first numbers.
pub(crate) struct Referrers {
    blocks: Vec<Block>,
    /// How many references there are.
    count: usize,
    /// How many of a sample of the references lead to a target: so busy ones are noticed.
    sampled: FxHashMap<u32, usize>,
    /// A target with so many in the sample is busy.
    busy: usize,
    /// By bit: the sources from before the target was busy.
    of_busy: Vec<u32>,
    /// By bit: the smallest semidominator so far of all that have the mark.
    smallest: [u32; BITS as usize],
}

impl Referrers {
    pub(crate) fn new(nodes: usize, edges: usize) -> Referrers {
        Referrers {
            blocks: Vec::with_capacity(edges / 2), // only what is used takes memory
            count: 0,
            sampled: FxHashMap::default(),
            busy: nodes / BUSY_SHARE / SAMPLED + 1,
            of_busy: Vec::new(),
            smallest: [NONE; BITS as usize],
        }
    }

    #[inline(always)]
    pub(crate) fn add(&mut self, source: u32, target: &mut Target, links: &mut [Link]) {
        if let Some(bit) = bit(target.head) {
            if source > target.number {
                links[source as usize].label |= 1 << bit;
            } else {
                // A smaller number is finished too late, and stands for itself.
                self.smallest[bit as usize] = self.smallest[bit as usize].min(source);
            }
            return;
        }
        if target.head == NONE {
            target.head = FIRST_SINGLE + source;
        } else if let Some(single) = single(target.head) {
            target.head = self.add_block([single, source, NONE], NONE);
        } else {
            let free = self.blocks[target.head as usize].sources.iter_mut().find(|slot| **slot == NONE);
            match free {
                Some(slot) => *slot = source,
                None => target.head = self.add_block([source, NONE, NONE], target.head),
            }
        }
        self.count += 1;
        if self.count % SAMPLED == 1 {
            self.sample(target);
        }
    }

    fn add_block(&mut self, sources: [u32; 3], next: u32) -> u32 {
        self.blocks.push(Block { sources, next });
        self.blocks.len() as u32 - 1
    }

    /// Counts the reference that was added last; its target may turn out to be busy.
    #[cold]
    fn sample(&mut self, target: &mut Target) {
        let count = self.sampled.entry(target.number).or_default();
        *count += 1;
        if *count == self.busy && self.of_busy.len() < BITS as usize {
            let bit = self.of_busy.len() as u32;
            self.of_busy.push(std::mem::replace(&mut target.head, FIRST_BIT + bit));
        }
    }

    /// The sources that a head leads to, without those that have the mark of a bit. Three at a time, the rest is `NONE`.
    #[inline(always)]
    pub(crate) fn sources(&self, head: u32) -> impl Iterator<Item = [u32; 3]> {
        let head = bit(head).map_or(head, |bit| self.of_busy[bit as usize]);
        let alone = |source| Block { sources: [source, NONE, NONE], next: NONE };
        let block = |index: u32| self.blocks.get(index as usize).copied();
        let first = single(head).map(alone).or_else(|| block(head));
        std::iter::successors(first, move |last| block(last.next)).map(|block| block.sources)
    }

    /// What the sources with the mark of a target with this head tell, once all larger numbers are finished.
    #[inline(always)]
    pub(crate) fn smallest(&self, head: u32) -> u32 {
        bit(head).map_or(NONE, |bit| self.smallest[bit as usize])
    }

    /// Finishes a node, whose semidominator is known, and hands its marks up.
    #[inline(always)]
    pub(crate) fn finish(&mut self, node: usize, semi: u32, links: &mut [Link]) {
        let Link { ancestor: parent, label: mut marks } = links[node];
        links[node].label = semi;
        links[parent as usize].label |= marks;
        while marks != 0 {
            let smallest = &mut self.smallest[marks.trailing_zeros() as usize];
            *smallest = semi.min(*smallest);
            marks &= marks - 1;
        }
    }
}

/// The bit that a head stands for.
#[inline(always)]
fn bit(head: u32) -> Option<u32> {
    (FIRST_BIT..NONE).contains(&head).then(|| head - FIRST_BIT)
}

/// The single source that a head stands for.
#[inline(always)]
fn single(head: u32) -> Option<u32> {
    (FIRST_SINGLE..FIRST_BIT).contains(&head).then(|| head - FIRST_SINGLE)
}
