//! `nidoto.yaml`: the team and its sources.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diag::Diag;
use crate::span::Span;
use crate::words::{Lang, Words};
use crate::yaml;

/// `nidoto.yaml`: the team and its sources.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "nidoto.yaml")]
pub struct Config {
    /// Who looks after this.
    pub team: Team,
    /// Where today's world can be seen, by name. Guards and evidence use the names.
    pub sources: BTreeMap<String, Source>,
}

/// Who looks after this.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Team {
    /// The team's name.
    pub name: Option<String>,
    /// IANA time zone, such as Asia/Tokyo: times without an offset are read and shown in it. Default UTC.
    pub zone: Option<yaml::Zone>,
    /// Language of messages: ja or en. Default: that of the environment.
    pub language: Option<LangName>,
    /// When nobody looks, such as 23:00-07:00 in the team's zone.
    pub sleep: Option<String>,
}

/// A language by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LangName {
    /// English.
    En,
    /// Japanese.
    Ja,
}

impl From<LangName> for Lang {
    fn from(name: LangName) -> Self {
        match name {
            LangName::En => Self::En,
            LangName::Ja => Self::Ja,
        }
    }
}

/// Where a part of today's world can be seen.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Source {
    /// A server with Prometheus's HTTP API.
    Prometheus(PrometheusSource),
    /// Log files.
    Log(LogSource),
    /// A program whose answer is judged.
    Command(CommandSource),
}

impl Source {
    /// The word that stands for it in `nidoto.yaml`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Prometheus(_) => "prometheus",
            Self::Log(_) => "log",
            Self::Command(_) => "command",
        }
    }
}

/// A server with Prometheus's HTTP API: Prometheus, VictoriaMetrics, Mimir, Thanos.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrometheusSource {
    /// Base URL, without /api/v1.
    pub prometheus: String,
    /// Bearer token, as ${NAME} from the environment.
    pub bearer: Option<String>,
    /// User name of basic authentication.
    pub user: Option<String>,
    /// Password of basic authentication, as ${NAME} from the environment.
    pub password: Option<String>,
    /// More request headers, such as X-Scope-OrgID of Mimir.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Longest time for one answer. Default 30s.
    pub timeout: Option<Span>,
}

/// Log files.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogSource {
    /// Path with wildcards, absolute or relative to the root; rotated and compressed files too.
    pub log: String,
    /// Zone of time stamps without an offset. Default: the team's.
    pub zone: Option<yaml::Zone>,
}

/// A program whose answer is judged.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandSource {
    /// Program and arguments; no shell is involved.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
    /// Longest time it may run. Default 30s.
    pub timeout: Option<Span>,
    /// Most bytes of output that are kept; more is an error. Default 1 MiB.
    pub output_max: Option<u64>,
}

/// A span of the night, in minutes after midnight; `from` may be later than `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Night {
    /// When sleep begins.
    pub from_min: u16,
    /// When sleep ends.
    pub to_min: u16,
}

impl Night {
    /// Reads `23:00-07:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let minute = |text: &str| {
            let (h, m) = text.trim().split_once(':')?;
            let (h, m): (u16, u16) = (h.parse().ok()?, m.parse().ok()?);
            (h < 24 && m < 60).then_some(h * 60 + m)
        };
        let (from, to) = text.split_once('-')?;
        Some(Self { from_min: minute(from)?, to_min: minute(to)? })
    }

    /// Whether the team sleeps at a minute after midnight.
    #[must_use]
    pub fn contains(&self, minute: u16) -> bool {
        if self.from_min <= self.to_min {
            (self.from_min..self.to_min).contains(&minute)
        } else {
            minute >= self.from_min || minute < self.to_min
        }
    }
}

impl Config {
    /// Reads `nidoto.yaml`. What is wrong is left out and told.
    #[must_use]
    pub fn read(file: &Path, text: &str) -> (Self, Vec<Diag>) {
        let document = yaml::parse(file, text);
        let mut diags = document.diags;
        if document.root.value == yaml::Value::Null {
            return (Self::default(), diags);
        }
        let (config, faults) = yaml::decode::<Self>(file, &document.root);
        diags.extend(faults);
        let config = config.unwrap_or_default();
        if let Some(sleep) = config.team.sleep.as_deref()
            && Night::parse(sleep).is_none()
            && let Some(node) = document.root.get("team").and_then(|team| team.get("sleep"))
        {
            diags.push(
                Diag::new(
                    file,
                    node.at,
                    Words::new(format!("`{sleep}` is no span of hours"), format!("`{sleep}` は時間帯ではありません")),
                )
                .mend(Words::new("write it like 23:00-07:00", "23:00-07:00 のように書いてください")),
            );
        }
        (config, diags)
    }

    /// The team's zone; UTC where none is given.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        self.team.zone.as_ref().and_then(|zone| TimeZone::get(&zone.0).ok()).unwrap_or(TimeZone::UTC)
    }

    /// The team's night.
    #[must_use]
    pub fn night(&self) -> Option<Night> {
        self.team.sleep.as_deref().and_then(Night::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_source_key_is_explained() {
        let text = "sources:\n  m: {prometeus: 'http://x', bearer: a}\n  b: {command: []}\n";
        let (_, diags) = Config::read(Path::new("nidoto.yaml"), text);
        let text: String = diags.iter().map(|d| format!("{d}\n")).collect();
        insta::assert_snapshot!(text, @r"
        nidoto.yaml:2:7: unknown key `prometeus` (did you mean `prometheus`?)
        nidoto.yaml:2:6: `prometheus` is missing (add `prometheus:`)
        nidoto.yaml:3:16: at least 1 needed, 0 found (add what is missing)
        ");
    }

    #[test]
    fn a_night_may_pass_midnight() {
        let night = Night::parse("23:00-07:00").unwrap();
        assert!(night.contains(23 * 60) && night.contains(3 * 60) && !night.contains(7 * 60));
        assert_eq!(Night::parse("25:00-07:00"), None);
    }
}
