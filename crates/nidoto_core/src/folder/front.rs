//! The front matter of `incident.md`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::yaml::Time;

/// The front matter of `incident.md`. Unknown keys are kept and not judged: teams have their own.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "front matter of incident.md")]
pub struct Front {
    /// The same as the folder's name.
    pub id: Option<String>,
    /// What happened, in a line.
    pub title: Option<String>,
    /// How far the postmortem is.
    pub status: Option<Status>,
    /// How bad it was.
    pub severity: Option<Severity>,
    /// The services that were hurt.
    pub services: Vec<String>,
    /// When users were first hurt.
    pub started: Option<Time>,
    /// When somebody or something noticed.
    pub detected: Option<Time>,
    /// When the team said that this is an incident.
    pub declared: Option<Time>,
    /// When users were well again.
    pub mitigated: Option<Time>,
    /// When the cause was gone.
    pub resolved: Option<Time>,
    /// Related pages: chat, tickets, pull requests, documents.
    pub links: Vec<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// How far a postmortem is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Being written, or the outage is still going on.
    #[default]
    Draft,
    /// Others are reading it.
    InReview,
    /// Agreed upon; actions are open.
    Reviewed,
    /// All actions are done.
    Closed,
}

/// How bad an incident was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nobody could use the service.
    Critical,
    /// Many could not use a part of it.
    Major,
    /// Some were hurt a little.
    Minor,
    /// Nobody was hurt this time.
    NearMiss,
}
