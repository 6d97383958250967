//! A slim copy lacks V8's own objects and tells the same of the program's.

use crate::builder::Heap;
use nidoto_heap::{Analysis, Baseline, Input, Limits, NodeKind, Snapshot, slim, verdict};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn copy(analysis: &Analysis) -> Analysis {
    let mut out = Vec::new();
    slim(analysis, &mut out).expect("memory takes all");
    Analysis::new(Snapshot::read(Input::from_bytes(out)).expect("a copy is sound"))
}

/// By id: the retained size of what the program made, with its holder's id where the program made that too.
fn holders(analysis: &Analysis) -> BTreeMap<u32, (u64, Option<u32>)> {
    let snapshot = analysis.snapshot();
    let is_of_program = |node: &u32| snapshot.kind(*node) == NodeKind::Object;
    let row = |node: u32| {
        let up = std::iter::successors(Some(node), |n| Some(analysis.dominator(*n)).filter(|d| d != n));
        let holder = up.skip(1).find(is_of_program);
        (snapshot.id(node), (analysis.retained(node), holder.map(|holder| snapshot.id(holder))))
    };
    snapshot.nodes().filter(is_of_program).map(row).collect()
}

const KINDS: [&str; 6] = ["object", "code", "hidden", "array", "string", "object"];

proptest! {
    /// On any graph that hangs together, whatever stands between the program's objects.
    #[test]
    fn who_holds_what_stays(
        kinds in prop::collection::vec(0usize..KINDS.len(), 2..24),
        roots in prop::collection::vec((0usize..24, any::<bool>()), 1..4),
        parents in prop::collection::vec(0usize..24, 24),
        pairs in prop::collection::vec((0usize..24, 0usize..24, 0usize..10), 0..70),
    ) {
        let mut heap = Heap::new();
        let nodes: Vec<usize> = kinds.iter().enumerate().map(|(i, kind)| heap.node(KINDS[*kind], &format!("C{}", i % 5), 1 << i)).collect();
        for (node, is_page) in roots {
            heap.edge(0, if is_page { "shortcut" } else { "internal" }, "x", nodes[node % nodes.len()]);
        }
        // Every node hangs on one before it.
        heap.edge(0, "shortcut", "x", nodes[0]);
        for (i, parent) in (1..nodes.len()).zip(parents) {
            heap.edge(nodes[parent % i], "internal", "v", nodes[i]);
        }
        for (i, (from, to, kind)) in pairs.into_iter().enumerate() {
            let (kind, name) = if kind == 0 { ("weak", "w".to_owned()) } else { ("element", i.to_string()) };
            heap.edge(nodes[from % nodes.len()], kind, &name, nodes[to % nodes.len()]);
        }
        let whole = heap.analysis();
        let copy = copy(&whole);
        prop_assert_eq!(holders(&copy), holders(&whole));
        prop_assert_eq!(copy.total(), whole.total());
    }
}

/// A registry of sessions behind V8's own objects.
fn server(sessions: u32) -> Heap {
    let mut heap = Heap::new();
    let global = heap.global();
    let [code, shape, registry] = [("code", "run", 900), ("hidden", "system / Map", 80), ("object", "Registry", 40)]
        .map(|(kind, name, size)| heap.node(kind, name, size));
    heap.edge(global, "internal", "shared", code);
    heap.edge(code, "internal", "1", registry);
    for i in 0..20 {
        let constant = heap.node("string", &format!("constant {i}"), 20);
        heap.edge(code, "internal", "2", constant);
    }
    for i in 0..sessions {
        let session = heap.node("object", "Session", 2000);
        heap.edge(registry, "element", &i.to_string(), session);
        heap.edge(session, "internal", "map", shape);
        let text = heap.node("string", &format!("\"user\" {i}\n"), 30);
        heap.edge(session, "property", "user", text);
        heap.located(session, 7, 3, 4);
    }
    heap
}

#[test]
fn a_copy_is_smaller_and_its_verdict_is_the_same() {
    let (before, after) = (server(5).analysis(), server(55).analysis());
    let judge = |before: Analysis, after: &Analysis| {
        let base = {
            let mut out = Vec::new();
            slim(&before, &mut out).expect("memory takes all");
            Baseline::new(Snapshot::read(Input::from_bytes(out)).expect("a copy is sound"))
        };
        verdict(&base, None, after, &Limits::default()).expect("both are of one process")
    };
    let slimmed = copy(&after);
    assert!(slimmed.snapshot().node_count() < after.snapshot().node_count());
    assert_eq!(slimmed.snapshot().nodes().filter(|n| slimmed.snapshot().kind(*n) == NodeKind::Code).count(), 0);
    let text = slimmed.snapshot().nodes().find(|n| slimmed.snapshot().kind(*n).is_string()).expect("strings stay");
    assert_eq!(slimmed.snapshot().name(text), "\"user\" 0\n");
    let told = judge(before, &slimmed).culprits[0].to_string();
    assert_eq!(told, "50 Session, 101.5 kB, held by Registry @9");
}
