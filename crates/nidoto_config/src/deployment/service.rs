//! One thing that runs, however its file says it.

use crate::scan::Spot;
use crate::spring::Said;

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
    /// Processes of one instance, where the platform settles it.
    pub processes: Option<u64>,
    /// How many run at the most; `None` where the file does not say.
    pub instances: Option<u64>,
    /// How many more run during a deploy, in per cent; `None` where the file does not say.
    pub surge_percent: Option<u64>,
    /// What it mounts from outside.
    pub mounts: Vec<Mount>,
    /// How its image is built.
    pub build: Option<Build>,
    /// The pool that the application's own configuration asks for.
    pub pool: Option<Said>,
    /// The task definition that it is a container of, by family or logical name.
    pub task: Option<String>,
    /// As a database server: the connections that it accepts, where the file gives a number, and those
    /// that it keeps for superusers.
    pub accepts: Option<(Option<u64>, u64)>,
    /// Its name in the file.
    pub spot: Spot,
}

/// What a compose file says of how an image is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The folder that is built.
    pub context: String,
    /// The path of the Dockerfile.
    pub dockerfile: String,
    /// The stage that is built.
    pub target: Option<String>,
    /// Arguments with their values.
    pub args: Vec<(String, String)>,
    /// Where the file says so.
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
    /// A service of a name, of which nothing else is known.
    #[must_use]
    pub fn new(name: &str, spot: Spot) -> Self {
        Self {
            name: name.to_owned(),
            image: None,
            env: Vec::new(),
            command: String::new(),
            processes: None,
            instances: None,
            surge_percent: None,
            mounts: Vec::new(),
            build: None,
            pool: None,
            task: None,
            accepts: None,
            spot,
        }
    }

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
