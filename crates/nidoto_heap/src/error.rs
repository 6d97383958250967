//! Why a snapshot could not be read.

use std::fmt;

/// Why a snapshot could not be read. The text names the place and the mend.
#[derive(Debug)]
pub enum Error {
    /// The file could not be read or unpacked.
    Io(std::io::Error),
    /// The file is no heap snapshot, or a damaged one.
    Malformed {
        /// Byte in the (unpacked) file at which it was noticed.
        offset: u64,
        /// What is wrong and what to do about it.
        what: String,
    },
    /// The snapshot is sound but larger than this library's limits.
    TooLarge(String),
    /// Two snapshots do not belong together.
    Unrelated(String),
}

/// The result of reading a snapshot.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn malformed(offset: u64, what: impl Into<String>) -> Self {
        Error::Malformed { offset, what: what.into() }
    }

    pub(crate) fn truncated(offset: u64, section: &str) -> Self {
        Error::malformed(
            offset,
            format!(
                "the file ends inside {section}: it is truncated; take the snapshot again and wait until it is written (a process killed by its memory limit leaves half a file)"
            ),
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io(e) => write!(f, "failed to read the snapshot: {e}"),
            Error::Malformed { offset, what } => write!(f, "byte {offset}: {what}"),
            Error::TooLarge(what) | Error::Unrelated(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io(e) => Some(e),
            _ => None,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        Error::Io(e)
    }
}
