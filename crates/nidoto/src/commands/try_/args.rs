//! The command line of `nidoto try`.

use std::path::PathBuf;

use clap::Args;
use nidoto_core::Span;

use crate::cli::Format;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto try threshold --query 'node_load1' --set above=8 --set for=10m --on http://localhost:9090
  nidoto try leak --query 'process_resident_memory_bytes{job=\"api\"}' --set limit=1.5e9 --on metrics
  nidoto try silence --query up --set for=10m --on evidence/outage/metrics.om.zst
  nidoto try --guard guards.yaml --on metrics --since 90d     whole guards; `-` reads standard input
  nidoto try --rules rules.yml --on http://localhost:9090     every alert of a Prometheus rule file
  nidoto try --rules rules.yml --on 2021-02-06-too-many       would they have caught that outage?
Exit status: 0 never red, 1 red somewhere, 2 blind or error.
With --incident: 0 some alert caught the outage before anybody noticed, 1 none did, 2 blind or error.")]
pub struct Try {
    /// The kind of guard; `nidoto explain` lists them.
    #[arg(conflicts_with_all = ["guard", "rules"], required_unless_present_any = ["guard", "rules"])]
    pub kind: Option<String>,
    /// The series that it looks at, as PromQL.
    #[arg(long, conflicts_with_all = ["guard", "rules"])]
    pub query: Option<String>,
    /// A key of the kind or of guards, such as limit=1.5e9, for=10m, severity=page; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", conflicts_with_all = ["guard", "rules"])]
    pub set: Vec<String>,
    /// The name that the guard shall have.
    #[arg(long, conflicts_with_all = ["guard", "rules"])]
    pub name: Option<String>,
    /// Whole guards, as in guards.yaml; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "rules")]
    pub guard: Option<PathBuf>,
    /// A Prometheus rule file: every alert in it is tried, its recording rules first.
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// A source of nidoto.yaml, the URL of a server that speaks Prometheus's API, a file of series, or an incident (its
    /// outage; `ID/fixed` and `ID/quiet` for the other phases); default: the only source of nidoto.yaml.
    #[arg(long, value_name = "SOURCE|URL|FILE|INCIDENT")]
    pub on: Option<String>,
    /// How far back; default: 28d of a server, everything that was recorded.
    #[arg(long, value_name = "DURATION", conflicts_with = "from")]
    pub since: Option<Span>,
    /// The first moment.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// The last moment; default: now, or the end of what was recorded.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// How often it is asked; default: as the kind or guard says, 1m for groups of rules that do not say.
    #[arg(long, value_name = "DURATION")]
    pub every: Option<Span>,
    /// The outage that the alerts of --rules should have caught; default: that of --on.
    #[arg(long, value_name = "ID", requires = "rules")]
    pub incident: Option<String>,
    /// An alert so long before an outage is a warning of it, an earlier one is false.
    #[arg(long, value_name = "DURATION", default_value = "24h", requires = "rules")]
    pub warn: Span,
    /// A label of the server (`external_labels`) that templates may show; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", requires = "rules")]
    pub external_label: Vec<String>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
