//! The kind `heap`: red on what piles up, green on what does not, blind where it cannot compare.

use crate::builder::Heap;
use nidoto_core::evidence::{Evidence, Tree, TreeFile};
use nidoto_core::folder::Settings;
use nidoto_core::{GuardSpec, Judged, Pos, Verdict, run};
use nidoto_heap::KINDS;
use serde_json::{Value, json};

/// A registry with so many sessions.
fn server(sessions: u32) -> Heap {
    let mut heap = Heap::new();
    let global = heap.global();
    let registry = heap.node("object", "Registry", 40);
    heap.edge(global, "property", "registry", registry);
    for i in 0..sessions {
        let session = heap.node("object", "Session", 2000);
        heap.edge(registry, "element", &i.to_string(), session);
    }
    heap
}

fn guard(keys: Value) -> Result<GuardSpec, String> {
    let kind = KINDS[0];
    let guard = (kind.build)(keys).map_err(|words| words.en)?;
    Ok(GuardSpec {
        name: "sessions".into(),
        incident: None,
        kind,
        guard,
        source: None,
        settings: Settings::default(),
        hours: Default::default(),
        file: "guards.yaml".into(),
        at: Pos::default(),
    })
}

fn judge(keys: Value, snapshots: &[Vec<u8>]) -> Judged {
    let file =
        |(i, bytes): (usize, &Vec<u8>)| TreeFile { path: format!("/heap/{i}.heapsnapshot"), bytes: Ok(bytes.clone()) };
    let mut evidence = Evidence::default();
    evidence.add_tree(Tree {
        root: "/heap".into(),
        from_ms: 0,
        to_ms: 1,
        only: Vec::new(),
        files: snapshots.iter().enumerate().map(file).collect(),
    });
    run(&guard(keys).expect("the keys are sound"), &evidence, 1)
}

fn files(sessions: &[u32]) -> Vec<Vec<u8>> {
    sessions.iter().map(|n| server(*n).text().into_bytes()).collect()
}

fn what(judged: &Judged) -> &str {
    match &judged.verdict {
        Verdict::Red { findings } => &findings[0].what.en,
        Verdict::Blind { why } => &why.why.en,
        Verdict::Green => "green",
    }
}

#[test]
fn what_piles_up_with_the_requests_is_red() {
    let any = json!({"path": "/heap/*.heapsnapshot", "requests": 50});
    let red = judge(any.clone(), &files(&[5, 55]));
    assert_eq!(what(&red), "50 Session (1.00 a request, 2.0 kB each request), 100.0 kB, held by Registry @5");
    assert_eq!((red.value, red.limit), (Some(1.0), Some(0.1)));
    assert_eq!(what(&judge(any, &files(&[5, 7]))), "green");
}

#[test]
fn a_class_has_a_limit_of_its_own() {
    let class = |objects: f64| json!({"path": "/heap/*", "requests": 50, "class": "Session", "objects": objects});
    assert_eq!(what(&judge(class(0.5), &files(&[5, 55]))), "Session grew by 50 objects and 100.0 kB in 50 requests");
    assert_eq!(what(&judge(class(1.5), &files(&[5, 55]))), "green");
    let bytes = json!({"path": "/heap/*", "requests": 50, "class": "Session", "bytes": 100});
    assert!(what(&judge(bytes, &files(&[5, 55]))).starts_with("Session grew"));
    let package = json!({"path": "/heap/*", "requests": 50, "package": "sessions", "objects": 0.5});
    assert_eq!(what(&judge(package, &files(&[5, 55]))), "green", "no class is defined in that package");
}

#[test]
fn what_cannot_be_compared_is_blind() {
    let any = json!({"path": "/heap/*", "requests": 50});
    assert!(what(&judge(any.clone(), &files(&[5]))).starts_with("two snapshots are needed"));
    let mut cut = files(&[5, 55]);
    cut[1].truncate(2000);
    assert!(what(&judge(any.clone(), &cut)).starts_with("/heap/1.heapsnapshot: byte"));
    assert!(what(&judge(any, &files(&[55, 5]))).contains("wrong order"));
}

#[test]
fn keys_that_say_too_little_are_refused() {
    let error = |keys| guard(keys).expect_err("these keys are not sound");
    assert!(error(json!({"path": "a", "requests": 0})).contains("at least 1"));
    assert!(error(json!({"path": "a", "requests": 5, "class": "A"})).contains("how many may stay"));
    assert!(error(json!({"path": "a", "requests": 5, "bytes": 3})).contains("needs `class`"));
}
