//! Log lines in order of time.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::stamp::stamp_ms;

/// One line of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// When it was written, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Its text.
    pub text: Box<str>,
    /// Which of the log's files.
    pub file: u32,
    /// Which line of that file, from 1; 0 where only the file's end was read.
    pub line: u32,
}

/// The lines of a log, of all its files.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The files, as errors name them.
    pub files: Vec<PathBuf>,
    /// The lines, in order of time.
    pub lines: Vec<LogLine>,
}

impl Log {
    /// Adds a file's bytes. A line without a time stamp has that of the line before; lines before
    /// the first stamp have that of the first; a file without any has `default_ms`. Bytes that are
    /// no UTF-8 are shown as U+FFFD and spoil nothing else.
    pub fn add(&mut self, file: &Path, bytes: &[u8], zone: &TimeZone, default_ms: i64) {
        let text = String::from_utf8_lossy(bytes);
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(file.to_owned());
        let first_new = self.lines.len();
        let mut last_ms: Option<i64> = None;
        for (i, line) in text.lines().enumerate() {
            if line.is_empty() {
                continue;
            }
            let at_ms = stamp_ms(line, zone, default_ms).or(last_ms);
            if last_ms.is_none()
                && let Some(at_ms) = at_ms
            {
                for early in &mut self.lines[first_new..] {
                    early.at_ms = at_ms;
                }
            }
            last_ms = at_ms;
            let line_number = u32::try_from(i + 1).unwrap_or(u32::MAX);
            self.lines.push(LogLine {
                at_ms: at_ms.unwrap_or(default_ms),
                text: line.into(),
                file: number,
                line: line_number,
            });
        }
    }

    /// Puts the lines of all files in order of time; lines of the same time keep their order.
    pub fn sort(&mut self) {
        self.lines.sort_by_key(|line| line.at_ms);
    }

    /// The lines of a span, its start left out and its end included.
    #[must_use]
    pub fn window(&self, after_ms: i64, until_ms: i64) -> std::ops::Range<usize> {
        let start = self.lines.partition_point(|line| line.at_ms <= after_ms);
        let end = self.lines.partition_point(|line| line.at_ms <= until_ms);
        start..end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuation_lines_belong_to_the_line_before() {
        let mut log = Log::default();
        log.add(
            Path::new("a.log"),
            b"head\n2020-09-29T00:00:10Z boom\n\tat x\n2020-09-29T00:00:05Z late\n",
            &TimeZone::UTC,
            0,
        );
        log.sort();
        let shown: Vec<(i64, &str, u32)> =
            log.lines.iter().map(|l| (l.at_ms % 60_000 / 1_000, &*l.text, l.line)).collect();
        assert_eq!(
            shown,
            [
                (5, "2020-09-29T00:00:05Z late", 4),
                (10, "head", 1),
                (10, "2020-09-29T00:00:10Z boom", 2),
                (10, "\tat x", 3)
            ]
        );
        let at = log.lines[1].at_ms;
        assert_eq!(log.window(at - 1, at).len(), 3);
        assert_eq!(log.window(at, at + 9).len(), 0);
    }
}
