//! Stored bytes, plain, gzip or zstd by the file's name.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// More is refused: evidence is small, and a compression bomb must not fill the memory.
const BYTES_MAX: u64 = 1 << 30;

/// Opens a file and unpacks it on the way.
///
/// # Errors
/// When it cannot be opened.
pub fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    let file = File::open(path)?;
    Ok(match path.extension().and_then(|e| e.to_str()) {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::new(file))),
        Some("zst") => Box::new(zstd::Decoder::new(file)?),
        _ => Box::new(file),
    })
}

/// Reads all of a file, unpacked.
///
/// # Errors
/// When it cannot be read or unpacked, or is larger than 1 GiB.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(io::Error::other("larger than 1 GiB when unpacked"));
    }
    Ok(bytes)
}

/// The name without what compression added: `x.om.zst` is `x.om`.
#[must_use]
pub fn plain_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name).to_owned()
}
