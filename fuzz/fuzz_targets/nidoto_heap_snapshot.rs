//! Any bytes as a heap snapshot: an error or an answer, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_heap::{Analysis, Baseline, Input, Limits, Snapshot, duplicate_strings, redact, slim, verdict};

fuzz_target!(|bytes: &[u8]| {
    let _ = redact(&Input::from_bytes(bytes.to_vec()), &mut std::io::sink());
    let Ok(snapshot) = Snapshot::read(Input::from_bytes(bytes.to_vec())) else { return };
    let analysis = Analysis::new(snapshot);
    analysis.class_rows();
    duplicate_strings(analysis.snapshot(), 5);
    for node in analysis.snapshot().nodes().take(3) {
        let _ = analysis.retainers(node);
        analysis.held(analysis.accumulation_point(node));
    }
    let mut copy = Vec::new();
    slim(&analysis, &mut copy).expect("memory takes all");
    Analysis::new(Snapshot::read(Input::from_bytes(copy)).expect("a slim copy is sound"));
    let base = Snapshot::read(Input::from_bytes(bytes.to_vec())).expect("the same bytes were read before");
    let limits = Limits { objects: 1, bytes: 1, ..Limits::default() };
    let _ = verdict(&Baseline::new(base), None, &analysis, &limits);
});
