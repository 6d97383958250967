//! One line of a garbage collector's log.

use nidoto_core::Words;

use super::{jdk8, jvm, node};

/// What a line of a log says of a garbage collector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GcLine {
    /// The process, 0 where the line does not tell it.
    pub pid: u64,
    /// The heap within the process, 0 where it has only one: V8 has one for each worker.
    pub heap: u64,
    /// Seconds since the process began.
    pub uptime_s: Option<f64>,
    /// The collection's number within the process.
    pub number: Option<u32>,
    /// What happened.
    pub event: Event,
}

/// What happened in a heap. Sizes are in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The whole heap was collected; so much was left.
    Full(f64),
    /// A part of a cycle over the old generation: the least of its parts is what the cycle left.
    Part(f64),
    /// A cycle over the old generation began.
    CycleStart,
    /// Anything else a collector says.
    Other,
    /// The most that the heap may hold.
    Limit(f64),
}

/// Reads a line: of Node.js (`--trace-gc`, 12 to 24; JSON of `perf_hooks`), of a JVM (`-Xlog:gc*`;
/// JDK 8's `-XX:+PrintGCDetails`). `None` if it is no line of a collector.
///
/// # Errors
/// When it is one of a collection, and its sizes cannot be read.
pub fn read(text: &str) -> Option<Result<GcLine, Words>> {
    node::trace(text).or_else(|| jvm::unified(text)).or_else(|| jdk8::read(text)).or_else(|| node::perf_hooks(text))
}

/// A size of so many units (`B`, `K`, `M`, `G`, `T`: powers of 1024), in bytes.
pub fn bytes(number: &str, unit: &str) -> Option<f64> {
    let power = ["B", "K", "M", "G", "T"].iter().position(|u| *u == unit)?;
    let number: f64 = number.parse().ok()?;
    Some(number * 1024_f64.powi(i32::try_from(power).ok()?)).filter(|bytes| bytes.is_finite())
}

/// Why a line of a collection is of no use.
pub fn broken(text: &str) -> Words {
    let start: String = text.chars().take(120).collect();
    Words::new(
        format!("a collection whose sizes cannot be read: {start}"),
        format!("サイズの読めないGCの行です: {start}"),
    )
}
