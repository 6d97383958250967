//! The body of a snapshot, cut into chunks of whole records that can be parsed side by side.

use crate::error::{Error, Result};
use crate::input::Bytes;
use memchr::{memchr, memchr_iter, memrchr};
use std::io::Read;

/// Bytes read at a time: small enough for the processor's cache, large enough that threads seldom meet.
const CHUNK: usize = 1 << 18;
/// Bytes behind the text of a chunk that may be read (they are zero), so that eight digits are always read at once.
pub(super) const PADDING: usize = 8;

/// The unpacked file, read once from front to back.
pub(super) struct Stream<'a> {
    bytes: Bytes<'a>,
    /// Read but not yet handed out.
    pending: Vec<u8>,
    /// Where in the file `pending` begins.
    offset: u64,
}

/// Whole records of a section, `text[..len]`, followed by padding.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) text: Vec<u8>,
    pub(super) len: usize,
    /// Where in the file the text begins.
    pub(super) offset: u64,
    /// The number of the first record.
    pub(super) first: usize,
    /// How many records there are.
    pub(super) records: usize,
    /// The section ends here.
    pub(super) last: bool,
}

impl<'a> Stream<'a> {
    pub(super) fn new(bytes: Bytes<'a>, offset: u64) -> Self {
        Stream { bytes, pending: Vec::new(), offset }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// At least `len` bytes where the file has them.
    pub(super) fn peek(&mut self, len: usize) -> Result<&[u8]> {
        let missing = len.saturating_sub(self.pending.len());
        self.bytes.by_ref().take(missing as u64).read_to_end(&mut self.pending)?;
        Ok(&self.pending)
    }

    pub(super) fn consume(&mut self, len: usize) {
        self.pending.drain(..len);
        self.offset += len as u64;
    }

    /// Steps over `"key":[`, and the separators before it.
    pub(super) fn enter(&mut self, key: &str) -> Result<()> {
        let opening = format!("\"{key}\":[");
        let offset = self.offset;
        let ahead = self.peek(opening.len() + 64)?;
        let blank = ahead.iter().take_while(|c| matches!(c, b',' | b'\n' | b'\r' | b' ' | b'\t')).count();
        if ahead[blank..].starts_with(opening.as_bytes()) {
            self.consume(blank + opening.len());
            return Ok(());
        }
        let at = offset + blank as u64;
        if opening.as_bytes().starts_with(&ahead[blank..]) {
            return Err(Error::truncated(at, &format!("the header before {key}")));
        }
        Err(Error::malformed(
            at,
            format!("expected `{opening}`, as V8 writes it; re-export the snapshot without reformatting it"),
        ))
    }

    /// Fills `chunk` with the next whole records of the section that was entered; `first` numbers them.
    pub(super) fn next_chunk(&mut self, section: &str, fields: usize, first: usize, chunk: &mut Chunk) -> Result<()> {
        chunk.text.clear();
        std::mem::swap(&mut chunk.text, &mut self.pending);
        let text = &mut chunk.text;
        text.reserve_exact(CHUNK + PADDING);
        let read = self.bytes.by_ref().take(CHUNK as u64).read_to_end(text)?;
        let bracket = memchr(b']', text);
        let (len, values, rest) = match bracket {
            Some(end) => (end, values_in(&text[..end]), end + 1),
            None if read == 0 => return Err(Error::truncated(self.offset + text.len() as u64, section)),
            None => {
                let (len, values) = whole_records(text, fields);
                (len, values, len)
            }
        };
        if bracket.is_some() && values % fields != 0 {
            return Err(Error::malformed(
                self.offset + len as u64,
                format!("{section} end in the middle of a record; the file is damaged, take the snapshot again"),
            ));
        }
        self.pending.extend_from_slice(&text[rest..]);
        text.truncate(len);
        text.extend_from_slice(&[0; PADDING]);
        (chunk.len, chunk.offset, chunk.first) = (len, self.offset, first);
        (chunk.records, chunk.last) = (values / fields, bracket.is_some());
        self.offset += rest as u64;
        Ok(())
    }
}

/// How many values a complete section part holds: one more than its commas, unless it is blank.
fn values_in(text: &[u8]) -> usize {
    if text.iter().all(u8::is_ascii_whitespace) {
        return 0;
    }
    count_commas(text) + usize::from(text.iter().rev().find(|c| !c.is_ascii_whitespace()) != Some(&b','))
}

/// Length and number of values of the whole records at the front of `text`; each value ends in a comma.
fn whole_records(text: &[u8], fields: usize) -> (usize, usize) {
    let commas = count_commas(text);
    let surplus = commas % fields;
    let mut end = text.len();
    for _ in 0..=surplus {
        match memrchr(b',', &text[..end]) {
            Some(comma) => end = comma,
            None => return (0, 0),
        }
    }
    (end + 1, commas - surplus)
}

fn count_commas(text: &[u8]) -> usize {
    memchr_iter(b',', text).count() // counts by vectors, without stopping at each
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_ends_with_a_record() {
        assert_eq!(whole_records(b"1,2,3\n,4,5,", 3), (7, 3));
        assert_eq!(whole_records(b"1,2,3,4,5,6,", 3), (12, 6));
        assert_eq!(whole_records(b"1,2", 3), (0, 0));
    }

    #[test]
    fn sections_are_entered_and_left() {
        let mut stream = Stream::new(Box::new(&b",\n\"a\":[1,2\n,3,4\n],\n\"b\":[]}"[..]), 10);
        let mut chunk = Chunk::default();
        stream.enter("a").unwrap();
        stream.next_chunk("a", 2, 0, &mut chunk).unwrap();
        assert_eq!(
            (&chunk.text[..chunk.len], chunk.records, chunk.last, chunk.offset),
            (&b"1,2\n,3,4\n"[..], 2, true, 17)
        );
        stream.enter("b").unwrap();
        stream.next_chunk("b", 2, 0, &mut chunk).unwrap();
        assert_eq!((chunk.records, chunk.last), (0, true));
        assert!(stream.enter("c").unwrap_err().to_string().contains("expected `\"c\":[`"));
    }
}
