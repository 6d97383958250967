//! Rows of reference tables, as each environment has them.

use crate::csv;

/// The rows of one table in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The environment: production, staging.
    pub environment: String,
    /// The table, lower case.
    pub table: String,
    /// The rows, each as column and value.
    pub rows: Vec<Vec<(String, String)>>,
}

impl Rows {
    /// Reads `<environment>/<table>.csv`.
    ///
    /// # Errors
    /// When it is no CSV with a header.
    pub fn of(path: &str, text: &str) -> Result<Self, String> {
        let mut parts = path.trim_end_matches(".csv").rsplit('/');
        let table = parts.next().unwrap_or_default().to_lowercase();
        let environment = parts.next().unwrap_or("database").to_owned();
        Ok(Self { environment, table, rows: csv::rows(text)? })
    }

    /// The row that has these values in these columns.
    #[must_use]
    pub fn find(&self, key: &[(&str, &str)]) -> Option<&Vec<(String, String)>> {
        let has =
            |row: &[(String, String)], (name, value): &(&str, &str)| row.iter().any(|(n, v)| n == name && v == value);
        self.rows.iter().find(|row| key.iter().all(|pair| has(row, pair)))
    }
}
