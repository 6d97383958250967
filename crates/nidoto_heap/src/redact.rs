//! A snapshot that can be shown to others: what strings hold is replaced, everything else stays.

use crate::error::{Error, Result};
use crate::input::Input;
use crate::parse::string_uses;
use crate::snapshot::threads;
use crate::strings::{decode, end_of_string};
use std::io::{BufReader, Read, Write};

/// Copies a snapshot and replaces the contents of strings by as many `x`.
///
/// Names of classes, functions, properties and variables stay, and so does every number: an analysis of the copy gives
/// the same result. Keys of objects that are used as dictionaries are names of properties and stay too. A string that is
/// content here and a name there stays. The copy is not compressed.
pub fn redact(input: &Input, out: &mut dyn Write) -> Result<()> {
    let uses = string_uses(input, threads())?;
    let mut bytes = BufReader::with_capacity(1 << 20, input.reader(0)?);
    std::io::copy(&mut bytes.by_ref().take(uses.strings_at), out)?;
    let mut text = Vec::new();
    bytes.read_to_end(&mut text)?;
    let mut at = 0;
    let mut index = 0;
    while let Some(quote) = text[at..].iter().position(|c| matches!(c, b'"' | b']')).map(|p| at + p) {
        out.write_all(&text[at..quote])?;
        if text[quote] == b']' {
            out.write_all(&text[quote..])?;
            return Ok(out.flush()?);
        }
        let end = end_of_string(&text, quote + 1)
            .ok_or_else(|| Error::truncated(uses.strings_at + text.len() as u64, "strings"))?;
        if uses.names.contains(index) {
            out.write_all(&text[quote..=end])?;
        } else {
            let units = decode(&text[quote + 1..end]).encode_utf16().count();
            write!(out, "\"{}\"", "x".repeat(units))?;
        }
        index += 1;
        at = end + 1;
    }
    Err(Error::truncated(uses.strings_at + text.len() as u64, "strings"))
}
