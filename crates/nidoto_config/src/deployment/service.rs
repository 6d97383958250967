//! One thing that runs, however its file says it.

use crate::scan::Spot;

/// One thing that runs.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: Option<(String, Spot)>,
    /// Its environment: name, value, place. A value that comes from elsewhere is `None`.
    pub env: Vec<(String, Option<String>, Spot)>,
    /// Its command and arguments, in one line.
    pub command: String,
    /// How many run at the most; `None` where the file does not say.
    pub instances: Option<u64>,
    /// How many more run during a deploy, in per cent; `None` where the file does not say.
    pub surge_percent: Option<u64>,
    /// What it mounts from outside.
    pub mounts: Vec<Mount>,
    /// Its name in the file.
    pub spot: Spot,
}

/// A place of the host or a volume that a service writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// A path, or a volume's name.
    pub source: String,
    /// Whether it is a named volume.
    pub is_volume: bool,
    /// Where the file says so.
    pub spot: Spot,
}

impl Service {
    /// The value of an environment variable, where the file gives one.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.env.iter().rev().find(|(key, ..)| key == name).and_then(|(_, value, _)| value.as_deref())
    }
}

/// A value in which `${NAME:-default}` has been replaced; `None` where a name has no default.
#[must_use]
pub fn interpolated(text: &str) -> Option<String> {
    let mut made = String::new();
    let mut rest = text;
    while let Some(i) = rest.find('$') {
        made.push_str(&rest[..i]);
        let after = &rest[i + 1..];
        if let Some(tail) = after.strip_prefix('$') {
            made.push('$');
            rest = tail;
            continue;
        }
        let (inner, tail) = after.strip_prefix('{')?.split_once('}')?;
        made.push_str(inner.split_once(":-").or_else(|| inner.split_once('-'))?.1);
        rest = tail;
    }
    Some(made + rest)
}
