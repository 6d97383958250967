//! What the files themselves do not say.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use std::sync::Arc;

use super::{File, Rule};
use crate::backup::Listing;
use crate::flyway::Before;
use crate::migration::Rows;

/// What the files themselves do not say: declared by a guard or on the command line.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The rules to ask, by code; all if empty.
    pub rules: BTreeSet<String>,
    /// The date, `2026-11-20`: suppressions expire on it. Never expired without one.
    pub today: Option<String>,
    /// Now, in seconds since the epoch: backups age.
    pub now_s: Option<i64>,
    /// Migrations of the base branch, by path, with what became of them; `None` where there is no base.
    pub base: Option<BTreeMap<String, Before>>,
    /// The rows of `flyway_schema_history`, as CSV or JSON.
    pub history: Option<String>,
    /// Rows of reference tables in each environment.
    pub rows: Vec<Rows>,
    /// Image names that must not be the base of a final stage; `*` matches anything.
    pub deny: Vec<String>,
    /// Database connections: what a server accepts and who uses it.
    pub budget: Option<Budget>,
    /// Lists of paths that hold state, one a line.
    pub state: Vec<Arc<File>>,
    /// What backups hold.
    pub listings: Vec<Listing>,
    /// A backup whose newest file is older is stale.
    pub backup_max_age_s: Option<i64>,
    /// Dates of restore drills, one a line.
    pub drills: Vec<Arc<File>>,
    /// The last restore drill must not be older.
    pub drill_max_age_s: Option<i64>,
    /// Whether the units are those of a live host: then links say what is enabled, and nothing else runs.
    pub is_live: bool,
    /// Names of the guards that watch restarts, where they are known.
    pub guards: Option<BTreeSet<String>>,
}

impl Options {
    /// Whether a rule is to be asked.
    #[must_use]
    pub fn wants(&self, rule: &Rule) -> bool {
        self.rules.is_empty() || self.rules.contains(rule.code)
    }
}

/// How many connections a database server accepts, and who opens how many.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// `max_connections` of the server.
    pub max: Option<u64>,
    /// Connections that applications cannot use: PostgreSQL's `superuser_reserved_connections`
    /// (3), MySQL's one for SUPER, and what operators and jobs keep for themselves.
    #[serde(default)]
    pub reserved: u64,
    /// What each service declares, over what its files say.
    #[serde(default)]
    pub pools: BTreeMap<String, Pool>,
}

/// The connections that one service may open.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// The largest pool of one process, overflow included.
    pub size: Option<u64>,
    /// Processes (workers) of one instance.
    pub processes: Option<u64>,
    /// Instances at the most: the top of autoscaling.
    pub instances: Option<u64>,
    /// Instances that a rolling deploy adds, in per cent: ECS `maximumPercent` less 100,
    /// Kubernetes `maxSurge`.
    pub surge_percent: Option<u64>,
}
