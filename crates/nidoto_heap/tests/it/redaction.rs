//! A redacted copy tells nothing of what strings hold and gives the same numbers.

use crate::builder::Heap;
use nidoto_heap::{Analysis, Input, Snapshot, redact};

#[test]
fn contents_go_and_names_and_numbers_stay() {
    let mut heap = Heap::new();
    let global = heap.global();
    for (i, text) in ["secret \"é\" token", "Session", "p@ss"].iter().enumerate() {
        let string = heap.node("string", text, 32);
        heap.edge(global, "element", &i.to_string(), string);
    }
    let session = heap.node("object", "Session", 50);
    heap.edge(global, "property", "session", session);
    let mut out = Vec::new();
    redact(&Input::from_bytes(heap.text().into_bytes()), &mut out).unwrap();
    let text = String::from_utf8(out.clone()).unwrap();
    assert!(!text.contains("secret") && !text.contains("p@ss"));
    assert!(text.contains("\"xxxxxxxxxxxxxxxx\""), "as long as before");
    let (before, after) = (heap.analysis(), Analysis::new(Snapshot::read(Input::from_bytes(out)).unwrap()));
    assert_eq!(before.class_rows(), after.class_rows());
    assert_eq!(after.snapshot().name(session as u32), "Session");
    assert_eq!(after.snapshot().name(3), "Session", "content here and a class's name there: it stays");
}
