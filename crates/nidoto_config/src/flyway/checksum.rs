//! The checksum that Flyway keeps of a versioned migration.

/// CRC-32 over the lines as UTF-8, without their ends and without a byte order mark
/// (`ChecksumCalculator` in flyway-core), as a signed number.
#[must_use]
pub fn checksum(text: &str) -> i32 {
    let mut crc = crc32fast::Hasher::new();
    for line in lines(text.trim_start_matches('\u{feff}')) {
        crc.update(line.as_bytes());
    }
    i32::from_ne_bytes(crc.finalize().to_ne_bytes())
}

/// Lines as Java's BufferedReader reads them: `\n`, `\r` and `\r\n` end one.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r'])
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn line_ends_and_marks_do_not_count() {
        let one = checksum("CREATE TABLE a (id int);\nSELECT 1;\n");
        assert_eq!(one, checksum("\u{feff}CREATE TABLE a (id int);\r\nSELECT 1;"));
        assert_ne!(one, checksum("CREATE TABLE a (id int);\nSELECT 2;\n"));
        // The check value of CRC-32/ISO-HDLC for "123456789" is cbf43926.
        assert_eq!(checksum("1234\n56789"), 0xcbf4_3926_u32.cast_signed());
    }
}
