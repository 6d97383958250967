//! How good the detectors are, beside peers: `scripts/bench-detect` runs it and says how to read it.

#[path = "mod.rs"]
mod detect;

fn main() -> Result<(), detect::AnyError> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` starts benches too, without this: then there is nothing to measure.
    if !args.iter().any(|arg| arg == "--bench") {
        return Ok(());
    }
    detect::run(args.into_iter().filter(|arg| arg != "--bench"), &mut std::io::stdout().lock())
}
