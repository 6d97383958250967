//! Log files of the world, rotated and compressed ones too.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use nidoto_core::Words;
use nidoto_core::evidence::tree::{fixed_part, matcher, normal};
use nidoto_core::evidence::{Log, SpanMs, bytes, stamp_ms};
use nidoto_core::folder::LogSource;
use walkdir::WalkDir;

/// Read at once from the end of a large file.
const CHUNK_BYTES: u64 = 4 << 20;
/// More than this of one log is refused.
const LOG_BYTES_MAX: u64 = 1 << 30;

/// The files of a log source, oldest first.
#[derive(Debug)]
pub struct LogFiles(Vec<PathBuf>);

impl LogFiles {
    /// Finds them. A path without wildcards also stands for its rotated forms: `x.log.1`,
    /// `x.log.2.gz`, `x.log-20210206`.
    ///
    /// # Errors
    /// When none is there or a folder cannot be read.
    pub fn find(root: &Path, pattern: &str) -> Result<Self, Words> {
        let is_plain = normal(pattern) == fixed_part(pattern);
        let patterns = if is_plain {
            vec![pattern.to_owned(), format!("{pattern}.*"), format!("{pattern}-*")]
        } else {
            vec![pattern.to_owned()]
        };
        let matchers = patterns.iter().map(|p| matcher(p)).collect::<Result<Vec<_>, _>>().map_err(Words::same)?;
        let place = if is_plain {
            Path::new(pattern).parent().unwrap_or(Path::new("")).to_path_buf()
        } else {
            fixed_part(pattern).into()
        };
        let unreadable = |error: &dyn std::fmt::Display| {
            Words::new(
                format!("the log {pattern} cannot be read: {error}"),
                format!("ログ {pattern} が読めません: {error}"),
            )
        };
        let depth = if pattern.contains("**") { 16 } else { normal(pattern).matches('/').count() + 1 };
        let mut found: Vec<(std::time::SystemTime, PathBuf)> = Vec::new();
        for entry in WalkDir::new(root.join(&place)).follow_links(true).max_depth(depth) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if error.depth() > 0 => continue,
                Err(error) => return Err(unreadable(&error)),
            };
            let below = entry.path().strip_prefix(root.join(&place)).unwrap_or(entry.path());
            let path = normal(&place.join(below).to_string_lossy());
            if entry.file_type().is_file() && matchers.iter().any(|matcher| matcher.is_match(&path)) {
                let changed = entry
                    .metadata()
                    .map_err(|error| unreadable(&error))?
                    .modified()
                    .map_err(|error| unreadable(&error))?;
                found.push((changed, entry.into_path()));
            }
        }
        if found.is_empty() {
            return Err(Words::new(
                format!("no file matches the log {pattern}"),
                format!("ログ {pattern} に当てはまるファイルがありません"),
            ));
        }
        found.sort();
        Ok(Self(found.into_iter().map(|(_, path)| path).collect()))
    }
}

/// Reads the lines of a span from all files of a log. Files that were last written before the span
/// are passed over, and of large ones only the end is read.
///
/// # Errors
/// When no file is there, or one cannot be read.
pub fn read_log(root: &Path, source: &LogSource, span: SpanMs, zone: &TimeZone) -> Result<Log, Words> {
    let zone = source.zone.as_ref().and_then(|zone| TimeZone::get(&zone.0).ok()).unwrap_or_else(|| zone.clone());
    let mut log = Log::default();
    for path in LogFiles::find(root, &source.log)?.0 {
        let unreadable = |error: std::io::Error| {
            Words::new(
                format!("the log {} cannot be read: {error}", path.display()),
                format!("ログ {} が読めません: {error}", path.display()),
            )
        };
        let changed_ms = changed_ms(&path).map_err(unreadable)?;
        if changed_ms < span.0 {
            continue;
        }
        let (text, is_whole) = read_since(&path, span.0, &zone, changed_ms).map_err(unreadable)?;
        let first = log.lines.len();
        log.add(path.strip_prefix(".").unwrap_or(&path), &text, &zone, changed_ms);
        if !is_whole {
            // Counted from somewhere within the file, line numbers would lead astray.
            log.lines[first..].iter_mut().for_each(|line| line.line = 0);
        }
    }
    log.sort();
    Ok(log)
}

fn changed_ms(path: &Path) -> std::io::Result<i64> {
    let changed = fs::metadata(path)?.modified()?;
    let since = changed.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The end of a file that holds everything since a time, and whether that is the whole file;
/// compressed files are read whole.
fn read_since(path: &Path, since_ms: i64, zone: &TimeZone, changed_ms: i64) -> std::io::Result<(Vec<u8>, bool)> {
    if bytes::plain_name(path) != path.file_name().unwrap_or_default().to_string_lossy() {
        return Ok((bytes::read(path)?, true));
    }
    let mut file = File::open(path)?;
    let mut start = file.metadata()?.len();
    let end = start;
    loop {
        start = start.saturating_sub(CHUNK_BYTES);
        if end - start > LOG_BYTES_MAX {
            return Err(std::io::Error::other("more than 1 GiB since the window began: ask for a shorter one"));
        }
        file.seek(SeekFrom::Start(start))?;
        let mut first = vec![0; usize::try_from(CHUNK_BYTES.min(end - start)).unwrap_or(0)];
        file.read_exact(&mut first)?;
        if start == 0 || begins_before(&first, since_ms, zone, changed_ms) {
            file.seek(SeekFrom::Start(start))?;
            let mut text = Vec::new();
            // What is written meanwhile belongs to the next look.
            file.take(end - start).read_to_end(&mut text)?;
            return Ok((text, start == 0));
        }
    }
}

/// Whether the first time stamp of a chunk lies before a time. The chunk may begin within a line.
fn begins_before(chunk: &[u8], since_ms: i64, zone: &TimeZone, changed_ms: i64) -> bool {
    let lines = chunk.split(|b| *b == b'\n').skip(1);
    let mut stamps = lines.filter_map(|line| stamp_ms(&String::from_utf8_lossy(line), zone, changed_ms));
    stamps.next().is_some_and(|first_ms| first_ms < since_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotated_files_and_only_the_end_of_large_ones() {
        let dir = tempfile::tempdir().unwrap();
        let line = |i: i64| {
            format!("{} line {i} {}\n", nidoto_core::when::at_ms(1_600_000_000_000 + i * 1_000), "x".repeat(80))
        };
        let text: String = (0..100_000).map(line).collect();
        fs::write(dir.path().join("a.log"), &text).unwrap();
        fs::write(dir.path().join("a.log.1"), line(-5)).unwrap();
        fs::write(dir.path().join("b.log"), line(1)).unwrap();
        let source = LogSource { log: "a.log".into(), zone: None };
        let last_ms = 1_600_000_000_000 + 99_999_000;
        let log = read_log(dir.path(), &source, (last_ms - 3_000, last_ms), &TimeZone::UTC).unwrap();
        assert_eq!(log.files.len(), 2);
        assert!(log.lines.len() < 100_000, "only the end: {}", log.lines.len());
        assert_eq!(log.window(last_ms - 3_000, last_ms).len(), 3);
        let numbered = log.lines.iter().filter(|line| line.line > 0);
        assert!(numbered.into_iter().all(|line| log.files[line.file as usize].ends_with("a.log.1")));
        let none = LogSource { log: "c.log".into(), zone: None };
        assert!(read_log(dir.path(), &none, (0, 1), &TimeZone::UTC).unwrap_err().en.contains("no file"));
    }
}
