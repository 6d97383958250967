//! One piece of work, to be timed from outside by `scripts/bench-heap`.
//!
//! usage: measure scan FILE | load FILE | diff BASE AFTER | verdict BASE AFTER

use nidoto_heap::{Analysis, Baseline, Input, Limits, Snapshot, compare, compare_snapshots, verdict};
use std::io::Read;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `cargo bench` adds a flag of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let read = |path: &str| Input::open(Path::new(path)).and_then(Snapshot::read);
    match words[..] {
        ["scan", file] => println!("{} commas", scan(file)?),
        ["load", file] => {
            let analysis = Analysis::new(read(file)?);
            println!("{} objects, {} classes", analysis.snapshot().node_count(), analysis.class_rows().len());
        }
        ["diff", base, after] => {
            let base = Baseline::new(read(base)?);
            println!("{} classes changed", compare_snapshots(&base, &read(after)?)?.len());
        }
        // What `nidoto heap diff` does: verdict and table.
        ["verdict", base, after] => {
            let base = Baseline::new(read(base)?);
            let after = Analysis::without_distances(read(after)?);
            let judged = verdict(&base, None, &after, &Limits::default())?;
            judged.culprits.iter().for_each(|culprit| println!("{culprit}"));
            println!("{} classes changed", compare(&base, &after)?.len());
        }
        _ => println!("run scripts/bench-heap"),
    }
    Ok(())
}

/// The physical limit of any parser: every byte is read and looked at once.
fn scan(path: &str) -> std::io::Result<usize> {
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    let mut commas = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(commas);
        }
        commas += memchr::memchr_iter(b',', &buffer[..read]).count();
    }
}
