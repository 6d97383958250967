//! CSV with a header (RFC 4180).

/// The rows, each as name and value of its columns. A missing value is empty.
///
/// # Errors
/// When there is no header.
pub fn rows(text: &str) -> Result<Vec<Vec<(String, String)>>, String> {
    let mut records = records(text).into_iter();
    let header = records.next().filter(|header| header.len() > 1 || !header[0].is_empty());
    let header = header.ok_or("no header line")?;
    let row = |record: Vec<String>| {
        let values = record.into_iter().chain(std::iter::repeat(String::new()));
        header.iter().map(|name| name.trim().to_lowercase()).zip(values).collect()
    };
    Ok(records.map(row).collect())
}

fn records(text: &str) -> Vec<Vec<String>> {
    let mut records: Vec<Vec<String>> = Vec::new();
    let mut record: Vec<String> = Vec::new();
    let mut field = String::new();
    let mut is_quoted = false;
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => record.push(std::mem::take(&mut field)),
            '\n' if !is_quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            '\r' if !is_quoted => {}
            c => field.push(c),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    records.retain(|record| record.len() > 1 || !record[0].is_empty());
    records
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn quotes_and_short_rows() {
        let read = rows("id,Name\r\n1,\"a, \"\"b\"\"\"\n\n2\n").unwrap();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(read, [vec![pair("id", "1"), pair("name", "a, \"b\"")], vec![pair("id", "2"), pair("name", "")]]);
        assert!(rows("").is_err());
    }
}
