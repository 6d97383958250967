//! Where the bytes of a snapshot come from: a file or memory, plain or compressed.

use crate::error::{Error, Result};
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// No compressed snapshot unpacks to more than this multiple of its size (deflate's own limit).
const RATIO_MAX: u64 = 1032;

/// The bytes of one snapshot. It can be read several times, each time from any offset.
#[derive(Debug)]
pub struct Input {
    source: Source,
    packing: Packing,
    stored_len: u64,
}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    Bytes(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Packing {
    None,
    Gzip,
    Zstd,
}

/// A stream of unpacked bytes.
pub(crate) type Bytes<'a> = Box<dyn Read + Send + 'a>;

impl Input {
    /// A snapshot file; `.gz` and `.zst` are recognised by their first bytes, whatever the name.
    pub fn open(path: &Path) -> Result<Input> {
        let mut file = File::open(path)?;
        let stored_len = file.metadata()?.len();
        let mut magic = Vec::with_capacity(4);
        file.by_ref().take(4).read_to_end(&mut magic)?;
        Ok(Input { source: Source::File(path.to_path_buf()), packing: packing(&magic), stored_len })
    }

    /// A snapshot in memory, plain, gzip or zstd.
    pub fn from_bytes(bytes: Vec<u8>) -> Input {
        Input { packing: packing(&bytes), stored_len: bytes.len() as u64, source: Source::Bytes(bytes) }
    }

    /// The unpacked length where it is known without unpacking.
    pub(crate) fn len(&self) -> Option<u64> {
        (self.packing == Packing::None).then_some(self.stored_len)
    }

    /// An upper bound of the unpacked length.
    pub(crate) fn len_max(&self) -> u64 {
        self.len().unwrap_or(self.stored_len.saturating_mul(RATIO_MAX))
    }

    /// Reads some ranges of unpacked bytes, in ascending order. A compressed file is unpacked once.
    pub(crate) fn ranges(&self, ranges: &[(u64, u64)]) -> Result<Vec<Vec<u8>>> {
        let Some(&(start, _)) = ranges.first() else { return Ok(Vec::new()) };
        let mut bytes = self.reader(start)?;
        let mut at = start;
        let mut texts = Vec::with_capacity(ranges.len());
        for &(from, to) in ranges {
            if from != at && self.packing == Packing::None {
                bytes = self.reader(from)?;
            } else {
                std::io::copy(&mut bytes.by_ref().take(from - at), &mut std::io::sink())?;
            }
            let mut text = Vec::new();
            bytes.by_ref().take(to - from).read_to_end(&mut text)?;
            at = to;
            texts.push(text);
        }
        Ok(texts)
    }

    /// Reads the unpacked bytes from `offset` on. In a compressed file everything before is unpacked again.
    pub(crate) fn reader(&self, offset: u64) -> Result<Bytes<'_>> {
        let skip = if self.packing == Packing::None { offset } else { 0 };
        let stored: Bytes<'_> = match &self.source {
            Source::File(path) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(skip))?;
                Box::new(file)
            }
            Source::Bytes(bytes) => {
                let start = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
                Box::new(Cursor::new(&bytes[start..]))
            }
        };
        let mut unpacked: Bytes<'_> = match self.packing {
            Packing::None => return Ok(stored),
            Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(std::io::BufReader::new(stored))),
            Packing::Zstd => Box::new(zstd::Decoder::new(stored)?),
        };
        let skipped = std::io::copy(&mut unpacked.by_ref().take(offset), &mut std::io::sink())?;
        if skipped < offset {
            return Err(Error::truncated(skipped, "the compressed stream"));
        }
        Ok(unpacked)
    }
}

fn packing(magic: &[u8]) -> Packing {
    match magic {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
        _ => Packing::None,
    }
}
