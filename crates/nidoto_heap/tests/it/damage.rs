//! Files that are no sound snapshots: a clear error with its place, never a panic.

use crate::builder::Heap;
use nidoto_heap::{Analysis, Baseline, Error, Input, Snapshot, compare};
use proptest::prelude::*;
use std::io::Write;

fn sample() -> String {
    let mut heap = Heap::new();
    let global = heap.global();
    for i in 0..20 {
        let object = heap.node("object", "Thing", 24);
        heap.edge(global, "element", &i.to_string(), object);
        heap.located(object, 5, i, 3);
    }
    heap.text()
}

fn error(text: &str) -> String {
    Snapshot::read(Input::from_bytes(text.as_bytes().to_vec())).expect_err("this is no sound snapshot").to_string()
}

#[test]
fn foreign_files_are_named() {
    assert_eq!(error(""), "byte 0: the file is empty; take the snapshot again and wait until it is written");
    assert!(error("{\"head\":{}}").starts_with("byte 1: this is no V8 heap snapshot"));
    assert!(error("\u{7f}ELF").contains("nidoto heap take"));
    assert!(error("{\"snapshot\":{\"meta\":3}}").contains("the header is not one of a V8 heap snapshot"));
}

#[test]
fn counts_that_do_not_hold_are_told() {
    let text = sample();
    assert!(
        error(&text.replace("\"node_count\":22", "\"node_count\":23"))
            .contains("the header promises 23 nodes, the file holds 22")
    );
    assert!(
        error(&text.replace("\"node_count\":22", "\"node_count\":21"))
            .contains("promises 21 nodes, the file holds at least 22")
    );
    assert!(
        error(&text.replace("\"edge_count\":21", "\"edge_count\":20"))
            .contains("the nodes have 21 edges together, the header promises 20")
    );
    assert!(error(&text.replace("\"node_count\":22", "\"node_count\":400000000")).contains("do not fit into the file"));
    assert!(error(&text.replace("\"edge_count\":21", "\"edge_count\":99999999999")).contains("the limits are"));
}

#[test]
fn broken_numbers_are_placed() {
    let text = sample();
    let nodes = text.find("\"nodes\":[").unwrap() + 9;
    let broken = format!("{}x{}", &text[..nodes], &text[nodes + 1..]);
    assert!(error(&broken).starts_with(&format!("byte {nodes}: node 0 holds no number")), "{}", error(&broken));
    let edges = text.find("\"edges\":[").unwrap() + 9;
    let comma = edges + text[edges..].find("\n,").unwrap();
    assert!(error(&format!("{}1{}", &text[..comma], &text[comma..])).contains("edge 0 leads to no node"));
}

#[test]
fn every_cut_is_noticed() {
    let text = sample();
    for end in 0..text.len() - 2 {
        if text.is_char_boundary(end) {
            let message = error(&text[..end]);
            assert!(
                message.contains("truncated") || message.contains("do not fit") || message.contains("empty"),
                "cut at {end}: {message}"
            );
        }
    }
}

#[test]
fn compressed_snapshots_are_read_directly() {
    let text = sample();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for bytes in [gzip.finish().unwrap(), zstd] {
        let half = bytes[..bytes.len() / 2].to_vec();
        let analysis = Analysis::new(Snapshot::read(Input::from_bytes(bytes)).unwrap());
        assert_eq!((analysis.snapshot().node_count(), analysis.total()), (22, 16 + 20 * 24));
        assert!(analysis.snapshot().place(5).is_some());
        assert!(Snapshot::read(Input::from_bytes(half)).is_err());
    }
}

#[test]
fn snapshots_of_two_processes_are_refused() {
    let mut one = Heap::new();
    let mut other = Heap::new();
    for heap in [&mut one, &mut other] {
        heap.global();
    }
    for i in 0..50 {
        one.node("object", &format!("A{i}"), 10);
        other.node("closure", &format!("B{i}"), 10);
    }
    let refused = compare(&Baseline::new(one.snapshot()), &other.analysis());
    assert!(matches!(&refused, Err(Error::Unrelated(text)) if text.contains("different processes")), "{refused:?}");
    one.node("object", "Newer", 10);
    let swapped = compare(&Baseline::new(one.snapshot()), &{
        let mut earlier = Heap::new();
        earlier.global();
        earlier.analysis()
    });
    assert!(matches!(&swapped, Err(Error::Unrelated(text)) if text.contains("wrong order")), "{swapped:?}");
}

#[test]
fn sizes_beyond_four_gibibytes_are_kept() {
    let mut heap = Heap::new();
    let global = heap.global();
    let buffer = heap.node("native", "system / JSArrayBufferData", 9 << 30);
    heap.edge(global, "property", "buffer", buffer);
    let analysis = heap.analysis();
    assert_eq!((analysis.retained(buffer as u32), analysis.retained(global as u32)), (9 << 30, (9 << 30) + 16));
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = sample().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(snapshot) = Snapshot::read(Input::from_bytes(bytes)) {
            let analysis = Analysis::new(snapshot);
            analysis.class_rows();
            prop_assert!(analysis.retained(analysis.snapshot().root()) <= analysis.total());
        }
    }
}
