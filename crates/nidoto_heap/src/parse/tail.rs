//! The end of a snapshot: locations and strings, which stand last but are needed first.

use super::header::Header;
use super::locations;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::place::Locations;
use crate::strings::{KnownNames, Strings};
use memchr::memmem;
use std::io::Read;

const STRINGS: &[u8] = b"\"strings\":[";
const LOCATIONS: &[u8] = b"\"locations\":[";
/// How much is searched at a time.
const WINDOW: u64 = 1 << 18;

/// The string table, and the places at which located objects were made.
pub(super) struct Tail {
    pub(super) strings: Strings,
    pub(super) names: KnownNames,
    pub(super) locations: Locations,
    /// Where in the file the strings begin, behind the opening bracket.
    pub(super) strings_at: u64,
}

/// Reads the tail. `body` is where the header ends.
pub(super) fn read(input: &Input, header: &Header, body: u64) -> Result<Tail> {
    let sections = match input.len() {
        Some(len) => from_the_end(input, header, body, len)?,
        None => from_the_front(input, body)?,
    };
    let locations = locations::parse(sections.locations, sections.locations_at, header)?;
    let strings_at = sections.strings_at;
    let (strings, names) = Strings::index(sections.strings, strings_at)?;
    Ok(Tail { strings, names, locations, strings_at })
}

/// The texts of both sections behind their opening brackets, and where in the file they begin.
struct Sections {
    locations: Vec<u8>,
    locations_at: u64,
    strings: Vec<u8>,
    strings_at: u64,
}

/// A quote inside of a string is escaped, so a section's opening can occur nowhere else: it is safe to search backwards.
fn from_the_end(input: &Input, header: &Header, body: u64, len: u64) -> Result<Sections> {
    let opening =
        find_backwards(input, body, len, STRINGS)?.ok_or_else(|| Error::truncated(len, "a section before strings"))?;
    let strings_at = opening + STRINGS.len() as u64;
    let strings = read_range(input, strings_at, len)?;
    let mut sections = Sections { locations: Vec::new(), locations_at: body, strings, strings_at };
    if !header.location_fields.is_empty()
        && let Some(at) = find_backwards(input, body, opening, LOCATIONS)?
    {
        sections.locations_at = at + LOCATIONS.len() as u64;
        sections.locations = read_range(input, sections.locations_at, opening)?;
    }
    Ok(sections)
}

fn find_backwards(input: &Input, from: u64, to: u64, needle: &[u8]) -> Result<Option<u64>> {
    let mut end = to;
    while end > from {
        let start = end.saturating_sub(WINDOW).max(from);
        // The windows overlap, so that an opening across two of them is found.
        let window = read_range(input, start, (end + needle.len() as u64).min(to))?;
        if let Some(at) = memmem::find_iter(&window, needle).last() {
            return Ok(Some(start + at as u64));
        }
        end = start;
    }
    Ok(None)
}

fn read_range(input: &Input, from: u64, to: u64) -> Result<Vec<u8>> {
    let len = to.saturating_sub(from);
    let mut bytes = Vec::with_capacity(
        usize::try_from(len).map_err(|_| Error::TooLarge("a section does not fit into memory".into()))?,
    );
    input.reader(from)?.take(len).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Unpacks the file once and keeps what follows the first of the two openings.
fn from_the_front(input: &Input, body: u64) -> Result<Sections> {
    let mut bytes = input.reader(body)?;
    let mut window = Vec::new();
    let mut offset = body;
    let openings = [memmem::Finder::new(LOCATIONS), memmem::Finder::new(STRINGS)];
    loop {
        let read = bytes.by_ref().take(WINDOW).read_to_end(&mut window)?;
        if let Some(at) = openings.iter().filter_map(|opening| opening.find(&window)).min() {
            window.drain(..at);
            offset += at as u64;
            break;
        }
        if read == 0 {
            return Err(Error::truncated(offset + window.len() as u64, "a section before strings"));
        }
        let done = window.len().saturating_sub(LOCATIONS.len());
        window.drain(..done);
        offset += done as u64;
    }
    bytes.read_to_end(&mut window)?;
    let opening = memmem::find(&window, STRINGS)
        .ok_or_else(|| Error::truncated(offset + window.len() as u64, "a section before strings"))?;
    let strings = window.split_off(opening + STRINGS.len());
    let strings_at = offset + window.len() as u64;
    window.truncate(opening);
    window.drain(..LOCATIONS.len().min(opening));
    Ok(Sections { locations: window, locations_at: offset + LOCATIONS.len() as u64, strings, strings_at })
}
