//! The command line as declared; help, completions and the man page derive from it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use nidoto_core::Span;
use nidoto_core::folder::LangName;

use crate::output::When;

/// Regression tests for outages: postmortems that hold their evidence and their guards.
#[derive(Debug, Parser)]
#[command(name = "nidoto", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Examples:
  nidoto init                        make a root here
  nidoto prove                       would the guards have warned of the outages that they come from?
  nidoto check                       are they calm about today's world?
Exit status: 0 green, 1 red, 2 blind or error.")]
pub struct Cli {
    /// What everything but `init` works on: the folder with nidoto.yaml, or one below it.
    #[arg(short = 'C', long = "root", global = true, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
    /// When to colour.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub color: When,
    /// Columns that the output may take; default: the terminal's, or 100.
    #[arg(long, global = true, value_name = "COLUMNS")]
    pub width: Option<usize>,
    /// Language of messages; default: the team's, else that of the environment.
    #[arg(long, global = true, value_enum)]
    pub lang: Option<LangArg>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// A language on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LangArg {
    /// English
    En,
    /// 日本語
    Ja,
}

impl From<LangArg> for LangName {
    fn from(lang: LangArg) -> Self {
        match lang {
            LangArg::En => Self::En,
            LangArg::Ja => Self::Ja,
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
// Only what is asked for is declared in full: the rest took a fifth of the start. So what is declared has no doc
// comment of its own, which would take the place of the words here.
#[command(defer = true)]
pub enum Command {
    /// Replay guards over the evidence of their outages: red in time, green after the fix?
    Prove(Prove),
    /// Ask guards about today's world.
    Check(Check),
    /// Make a root: a commented nidoto.yaml and a first incident.
    Init(Init),
    /// Begin an incident.
    New(New),
    /// Write down what just happened, into the open incident's timeline.
    Note(Note),
    /// Write a deploy, push or operation into the journal of changes.
    Change(Change),
    /// Freeze live evidence of a window into an incident.
    Capture(Capture),
    /// Show an incident: facts, timeline, suspects, actions, guards, evidence.
    Show(Show),
    /// List the incidents: guarded, unproven, or without a guard for how long.
    List(List),
    /// Ask PromQL of an incident's evidence, a server or a file.
    Query(Query),
    /// What a guard, or every alert of a Prometheus rule file, would have said of the last weeks.
    Try(Box<crate::commands::try_::args::Try>),
    /// Over how long must a push be spread? Learnt from past pushes in the journal.
    Capacity(Capacity),
    /// Read V8 heap snapshots: what is in them, what leaks, and who holds it.
    Heap(crate::commands::heap::args::Heap),
    /// Find the configuration that will cause an outage: nginx, systemd, migrations, images, connections, backups.
    Scan(Scan),
    /// Explain a kind of guard or a rule of `scan`.
    Explain(Explain),
    /// Print the JSON Schema of a YAML file, for editors.
    Schema(Schema),
    /// Print shell completions, the man page, or the pages of docs/guards.
    Generate(Generate),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto prove                            every guard of this root
  nidoto prove examples/outages           another root
  nidoto prove 2021-07-03-slab            one incident, with a picture of each proof
  nidoto prove slab-rises                 one guard")]
pub struct Prove {
    /// A root, an incident, or a guard; default: everything.
    pub what: Option<String>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Draw every proof, also when many are shown.
    #[arg(long)]
    pub pictures: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto check                            every guard, for a person
  nidoto check --tag database             some of them
  nidoto check --format junit > out.xml   for CI
  nidoto check --changed=origin/main      guards of files that this branch changes")]
pub struct Check {
    /// Only these guards, or those of these incidents.
    pub what: Vec<String>,
    /// Only guards with this tag; may be repeated.
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Only guards of files that differ from a git revision (default HEAD), and guards that were changed themselves.
    #[arg(long, value_name = "REVISION", num_args = 0..=1, require_equals = true, default_missing_value = "HEAD")]
    pub changed: Option<String>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// How to write a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// docs/reports.md describes it.
    Json,
    /// A test case for each guard.
    Junit,
    /// Code scanning, SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// A table for comments and documents.
    Markdown,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  nidoto init --lang ja")]
pub struct Init {
    /// Where; default: here.
    pub dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  nidoto new \"API answers 502\" --started \"2026-11-20 12:05\"")]
pub struct New {
    /// What happened, in a line.
    pub title: String,
    /// When users were first hurt; default: now.
    #[arg(long, value_name = "TIME")]
    pub started: Option<String>,
    /// critical, major, minor or near-miss.
    #[arg(long, default_value = "major", value_parser = ["critical", "major", "minor", "near-miss"])]
    pub severity: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  nidoto note \"database CPU at 100 %\" --at 12:20")]
pub struct Note {
    /// What happened.
    pub what: String,
    /// When it happened, a time of today or a date and time; default: now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Who or what says so; default: your user name.
    #[arg(long)]
    pub source: Option<String>,
    /// Which incident; default: the open one.
    #[arg(long, value_name = "ID")]
    pub incident: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  nidoto change \"push to everyone\" --kind push --size 120000")]
pub struct Change {
    /// What was changed.
    pub what: String,
    /// deploy, push, restart, operation or any word.
    #[arg(long)]
    pub kind: Option<String>,
    /// When, a time of today or a date and time; default: now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Who made it; default: your user name.
    #[arg(long)]
    pub by: Option<String>,
    /// How big it is: recipients, lines, machines.
    #[arg(long)]
    pub size: Option<f64>,
    /// How long it takes: a push that is spread.
    #[arg(long, value_name = "DURATION")]
    pub over: Option<Span>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto capture                                  what the open incident's guards need, from a day before it began
  nidoto capture 2026-11-20-api --phase fixed --from \"2026-11-21 09:00\"
  nidoto capture --series 'node_memory_SUnreclaim_bytes' --source metrics")]
pub struct Capture {
    /// Which incident; default: the open one.
    pub incident: Option<String>,
    /// Where the evidence belongs.
    #[arg(long, default_value = "outage", value_parser = ["outage", "fixed", "quiet"])]
    pub phase: String,
    /// First moment; default: a day before the incident began.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Last moment; default: when it was resolved, else now.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// More series to freeze, as PromQL selectors; may be repeated.
    #[arg(long, value_name = "SELECTOR")]
    pub series: Vec<String>,
    /// The source of --series; needed where there are several.
    #[arg(long)]
    pub source: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  nidoto show 2021-07-03-slab")]
pub struct Show {
    /// Which incident; default: the open one.
    pub incident: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  nidoto list --format json")]
pub struct List {
    /// How to write it.
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// How to write a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    #[default]
    Text,
    /// docs/reports.md describes it.
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto query 'max by (instance) (node_memory_SUnreclaim_bytes)' --on 2021-07-03-slab
  nidoto query 'rate(requests_total[5m])' --on http://localhost:9090 --range 7d --step 1m
  nidoto query 'avg_over_time(cpu[1h])' --on cpu.csv --range 2d --format json
  nidoto query up --on metrics            a source of nidoto.yaml")]
pub struct Query {
    /// PromQL.
    pub query: String,
    /// An incident (its outage; `ID/fixed` and `ID/quiet` for the other phases), a source of nidoto.yaml, the URL of
    /// a server that speaks Prometheus's API, or a file of series; default: the open incident.
    #[arg(long, value_name = "INCIDENT|SOURCE|URL|FILE")]
    pub on: Option<String>,
    /// Evaluate over so long a time and draw it; default: at one moment.
    #[arg(long, value_name = "DURATION")]
    pub range: Option<Span>,
    /// Distance of the moments of a range.
    #[arg(long, value_name = "DURATION", default_value = "1m")]
    pub step: Span,
    /// The moment, or the last one of a range; default: the end of what was recorded, or now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// How to write it; default: a table of a moment, a chart of a range.
    #[arg(long, value_enum)]
    pub format: Option<QueryFormat>,
}

/// How to write the answer to a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QueryFormat {
    /// A row for each series.
    Table,
    /// Lines over time.
    Chart,
    /// As Prometheus's HTTP API answers.
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto scan                              everything below this folder that git does not ignore
  nidoto scan --changed                    what is not committed yet, before a commit
  nidoto scan --changed=origin/main        what this branch changes, applied migrations included
  nidoto scan --root /mnt/host             a host's nginx and systemd, from a copy or a mounted disk
  nidoto scan --host                       this host's enabled units, and nginx as `nginx -T` shows it
  nidoto scan --before-delete --state state.txt --listing backup.jsonl
A comment silences a finding on its line or the next one:
  # nidoto: ignore[NGX001] until=2027-03-31 reason=the address is a fixed virtual IP
Exit status: 0 nothing certain, 1 something certain, 2 something could not be checked.")]
pub struct Scan {
    /// Folders and files; default: here.
    pub paths: Vec<PathBuf>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Only these rules; may be repeated.
    #[arg(long, value_name = "CODE")]
    pub rule: Vec<String>,
    /// Show and make the fixes that change nothing else.
    #[arg(long)]
    pub fix: bool,
    /// Show and make all fixes.
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Only files that differ from a git revision (default HEAD).
    #[arg(long, value_name = "REVISION", num_args = 0..=1, require_equals = true, default_missing_value = "HEAD")]
    pub changed: Option<String>,
    /// The revision whose migrations count as applied; default: that of --changed.
    #[arg(long, value_name = "REVISION")]
    pub base: Option<String>,
    /// Findings in this file are known and left out.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what is found into the baseline (default nidoto-baseline.json).
    #[arg(long)]
    pub write_baseline: bool,
    /// The folder that stands for `/`: absolute includes and links start there, and without a path its nginx and
    /// units are looked at. `--root DIR` means the same unless DIR holds a nidoto.yaml.
    #[arg(long, value_name = "DIR")]
    pub sysroot: Option<PathBuf>,
    /// This host: the units that are enabled, and nginx as `nginx -T` shows it.
    #[arg(long)]
    pub host: bool,
    /// All state of this host that no backup holds, for the moment before it is deleted.
    #[arg(long)]
    pub before_delete: bool,
    /// A list of paths that hold state, one a line; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub state: Vec<PathBuf>,
    /// What a backup holds: restic, borg, rclone, tar or find wrote it; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub listing: Vec<PathBuf>,
    /// The age that the newest file of a backup may have.
    #[arg(long, value_name = "DURATION")]
    pub max_age: Option<Span>,
    /// Dates of restore drills, one a line with what was restored; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub drill: Vec<PathBuf>,
    /// The age that the last restore drill may have.
    #[arg(long, value_name = "DURATION")]
    pub drill_max_age: Option<Span>,
    /// An image that must not run, besides those that guards rule out; `*` matches anything; may be repeated.
    #[arg(long, value_name = "IMAGE")]
    pub deny: Vec<String>,
    /// `flyway_schema_history` as CSV or JSON.
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
    /// Rows of a reference table, as ENVIRONMENT/TABLE.csv; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub rows: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto capacity --query 'max(aws_rds_cpuutilization_average)' --size 120000 --below 80 --on metrics
  nidoto capacity --query node_load1 --size 50000 --below 8 --over 10m    is this plan safe?
The journal (changes.jsonl) must know at least three pushes with their size.
Exit status: 0 it fits, 1 it does not, 2 the past does not tell.")]
pub struct Capacity {
    /// The value that must stay below the limit, as PromQL of one series.
    #[arg(long, value_name = "PROMQL")]
    pub query: String,
    /// How many recipients the next push has.
    #[arg(long)]
    pub size: f64,
    /// The limit.
    #[arg(long, value_name = "VALUE")]
    pub below: f64,
    /// The kind of change to learn from.
    #[arg(long, value_name = "KIND", default_value = "push")]
    pub after: String,
    /// Where to ask: as `query --on`.
    #[arg(long, value_name = "INCIDENT|SOURCE|URL|FILE")]
    pub on: Option<String>,
    /// A plan to check: spread over so long.
    #[arg(long, value_name = "DURATION")]
    pub over: Option<Span>,
    /// When the push begins; default: a week after the last one.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Learn only from pushes since then: after a bigger instance, older ones mislead.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// How long a push is felt after its end.
    #[arg(long, value_name = "DURATION", default_value = "30m")]
    pub felt: Span,
    /// Distance of the samples.
    #[arg(long, value_name = "DURATION", default_value = "1m")]
    pub step: Span,
    /// How to write it.
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto explain threshold
  nidoto explain NGX001
  nidoto explain rules                    the list of the rules of scan")]
pub struct Explain {
    /// Which kind or rule; default: a list of all kinds.
    pub name: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  nidoto schema guards > .nidoto/guards.schema.json
  # first line of guards.yaml: # yaml-language-server: $schema=../../.nidoto/guards.schema.json")]
pub struct Schema {
    /// Which file.
    #[arg(value_parser = ["nidoto", "guards", "manifest", "incident"])]
    pub file: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto generate bash > /etc/bash_completion.d/nidoto
  nidoto generate man | gzip > /usr/share/man/man1/nidoto.1.gz")]
pub struct Generate {
    /// What to print.
    #[arg(value_parser = ["bash", "zsh", "fish", "elvish", "powershell", "man", "docs"])]
    pub what: String,
    /// Where `docs` writes its pages.
    #[arg(long, default_value = "docs/guards")]
    pub to: PathBuf,
}
