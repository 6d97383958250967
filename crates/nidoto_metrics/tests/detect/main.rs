//! The benchmark of the detectors, tested: its generator, its peers, its scoring, and a small table of it.

#[path = "../../benches/detect/mod.rs"]
mod detect;
mod generate;
mod line;
mod peers;
mod score;
mod table;
mod test_half;
