//! Who keeps an object alive, and what else people look for in one snapshot.

use crate::builder::Heap;
use nidoto_heap::{Paths, duplicate_strings};

#[test]
fn lookalikes_are_told_once_and_the_shortest_way_first() {
    let mut heap = Heap::new();
    let global = heap.global();
    let target = heap.node("object", "Target", 10);
    let list = heap.node("object", "Array", 16);
    heap.edge(global, "property", "list", list);
    for i in 0..100 {
        let holder = heap.node("object", "Holder", 10);
        heap.edge(list, "element", &i.to_string(), holder);
        heap.edge(holder, "property", "target", target);
    }
    let observer = heap.node("object", "Observer", 10);
    heap.edge(global, "property", "observer", observer);
    heap.edge(observer, "weak", "target", target);
    let context = heap.node("object", "system / Context", 10);
    heap.edge(global, "property", "context", context);
    heap.edge(context, "context", "kept", target);
    let analysis = heap.analysis();
    let retainers: Vec<(String, String, u64, i32)> = analysis
        .retainers(target as u32)
        .unwrap()
        .into_iter()
        .map(|r| (r.class, r.over, r.count, r.distance))
        .collect();
    assert_eq!(
        retainers,
        [("system / Context".into(), "(variable kept)".into(), 1, 2), ("Holder".into(), ".target".into(), 100, 3)]
    );
    let way: Vec<String> = Paths::new(&analysis, &[target as u32])
        .to(target as u32)
        .unwrap()
        .iter()
        .map(|s| format!("{}{}", s.class, s.over))
        .collect();
    assert_eq!(way, ["global.context", "system / Context(variable kept)", "Target"]);
}

#[test]
fn the_accumulation_point_lies_below_wrappers() {
    let mut heap = Heap::new();
    let global = heap.global();
    let cache = heap.node("object", "Cache", 10);
    let map = heap.node("object", "Map", 10);
    heap.edge(global, "property", "cache", cache);
    heap.edge(cache, "property", "map", map);
    for i in 0..50 {
        let entry = heap.node("object", "Entry", 100);
        heap.edge(map, "element", &i.to_string(), entry);
    }
    let analysis = heap.analysis();
    assert_eq!(analysis.accumulation_point(global as u32), map as u32);
    let (class, count, bytes) = analysis.held(map as u32)[0];
    assert_eq!((analysis.class(class).name.as_str(), count, bytes), ("Entry", 50, 5000));
    assert_eq!(analysis.top_consumers(1), [map as u32]);
    assert_eq!(analysis.dominated(cache as u32), [map as u32]);
}

#[test]
fn duplicate_strings_are_summed_by_content() {
    let mut heap = Heap::new();
    let global = heap.global();
    for (i, text) in ["twice", "once", "twice"].iter().enumerate() {
        let string = heap.node("string", text, 32);
        heap.edge(global, "element", &i.to_string(), string);
    }
    let found = duplicate_strings(&heap.snapshot(), 10);
    assert_eq!(found.iter().map(|d| (d.text.as_str(), d.count, d.wasted)).collect::<Vec<_>>(), [("twice", 2, 32)]);
}
