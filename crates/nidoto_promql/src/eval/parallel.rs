//! Series are independent of each other: they are computed on all cores where that pays.

use std::num::NonZero;
use std::thread;

/// Below this many values a thread costs more than it saves.
const WORTH_A_THREAD: usize = 100_000;

/// Maps each item, in order. `cost` is roughly how many values are touched in all.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], cost: usize, f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(items.len()).min(cost / WORTH_A_THREAD + 1);
    if threads <= 1 {
        return items.iter().map(f).collect();
    }
    let f = &f;
    thread::scope(|scope| {
        let chunks = items.chunks(items.len().div_ceil(threads));
        let workers: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(f).collect::<Vec<R>>())).collect();
        let results = workers.into_iter().map(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        results.flatten().collect()
    })
}
