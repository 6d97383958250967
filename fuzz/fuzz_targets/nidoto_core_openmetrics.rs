//! Any bytes as OpenMetrics; what could be read is written and read again unchanged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nidoto_core::evidence::openmetrics::{read, write};

fuzz_target!(|bytes: &[u8]| {
    let file = read(bytes);
    let again = read(write(&file.series).as_bytes());
    assert_eq!(again.faults, [], "{}", write(&file.series));
    assert_eq!(again.series.len(), file.series.len());
    for (a, b) in again.series.iter().zip(&file.series) {
        assert_eq!(a.labels, b.labels);
        let same = |((t, v), (u, w)): ((i64, f64), (i64, f64))| t == u && (v == w || v.is_nan() && w.is_nan());
        assert!(a.samples.iter().zip(b.samples.iter()).all(same), "{a:?} {b:?}");
    }
});
