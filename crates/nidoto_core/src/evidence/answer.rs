//! What a command answered: exit status and output.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What a command answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Exit status.
    pub status: i32,
    /// Standard output: JSON where it is JSON, else text.
    #[serde(default)]
    pub stdout: Json,
    /// When it answered, in milliseconds since the epoch; of evidence, when the item begins.
    #[serde(skip)]
    pub at_ms: i64,
}

impl Answer {
    /// Standard output as JSON, also where it was stored as text that is JSON.
    #[must_use]
    pub fn json(&self) -> Option<Json> {
        match &self.stdout {
            Json::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        }
    }

    /// Reads an item of evidence.
    ///
    /// # Errors
    /// When it is not `{"status": 0, "stdout": ...}`.
    pub fn read(bytes: &[u8], at_ms: i64) -> Result<Self, serde_json::Error> {
        let answer: Self = serde_json::from_slice(bytes)?;
        Ok(Self { at_ms, ..answer })
    }
}
