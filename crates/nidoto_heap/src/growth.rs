//! Where a heap has grown: which old object holds the new ones, and what they are.
//!
//! An object is new when the earlier snapshot does not hold its number. New bytes are summed over the dominator tree, so
//! each belongs to all that hold it alone. From the root the sums are followed down to the places where they fan out
//! into many parts that are small by themselves: that is where objects accumulate. With a third snapshot only objects
//! count that are in both later ones, which removes what a single request leaves behind for a moment.

use crate::analysis::Analysis;
use crate::bits::Bits;
use crate::diff::Baseline;
use crate::kind::NodeKind;
use crate::snapshot::Node;
use crate::tree::Subtree;
use std::collections::BTreeMap;

/// A part with this share of what its holder has grown by is followed on its own.
const FOLLOWED_SHARE: f64 = 0.5;
/// A place that has less than this share of all growth is not worth a word.
const SITE_SHARE: f64 = 0.02;
/// So many objects of one class, each holding the next, are a list and not a nesting of different things.
const LIST_LINKS: usize = 8;
/// How far a list is looked at.
const LIST_LOOK: usize = 64;

/// A place where new objects accumulate.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// The object that the new ones hang on. It may be new itself, as the grown table of an old map.
    pub point: Node,
    /// The nearest old object above them.
    pub holder: Node,
    /// Shallow bytes of all new objects below the point that are not followed on their own.
    pub bytes: u64,
    /// What hangs on the point, by class, the largest first.
    pub groups: Vec<Group>,
}

/// New objects of one class below a site.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Index of the class.
    pub class: u32,
    /// How many objects: those that hang on the point, or for a list its links.
    pub count: u64,
    /// Shallow bytes of them and of the new objects that only they hold.
    pub bytes: u64,
    /// One of them.
    pub example: Node,
}

/// All that has grown.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// Shallow bytes of all new objects.
    pub bytes: u64,
    /// Where they accumulate, the largest first.
    pub sites: Vec<Site>,
}

/// Finds where `after` has grown since `base`. `between` holds the objects of a snapshot taken in the meantime: those
/// that it lacks are not counted.
pub fn growth(base: &Baseline, between: Option<&Baseline>, after: &Analysis) -> Growth {
    let mut search = Search::new(base, between, after);
    let bytes = search.new_bytes(0, search.analysis.tree.preorder.len());
    search.least = (bytes as f64 * SITE_SHARE) as u64;
    search.visit_all();
    search.sites.sort_by_key(|site| std::cmp::Reverse(site.bytes));
    Growth { bytes, sites: search.sites }
}

struct Search<'a> {
    analysis: &'a Analysis,
    old: Bits,
    new: Bits,
    /// By position in the dominator tree's preorder: new bytes before it.
    before: Vec<u64>,
    least: u64,
    sites: Vec<Site>,
}

impl<'a> Search<'a> {
    fn new(base: &Baseline, between: Option<&Baseline>, analysis: &'a Analysis) -> Self {
        let snapshot = &analysis.snapshot;
        let (mut old, mut new) = (Bits::new(snapshot.node_count()), Bits::new(snapshot.node_count()));
        for node in snapshot.nodes() {
            let id = snapshot.id(node);
            if base.contains(id) || snapshot.kind(node) == NodeKind::Synthetic {
                old.insert(node);
            } else if between.is_none_or(|between| between.contains(id)) {
                new.insert(node);
            }
        }
        let mut sum = 0;
        let mut before: Vec<u64> = Vec::with_capacity(snapshot.node_count() + 1);
        for &Subtree { top: node, .. } in &analysis.tree.preorder {
            before.push(sum);
            sum += if new.contains(node) { snapshot.shallow(node) } else { 0 };
        }
        before.push(sum);
        Search { analysis, old, new, before, least: 0, sites: Vec::new() }
    }

    /// New bytes in a range of positions.
    fn new_bytes(&self, from: usize, to: usize) -> u64 {
        self.before[to] - self.before[from]
    }

    fn node(&self, position: usize) -> Node {
        self.analysis.tree.preorder[position].top
    }

    fn end(&self, position: usize) -> usize {
        position + self.analysis.tree.preorder[position].nodes as usize
    }

    fn growth(&self, position: usize) -> u64 {
        self.new_bytes(position, self.end(position))
    }

    fn children(&self, position: usize) -> impl Iterator<Item = usize> {
        let (end, preorder) = (self.end(position), &self.analysis.tree.preorder);
        let first = Some(position + 1).filter(|&p| p < end);
        std::iter::successors(first, move |&p| Some(p + preorder[p].nodes as usize).filter(|&next| next < end))
    }

    /// Goes down from the root, along every part that has grown enough.
    fn visit_all(&mut self) {
        let mut pending = vec![(0usize, self.analysis.snapshot.root())];
        while let Some((position, above)) = pending.pop() {
            let node = self.node(position);
            let holder = if self.old.contains(node) { node } else { above };
            let followed = self.followed(position);
            self.record(position, holder, &followed);
            pending.extend(followed.into_iter().map(|child| (child, holder)));
        }
    }

    /// The children of a node that are looked at on their own: old ones that have grown, and a new one that has most of
    /// it, unless it is the first link of a list.
    fn followed(&self, position: usize) -> Vec<usize> {
        let most = (self.growth(position) as f64 * FOLLOWED_SHARE) as u64;
        let is_followed = |child: &usize| {
            let growth = self.growth(*child);
            growth >= self.least.max(1)
                && (self.old.contains(self.node(*child)) || (growth > most && !self.is_list(*child)))
        };
        self.children(position).filter(is_followed).collect()
    }

    /// Does this object hold another of its class, and so on?
    fn is_list(&self, position: usize) -> bool {
        let class = self.class(position);
        let heaviest = |p: &usize| self.children(*p).max_by_key(|child| self.growth(*child));
        std::iter::successors(Some(position), heaviest).take(LIST_LOOK).filter(|p| self.class(*p) == class).count()
            >= LIST_LINKS
    }

    fn class(&self, position: usize) -> u32 {
        self.analysis.class_of(self.node(position))
    }

    /// Notes what hangs on a node and is not followed, if it amounts to something.
    fn record(&mut self, position: usize, holder: Node, followed: &[usize]) {
        let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
        let mut bytes = 0;
        for child in self.children(position).filter(|child| !followed.contains(child)) {
            let growth = self.growth(child);
            let node = self.node(child);
            if growth == 0 {
                continue;
            }
            bytes += growth;
            if !self.new.contains(node) {
                continue; // an old object that grew a little
            }
            let class = self.class(child);
            let count = if self.is_list(child) { self.links(child) } else { 1 };
            let group = groups.entry(class).or_insert(Group { class, count: 0, bytes: 0, example: node });
            group.count += count;
            group.bytes += growth;
        }
        if bytes >= self.least.max(1) && !groups.is_empty() {
            let mut groups: Vec<Group> = groups.into_values().collect();
            groups.sort_by_key(|group| std::cmp::Reverse((group.bytes, group.count)));
            self.sites.push(Site { point: self.node(position), holder, bytes, groups });
        }
    }

    /// New objects of the same class in a list.
    fn links(&self, position: usize) -> u64 {
        let class = self.class(position);
        let is_link = |p: &usize| self.class(*p) == class && self.new.contains(self.node(*p));
        (position..self.end(position)).filter(is_link).count() as u64
    }
}
