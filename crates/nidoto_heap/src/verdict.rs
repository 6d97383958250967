//! One sentence about two or three snapshots: what leaks, from which package, and who holds it.

use crate::analysis::Analysis;
use crate::diff::Baseline;
use crate::error::Result;
use crate::growth::{Group, Growth, Site, growth};
use crate::kind::NodeKind;
use crate::package::Origin;
use crate::paths::{Paths, Step};
use crate::place::Place;
use crate::snapshot::Node;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::fmt;

/// When growth is a leak and not noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Requests (or turns of whatever work) between the snapshots, where known.
    pub requests: Option<u64>,
    /// Fewer objects of one class at one place are noise.
    pub objects: u64,
    /// Fewer bytes at one place are noise.
    pub bytes: u64,
    /// Fewer objects per request are noise.
    pub objects_per_request: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { requests: None, objects: 20, bytes: 32 << 10, objects_per_request: 0.1 }
    }
}

/// One place at which objects accumulate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Culprit {
    /// Class of the objects that accumulate.
    pub class: String,
    /// How many new ones.
    pub objects: u64,
    /// Bytes of them and of what only they hold.
    pub bytes: u64,
    /// The former for each request, where their number is known.
    pub objects_per_request: Option<f64>,
    /// The latter for each request.
    pub bytes_per_request: Option<f64>,
    /// Where the class or function stands; else the nearest thing of the program that holds it.
    pub origin: Option<Origin>,
    /// Is the origin that of a holder, because the objects themselves are plain objects, arrays or strings?
    pub origin_is_holder: bool,
    /// The old object that holds the growth.
    pub holder: String,
    /// Its number.
    pub holder_id: u32,
    /// The shortest way from a root to the place where they accumulate.
    pub path: Vec<Step>,
    /// Number of the object at the end of that way.
    pub point_id: u32,
}

/// What the snapshots show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Bytes of all new objects.
    pub grown_bytes: u64,
    /// Requests between the snapshots, where known.
    pub requests: Option<u64>,
    /// What accumulates, the largest first; empty where nothing leaks.
    pub culprits: Vec<Culprit>,
}

impl Verdict {
    /// Does anything leak?
    pub fn is_leak(&self) -> bool {
        !self.culprits.is_empty()
    }
}

/// Judges how `after` has grown since `base`; `between` is a snapshot taken in the meantime.
pub fn verdict(base: &Baseline, between: Option<&Baseline>, after: &Analysis, limits: &Limits) -> Result<Verdict> {
    crate::ids::check_related(&base.snapshot, &base.ids, &after.snapshot)?;
    if let Some(between) = between {
        crate::ids::check_related(&base.snapshot, &base.ids, &between.snapshot)?;
        crate::ids::check_related(&between.snapshot, &between.ids, &after.snapshot)?;
    }
    let Growth { bytes: grown_bytes, sites } = growth(base, between, after);
    let leak = |site: Site| {
        let group = site.groups.iter().find(|group| limits.is_leak(after, group))?.clone();
        Some((site, group))
    };
    let leaks: Vec<(Site, Group)> = sites.into_iter().filter_map(leak).collect();
    let points: Vec<Node> = leaks.iter().map(|(site, _)| site.point).collect();
    let paths = Paths::new(after, &points);
    let culprits =
        leaks.iter().map(|(site, group)| culprit(after, &paths, site, group, limits)).collect::<Result<_>>()?;
    Ok(Verdict { grown_bytes, requests: limits.requests, culprits })
}

impl Limits {
    fn is_leak(&self, analysis: &Analysis, group: &Group) -> bool {
        let per_request = self.requests.is_none_or(|n| group.count as f64 >= n as f64 * self.objects_per_request);
        // Code and its metadata grow while a program warms up and then stop.
        let is_of_program = !matches!(
            analysis.snapshot.kind(group.example),
            NodeKind::Code | NodeKind::Hidden | NodeKind::ObjectShape | NodeKind::Synthetic
        );
        is_of_program && per_request && group.count >= self.objects && group.bytes >= self.bytes
    }
}

fn culprit(analysis: &Analysis, paths: &Paths, site: &Site, group: &Group, limits: &Limits) -> Result<Culprit> {
    let path = paths.to(site.point)?;
    let own = origin_of_group(analysis, site, group);
    let origin_is_holder = own.is_none();
    let per = |amount: u64| limits.requests.filter(|n| *n > 0).map(|n| amount as f64 / n as f64);
    Ok(Culprit {
        class: analysis.class(group.class).name.clone(),
        objects: group.count,
        bytes: group.bytes,
        objects_per_request: per(group.count),
        bytes_per_request: per(group.bytes),
        origin: own.or_else(|| origin_of_holders(analysis, &path, site.point)),
        origin_is_holder,
        holder: analysis.label(site.holder),
        holder_id: analysis.snapshot.id(site.holder),
        point_id: analysis.snapshot.id(site.point),
        path,
    })
}

/// Where the class stands; for functions where most of them stand.
fn origin_of_group(analysis: &Analysis, site: &Site, group: &Group) -> Option<Origin> {
    let snapshot = &analysis.snapshot;
    let place = analysis.class(group.class).place.or_else(|| {
        let mut places: FxHashMap<Place, u64> = FxHashMap::default();
        let children = analysis.tree.children(site.point);
        let of_class = children.into_iter().filter(|child| analysis.class_of(*child) == group.class);
        of_class.filter_map(|child| snapshot.place(child)).for_each(|place| *places.entry(place).or_default() += 1);
        places
            .into_iter()
            .max_by_key(|(place, count)| (*count, std::cmp::Reverse((place.script, place.line, place.column))))
            .map(|(place, _)| place)
    })?;
    snapshot.origin(place)
}

/// The nearest thing with a place among those that hold the point: first alone, then on the shortest way.
fn origin_of_holders(analysis: &Analysis, path: &[Step], point: Node) -> Option<Origin> {
    let snapshot = &analysis.snapshot;
    let root = snapshot.root();
    let dominators = std::iter::successors(Some(point), |node| {
        Some(analysis.dominator(*node)).filter(|d| *d != *node && *d != root)
    });
    let on_path = path.iter().rev().map(|step| step.node);
    let origin = |node: Node| {
        snapshot.place(node).and_then(|place| snapshot.origin(place)).filter(|o| o.package.as_deref() != Some("node"))
    };
    dominators.chain(on_path).find_map(origin)
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(package) = self.origin.as_ref().and_then(|origin| origin.package.as_ref()) {
            write!(f, "{package}: ")?;
        }
        write!(f, "{} {}", self.objects, self.class)?;
        if let (Some(objects), Some(bytes)) = (self.objects_per_request, self.bytes_per_request) {
            write!(f, " ({objects:.2} a request, {} each request)", bytes_text(bytes as u64))?;
        }
        write!(f, ", {}, held by {} @{}", bytes_text(self.bytes), self.holder, self.holder_id)?;
        if let Some(origin) = &self.origin {
            write!(f, " ({} {origin})", if self.origin_is_holder { "near" } else { "made by" })?;
        }
        Ok(())
    }
}

/// Bytes for people: three digits and a decimal unit.
pub fn bytes_text(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.2} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}
