//! Parses the chunks of a section on several threads.
//!
//! Under one lock a thread reads the next chunk, counts its records and cuts its share off the output columns, so each
//! record's ordinal is known and the shares are disjoint. The parsing itself runs outside of the lock.

use super::stream::{Chunk, Stream};
use crate::error::{Error, Result};
use std::sync::Mutex;

/// What the threads share.
struct Shared<'s, 'b, C> {
    stream: &'s mut Stream<'b>,
    cut: C,
    records: usize,
    finished: bool,
}

/// Reads the section named `section` of `expected` records with `fields` values each.
///
/// `cut(n)` takes the next `n` records off the output and is called in order; `parse` fills such a share from its chunk.
/// Returns what `parse` returned, in the order of the chunks.
pub(super) fn read<S: Send, R: Send>(
    stream: &mut Stream,
    section: &str,
    fields: usize,
    expected: usize,
    threads: usize,
    cut: impl FnMut(usize) -> S + Send,
    parse: impl Fn(&Chunk, S) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    stream.enter(section)?;
    let shared = Mutex::new(Shared { stream, cut, records: 0, finished: false });
    let work = || -> Result<Vec<(usize, R)>> {
        let mut chunk = Chunk::default();
        let mut done = Vec::new();
        while let Some(share) = next_share(&shared, section, fields, expected, &mut chunk)? {
            let parsed = parse(&chunk, share).inspect_err(|_| stop(&shared))?;
            done.push((chunk.first, parsed));
        }
        Ok(done)
    };
    let outcomes: Vec<Result<Vec<(usize, R)>>> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mine = work();
        std::iter::once(mine)
            .chain(others.into_iter().map(|thread| thread.join().expect("a parser does not panic")))
            .collect()
    });
    let mut parts: Vec<(usize, R)> = outcomes.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    parts.sort_by_key(|(first, _)| *first);
    Ok(parts.into_iter().map(|(_, part)| part).collect())
}

fn next_share<S>(
    shared: &Mutex<Shared<'_, '_, impl FnMut(usize) -> S>>,
    section: &str,
    fields: usize,
    expected: usize,
    chunk: &mut Chunk,
) -> Result<Option<S>> {
    let mut shared = shared.lock().expect("no thread panics with the lock");
    if shared.finished {
        return Ok(None);
    }
    shared.finished = true; // stays so after an error
    let first = shared.records;
    shared.stream.next_chunk(section, fields, first, chunk)?;
    shared.records += chunk.records;
    let found = shared.records;
    if found > expected || (chunk.last && found < expected) {
        let more = if found > expected { "at least " } else { "" };
        return Err(Error::malformed(
            chunk.offset,
            format!(
                "the header promises {expected} {section}, the file holds {more}{found}; it is damaged, take the snapshot again"
            ),
        ));
    }
    shared.finished = chunk.last;
    Ok(Some((shared.cut)(chunk.records)))
}

fn stop<C>(shared: &Mutex<Shared<'_, '_, C>>) {
    shared.lock().expect("no thread panics with the lock").finished = true;
}
