//! Comparison, and the verdict on graphs that leak in known ways.

use crate::builder::Heap;
use nidoto_heap::{Baseline, DiffRow, Limits, Verdict, compare, compare_snapshots, verdict};

/// A registry that each request adds a session with a buffer to.
struct Server {
    heap: Heap,
    registry: usize,
    requests: u32,
}

impl Server {
    fn new() -> Server {
        let mut heap = Heap::new();
        let global = heap.global();
        let registry = heap.node("object", "Registry", 40);
        heap.edge(global, "property", "registry", registry);
        let script = heap.node("code", "/app/node_modules/sessions/lib/session.js", 8);
        let shared = heap.node("code", "(shared function info)", 8);
        let closure = heap.node("closure", "Session", 32);
        heap.edge(global, "property", "Session", closure);
        heap.edge(closure, "internal", "shared", shared);
        heap.edge(shared, "internal", "script", script);
        heap.located(closure, 77, 9, 4);
        Server { heap, registry, requests: 0 }
    }

    fn serve(&mut self, requests: u32) {
        for _ in 0..requests {
            self.requests += 1;
            let session = self.heap.node("object", "Session", 100);
            let buffer = self.heap.node("object", "Buffer", 900);
            self.heap.located(session, 77, 9, 4);
            self.heap.edge(self.registry, "element", &self.requests.to_string(), session);
            self.heap.edge(session, "property", "buffer", buffer);
        }
    }
}

fn judge(base: &Heap, after: &Heap, requests: u64) -> Verdict {
    let limits = Limits { requests: Some(requests), ..Limits::default() };
    verdict(&Baseline::new(base.snapshot()), None, &after.analysis(), &limits).expect("both are of one process")
}

#[test]
fn the_verdict_names_package_class_line_and_holder() {
    let mut server = Server::new();
    server.serve(10);
    let base = server.heap.clone();
    server.serve(50);
    let verdict = judge(&base, &server.heap, 50);
    assert_eq!(verdict.culprits.len(), 1);
    let culprit = &verdict.culprits[0];
    assert_eq!((culprit.class.as_str(), culprit.objects, culprit.bytes), ("Session", 50, 50_000));
    assert_eq!((culprit.objects_per_request, culprit.holder.as_str()), (Some(1.0), "Registry"));
    assert_eq!(
        culprit.to_string(),
        "sessions: 50 Session (1.00 a request, 1.0 kB each request), 50.0 kB, held by Registry @5 (made by node_modules/sessions/lib/session.js:10:5)"
    );
    let way: Vec<String> = culprit.path.iter().map(|step| format!("{}{}", step.class, step.over)).collect();
    assert_eq!(way, ["global.registry", "Registry"]);
}

#[test]
fn growth_without_work_or_with_little_of_it_is_calm() {
    let mut server = Server::new();
    server.serve(10);
    let base = server.heap.clone();
    server.serve(5);
    assert!(!judge(&base, &server.heap, 5).is_leak(), "five objects are noise");
    server.serve(55);
    assert!(judge(&base, &server.heap, 60).is_leak());
    assert!(!judge(&base, &server.heap, 5000).is_leak(), "one object in a hundred requests is no leak by request");
    assert!(!judge(&base, &base, 5).is_leak());
}

#[test]
fn a_third_snapshot_removes_what_passes() {
    let mut first = Server::new();
    first.serve(10);
    let base = first.heap.clone();
    let mut second = Heap::clone(&base);
    let passing = second.node("object", "Passing", 8);
    second.edge(1, "property", "passing", passing);
    for i in 0..100 {
        let object = second.node("object", "InFlight", 1000);
        second.edge(passing, "element", &i.to_string(), object);
    }
    let mut third = base.clone();
    let own = third.node_with_id("object", "Passing", 8, 9001);
    third.edge(1, "property", "passing", own);
    for i in 0..100 {
        let object = third.node_with_id("object", "InFlight", 1000, 9003 + 2 * i);
        third.edge(own, "element", &i.to_string(), object);
    }
    let base = Baseline::new(base.snapshot());
    let limits = Limits::default();
    assert!(verdict(&base, None, &third.analysis(), &limits).unwrap().is_leak());
    let between = Baseline::new(second.snapshot());
    assert!(!verdict(&base, Some(&between), &third.analysis(), &limits).unwrap().is_leak(), "other objects each time");
}

#[test]
fn a_linked_list_is_one_leak_with_many_links() {
    let mut heap = Heap::new();
    let global = heap.global();
    let list = heap.node("object", "Queue", 16);
    heap.edge(global, "property", "queue", list);
    let base = heap.clone();
    let mut last = list;
    for _ in 0..300 {
        let link = heap.node("object", "Task", 200);
        heap.edge(last, "property", "next", link);
        last = link;
    }
    let verdict = judge(&base, &heap, 300);
    let culprit = &verdict.culprits[0];
    assert_eq!(
        (culprit.class.as_str(), culprit.objects, culprit.bytes, culprit.holder.as_str()),
        ("Task", 300, 60_000, "Queue")
    );
}

#[test]
fn a_new_table_of_an_old_map_is_looked_through() {
    let mut heap = Heap::new();
    let global = heap.global();
    let map = heap.node("object", "Map", 32);
    heap.edge(global, "property", "cache", map);
    let base = heap.clone();
    let table = heap.node("array", "(internal array)", 4096);
    heap.edge(map, "internal", "table", table);
    for i in 0..100 {
        let entry = heap.node("object", "Entry", 500);
        heap.edge(table, "internal", &i.to_string(), entry);
    }
    let culprit = judge(&base, &heap, 100).culprits.remove(0);
    assert_eq!((culprit.class.as_str(), culprit.objects, culprit.holder.as_str()), ("Entry", 100, "Map"));
}

#[test]
fn the_comparison_counts_by_number_within_each_class() {
    let mut base = Heap::new();
    let global = base.global();
    let [kept, gone] = ["Kept", "Gone"].map(|name| base.node("object", name, 10));
    let mut after = base.clone();
    base.edge(global, "property", "kept", kept);
    base.edge(global, "property", "gone", gone);
    let mut after = {
        after.edge(global, "property", "kept", kept);
        after
    };
    for i in 0..3 {
        let new = after.node("object", "New", 20);
        after.edge(global, "element", &i.to_string(), new);
    }
    // The number of an object that is gone is never used again: here it stays in the graph with another class.
    let mut reclassified = Heap::new();
    let global = reclassified.global();
    let kept = reclassified.node("object", "Kept", 10);
    let other = reclassified.node("object", "Other", 30);
    reclassified.edge(global, "property", "kept", kept);
    reclassified.edge(global, "property", "other", other);
    let find = |rows: &[DiffRow], name: &str| {
        rows.iter().find(|row| row.class.name == name).map(|r| (r.added, r.removed, r.added_bytes, r.removed_bytes))
    };
    let rows = compare_snapshots(&Baseline::new(base.snapshot()), &after.snapshot()).unwrap();
    assert_eq!((find(&rows, "New"), find(&rows, "Kept"), find(&rows, "Gone")), (Some((3, 0, 60, 0)), None, None));
    let rows = compare(&Baseline::new(base.snapshot()), &reclassified.analysis()).unwrap();
    assert_eq!((find(&rows, "Other"), find(&rows, "Gone")), (Some((1, 0, 30, 0)), Some((0, 1, 0, 10))));
}
